import ArgumentParser
import Statistics
import Studies

/// Commands that trace and check the numbers of a report, and cite the methods.
enum AuditCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
