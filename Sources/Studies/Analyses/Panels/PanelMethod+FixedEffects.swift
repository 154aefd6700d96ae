internal import DifferenceInDifferences
internal import Statistics

/// Estimators by regression with fixed effects.
extension PanelMethod {
  static let fixedEffects: [PanelMethod] = [
    PanelMethod(name: "sun-abraham", keys: [.aggregate, .anticipation]) {
      options throws(SiblingError) in
      SunAbraham(
        aggregation: GroupTimeResult.Aggregation(rawValue: try options.choice(.aggregate)),
        anticipation: try options.number(.anticipation, in: 0...1e9) ?? 0,
        level: try CommonSettings(options).level)
    }
  ]
}
