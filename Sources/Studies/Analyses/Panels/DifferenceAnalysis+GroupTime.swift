internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// Group-time effects of `did`.
extension DifferenceAnalysis {
  /// The settings of group-time effects.
  ///
  /// - Throws: `invalidOption`, located.
  static func groupTimeEffects(
    _ options: OptionValues, _ settings: CommonSettings
  ) throws(SiblingError) -> GroupTimeEffects {
    var effects = GroupTimeEffects(
      control: GroupTimeEffects.Control(rawValue: try options.choice(.control)) ?? .neverTreated,
      estimator: AdjustmentEstimator(rawValue: try options.choice(.didEstimator)) ?? .doublyRobust,
      base: GroupTimeEffects.Base(rawValue: try options.choice(.base)) ?? .varying,
      anticipation: try options.number(.anticipation, in: 0...1e9) ?? 0, level: settings.level)
    let isCrossSections = try options.flag(.repeatedCrossSections)
    let isUnbalanced = try options.flag(.unbalanced)
    guard !(isCrossSections && isUnbalanced) else {
      throw options.wrong(
        .unbalanced,
        "is for units seen more than once, --repeated-cross-sections for people seen once")
    }
    effects.sampling = isCrossSections || isUnbalanced ? .crossSections : .completeUnits
    effects.bootstrap = try options.integer(.multiplierDraws, in: 100...100_000)
    effects.bands = GroupTimeEffects.Bands(rawValue: try options.choice(.bands)) ?? .pointwise
    effects.seed = settings.seed
    return effects
  }

  /// Group-time effects with the panel and the notes of binding.
  struct GroupTimes {
    var result: GroupTimeResult
    var panel: PanelDesign
    var notes: [String]

    /// The cells, or their averages.
    func table(
      _ aggregation: GroupTimeResult.Aggregation?, balance: Double?
    ) throws(SiblingError) -> EstimateTable {
      try Self.table(result, aggregation, balance: balance, notes: notes)
    }

    /// The cells of a result, or their averages, with what was said before.
    static func table(
      _ result: GroupTimeResult, _ aggregation: GroupTimeResult.Aggregation?, balance: Double?,
      notes: [String]
    ) throws(SiblingError) -> EstimateTable {
      var table = result.table
      if let aggregation { table = try result.aggregate(aggregation, balance: balance) }
      table.notes = notes + table.notes
      if let test = result.preTest {
        table.notes.append(
          "pre-test that all effects before treatment are zero: chi-squared"
            + " \(NumberText.significant(test.chiSquared, digits: 7)) on"
            + " \(test.degreesOfFreedom), p \(NumberText.significant(test.pValue, digits: 7))")
      }
      return table
    }
  }

  /// Group-time effects of a panel.
  ///
  /// - Throws: what is wrong with the columns, the panel or the model, located.
  func groupTimes(_ table: Table, _ columns: PanelColumns) throws(SiblingError) -> GroupTimes {
    let data = try BoundPanel(columns, covariates: covariates, table: table, settings: settings)
    return try data.bound.locating { () throws(SiblingError) in
      let result = try groupTime.fit(
        data.panel, outcome: data.outcome, covariates: data.covariates,
        weights: data.bound.weights, clusters: try data.bound.singleCluster())
      return GroupTimes(result: result, panel: data.panel, notes: data.bound.notes)
    }
  }
}
