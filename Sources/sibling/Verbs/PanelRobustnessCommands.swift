import ArgumentParser
import Studies

/// Commands of sensitivity to parallel trends.
enum PanelRobustnessCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
