import ArgumentParser
import Studies

/// The verb of incentive audits.
enum IncentivesCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [BunchingCommand.self]
}

struct BunchingCommand: EstimatorCommand {
  static let verb = Verb.bunching
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.bunching, "duration")) var duration: String?
  @Option(parsing: .unconditional, help: .of(.bunching, "unit")) var unit: String?
  @Option(parsing: .unconditional, help: .of(.bunching, "ended")) var ended: String?
  @Option(parsing: .unconditional, help: .of(.bunching, "threshold")) var threshold: String?
  @Option(parsing: .unconditional, help: .of(.bunching, "arm")) var arm: String?
  @Option(parsing: .unconditional, help: .of(.bunching, "site")) var site: String?
  @Option(parsing: .unconditional, help: .of(.bunching, "round")) var round: String?
  @Option(parsing: .unconditional, help: .of(.bunching, "placebo")) var placebo: String?
  @Option(parsing: .unconditional, help: .of(.bunching, "bandwidth")) var bandwidth: String?
  @Option(parsing: .unconditional, help: .of(.bunching, "hours")) var hours: String?
  @Option(parsing: .unconditional, help: .of(.bunching, "event")) var event: String?
  @Option(parsing: .unconditional, help: .of(.bunching, "claimed")) var claimed: String?
  @Option(parsing: .unconditional, help: .of(.bunching, "claim-deadline")) var claimDeadline:
    String?
  @Option(parsing: .unconditional, help: .of(.bunching, "draws")) var draws: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}
