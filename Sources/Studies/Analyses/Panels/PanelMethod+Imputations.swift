internal import DifferenceInDifferences
internal import Statistics

/// Imputation, two-stage, extended two-way and stacked estimators.
extension PanelMethod {
  static let imputations: [PanelMethod] = [
    PanelMethod(
      name: "imputation", keys: [.aggregate, .balanceEvent, .anticipation, .didLeads],
      make: { options throws(SiblingError) in
        let (aggregation, balance) = try averages(options)
        return Imputation(
          aggregation: aggregation, balance: balance,
          anticipation: try options.number(.anticipation, in: 0...1e9) ?? 0,
          leads: try options.integer(.didLeads, in: 1...100_000), level: try level(options))
      }),
    PanelMethod(
      name: "two-stage", keys: [.aggregate, .balanceEvent, .anticipation],
      make: { options throws(SiblingError) in
        let (aggregation, balance) = try averages(options)
        return TwoStage(
          aggregation: aggregation, balance: balance,
          anticipation: try options.number(.anticipation, in: 0...1e9) ?? 0,
          level: try level(options))
      }),
    PanelMethod(
      name: "etwfe", keys: [.aggregate, .balanceEvent, .anticipation, .control],
      make: { options throws(SiblingError) in
        let (aggregation, balance) = try averages(options)
        return ExtendedTwoWay(
          control: try control(options), aggregation: aggregation, balance: balance,
          anticipation: try options.number(.anticipation, in: 0...1e9) ?? 0,
          level: try level(options))
      }),
    PanelMethod(
      name: "stacked",
      keys: [.aggregate, .anticipation, .control, .didLeads, .didLags, .stackWeights],
      make: { options throws(SiblingError) in
        for key in [OptionKey.didLeads, .didLags] where !options.isGiven(key) {
          throw options.wrong(
            key, "is needed: stacking takes the window around treatment, such as --leads 2 --lags 1"
          )
        }
        return StackedDifferences(
          leads: try options.integer(.didLeads, in: 1...100_000),
          lags: try options.integer(.didLags, in: 0...100_000),
          weighting: StackedDifferences.Weighting(
            rawValue: try options.choice(.stackWeights)) ?? .corrective,
          control: try control(options), aggregation: try averages(options).aggregation,
          anticipation: try options.integer(.anticipation, in: 0...100_000) ?? 0,
          level: try level(options))
      }),
  ]

  /// Refuses values that the options of these methods never take, whichever method was asked for.
  ///
  /// - Throws: `invalidOption`.
  static func checkImputations(_ options: OptionValues) throws(SiblingError) {
    _ = try options.integer(.didLeads, in: 1...100_000)
    _ = try options.integer(.didLags, in: 0...100_000)
    _ = try options.choice(.stackWeights)
  }

  private static func averages(
    _ options: OptionValues
  ) throws(SiblingError) -> (aggregation: GroupTimeResult.Aggregation?, balance: Double?) {
    let aggregation = GroupTimeResult.Aggregation(rawValue: try options.choice(.aggregate))
    let balance = try options.integer(.balanceEvent, in: 0...100_000).map { Double($0) }
    if balance != nil, aggregation != .dynamic {
      throw options.wrong(.balanceEvent, "applies to --aggregate dynamic only")
    }
    return (aggregation, balance)
  }

  /// Not yet treated units unless never treated ones were asked for.
  private static func control(
    _ options: OptionValues
  ) throws(SiblingError) -> GroupTimeEffects.Control {
    guard options.isGiven(.control) else { return .notYetTreated }
    return GroupTimeEffects.Control(rawValue: try options.choice(.control)) ?? .notYetTreated
  }

  private static func level(_ options: OptionValues) throws(SiblingError) -> Double {
    try CommonSettings(options).level
  }
}
