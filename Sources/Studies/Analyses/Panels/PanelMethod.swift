internal import DifferenceInDifferences
internal import Statistics

/// A panel estimator that `did --method` can name.
struct PanelMethod: Sendable {
  /// Its name on the command line and in a study.
  let name: String
  /// Options of `did` that it reads, beyond those of every panel.
  let keys: [OptionKey]
  /// The estimator that some options ask for.
  let make: @Sendable (OptionValues) throws(SiblingError) -> any PanelEstimator

  /// All of them, in the order of the help text.
  static let all: [PanelMethod] = imputations + fixedEffects
  /// The names, for the option's list.
  static var names: [String] { all.map(\.name) }
}
