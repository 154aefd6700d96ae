internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// `did`: difference-in-differences on wide two-period data or on a panel.
struct DifferenceAnalysis: Sendable {
  /// Which data the analysis reads.
  enum Shape: Sendable, Equatable {
    /// One row a unit: before, after, treatment.
    case wide(before: String, after: String, treatment: String, estimator: String)
    /// A row a unit and period.
    case panel(PanelColumns)
  }

  var shape: Shape
  var covariates: String?
  var settings: CommonSettings
  var covariance: CovarianceChoice
  /// The covariance as asked for; nil takes the method's own.
  var isCovarianceGiven: Bool

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` when the columns of a shape are incomplete or mixed.
  init(options: OptionValues) throws(SiblingError) {
    settings = try CommonSettings(options)
    covariates = options.text(.covariates)
    isCovarianceGiven = options.isGiven(.covariance)
    covariance = try CovarianceChoice(options, clusters: settings.clusters)
    let isWide = [OptionKey.pre, .post, .treatment].contains { options.isGiven($0) }
    let method = options.isGiven(.didMethod) ? try options.choice(.didMethod) : nil
    if isWide || method == "two-period" {
      if method == "twfe" {
        throw options.wrong(
          .didMethod, "is two-period for wide data; two-way fixed effects there are"
            + " --estimator twfe")
      }
      shape = .wide(
        before: try options.required(.pre), after: try options.required(.post),
        treatment: try options.required(.treatment),
        estimator: try options.choice(.didEstimator))
    } else {
      shape = .panel(try PanelColumns(options))
      if options.isGiven(.didEstimator) {
        throw options.wrong(.didEstimator, "is for two periods (--pre --post --treatment)")
      }
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let estimates: EstimateTable
    switch shape {
    case .wide: estimates = try twoPeriods(table).result.table
    case .panel(let columns): estimates = try panel(table, columns).table
    }
    let empty = [Int?](repeating: nil, count: estimates.rows.count)
    var columns = estimates.columns()
    columns.insert(.integers("group", empty), at: 1)
    columns.insert(.integers("time", empty), at: 2)
    return AnalysisOutput(columns: columns, notes: estimates.notes)
  }

  /// Two-way fixed effects on a panel, with the notes of binding.
  ///
  /// - Throws: what is wrong with the columns, the panel or the model, located.
  func panel(
    _ table: Table, _ columns: PanelColumns
  ) throws(SiblingError) -> (
    result: TwoWayFixedEffectsResult, panel: PanelDesign, table: EstimateTable
  ) {
    let data = try BoundPanel(columns, covariates: covariates, table: table, settings: settings)
    return try data.bound.locating { () throws(SiblingError) in
      let result = try TwoWayFixedEffects(level: settings.level).fit(
        data.panel, outcome: data.outcome, covariates: data.covariates,
        weights: data.bound.weights, covariance: covariance.estimator(data.bound.clusters))
      var table = result.table
      table.notes = data.bound.notes + table.notes
      if data.panel.cohorts.count > 1 { table.notes.append(Self.staggered(data.panel)) }
      return (result, data.panel, table)
    }
  }

  /// What must be known of one coefficient for staggered starts.
  static func staggered(_ panel: PanelDesign) -> String {
    "treatment starts in \(panel.cohorts.count) different periods; one coefficient with unit and"
      + " period effects also compares later with earlier starters, which is right only if the"
      + " effect is the same for all and does not grow (Goodman-Bacon 2021)"
  }

  /// The two-period estimate, with the notes of binding.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func twoPeriods(
    _ table: Table
  ) throws(SiblingError) -> (result: TwoPeriodResult, notes: [String]) {
    guard case .wide(let before, let after, let treatment, let estimator) = shape else {
      throw SiblingError(.internalError, "a panel has no two-period estimate")
    }
    let coded = try Treatment.coded(table, column: treatment, level: settings.treated)
    var plain = settings
    plain.treated = nil
    let right = covariates.map { $0.contains("~") ? $0.drop { $0 != "~" }.dropFirst() : $0[...] }
    let bound = try BoundFormula(
      "`\(treatment)` ~ \(right.map(String.init) ?? "1")", to: coded, settings: plain,
      alsoComplete: [before, after])
    return try bound.locating { () throws(SiblingError) in
      let treated = try Treatment.flags(bound.frame)
      let design = covariates == nil ? nil : bound.frame.design
      let pre = try bound.frame.numbers(of: before)
      let post = try bound.frame.numbers(of: after)
      let clusters = try bound.singleCluster()
      if estimator == "twfe" {
        let result = try TwoPeriodDifferenceInDifferences(level: settings.level).fitPooled(
          before: pre, after: post, treated: treated, covariates: design, weights: bound.weights,
          clusters: clusters)
        return (result, bound.notes + result.notes)
      }
      let kind: AdjustmentEstimator = AdjustmentEstimator(rawValue: estimator) ?? .doublyRobust
      let result = try TwoPeriodDifferenceInDifferences(estimator: kind, level: settings.level).fit(
        before: pre, after: post, treated: treated,
        covariates: estimator == "means" ? nil : design, weights: bound.weights,
        clusters: clusters)
      return (result, bound.notes + result.notes)
    }
  }
}

/// The columns of a panel.
struct PanelColumns: Sendable, Equatable {
  var outcome: String
  var unit: String
  var time: String
  var group: String

  /// Decodes the columns.
  ///
  /// - Throws: `invalidOption` naming the one that is missing.
  init(_ options: OptionValues) throws(SiblingError) {
    outcome = try options.required(.outcome)
    unit = try options.required(.unit)
    time = try options.required(.time)
    group = try options.required(.group)
  }

  var all: [String] { [outcome, unit, time] }
}
