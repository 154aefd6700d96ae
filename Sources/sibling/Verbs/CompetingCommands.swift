import ArgumentParser
import Studies

/// Commands of competing exits, states and several jobs.
enum CompetingCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
