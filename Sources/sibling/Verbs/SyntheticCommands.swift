import ArgumentParser
import Studies

/// Commands of synthetic controls.
enum SyntheticCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
