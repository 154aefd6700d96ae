import ArgumentParser
import Statistics
import Studies

/// Commands that run a study again and compare reports.
enum ReproduceCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
