import ArgumentParser
import Studies

/// Commands of curves beyond `km`: milestones, interval-censored times, power.
enum CurveCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
