internal import LinearAlgebra
internal import Statistics
internal import Tables

/// `dose-response`: effects of sites on what the sites differ in.
struct DoseResponseAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var regression: DoseResponseSettings
  /// The column of the standard errors.
  var errors: String
  /// Where effects are predicted; empty = at the mean of every covariate.
  var values: [Double]

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located; `usage` without formula.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "effect ~ dose")
    settings = try CommonSettings(options)
    regression = try DoseResponseSettings(options)
    errors = try options.required(.siteErrors)
    values = try options.numbers(.doseValues)
    guard values.count <= 1000 else { throw options.wrong(.doseValues, "takes up to 1,000 values") }
    for key in [OptionKey.weights, .cluster] where options.isGiven(key) {
      throw options.wrong(key, "does not apply: sites are weighed by their standard errors")
    }
  }

  /// A row of the output.
  private struct Row {
    var estimate: Estimate
    var attainable: Double?
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let bound = try BoundFormula(formula, to: table, settings: settings, alsoComplete: [errors])
    let spread = try bound.frame.numbers(of: errors)
    return try bound.locating { () throws(SiblingError) in
      guard let effects = bound.frame.response else {
        throw SiblingError(
          .formulaSyntax, "the formula needs the sites' effects on its left side",
          help: "for example effect ~ dose")
      }
      guard bound.frame.offset == nil, bound.frame.strata == nil, bound.frame.absorbed.isEmpty
      else {
        throw SiblingError(
          .invalidOption, "a meta-regression takes no offset, strata or absorbed effects")
      }
      if let row = spread.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
        throw SiblingError(
          .badValue, "a standard error must be a positive number",
          help: "a site whose effect has none can't be weighed: leave it out with --where",
          row: row, column: errors)
      }
      let rows = try rows(effects, spread, bound.frame.design)
      var output = AnalysisOutput(
        columns: EstimateTable(rows: rows.list.map(\.estimate), observations: effects.count)
          .columns() + [
            .numbers("attainable", rows.list.map(\.attainable)),
            .texts("convention", rows.list.map(\.estimate.convention)),
          ], notes: bound.notes + rows.notes, observations: effects.count)
      output.notes.append(
        "exploratory: \(effects.count) sites chose what they do, so a slope is no effect of it and says"
          + " nothing of clients")
      return output
    }
  }

  private func rows(
    _ effects: [Double], _ spread: [Double], _ design: DesignMatrix
  ) throws(SiblingError) -> (list: [Row], notes: [String]) {
    let model = regression.model
    let fit = try model.fit(effects: effects, standardErrors: spread, design: design)
    let slopes = design.names.indices.filter { !(design.hasIntercept && $0 == 0) }
    guard values.isEmpty || slopes.count == 1 else {
      throw SiblingError(
        .invalidOption, "at takes values of one covariate, and there are \(slopes.count)",
        column: "at")
    }
    var list = fit.estimates.rows.map { Row(estimate: $0) }
    var notes = fit.notes
    if let permutation = regression.permutation, !slopes.isEmpty {
      let found = try permutation.test(
        model, effects: effects, standardErrors: spread, design: design)
      for column in slopes {
        list.append(
          Row(
            estimate: .bare(
              "permutation:\(design.names[column])", fit.coefficients[column],
              p: found.pValues[column], found.convention),
            attainable: found.attainable))
      }
      if found.undefined > 0 {
        notes.append("\(found.undefined) arrangements can't be fitted and count as extreme")
      }
    }
    let without = try model.leavingOneOut(
      effects: effects, standardErrors: spread, design: design)
    for column in slopes {
      let values = without.compactMap { $0?[column] }
      let range = values.min().flatMap { low in values.max().map { (low, $0) } }
      list.append(
        Row(
          estimate: .bare(
            "leave-one-out:\(design.names[column])", fit.coefficients[column], range: range,
            level: model.level,
            values.count < without.count
              ? "range without each site, \(without.count - values.count) of which can't be left out"
              : "range without each site")))
      if values.count < without.count {
        notes.append(
          "'\(design.names[column])' has no slope without some single site: it rests on that site")
      }
    }
    for column in slopes {
      list.append(
        Row(
          estimate: .bare(
            "detectable:\(design.names[column])", try fit.detectable(column),
            "found with 80% power at the 5% level")))
    }
    list += heterogeneity(fit)
    list += try predictions(fit, design, slopes)
    return (list, notes)
  }

  private func heterogeneity(_ fit: MetaRegressionFit) -> [Row] {
    let isFixed = fit.model.method == .fixed
    var tau = Estimate.bare(
      "tau2", fit.tauSquared, range: fit.tauSquaredInterval.map { ($0.low, $0.high) },
      level: fit.model.level, isFixed ? "taken as none" : "interval from Q's distribution")
    tau.standardError = fit.tauSquaredError
    var rows = [Row(estimate: tau)]
    rows.append(
      Row(
        estimate: .bare(
          "I2", fit.inconsistency,
          range: fit.inconsistencyInterval.map { ($0.low, $0.high) }, level: fit.model.level,
          "share of the spread about the line that is between sites")))
    rows.append(
      Row(
        estimate: .bare(
          "R2", fit.explained ?? .nan, "share of the variance between sites accounted for")))
    var q = Estimate.bare("Q", fit.residualQ, p: fit.residualQPValue, "chi-squared")
    q.statistic = fit.residualQ
    q.degreesOfFreedom = Double(fit.sites - fit.names.count)
    rows.append(Row(estimate: q))
    return rows
  }

  private func predictions(
    _ fit: MetaRegressionFit, _ design: DesignMatrix, _ slopes: [Int]
  ) throws(SiblingError) -> [Row] {
    func mean(_ column: Int) -> Double {
      design.matrix.column(column).reduce(0, +) / Double(design.rows)
    }
    var rows: [Row] = []
    let points: [Double?] = values.isEmpty ? [nil] : values.map { $0 }
    for point in points {
      var row = (0..<design.columns).map { mean($0) }
      var term = "prediction"
      if let point, let column = slopes.first {
        row[column] = point
        term += "(\(design.names[column])=\(point))"
      }
      let found = try fit.prediction(at: row)
      var estimate = found.mean
      (estimate.term, estimate.statistic, estimate.pValue) = (term, nil, nil)
      estimate.interval = found.newSite
      estimate.convention =
        "\(fit.convention); std.error of the mean, interval of a new site's effect"
      rows.append(Row(estimate: estimate))
    }
    return rows
  }
}

extension Estimate {
  /// A number that is no coefficient: with a p-value or a range or neither.
  fileprivate static func bare(
    _ term: String, _ value: Double, p: Double? = nil, range: (Double, Double)? = nil,
    level: Double = 0.95, _ convention: String
  ) -> Estimate {
    Estimate(
      term: term, estimate: value, standardError: nil, statistic: nil, degreesOfFreedom: nil,
      pValue: p, interval: range.map { ConfidenceInterval(low: $0.0, high: $0.1, level: level) },
      convention: convention)
  }
}
