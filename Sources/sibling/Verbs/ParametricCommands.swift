import ArgumentParser
import Studies

/// Commands of parametric and discrete-time models.
enum ParametricCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
