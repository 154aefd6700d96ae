import ArgumentParser
import Studies

/// Verbs that score jobs under definitions of an outcome.
enum OutcomeScoringCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [OutcomesCommand.self, HarmoniseCommand.self]
}

struct OutcomesCommand: EstimatorCommand {
  static let verb = Verb.outcomes
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "File of the clients, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.outcomes, "jobs")) var jobs: String?
  @Option(parsing: .unconditional, help: .of(.outcomes, "sites")) var sites: String?
  @Option(parsing: .unconditional, help: .of(.outcomes, "definitions")) var definitions: String?
  @Option(parsing: .unconditional, help: .of(.outcomes, "follow-up")) var followUp: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}

struct HarmoniseCommand: EstimatorCommand {
  static let verb = Verb.harmonise
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "File of the clients, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.harmonise, "jobs")) var jobs: String?
  @Option(parsing: .unconditional, help: .of(.harmonise, "sites")) var sites: String?
  @Option(parsing: .unconditional, help: .of(.harmonise, "definitions")) var definitions: String?
  @Option(parsing: .unconditional, help: .of(.harmonise, "follow-up")) var followUp: String?
  @Flag(help: .of(.harmonise, "pairs")) var pairs = false
  @OptionGroup(title: "Common") var common: CommonOptions
}
