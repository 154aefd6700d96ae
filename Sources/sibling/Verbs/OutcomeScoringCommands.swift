import ArgumentParser
import Studies

/// Verbs that score jobs under definitions of an outcome.
enum OutcomeScoringCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
