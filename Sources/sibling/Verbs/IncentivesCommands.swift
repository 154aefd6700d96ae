import ArgumentParser
import Studies

/// The verb of incentive audits.
enum IncentivesCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
