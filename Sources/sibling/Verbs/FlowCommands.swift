import ArgumentParser
import Studies

/// Verbs that follow people through a service, and ask who gets in.
enum FlowCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
