internal import LinearAlgebra
public import Statistics
internal import Tables

/// One call of an estimator verb: the data, the formula and the options.
public struct AnalysisRequest: Sendable {
  /// The verb.
  public let verb: Verb
  /// The data file; `-` is standard input, nothing where the verb was given none.
  public let path: String
  /// The formula, for verbs that take one.
  public let formula: String?
  /// The options as given.
  public let options: OptionValues

  /// A request.
  public init(verb: Verb, path: String, formula: String?, options: OptionValues) {
    self.verb = verb
    self.path = path
    self.formula = formula
    self.options = options
  }

  /// Whether the user declared the data public, so that cells may be shown in messages.
  public var isPublic: Bool { options.text(.disclosure) == "none" }

  /// The file to write instead of standard output.
  public var outputFile: String? { options.text(.output) }

  /// What is said of the rows once they are printed.
  public var releaseNote: String {
    switch options.text(.disclosure) {
    case nil:
      "these rows are the analyst's own: no disclosure control has been applied (--disclosure)"
    case "none": "no disclosure control was applied: the data were declared public"
    case .some(let profile):
      "disclosure profile '\(profile)' was applied; it assists an output checker and replaces none"
    }
  }

  /// Sets the number of threads for the process.
  ///
  /// - Throws: `invalidOption` for anything but a whole number from 1.
  public func setThreads() throws(SiblingError) {
    if let count = try options.integer(.threads, in: 1...1024) { Parallel.setThreads(count) }
  }

  /// How rows are printed.
  ///
  /// - Throws: `invalidOption` for an unknown format.
  public func format(onTerminal: Bool) throws(SiblingError) -> OutputFormat {
    guard options.isGiven(.format) else { return onTerminal ? .table : .csv }
    return OutputFormat(rawValue: try options.choice(.format)) ?? .csv
  }
}

/// How rows are printed.
public enum OutputFormat: String, Sendable {
  /// Comma-separated values with a header.
  case csv
  /// Aligned columns for a terminal.
  case table
  /// An array of row objects.
  case json
  /// A Markdown table.
  case md
}
