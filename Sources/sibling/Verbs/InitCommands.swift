import ArgumentParser
import Statistics
import Studies

/// Commands that start a study.
enum InitCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [InitCommand.self]
}

/// Writes a study to begin with.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Start a study: a commented study file and data of the right shape.",
    discussion: """
      Writes study.yaml, README.md and small made-up data, so that the study runs at once; put your \
      own files in their place. Templates:

      \(StudyTemplate.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n"))

      Example:
        sibling init my-study --template psm
      """)

  @Argument(help: "Folder to write; it must not exist yet, or be empty.") var folder: String =
    "my-study"
  @Option(
    parsing: .unconditional,
    help: "Template: \(StudyTemplate.all.map(\.name).joined(separator: ", ")). Default: mhep.")
  var template: String?
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    let chosen = try StudyTemplate.named(template ?? "mhep")
    let files = try chosen.make(in: folder)
    guard !talk.quiet else { return }
    for file in files { Console.say("\(folder)/\(file)") }
    Console.say("next: sibling validate \(folder)/study.yaml")
  }
}
