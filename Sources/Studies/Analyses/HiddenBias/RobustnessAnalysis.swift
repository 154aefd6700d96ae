internal import Statistics
internal import Tables

/// `robustness`: how strong an omitted variable must be to overturn a regression's estimate.
struct RobustnessAnalysis: VerbAnalysis {
  /// Where the estimate comes from.
  enum Source: Sendable {
    /// A regression of the data.
    case regression(formula: String, term: String, benchmarks: [String])
    /// An estimate as given.
    case given(OmittedVariableBias)
  }

  var source: Source
  var settings: CommonSettings
  var question: RobustnessQuestion

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` or `usage`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    settings = try CommonSettings(options)
    question = try RobustnessQuestion(options, level: settings.level)
    let numbers: [OptionKey] = [.givenEstimate, .givenError, .givenDegrees]
    for key in numbers { _ = try options.number(key) }
    guard let key = numbers.first(where: { options.isGiven($0) }) else {
      source = .regression(
        formula: try VerbFormula.needed(formula, like: "outcome ~ treatment + covariates"),
        term: try options.required(.biasTerm), benchmarks: options.texts(.benchmark))
      guard settings.clusters.isEmpty else {
        throw options.wrong(
          .cluster, "does not apply: robustness values rest on classical standard errors")
      }
      return
    }
    guard formula == nil else {
      throw options.wrong(key, "can't be combined with data and a formula")
    }
    for key in [OptionKey.biasTerm, .benchmark] where options.isGiven(key) {
      throw options.wrong(key, "needs data and a formula")
    }
    for key in numbers { _ = try options.required(key) }
    source = .given(
      try OmittedVariableBias(
        estimate: try options.number(.givenEstimate) ?? .nan,
        standardError: try options.number(.givenError) ?? .nan,
        degreesOfFreedom: try options.number(.givenDegrees) ?? .nan))
  }

  /// The rows of an estimate that was given as numbers.
  ///
  /// - Throws: `usage` when a regression was asked for.
  func runWithoutData() throws(SiblingError) -> AnalysisOutput {
    guard case .given(let bias) = source else {
      throw SiblingError(
        .usage, "a data file and a formula are needed, or --estimate, --std-error and --df")
    }
    return AnalysisOutput(columns: try question.columns(term: nil, bias, []))
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    guard case .regression(let formula, let term, let benchmarks) = source else {
      throw SiblingError(
        .usage, "an estimate that is given as numbers needs no data file",
        help: "leave out the file, or --estimate, --std-error and --df")
    }
    let bound = try BoundFormula(formula, to: table, settings: settings)
    return try bound.locating { () throws(SiblingError) in
      guard let response = bound.frame.response else {
        throw SiblingError(
          .formulaSyntax, "the formula needs an outcome on its left side",
          help: "for example y ~ treatment + age")
      }
      guard bound.frame.absorbed.isEmpty, bound.frame.offset == nil else {
        throw SiblingError(
          .invalidOption,
          "robustness values are for regressions without absorbed effects or offset",
          help: "write the effects as factor(column)")
      }
      let design = bound.frame.design
      guard let column = design.names.firstIndex(of: term) else {
        throw SiblingError(
          .invalidOption, "the regression has no coefficient '\(term)'",
          help: "its coefficients are: " + design.names.prefix(12).joined(separator: ", "),
          suggestion: nearestName(to: term, among: design.names), column: "term")
      }
      let finding = try RobustnessFinding(
        design: design, column: column, response: response, weights: bound.weights,
        benchmarks: benchmarks, multiples: question.multiples)
      let output = AnalysisOutput(
        columns: try question.columns(term: term, finding.bias, finding.benchmarks),
        notes: bound.notes + finding.notes, observations: finding.observations)
      return output
    }
  }
}

/// What is asked of an estimate: how much to explain away, and by what.
struct RobustnessQuestion: Sendable {
  var share: Double
  var alpha: Double
  var multiples: [Double]
  var hypothesised: [OmittedVariableBias.Strength]
  /// Steps of a grid of both shares; nil for none.
  var steps: Int?
  var level: Double

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`.
  init(_ options: OptionValues, level: Double) throws(SiblingError) {
    self.level = level
    share = try options.number(.explainedShare) ?? 1
    guard share > 0 else { throw options.wrong(.explainedShare, "takes a number above 0") }
    alpha = try options.number(.alpha) ?? 0.05
    guard alpha > 0, alpha < 1 else {
      throw options.wrong(.alpha, "takes a number between 0 and 1")
    }
    multiples = try options.numbers(.multiples)
    guard !multiples.isEmpty, multiples.allSatisfy({ $0 > 0 }) else {
      throw options.wrong(.multiples, "takes positive numbers")
    }
    guard Set(multiples).count == multiples.count else {
      throw options.wrong(.multiples, "names a number twice")
    }
    let benchmarks = options.texts(.benchmark)
    guard Set(benchmarks).count == benchmarks.count else {
      throw options.wrong(.benchmark, "names a covariate twice")
    }
    steps = try options.integer(.contour, in: 2...200)
    let treatment = try options.numbers(.treatmentShare)
    let outcome = try options.numbers(.outcomeShare)
    for (key, values) in [(OptionKey.treatmentShare, treatment), (.outcomeShare, outcome)] {
      guard values.allSatisfy({ $0 >= 0 && $0 < 1 }) else {
        throw options.wrong(key, "takes shares from 0 to below 1")
      }
    }
    guard treatment.count == outcome.count else {
      throw options.wrong(
        options.isGiven(.outcomeShare) ? .outcomeShare : .treatmentShare,
        "takes as many shares as its counterpart: \(treatment.count) of the treatment,"
          + " \(outcome.count) of the outcome")
    }
    hypothesised = zip(treatment, outcome).map {
      OmittedVariableBias.Strength(treatmentShare: $0, outcomeShare: $1)
    }
  }

  /// The estimate under an omitted variable of some strength.
  struct Row {
    var name: String
    var multiple: Double?
    var strength: OmittedVariableBias.Strength?
    var estimate: Estimate?
  }

  /// The rows: as it is, benchmarks, hypothesised strengths, the grid.
  ///
  /// - Throws: `badValue` for a strength that can't be.
  func rows(
    _ bias: OmittedVariableBias, _ benchmarks: [RobustnessFinding.Benchmark]
  ) throws(SiblingError) -> [Row] {
    var rows = [
      Row(
        name: "none", multiple: nil, strength: nil,
        estimate: Estimate(
          term: "", estimate: bias.estimate, standardError: bias.standardError,
          degreesOfFreedom: bias.degreesOfFreedom, level: level, convention: "classical"))
    ]
    func add(
      _ name: String, _ multiple: Double?, _ strength: OmittedVariableBias.Strength?
    ) throws(SiblingError) {
      var estimate: Estimate?
      if let strength {
        estimate = try bias.adjusted(
          treatmentShare: strength.treatmentShare, outcomeShare: strength.outcomeShare,
          level: level)
      }
      rows.append(Row(name: name, multiple: multiple, strength: strength, estimate: estimate))
    }
    for benchmark in benchmarks {
      try add(benchmark.name, benchmark.multiple, benchmark.strength)
    }
    for strength in hypothesised { try add("hypothesised", nil, strength) }
    if let steps {
      let (width, height) = try Self.extent(bias, benchmarks, share: share)
      for i in 0...steps {
        for j in 0...steps {
          try add(
            "grid", nil,
            OmittedVariableBias.Strength(
              treatmentShare: width * Double(i) / Double(steps),
              outcomeShare: height * Double(j) / Double(steps)))
        }
      }
    }
    return rows
  }

  /// How far a contour plot reaches: beyond the robustness value and the benchmarks.
  static func extent(
    _ bias: OmittedVariableBias, _ benchmarks: [RobustnessFinding.Benchmark], share: Double
  ) throws(SiblingError) -> (treatment: Double, outcome: Double) {
    let value = try bias.robustnessValue(share: share)
    let strengths = benchmarks.compactMap(\.strength)
    func top(_ shares: [Double]) -> Double {
      let most = 1.25 * max(value, shares.max() ?? 0, 0.04)
      return min(0.95, (most * 20).rounded(.up) / 20)
    }
    return (top(strengths.map(\.treatmentShare)), top(strengths.map(\.outcomeShare)))
  }

  /// The rows as columns of the contract.
  ///
  /// - Throws: as the rows do.
  func columns(
    term: String?, _ bias: OmittedVariableBias, _ benchmarks: [RobustnessFinding.Benchmark]
  ) throws(SiblingError) -> [Column] {
    let rows = try rows(bias, benchmarks)
    let value = try bias.robustnessValue(share: share)
    let valueAlpha = try bias.robustnessValue(share: share, alpha: alpha)
    return [
      .texts("term", rows.map { _ in term }), .texts("benchmark", rows.map(\.name)),
      .numbers("multiple", rows.map(\.multiple)),
      .numbers("r2.treatment", rows.map(\.strength?.treatmentShare)),
      .numbers("r2.outcome", rows.map(\.strength?.outcomeShare)),
      .numbers("estimate", rows.map(\.estimate?.estimate)),
      .numbers("std.error", rows.map(\.estimate?.standardError)),
      .numbers("statistic", rows.map(\.estimate?.statistic)),
      .numbers("df", rows.map(\.estimate?.degreesOfFreedom)),
      .numbers("p.value", rows.map(\.estimate?.pValue)),
      .numbers("conf.low", rows.map(\.estimate?.interval?.low)),
      .numbers("conf.high", rows.map(\.estimate?.interval?.high)),
      .numbers("partial.r2", rows.map { _ in bias.partialRSquared }),
      .numbers("robustness.value", rows.map { _ in value }),
      .numbers("robustness.value.alpha", rows.map { _ in valueAlpha }),
    ]
  }
}
