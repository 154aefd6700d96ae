import ArgumentParser
import Studies

/// The verb of dose and response across sites.
enum DoseResponseCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
