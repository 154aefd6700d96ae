import ArgumentParser
import Studies

/// Commands of interrupted time series and of re-runs that leave something out.
enum TimeSeriesCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = []
}
