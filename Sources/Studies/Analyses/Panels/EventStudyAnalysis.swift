internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// `event-study`: effects by period relative to the start of treatment.
struct EventStudyAnalysis: VerbAnalysis {
  var columns: PanelColumns
  var covariates: String?
  var settings: CommonSettings
  var estimator: EventStudy
  /// The covariance asked for; nil clusters by unit.
  var covariance: CovarianceChoice?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    settings = try CommonSettings(options)
    columns = try PanelColumns(options)
    covariates = options.text(.covariates)
    estimator = EventStudy(
      leads: try options.integer(.leads, in: 0...100_000),
      lags: try options.integer(.lags, in: 0...100_000),
      reference: Double(try options.integer(.reference, in: -100_000...100_000) ?? -1),
      family: PanelFamily(rawValue: try options.choice(.panelFamily)) ?? .gaussian,
      bands: try options.choice(.eventBands) == "uniform"
        ? .uniform(seed: settings.seed) : .pointwise,
      level: settings.level)
    let isGiven = options.isGiven(.covariance) || !settings.clusters.isEmpty
    covariance = isGiven ? try CovarianceChoice(options, clusters: settings.clusters) : nil
    estimator.counting = try (covariance ?? .cluster(.cr1)).counting(options)
  }

  /// Estimates the event study.
  ///
  /// - Throws: what is wrong with the columns, the panel or the model, located.
  func fit(
    _ table: Table
  ) throws(SiblingError) -> (result: EventStudyResult, panel: PanelDesign, notes: [String]) {
    let data = try BoundPanel(columns, covariates: covariates, table: table, settings: settings)
    return try data.bound.locating { () throws(SiblingError) in
      let result = try estimator.fit(
        data.panel, outcome: data.outcome, covariates: data.covariates,
        weights: data.bound.weights,
        covariance: covariance?.estimator(data.bound.clusters, data.panel))
      return (result, data.panel, data.bound.notes + result.notes)
    }
  }

  /// The rows of the verb: event times, covariates, and the joint test of the leads.
  ///
  /// - Throws: what is wrong with the columns, the panel or the model, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (result, _, found) = try fit(table)
    return Self.output(result, notes: found)
  }

  /// The verb's rows, with what was said before.
  static func output(_ result: EventStudyResult, notes found: [String]) -> AnalysisOutput {
    let estimates = result.table
    var notes = found + StandardErrorNotes.told(estimates)
    if let test = result.preTrend {
      let denominator = test.denominator.map { ", \(NumberText.significant($0, digits: 6))" } ?? ""
      notes.append(
        "joint test that all leads are zero: F(\(test.degreesOfFreedom)\(denominator)) = "
          + "\(NumberText.significant(test.f, digits: 6)), p = "
          + "\(NumberText.significant(test.fPValue, digits: 6)); chi-squared "
          + "\(NumberText.significant(test.chiSquared, digits: 6))")
    }
    var output = AnalysisOutput(
      columns: estimates.columns(), notes: notes, observations: result.observations)
    let covariates = [Int](repeating: result.observations, count: result.covariates.count)
    output.people["at_event_time"] = result.rows.map(\.rows) + covariates
    return output
  }
}
