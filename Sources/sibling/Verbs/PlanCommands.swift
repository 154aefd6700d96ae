import ArgumentParser
import Statistics
import Studies

/// Commands about the plan of a study: what would run, and what was fixed beforehand.
enum PlanCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
