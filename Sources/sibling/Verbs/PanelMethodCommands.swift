import ArgumentParser
import Studies

/// Commands of other panel estimators: decomposition and triple difference.
enum PanelMethodCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
