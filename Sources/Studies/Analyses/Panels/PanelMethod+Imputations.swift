internal import DifferenceInDifferences
internal import Statistics

/// Imputation, two-stage, extended two-way and stacked estimators.
extension PanelMethod {
  static let imputations: [PanelMethod] = []
}
