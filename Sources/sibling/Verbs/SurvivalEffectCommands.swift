import ArgumentParser
import Studies

/// Commands of effects on survival after matching or weighting.
enum SurvivalEffectCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
