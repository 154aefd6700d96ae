internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// `did`: difference-in-differences on wide two-period data or on a panel.
struct DifferenceAnalysis: VerbAnalysis {
  /// Which data the analysis reads.
  enum Shape: Sendable, Equatable {
    /// One row a unit: before, after, treatment.
    case wide(before: String, after: String, treatment: String, estimator: String)
    /// A row a unit and period, with unit and period effects.
    case fixedEffects(PanelColumns)
    /// A row a unit and period, by group-time effects.
    case groupTime(PanelColumns)
    /// A row a unit and period, by another estimator of `PanelMethod`.
    case other(String, PanelColumns)
  }

  var shape: Shape
  var covariates: String?
  var settings: CommonSettings
  var covariance: CovarianceChoice
  /// The settings of group-time effects.
  var groupTime: GroupTimeEffects
  /// The settings of two-way fixed effects.
  var twoWay: TwoWayFixedEffects
  /// The estimator of another method; nil for the rest.
  var estimator: (any PanelEstimator)?
  /// Randomisation inference over launches; nil unless asked for.
  var randomisation: LaunchRandomization?
  /// How group-time effects are averaged; nil for the cells themselves.
  var aggregation: GroupTimeResult.Aggregation?
  /// How long cohorts must be seen for dynamic averages.
  var balance: Double?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` when the columns of a shape are incomplete or mixed.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    settings = try CommonSettings(options)
    covariates = options.text(.covariates)
    groupTime = try Self.groupTimeEffects(options, settings)
    aggregation = GroupTimeResult.Aggregation(rawValue: try options.choice(.aggregate))
    balance = try options.integer(.balanceEvent, in: 0...100_000).map { Double($0) }
    let method = options.isGiven(.didMethod) ? try options.choice(.didMethod) : nil
    // Elsewhere --vcov is refused below, for what it is and not for its clusters.
    if options.isGiven(.covariance) { _ = try options.choice(.covariance) }
    covariance =
      method == "twfe" || !options.isGiven(.covariance)
      ? try CovarianceChoice(options, clusters: settings.clusters) : .classical
    twoWay = TwoWayFixedEffects(
      family: PanelFamily(rawValue: try options.choice(.panelFamily)) ?? .gaussian,
      counting: try covariance.counting(options), level: settings.level)
    // With --unit, --treatment is a panel's.
    let isWide =
      options.isGiven(.pre) || options.isGiven(.post)
      || (options.isGiven(.treatment) && !options.isGiven(.unit))
    if isWide {
      try Self.refuse(
        [.outcome, .unit, .time, .group], options,
        "is for a panel and --pre, --post, --treatment for wide data: give one or the other")
    }
    if options.isGiven(.balanceEvent), aggregation != .dynamic {
      throw options.wrong(.balanceEvent, "is for --aggregate dynamic")
    }
    if method == "two-period", !isWide, options.isGiven(.outcome) {
      shape = .other("two-period", try PanelColumns(options))
      estimator = TwoPeriodPanelEstimator(
        kind: AdjustmentEstimator(rawValue: try options.choice(.didEstimator)),
        isPooled: try options.choice(.didEstimator) == "twfe", level: settings.level)
      try Self.refuse(
        [.control, .anticipation, .base, .aggregate, .balanceEvent, .covariance]
          + OptionKey.groupTimeInference + OptionKey.fixedEffects, options,
        "does not apply to two periods")
    } else if isWide || method == "two-period" {
      if let method, method != "two-period" {
        throw options.wrong(
          .didMethod,
          "is two-period for wide data; two-way fixed effects there are"
            + " --estimator twfe")
      }
      shape = .wide(
        before: try options.required(.pre), after: try options.required(.post),
        treatment: try options.required(.treatment),
        estimator: try options.choice(.didEstimator))
      try Self.refuse(
        [
          .control, .anticipation, .base, .aggregate, .balanceEvent, .covariance, .excludePeriods,
        ] + OptionKey.groupTimeInference + OptionKey.fixedEffects, options,
        "does not apply to two periods")
    } else if method == "twfe" {
      shape = .fixedEffects(try PanelColumns(options))
      try Self.refuse(
        [.control, .anticipation, .base, .aggregate, .balanceEvent, .didEstimator], options,
        "does not apply to two-way fixed effects")
      try Self.refuse(
        OptionKey.groupTimeInference, options, "does not apply to two-way fixed effects")
    } else if let other = PanelMethod.all.first(where: { $0.name == method }) {
      shape = .other(other.name, try PanelColumns(options))
      estimator = try other.make(options)
      let read = Set(other.keys.map(\.name))
      let own: [OptionKey] = [
        .control, .anticipation, .base, .aggregate, .balanceEvent, .didEstimator, .covariance,
      ]
      try Self.refuse(
        (own + OptionKey.groupTimeInference + OptionKey.panelMethods + OptionKey.fixedEffects)
          .filter { !read.contains($0.name) },
        options, "does not apply to \(other.name)")
    } else {
      shape = .groupTime(try PanelColumns(options))
      try Self.refuse(
        [.covariance] + OptionKey.fixedEffects, options, "does not apply to group-time effects")
      if ["twfe", "means"].contains(try options.choice(.didEstimator)) {
        throw options.wrong(.didEstimator, "twfe and means are for two periods")
      }
    }
    try PanelMethod.checkImputations(options)
    randomisation = try Self.randomisation(
      options, settings, shape, hasAverage: aggregation != nil)
    if !PanelMethod.names.contains(method ?? "") {
      try Self.refuse(
        OptionKey.panelMethods, options,
        "does not apply to \(isWide ? "two periods" : method ?? "group-time effects")")
    }
  }

  private static func refuse(
    _ keys: [OptionKey], _ options: OptionValues, _ reason: String
  ) throws(SiblingError) {
    for key in keys where options.isGiven(key) { throw options.wrong(key, reason) }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the design, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let estimates: EstimateTable
    var cells: [GroupTimeCell] = []
    var smallest: Int?
    switch shape {
    case .wide:
      let (result, notes) = try twoPeriods(table)
      var rows = result.table
      rows.notes = notes
      estimates = rows
    case .fixedEffects(let columns):
      estimates = try judged(fixedEffects(table, columns).table, table, columns)
    case .other(_, let columns):
      return Self.output(
        try judgedEffects(table, columns), smallest: try smallestCohort(table, columns))
    case .groupTime(let columns):
      let result = try groupTimes(table, columns)
      estimates = try judged(
        result.table(aggregation, balance: balance), table, columns)
      if aggregation == nil {
        cells = result.result.cells
      } else {
        smallest = result.panel.smallestCohort
      }
    }
    return Self.output(estimates, cells: cells, smallest: smallest)
  }

  /// The verb's rows of a regression, of group-time cells, or of their averages.
  static func output(
    _ estimates: EstimateTable, cells: [GroupTimeCell] = [], smallest: Int? = nil
  ) -> AnalysisOutput {
    let empty = [Double?](repeating: nil, count: estimates.rows.count)
    var columns = estimates.columns()
    columns.insert(.numbers("group", cells.isEmpty ? empty : cells.map(\.group)), at: 1)
    columns.insert(.numbers("time", cells.isEmpty ? empty : cells.map(\.time)), at: 2)
    var output = AnalysisOutput(
      columns: columns, notes: estimates.notes + StandardErrorNotes.told(estimates),
      observations: estimates.observations)
    if !cells.isEmpty {
      output.people["treated"] = cells.map(\.treatedUnits)
      output.people["controls"] = cells.map(\.controlUnits)
    }
    // From an average and the other cohorts' effects a small cohort's could be had.
    if let smallest { output.people["smallest_cohort"] = estimates.rows.map { _ in smallest } }
    return output
  }

  /// The size of the panel's smallest cohort.
  ///
  /// - Throws: what is wrong with the columns or the panel, located.
  private func smallestCohort(
    _ table: Table, _ columns: PanelColumns
  ) throws(SiblingError) -> Int {
    try BoundPanel(columns, covariates: covariates, table: table, settings: settings)
      .panel.smallestCohort
  }

  /// Two-way fixed effects on a panel, with the notes of binding.
  ///
  /// - Throws: what is wrong with the columns, the panel or the model, located.
  func fixedEffects(
    _ table: Table, _ columns: PanelColumns
  ) throws(SiblingError) -> (
    result: TwoWayFixedEffectsResult, panel: PanelDesign, table: EstimateTable
  ) {
    let data = try BoundPanel(columns, covariates: covariates, table: table, settings: settings)
    return try data.bound.locating { () throws(SiblingError) in
      let result = try twoWay.fit(
        data.panel, outcome: data.outcome, covariates: data.covariates,
        weights: data.bound.weights,
        covariance: covariance.estimator(data.bound.clusters, data.panel))
      var table = result.table
      table.notes = data.bound.notes + table.notes
      let starts = data.panel.cohorts.count
      if starts > 1 { table.notes.append(Self.staggered(starts)) }
      return (result, data.panel, table)
    }
  }

  /// What must be known of one coefficient for staggered starts.
  static func staggered(_ starts: Int) -> String {
    "treatment starts in \(starts) different periods; one coefficient with unit and"
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
  /// The column of units; empty where rows are people seen once.
  var unit: String
  var time: String
  /// The first treated period; empty where it comes from `treatment`.
  var group: String
  /// Whether a unit is treated in a period, where the group comes from that.
  var treatment: String?
  /// Periods left out as if they had never been observed.
  var excluded: [Double]
  /// Other columns that must not be missing.
  var also: [String] = []

  /// Decodes the columns.
  ///
  /// - Throws: `invalidOption` naming the one that is missing.
  init(_ options: OptionValues) throws(SiblingError) {
    outcome = try options.required(.outcome)
    unit = try options.flag(.repeatedCrossSections) ? "" : try options.required(.unit)
    time = try options.required(.time)
    treatment = options.text(.treatment)
    if treatment != nil, options.isGiven(.group) {
      throw options.wrong(.treatment, "gives the groups; leave out --group, or this")
    }
    if treatment != nil, unit.isEmpty {
      throw options.wrong(.treatment, "gives groups only to units that are seen again")
    }
    group = treatment == nil ? try options.required(.group) : ""
    excluded = try options.numbers(.excludePeriods)
  }

  var all: [String] { [outcome, unit, time].filter { !$0.isEmpty } + also }
}
