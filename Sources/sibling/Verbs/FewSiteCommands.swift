import ArgumentParser
import Studies

/// Commands of inference with few clusters.
enum FewSiteCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
