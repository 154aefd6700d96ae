internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// Randomisation inference over launches, for whatever effect the analysis estimates.
extension DifferenceAnalysis {
  /// The settings that `--randomisation` asks for; nil without it.
  ///
  /// - Throws: `invalidOption`, located, also where there is not one effect to test.
  static func randomisation(
    _ options: OptionValues, _ settings: CommonSettings, _ shape: Shape, hasAverage: Bool
  ) throws(SiblingError) -> LaunchRandomization? {
    guard let draws = try options.integer(.exchangeDraws, in: 1...10_000_000) else { return nil }
    switch shape {
    case .wide:
      throw options.wrong(.exchangeDraws, "exchanges launches in a panel, not between two columns")
    case .groupTime where !hasAverage:
      throw options.wrong(.exchangeDraws, "tests one effect: add --aggregate simple or another")
    default: break
    }
    return LaunchRandomization(draws: draws, level: settings.level, seed: settings.seed)
  }

  /// The test of the overall effect.
  ///
  /// - Throws: what is wrong with the columns, the panel or the design, located.
  func exchanged(
    _ test: LaunchRandomization, _ table: Table, _ columns: PanelColumns
  ) throws(SiblingError) -> LaunchRandomization.Result {
    var plain = self
    plain.groupTime.bootstrap = nil
    plain.groupTime.bands = .pointwise
    plain.covariance = .classical
    let estimator = try plain.sensitivity().estimator
    let data = try BoundPanel(columns, covariates: covariates, table: table, settings: settings)
    return try data.bound.locating { () throws(SiblingError) in
      let weights = data.bound.weights
      return try test.test(
        data.panel, outcome: data.outcome, clusters: try data.bound.singleCluster()
      ) { (panel, outcome) throws(SiblingError) in
        let sample = try PanelSample(
          panel, outcome: outcome, covariates: data.covariates, weights: weights)
        return try estimator(sample).rows.first?.estimate ?? .nan
      }
    }
  }

  /// The effects by another method, the overall one judged as asked for.
  ///
  /// - Throws: what is wrong with the columns, the panel or the model, located.
  func judgedEffects(_ table: Table, _ columns: PanelColumns) throws(SiblingError) -> PanelEffects {
    var effects = try self.effects(table, columns)
    guard let randomisation,
      let place = Self.overall(effects.rows.map(\.estimate))
    else { return effects }
    let result = try exchanged(randomisation, table, columns)
    effects.rows[place].estimate = Self.judged(effects.rows[place].estimate, by: result)
    effects.notes += Self.told(result, term: effects.rows[place].estimate.term)
    return effects
  }

  /// The rows with the overall one judged as asked for.
  ///
  /// - Throws: what is wrong with the columns, the panel or the model, located.
  func judged(
    _ estimates: EstimateTable, _ table: Table, _ columns: PanelColumns
  ) throws(SiblingError) -> EstimateTable {
    guard let randomisation, let place = Self.overall(estimates.rows) else { return estimates }
    let result = try exchanged(randomisation, table, columns)
    var judged = estimates
    judged.rows[place] = Self.judged(estimates.rows[place], by: result)
    judged.notes += Self.told(result, term: judged.rows[place].term)
    return judged
  }

  /// Where the one effect stands among some rows.
  private static func overall(_ rows: [Estimate]) -> Int? {
    rows.firstIndex { $0.term == "overall" } ?? rows.firstIndex { $0.term == "ATT" }
  }

  /// The overall estimate with the p-value and the interval of exchanged launches.
  static func judged(_ estimate: Estimate, by result: LaunchRandomization.Result) -> Estimate {
    var judged = estimate
    // The test has no standard error, and another's beside its limits would mislead.
    judged.standardError = nil
    judged.statistic = nil
    judged.degreesOfFreedom = nil
    judged.pValue = result.pValue
    judged.interval = result.interval
    judged.convention = result.convention
    return judged
  }

  /// What the reader must know of the test.
  static func told(_ result: LaunchRandomization.Result, term: String) -> [String] {
    var notes = [
      "p.value and limits of \(term) come of \(result.convention); no p-value below"
        + " \(NumberText.significant(result.attainable, digits: 3)) can come of them, and none says"
        + " anything where launches could not as well have been exchanged"
    ]
    if !result.interval.low.isFinite || !result.interval.high.isFinite {
      notes.append("a limit is left empty where even the largest effects are not rejected")
    }
    if result.undefined > 0 {
      notes.append(
        "\(result.undefined) exchanges give no estimate and count as at least as extreme")
    }
    return notes
  }
}
