import ArgumentParser
import Statistics
import Studies

/// Commands that trace and check the numbers of a report, and cite the methods.
enum AuditCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [Audit.self, Explain.self, Cite.self]
}

/// Audits a written report.
struct Audit: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Audit a written report: trace every number, compute again what can be.",
    discussion: """
      Reads the folder alone. Every numeral of report.md and summary.md must have a claim in \
      claims.csv, and every claim must show its cell. Intervals, statistics and p-values are computed \
      from each other, relations between counts are checked, words of direction and verdicts are held \
      against the intervals, and files against their hashes. Rows: check, place, expected, found, \
      status (ok, orphan, mismatch, not recomputable); what is as it should be is one row a check \
      unless --all is given. Addresses, code blocks, names of files and digits within names, such as \
      CR2, are no numerals. Exit status 4 when there is an orphan or a mismatch.

      Example:
        sibling audit Reports/rossi
      """)

  @Argument(help: "Folder of a report that 'sibling run' wrote.") var report: String
  @Flag(help: "Print a row for every check.") var all = false
  @Option(parsing: .unconditional, help: .of(.regress, "format")) var format: String?
  @Option(parsing: .unconditional, help: .of(.regress, "output")) var output: String?
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    let session = Session(talk: talk, values: .ofOutput(format: format, output: output))
    try session.audit(report, all: all)
  }
}

/// Explains a key, an error code or a number.
struct Explain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Explain a key of the study file, an error code or a number of a report.",
    discussion: """
      A key is told with its help, what it takes, its default and where the report shows it; an error \
      code with what it means and what to do. With a report a number is told with the sentence that \
      says it, its file, row and column, how it was estimated and which key asks for it; give the \
      number as the report writes it or a row as claims.csv names it.

      Examples:
        sibling explain matching.caliper
        sibling explain bad-cell
        sibling explain 58% --report Reports/mhep
        sibling explain 'estimates: analysis=matched; outcome=re78; estimate' Reports/nsw
      """)

  @Argument(
    parsing: .allUnrecognized, help: "Key, error code, number or row, then a report's folder.")
  var words: [String] = []
  @Option(parsing: .unconditional, help: "Folder of a report.") var report: String?
  @Option(parsing: .unconditional, help: .of(.regress, "format")) var format: String?
  @Option(parsing: .unconditional, help: .of(.regress, "output")) var output: String?
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    guard let word = words.first, words.count <= (report == nil ? 2 : 1) else {
      throw SiblingError(
        .usage, "'explain' takes one word, and a report's folder after it",
        help: "put a row key in quotation marks")
    }
    let folder = report ?? (words.count == 2 ? words[1] : nil)
    try Session(talk: talk, values: .ofOutput(format: format, output: output))
      .explain(word, report: folder, isPlain: format == nil)
  }
}

/// Prints the methods paragraph with its sources.
struct Cite: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the methods of a report with their sources, and how to cite Sibling.",
    discussion: """
      The words are those of the report's own section on methods. A study file stands for the report \
      that 'sibling run' wrote of it under Reports; without an argument Sibling alone is cited.

      Example:
        sibling cite Reports/rossi --form bibtex
      """)

  @Argument(help: "Study file or folder of a report.") var path: String?
  @Option(
    name: [.customLong("form"), .customLong("format")], parsing: .unconditional,
    help: "md, text or bibtex.")
  var form: String = "md"
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    guard let form = Citation.Form(rawValue: form) else {
      let forms = Citation.Form.allCases.map(\.rawValue)
      throw SiblingError(
        .invalidOption, "--form takes one of \(forms.joined(separator: ", ")), not '\(form)'",
        suggestion: nearestName(to: form, among: forms))
    }
    Console.put(try (path.map { try Citation(of: $0) } ?? Citation()).text(form))
  }
}

extension Session {
  /// Audits a report and prints what was found; ends with status 4 when something is wrong.
  func audit(_ folder: String, all: Bool) throws(SiblingError) {
    do throws(SiblingError) {
      var audit = try ReportAudit(folder)
      let findings = try audit.run()
      let request = AnalysisRequest(verb: .regress, path: folder, formula: nil, options: values)
      let text = try ReportAudit.output(findings, all: all).rendered(
        as: request.format(onTerminal: Console.isTerminal(1)))
      try Console.put(text, to: request.outputFile)
      if !talk.quiet { Console.say(ReportAudit.summary(findings)) }
      guard !ReportAudit.failed(findings) else {
        throw SiblingError(
          .checkFailed, "the report does not hold together: \(ReportAudit.summary(findings))",
          help: "the rows with 'orphan' and 'mismatch' say where; was a file changed by hand?")
      }
    } catch {
      Console.fail(error, isPublic: true)
    }
  }

  /// Explains a word and prints the lines.
  func explain(_ word: String, report: String?, isPlain: Bool) throws(SiblingError) {
    let found = try Explanation.of(word, report: report)
    let request = AnalysisRequest(verb: .regress, path: word, formula: nil, options: values)
    let text =
      isPlain
      ? found.text
      : try found.output.rendered(as: request.format(onTerminal: Console.isTerminal(1)))
    try Console.put(text, to: request.outputFile)
  }
}
