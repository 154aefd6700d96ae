import ArgumentParser
import Studies

/// Verbs that replay claims under their contracts.
enum ContractsCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [
    ContractReplayCommand.self, ContractReconcileCommand.self,
  ]
}

struct ContractReplayCommand: EstimatorCommand {
  static let verb = Verb.contractReplay
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.contractReplay, "contracts")) var contracts: String?
  @Option(parsing: .unconditional, help: .of(.contractReplay, "tariffs")) var tariffs: String?
  @Option(parsing: .unconditional, help: .of(.contractReplay, "payer-shares"))
  var payerShares: String?
  @Option(parsing: .unconditional, help: .of(.contractReplay, "payer-caps")) var payerCaps: String?
  @Option(parsing: .unconditional, help: .of(.contractReplay, "clients")) var clients: String?
  @Option(parsing: .unconditional, help: .of(.contractReplay, "jobs")) var jobs: String?
  @Option(parsing: .unconditional, help: .of(.contractReplay, "cap-rule")) var capRule: String?
  @Option(
    name: .customLong("exactly-16"), parsing: .unconditional,
    help: .of(.contractReplay, "exactly-16")) var exactly16: String?
  @Option(parsing: .unconditional, help: .of(.contractReplay, "unknown-hours"))
  var unknownHours: String?
  @Option(parsing: .unconditional, help: .of(.contractReplay, "count-by")) var countBy: String?
  @Option(parsing: .unconditional, help: .of(.contractReplay, "by")) var by: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}

struct ContractReconcileCommand: EstimatorCommand {
  static let verb = Verb.contractReconcile
  static let configuration: CommandConfiguration = page(for: verb)

  @Argument(help: "CSV, Stata or SPSS file, or - for standard input.") var path: String
  @Option(parsing: .unconditional, help: .of(.contractReconcile, "contracts"))
  var contracts: String?
  @Option(parsing: .unconditional, help: .of(.contractReconcile, "tariffs")) var tariffs: String?
  @Option(parsing: .unconditional, help: .of(.contractReconcile, "payer-shares"))
  var payerShares: String?
  @Option(parsing: .unconditional, help: .of(.contractReconcile, "payer-caps"))
  var payerCaps: String?
  @Option(parsing: .unconditional, help: .of(.contractReconcile, "clients")) var clients: String?
  @Option(parsing: .unconditional, help: .of(.contractReconcile, "jobs")) var jobs: String?
  @Option(parsing: .unconditional, help: .of(.contractReconcile, "cap-rule")) var capRule: String?
  @Option(
    name: .customLong("exactly-16"), parsing: .unconditional,
    help: .of(.contractReconcile, "exactly-16")) var exactly16: String?
  @Option(parsing: .unconditional, help: .of(.contractReconcile, "unknown-hours"))
  var unknownHours: String?
  @Option(parsing: .unconditional, help: .of(.contractReconcile, "count-by")) var countBy: String?
  @Option(parsing: .unconditional, help: .of(.contractReconcile, "show")) var show: String?
  @OptionGroup(title: "Common") var common: CommonOptions
}
