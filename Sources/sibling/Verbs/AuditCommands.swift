import ArgumentParser
import Statistics
import Studies

/// Commands that trace and check the numbers of a report, and cite the methods.
enum AuditCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [Audit.self]
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

extension OptionValues {
  /// The values of the options that say how rows are printed.
  static func ofOutput(format: String?, output: String?) -> OptionValues {
    var values = OptionValues()
    for (name, text) in [("format", format), ("output", output)] {
      if let text, let key = Verb.regress.key(name) { values.set(key, to: text) }
    }
    return values
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
      if let file = request.outputFile {
        try AnalysisOutput.write(text, to: file)
      } else {
        Console.put(text)
      }
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
}
