import ArgumentParser
import Studies

/// The verb of achievements against targets.
enum TargetsCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [ContractPerformanceCommand.self]
}

struct ContractPerformanceCommand: EstimatorCommand {
  static let verb = Verb.contractPerformance
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.contractPerformance, "achieved"))
  var achieved: String?
  @Option(parsing: .unconditional, help: .of(.contractPerformance, "contracts"))
  var contracts: String?
  @Option(parsing: .unconditional, help: .of(.contractPerformance, "case")) var `case`: String?
  @Flag(help: .of(.contractPerformance, "rates")) var rates = false
  @Option(parsing: .unconditional, help: .of(.contractPerformance, "overdispersion"))
  var overdispersion: String?
  @Option(parsing: .unconditional, help: .of(.contractPerformance, "payments"))
  var payments: String?
  @Option(parsing: .unconditional, help: .of(.contractPerformance, "projects"))
  var projects: String?
  @Flag(help: .of(.contractPerformance, "per-outcome")) var perOutcome = false
  @OptionGroup(title: "Common") var common: CommonOptions
}
