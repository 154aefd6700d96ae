import ArgumentParser
import Statistics
import Studies

/// Commands about the plan of a study: what would run, and what was fixed beforehand.
enum PlanCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [Plan.self]
}

/// Says what a run would do, and fixes the plan.
struct Plan: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what a study would run, without reading outcomes, and fix its plan.",
    discussion: """
      Prints a row for each thing that 'run' would do: the data, who is compared with whom, the \
      checks of the design, the analyses and which estimate leads, disclosure control, and what is \
      left out. Outcomes are not read; checks that must know something of them are left to the run.

      With --lock the plan is written to a file: every key of the study file that can move a result, \
      with its SHA-256 and that of who is compared with whom. Name it in the study file, \
      'plan: {file: plan.lock.yaml}', and the report lists what has changed since.

      Examples:
        sibling plan Data/nsw/study.yaml
        sibling plan study.yaml --lock plan.lock.yaml --date 2026-01-31
      """)

  @Argument(help: "Study file (YAML).") var study: String
  @Option(parsing: .unconditional, help: .of(.regress, "format")) var format: String?
  @Option(parsing: .unconditional, help: .of(.regress, "output")) var output: String?
  @Option(parsing: .unconditional, help: "Write the plan to this file, for 'plan: file:'.")
  var lock: String?
  @Flag(help: "Write over a plan that was fixed before.") var replace = false
  @Option(
    parsing: .unconditional,
    help: "The day on which the plan is fixed, as you state it: 2026-01-31.")
  var date: String?
  @Option(
    parsing: .unconditional,
    help:
      "Say what a run with this --cache would take from it, and what it would run again and why.")
  var cache: String?
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    let values = OptionValues.ofOutput(format: format, output: output)
    guard lock != nil || !(replace || date != nil) else {
      throw SiblingError(.usage, "--replace and --date go with --lock FILE")
    }
    try Session(talk: talk, values: values).plan(
      study: study, lock: lock, isReplacing: replace, date: date, cache: cache)
  }
}

extension Session {
  /// Prints what a study would run, and fixes the plan where a file for it is named.
  func plan(
    study: String, lock: String?, isReplacing: Bool, date: String?, cache: String?
  ) throws(SiblingError) {
    var isPublic = false
    do throws(SiblingError) {
      let file = try StudyFile(path: study)
      isPublic = file.isPublic
      let planned = try StudyRun(file).plan(cache: cache)
      if let lock { try planned.lock(to: lock, isReplacing: isReplacing, date: date) }
      let request = AnalysisRequest(verb: .regress, path: study, formula: nil, options: values)
      let text = try planned.rows.rendered(as: request.format(onTerminal: Console.isTerminal(1)))
      try Console.put(text, to: request.outputFile)
      guard let lock, !talk.quiet else { return }
      Console.say(
        "\(lock) written; name it in the study file, 'plan: {file: …}', relative to that file")
    } catch {
      Console.fail(error, isPublic: isPublic)
    }
  }
}
