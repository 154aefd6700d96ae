import ArgumentParser
import Statistics
import Studies

/// Commands that start a study.
enum InitCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
