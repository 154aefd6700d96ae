import ArgumentParser
import Studies

/// Verbs that ask what missing outcomes could change.
enum MissingEvidenceCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
