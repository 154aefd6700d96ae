internal import DifferenceInDifferences
internal import Statistics

/// Estimators by regression with fixed effects.
extension PanelMethod {
  static let fixedEffects: [PanelMethod] = []
}
