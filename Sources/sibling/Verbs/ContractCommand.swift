import ArgumentParser
import Studies

/// The verbs about outcome contracts, such as `sibling contract replay`.
struct ContractCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "contract",
    abstract:
      "Outcome contracts: replay claims, reconcile, performance, scenarios, value for money.",
    discussion: "'sibling contract VERB --help' explains each.",
    subcommands: ContractsCommands.all + TargetsCommands.all + ScenarioCommands.all
      + ValueCommands.all)
}
