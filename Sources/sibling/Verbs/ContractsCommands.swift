import ArgumentParser
import Studies

/// Verbs that replay claims under their contracts.
enum ContractsCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
