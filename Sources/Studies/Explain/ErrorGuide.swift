public import Statistics

/// What each error code means and what to do about it.
public enum ErrorGuide {
  /// One sentence of meaning and one of advice.
  public static func words(_ code: SiblingError.Code) -> (meaning: String, advice: String) {
    switch code {
    case .usage: ("The command was not called as it can be.", "See 'sibling VERB --help'.")
    case .formulaSyntax:
      ("A formula can't be read.", "Write it in R's notation: y ~ a + b*c + I(x^2).")
    case .expressionSyntax:
      (
        "A filter or derived column can't be read.",
        "Write comparisons such as age >= 18 & site != \"X\"."
      )
    case .invalidOption:
      ("An option has a value that it does not take.", "The help of the verb lists the values.")
    case .unreadableFile:
      ("A file or folder can't be opened.", "Check its name and your permission to read it.")
    case .emptyFile: ("There is nothing in the file.", "Give a file with a header and rows.")
    case .unsupportedFormat:
      ("The file is of a kind that is not read.", "Save it as CSV, .dta or .sav.")
    case .truncatedFile:
      ("The file ends before it should.", "Copy it again; the copy may have broken off.")
    case .raggedRow:
      (
        "A row has more or fewer fields than the header.",
        "Look for a stray comma or quote in that line."
      )
    case .badQuote:
      (
        "A quoted field never ends, or text follows its end.",
        "Double the quotes within a quoted field."
      )
    case .badEncoding: ("The text is not in a known encoding.", "Save the file as UTF-8.")
    case .duplicateColumn: ("Two columns have one name.", "Rename one of them.")
    case .unknownColumn:
      (
        "A column is named that is not there.",
        "Check the spelling; the message may know what you meant."
      )
    case .badCell:
      (
        "A cell does not hold what its column should.",
        "Mend it, or name the texts that mean missing; the message says where it stands."
      )
    case .wrongType:
      ("A column is of another type than is needed.", "Use another column, or derive one.")
    case .unknownLevel:
      ("A level is named that the column does not have.", "Check its spelling and case.")
    case .missingValue:
      ("A value is missing where none may be.", "Fill it, or let --missing drop leave the row out.")
    case .noRows: ("No row is left to analyse.", "Check filters and missing values.")
    case .unknownKey:
      (
        "The study file has a key that does not exist.",
        "'sibling explain KEY' and 'sibling schema' know all keys."
      )
    case .missingKey:
      ("The study file lacks a key that is needed.", "Add it where the message says.")
    case .badValue:
      ("A key or column has a value that can't be.", "The message says what it takes.")
    case .yamlSyntax:
      ("The study file is not YAML.", "Indent with spaces; quote texts that hold ': ' or ' #'.")
    case .sizeMismatch:
      ("Columns of different lengths meet.", "Give columns of one table.")
    case .constantTreatment:
      ("Everybody is treated, or nobody.", "Check the treatment column, --treated and filters.")
    case .constantOutcome:
      (
        "The outcome is the same for everybody.",
        "There is no effect to estimate; check the column."
      )
    case .separation:
      (
        "A covariate tells the groups or outcomes apart perfectly, so that its coefficient is infinite.",
        "Leave it out, join its levels, or match on it exactly."
      )
    case .rankDeficient:
      ("Covariates say the same twice.", "Leave out one of those that the message names.")
    case .noEvents: ("Nobody had the event.", "Check the event column and how it is coded.")
    case .badInterval:
      ("A time interval ends before it starts, or has no length.", "Mend the times in that row.")
    case .badWeight:
      ("A weight is negative, missing or infinite.", "Give weights of nought or more.")
    case .badDesign:
      ("The design does not fit the data.", "Read the message: it says which assumption fails.")
    case .duplicateKey: ("Two rows have one key.", "Make keys unique, or name more key columns.")
    case .noOverlap:
      (
        "The groups have no covariates in common.",
        "Compare other people, or widen the comparison group."
      )
    case .noMatches:
      ("Nobody found a match.", "Widen the caliper or match on fewer covariates exactly.")
    case .tooFewClusters:
      (
        "There are too few clusters for the method.",
        "See 'sibling few-clusters' for methods that allow for few."
      )
    case .tooFewObservations:
      ("There are too few rows for the model.", "Leave out covariates, or use a simpler method.")
    case .dataQuality:
      (
        "Records contradict each other or the schema.",
        "'sibling validate STUDY' lists every such cell."
      )
    case .nonConvergence:
      ("An iteration did not settle.", "Rescale or leave out covariates; look for separation.")
    case .writeFailure:
      ("A file could not be written.", "Check the folder, its permissions and the disk.")
    case .internalError:
      ("Sibling is at fault.", "Please report it with the command that you ran.")
    case .gateFailed:
      (
        "A check of the design failed, so that effects are withheld.",
        "Read the diagnostics of the report; no estimate of this design would be sound."
      )
    case .disclosure:
      (
        "No choice of cells could be released safely, or a leak was found.",
        "Join small groups, or ask an output checker."
      )
    case .drift:
      (
        "Something is no longer as it was written.",
        "Look at what differs, then run it again or accept it."
      )
    case .checkFailed:
      ("A check came out badly.", "The rows printed say which.")
    case .engineMissing:
      (
        "A program or library of an engine isn't there.",
        "'sibling doctor' says which engines can be used and how to install the others."
      )
    case .engineRefused:
      (
        "The server did not let the connection in.",
        "Check the user, the password and the database in the environment variable that the message names."
      )
    case .engineFailed:
      (
        "The engine could not answer a query.",
        "Read the server's own message; once the cause is gone the same command works."
      )
    case .engineLost:
      (
        "The connection to the engine was lost, and could not be made again.",
        "Start the server and run the same command again."
      )
    case .engineTimeout:
      ("A query took longer than allowed.", "Raise --engine-timeout, or ask for less.")
    case .needsRows:
      (
        "What was asked can't be had from an engine's sums.",
        "Choose a setting that can, or let the rows be fetched: leave out what keeps them in the engine."
      )
    case .interrupted:
      ("You stopped it.", "Run the same command again; nothing was half written.")
    }
  }

  /// What an exit status means.
  public static func status(_ code: SiblingError.Code) -> String {
    switch code.exitStatus {
    case 1: "1, the run itself failed"
    case 2: "2, the gate withheld effects"
    case 3: "3, disclosure control"
    case 4: "4, drift or a failed check"
    case 64: "64, usage"
    case 130: "130, interrupted"
    default: "\(code.exitStatus), something is wrong with what was given"
    }
  }
}
