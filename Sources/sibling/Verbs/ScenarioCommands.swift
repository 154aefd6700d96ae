import ArgumentParser
import Studies

/// The verb of scenarios.
enum ScenarioCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
