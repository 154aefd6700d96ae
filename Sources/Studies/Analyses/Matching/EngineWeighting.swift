internal import Engines
internal import Matching
internal import Statistics
internal import Tables

/// A design of inverse-probability weights on an engine: what `balance` and `weight` have in common.
struct EngineWeighting {
  let propensity: EnginePropensity
  let notes: [String]

  /// Why a design needs rows; nil where sums do.
  static func needsRows(_ design: MatchDesign) -> String? {
    guard design.method == .inverseProbability else {
      return "\(design.method.name) needs every row"
    }
    guard let score = MatchDesign.scores[design.distance],
      let link = Link(name: score.link), EngineRegression.supports(.binomial, link)
    else { return "the distance '\(design.distance)' needs every row" }
    return nil
  }

  /// Fits the score of a design and makes its weights.
  ///
  /// - Throws: what is wrong with the formula, the data or the design; the engine's failures.
  init(
    _ design: MatchDesign, _ settings: CommonSettings, on data: EngineData,
    alsoComplete: [String] = []
  ) throws(SiblingError) {
    let parsed = try Formula(parsing: design.formula)
    if let name = parsed.responseColumn, try parsed.termColumns(in: data.names).contains(name) {
      throw SiblingError(
        .badDesign, "the treatment '\(name)' is among its own covariates",
        help: "leave it out of the right side", column: name)
    }
    if settings.treated != nil, parsed.responseColumn == nil {
      throw SiblingError(
        .invalidOption, "--treated needs a formula with a plain column on its left side")
    }
    var options = EngineFrame.Options()
    options.weights = settings.weights
    options.clusters = settings.clusters
    options.treated = settings.treated
    options.missingIsError = settings.missingIsError
    options.alsoComplete = design.columns + alsoComplete
    let rows = try Self.withoutZeroWeights(data, settings)
    let frame = try EngineFrame(design.formula, to: rows.data, options)
    let score = MatchDesign.scores[design.distance]
    let propensity = try EnginePropensity.fit(
      frame, estimand: design.estimand, link: score.flatMap { Link(name: $0.link) } ?? .logit,
      trimQuantile: design.weighting.trim, stabilizes: design.weighting.stabilizes)
    self.propensity = propensity
    var notes = rows.notes + frame.notes + propensity.fit.notes
    if !propensity.fit.dropped.isEmpty {
      notes.append("left out of the score: \(propensity.fit.dropped.joined(separator: ", "))")
    }
    notes += try Self.weightNotes(propensity)
    if let column = settings.weights {
      notes.append("weights include the sampling weights '\(column)'")
    }
    self.notes = notes
  }

  /// The rows without those of weight zero, and how many those were.
  ///
  /// - Throws: `badWeight` for a weight of zero where that is an error; the engine's failures.
  static func withoutZeroWeights(
    _ data: EngineData, _ settings: CommonSettings
  ) throws(SiblingError) -> (data: EngineData, notes: [String]) {
    guard let column = settings.weights else { return (data, []) }
    let weight = try data.number(column)
    let isZero = RowExpression.comparison(.equal, weight, .constant(0))
    let cells = try data.aggregate(sums: [NamedExpression("zeros", isZero)])
    let zeros = Int((cells.sums[0].first ?? 0).rounded())
    guard zeros > 0 else { return (data, []) }
    guard !settings.missingIsError else {
      throw SiblingError(
        .badWeight, "a weight is zero, which leaves its row out",
        help: "leave such rows out with --where, or use --missing drop", column: column)
    }
    var kept = data
    // A weight that is missing stays, to be counted with the other missing values.
    kept.restrict(to: .either(.isMissing(weight), isZero.negated))
    return (
      kept, ["\(zeros) of \(cells.rowCount) rows left out for zero weights (\(column) \(zeros))"]
    )
  }

  /// Effective sample sizes, as the design in memory tells them; a largest weight is no sum.
  private static func weightNotes(_ propensity: EnginePropensity) throws(SiblingError) -> [String] {
    let w = propensity.weight(sampling: true)
    let cells = try propensity.frame.data.aggregate(
      layers: propensity.layers + [[NamedExpression("w", w)]],
      keys: [GroupKey("t", .number(propensity.treated))],
      sums: [
        NamedExpression("w", .name("w")), NamedExpression("ww", .name("w") * .name("w")),
      ])
    var sizes: [String] = []
    for (name, value) in [("treated", 1.0), ("comparisons", 0.0)] {
      guard let cell = cells.numbers(0).firstIndex(of: value) else { continue }
      let (sum, squares) = (cells.sums[0][cell], cells.sums[1][cell])
      sizes.append(
        "\(NumberText.significant(sum * sum / squares, digits: 6)) of \(cells.counts[cell]) \(name)"
      )
    }
    return ["effective sample sizes: " + sizes.joined(separator: ", ")]
  }
}
