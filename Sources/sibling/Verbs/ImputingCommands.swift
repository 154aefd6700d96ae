import ArgumentParser
import Studies

/// Verbs that fill in missing values.
enum ImputingCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
