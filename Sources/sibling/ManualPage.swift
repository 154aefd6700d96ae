import ArgumentParser
import Studies

/// The manual page, made from the same texts as the help.
enum ManualPage {
  /// roff text of section 1.
  static func text(for command: (some ParsableCommand).Type) -> String {
    var page = [
      ".TH SIBLING 1 \"\" \"Sibling \(SiblingVersion.text)\" \"User Commands\"", ".SH NAME",
      "sibling \\- quasi-experimental evaluation: matching, difference-in-differences, survival",
      ".SH SYNOPSIS", ".B sibling", ".I VERB", "[options]", ".SH DESCRIPTION",
      escaped(command.configuration.discussion), ".SH VERBS",
    ]
    for verb in Verb.all {
      page += [".SS \(escaped(verb.name))", escaped(verb.abstract), ".PP"]
      page += [escaped(verb.discussion), ".PP"]
      for key in verb.keys {
        page += [".TP", ".B \\-\\-\(escaped(key.name))", escaped(key.help)]
      }
      page += [".PP", "Example:", ".PP", ".nf", escaped(verb.example), ".fi"]
    }
    page += [".SH OPTIONS OF EVERY ESTIMATOR VERB"]
    for key in Verb.commonKeys {
      page += [".TP", ".B \\-\\-\(escaped(key.name))", escaped(key.help)]
    }
    page += [
      ".SH EXIT STATUS",
      "0 done; 1 no convergence, a failed write or an engine that can't be reached or took too long;"
        + " 2 the design gate withheld effects; 3 disclosure"
        + " control; 4 drift; 64 usage; 65 something wrong with what was given; 130 interrupted.",
    ]
    return page.joined(separator: "\n") + "\n"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let safe = line.hasPrefix(".") || line.hasPrefix("'") ? "\\&" + line : String(line)
      for character in safe {
        switch character {
        case "\\" where !safe.hasPrefix("\\&"): result += "\\e"
        case "-": result += "\\-"
        default: result.append(character)
        }
      }
      result += "\n"
    }
    return String(result.dropLast())
  }
}
