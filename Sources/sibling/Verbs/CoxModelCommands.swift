import ArgumentParser
import Studies

/// Commands of Cox models beyond `cox` itself.
enum CoxModelCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
