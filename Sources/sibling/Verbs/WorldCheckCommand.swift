import ArgumentParser
import Statistics
import Studies

/// Runs a study's design in worlds whose truth is known.
struct SimulateCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate-check",
    abstract: "Run a study's design in simulated worlds and count how often it is right.",
    discussion: """
      For every world and seed a cohort is simulated in memory, the study's rules, design and leading \
      estimate (the adjusted difference, judged by its sites) are applied to it, and the answer is \
      compared with the truth. Rows: world, check, value, error (Monte-Carlo), comparator, \
      threshold, passed. Exit status 4 when a check fails.

      Example:
        sibling simulate-check Data/ips-simulated/study.yaml --world null,effect --seeds 20
      """)

  @Argument(help: "Study file (YAML) whose data are tables in the schema.") var study: String
  @Option(parsing: .unconditional, help: "Worlds, separated by commas. Default: all.")
  var world: String?
  @Option(parsing: .unconditional, help: "Cohorts a world.") var seeds: Int = 500
  @Option(parsing: .unconditional, help: "People referred in each.") var clients: Int = 4000
  @Option(parsing: .unconditional, help: "Sites in each.") var sites: Int = 25
  @Option(parsing: .unconditional, help: "The first seed.") var seed: Int = 1
  @Option(parsing: .unconditional, help: .of(.regress, "format")) var format: String?
  @Option(parsing: .unconditional, help: .of(.regress, "output")) var output: String?
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    let values = OptionValues.ofOutput(format: format, output: output)
    guard seeds > 0, seed >= 0 else {
      throw SiblingError(.usage, "--seeds takes a whole number from 1, and --seed one from 0")
    }
    let check = WorldCheck(
      seeds: seeds, clients: clients, sites: sites, firstSeed: UInt64(seed))
    let worlds = world.map { $0.split(separator: ",").map(String.init) } ?? WorldCheck.worlds
    try Session(talk: talk, values: values).check(worlds: worlds, of: study, by: check)
  }
}

extension Session {
  /// Checks a study's design in worlds and prints the rows; ends with status 4 when one fails.
  func check(
    worlds: [String], of study: String, by check: WorldCheck
  ) throws(SiblingError) {
    var isPublic = false
    let lines = ProgressLines(talk: talk)
    do throws(SiblingError) {
      let file = try StudyFile(path: study)
      isPublic = file.isPublic
      var findings: [WorldCheck.Finding] = []
      for world in worlds {
        lines.step("checking \(world): \(check.seeds) cohorts")
        findings += try check.run(world, study: file) { lines.count($0, of: check.seeds) }
      }
      lines.end()
      let rows = WorldCheck.rows(findings)
      let request = AnalysisRequest(verb: .regress, path: study, formula: nil, options: values)
      let text = try rows.rendered(as: request.format(onTerminal: Console.isTerminal(1)))
      try Console.put(text, to: request.outputFile)
      let failed = findings.filter { $0.passed == false }
      guard failed.isEmpty else {
        throw SiblingError(
          .checkFailed, "\(failed.count) of the checks failed",
          help:
            "the rows with 'no' in the column passed say which; with few cohorts chance alone can"
            + " do it (error is the Monte-Carlo error), so ask for more --seeds")
      }
    } catch {
      lines.end()
      Console.fail(error, isPublic: isPublic)
    }
  }
}
