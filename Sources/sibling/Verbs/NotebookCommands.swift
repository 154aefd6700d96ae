import ArgumentParser
import Statistics
import Studies

/// Commands that check notebooks: prose with commands and their outputs.
enum NotebookCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
