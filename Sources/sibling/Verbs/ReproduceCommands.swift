import ArgumentParser
import Statistics
import Studies

/// Commands that run a study again and compare reports.
enum ReproduceCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [Reproduce.self, Diff.self]
}

/// Runs a report's study again and compares every file.
struct Reproduce: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a report's study again and compare every file.",
    discussion: """
      The study file is looked for beside the report and in the usual places, else named with \
      --study. Inputs are checked first, by their hashes: unchanged, changed, absent; nothing runs \
      when one changed, unless --anyway is given. Then the study runs into a temporary folder, and \
      every file gets a verdict: identical, equal (but for last digits), differs, missing (from the \
      report), extra (in the report), made apart (a page, picture or pack that another command made of the report). \
      Made with the same processor kernel, the bytes must be the same. With another one, numbers in tables must agree \
      to 1e-9 of their size (or 1e-12 of the greatest of their column), words must be the same, \
      printed numerals may differ by one in their last digit and coordinates of figures by half a pixel. Exit status \
      0 when everything is reproduced, else 4; a report whose effects were withheld is reproduced \
      when they are withheld again.

      Example:
        sibling reproduce Reports/nsw
      """)

  @Argument(help: "Folder of the report.") var report: String
  @Option(parsing: .unconditional, help: "Study file, when it is not found by itself.")
  var study: String?
  @Flag(help: "Run and compare although an input or the study file changed.") var anyway = false
  @Option(parsing: .unconditional, help: .of(.regress, "format")) var format: String?
  @Option(parsing: .unconditional, help: .of(.regress, "output")) var output: String?
  @Option(parsing: .unconditional, help: .of(.regress, "threads")) var threads: String?
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    let values = OptionValues.ofOutput(format: format, output: output, threads: threads)
    try Session(talk: talk, values: values).reproduce(report, study: study, despite: anyway)
  }
}

/// Says which numbers moved between two reports, and because of what.
struct Diff: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say which numbers moved between two reports, and because of which changed key.",
    discussion: """
      Rows: what, file, row, column, old, new, change (new less old), change_in_se (in standard \
      errors of the old row), because. First the changed inputs and settings, then the gate and the \
      headline and the verdicts, then rows that came or went and numbers that moved, each with the changed settings \
      and inputs that can have moved it. Numbers that agree to 1e-9 have not moved. Exit status 0 \
      also when they differ, unless --exit-code is given.

      Example:
        sibling run Data/nsw/study.yaml --output Reports/nsw-new
        sibling diff Reports/nsw Reports/nsw-new --format md
      """)

  @Argument(help: "Folder of the older report.") var old: String
  @Argument(help: "Folder of the newer report.") var new: String
  @Flag(help: "End with status 4 when the reports differ.") var exitCode = false
  @Option(parsing: .unconditional, help: .of(.regress, "format")) var format: String?
  @Option(parsing: .unconditional, help: .of(.regress, "output")) var output: String?
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    let values = OptionValues.ofOutput(format: format, output: output)
    try Session(talk: talk, values: values).difference(old, new, failing: exitCode)
  }
}

extension Session {
  /// Reproduces a report and prints a verdict a file; ends with status 4 when one differs.
  func reproduce(_ folder: String, study: String?, despite: Bool) throws(SiblingError) {
    var isPublic = false
    let progress = ProgressLines(talk: talk)
    do throws(SiblingError) {
      let request = AnalysisRequest(verb: .regress, path: folder, formula: nil, options: values)
      try request.setThreads()
      let reproduction = try Reproduction(folder, study: study)
      isPublic = reproduction.isPublic
      progress.say("reproducing \(folder) from \(reproduction.studyPath)")
      let outcome = try reproduction.run(despite: despite) {
        progress.step($0)
      } phase: {
        progress.phase($0)
      }
      progress.end()
      try show(outcome.rows, as: request)
      if !talk.quiet {
        let renderer = Console.renderer()
        for note in outcome.notes { Console.say(renderer.render(note: note)) }
        Console.say(outcome.summary)
      }
      if let drift = outcome.drift { throw drift }
    } catch {
      progress.end()
      Console.fail(error, isPublic: isPublic)
    }
  }

  /// Compares two reports and prints what changed.
  func difference(_ old: String, _ new: String, failing: Bool) throws(SiblingError) {
    do throws(SiblingError) {
      let request = AnalysisRequest(verb: .regress, path: old, formula: nil, options: values)
      let difference = try ReportDifference(old, new)
      let format = try request.format(onTerminal: Console.isTerminal(1))
      let isForPeople = format == .table || format == .md
      let rows = difference.rows(limit: isForPeople ? 20 : nil)
      try show(rows, as: request)
      if !talk.quiet {
        for note in rows.notes { Console.say(note) }
        Console.say(difference.summary)
      }
      if failing, difference.isDifferent {
        throw SiblingError(.drift, "the reports differ")
      }
    } catch {
      Console.fail(error)
    }
  }

  /// Prints rows, or writes them to the file that was named.
  private func show(_ rows: AnalysisOutput, as request: AnalysisRequest) throws(SiblingError) {
    let text = try rows.rendered(as: request.format(onTerminal: Console.isTerminal(1)))
    try Console.put(text, to: request.outputFile)
  }
}
