import ArgumentParser
import Studies

/// The verb of achievements against targets.
enum TargetsCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
