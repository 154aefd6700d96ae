import ArgumentParser
import Studies

/// The verb of value for money.
enum ValueCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
