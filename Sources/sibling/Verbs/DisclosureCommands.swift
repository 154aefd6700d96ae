import ArgumentParser
import Statistics
import Studies

/// Commands that check a report before it is released, and pack it.
enum DisclosureCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
