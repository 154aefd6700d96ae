import ArgumentParser
import Studies

/// Commands that make data whose truth is known, and check the house on them.
enum SimulationCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
