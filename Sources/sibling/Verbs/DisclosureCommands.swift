import ArgumentParser
import Statistics
import Studies

/// Commands that check a report before it is released, and pack it.
enum DisclosureCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [DisclosureGroup.self]
}

/// Checks a written report before its release, and packs it for the output checker.
struct DisclosureGroup: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "disclosure",
    abstract: "Check a written report before it is released, and pack it for the output checker.",
    subcommands: [DisclosureCheck.self, DisclosurePack.self])
}

/// Checks a written report from its files alone.
struct DisclosureCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check a written report from its files alone, as an output checker would.",
    discussion: """
      Looks for small counts, withheld cells that sums within and across tables give away, small \
      differences between nested groups, statistics on withheld counts, sentences that tell withheld \
      numbers, files changed since the run; with --against also for what an earlier release beside \
      this one tells. Rows: check, file, row_key, column, status (pass, review, fail), finding. Exit \
      status 3 when something must not be released. The check assists an output checker and does not \
      replace one.

      Example:
        sibling disclosure check Reports/mystudy --against Released/2024
      """)

  @Argument(help: "The report's folder.") var folder: String
  @Option(
    parsing: .unconditional, help: "Folders released earlier, separated by commas.")
  var against: String?
  @Option(parsing: .unconditional, help: .of(.regress, "format")) var format: String?
  @Option(parsing: .unconditional, help: .of(.regress, "output")) var output: String?
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    let values = OptionValues.ofOutput(format: format, output: output)
    let earlier = against.map { $0.split(separator: ",").map(String.init) } ?? []
    try Session(talk: talk, values: values).checkRelease(folder, against: earlier)
  }
}

/// Packs a report for the output checker.
struct DisclosurePack: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Pack a report for the output checker, if the check finds nothing against it.",
    discussion: """
      Writes a folder with what is to be released, results.json in the form that ACRO's viewer reads, \
      a SHA-256 of every file, and apart from them, for the checker only, the log of what was withheld. \
      Exit status 3, and nothing written, when the check finds something that must not be released.

      Example:
        sibling disclosure pack Reports/mystudy --output Pack/mystudy
      """)

  @Argument(help: "The report's folder.") var folder: String
  @Option(parsing: .unconditional, help: "The folder to write.") var output: String
  @Option(
    parsing: .unconditional, help: "Folders released earlier, separated by commas.")
  var against: String?
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    let earlier = against.map { $0.split(separator: ",").map(String.init) } ?? []
    try Session(talk: talk, values: OptionValues()).packRelease(
      folder, against: earlier, into: output)
  }
}

extension Session {
  /// Checks a report and prints what was found; ends with status 3 when it must not be released.
  func checkRelease(_ folder: String, against earlier: [String]) throws(SiblingError) {
    do throws(SiblingError) {
      let check = try ReleaseCheck(folder, against: earlier)
      let request = AnalysisRequest(verb: .regress, path: folder, formula: nil, options: values)
      let text = try check.rendered(as: request.format(onTerminal: Console.isTerminal(1)))
      try Console.put(text, to: request.outputFile)
      try refuse(check)
      if !talk.quiet {
        Console.say(
          "nothing speaks against a release but \(check.counts.review) findings to look at; an "
            + "output checker is still needed")
      }
    } catch {
      Console.fail(error, isPublic: false)
    }
  }

  /// Checks a report and packs it.
  func packRelease(
    _ folder: String, against earlier: [String], into output: String
  ) throws(SiblingError) {
    do throws(SiblingError) {
      let check = try ReleaseCheck(folder, against: earlier)
      try refuse(check)
      let number = try check.pack(into: output)
      if !talk.quiet {
        Console.say(
          "\(number) files packed in \(output); \(check.counts.review) findings to look at")
      }
    } catch {
      Console.fail(error, isPublic: false)
    }
  }

  private func refuse(_ check: ReleaseCheck) throws(SiblingError) {
    guard check.hasFailed else { return }
    throw SiblingError(
      .disclosure, "\(check.counts.fail) findings must not be released",
      help: "the rows with 'fail' in the column status of 'sibling disclosure check' say which")
  }
}
