import ArgumentParser
import Statistics
import Studies

/// Commands that show a report and make other formats of it.
enum ReportCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
