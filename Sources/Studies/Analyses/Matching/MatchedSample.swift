internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

/// A design applied to data: who is treated, the scores, the weights, and the rows they belong to.
struct MatchedSample: Sendable {
  /// The formula bound to the table; its rows are the sample's.
  var bound: BoundFormula
  /// Whether each row is treated.
  var treated: [Bool]
  /// The score or distance measure of each row; empty for designs that compare none.
  var score: [Double]
  /// The fitted score; nil when the distance is a column.
  var propensity: PropensityScoreFit?
  /// The weight of each row after matching or weighting; 0 is left out.
  var weights: [Double]
  /// The match; nil for weighting.
  var match: Match?
  /// The fitted weighting behind the weights; nil for matching.
  var weighting: Weighting?
  /// Whose effect remains, in words.
  var population: String
  /// Things that the reader must know.
  var notes: [String]

  /// The rows of the table that the sample has.
  var rows: [Int] { bound.frame.rows }
}

extension MatchDesign {
  /// Applies the design to a table.
  ///
  /// - Throws: what is wrong with the formula, the data or the design, located in the file.
  func apply(
    to table: Table, settings: CommonSettings, alsoComplete: [String] = []
  ) throws(SiblingError) -> MatchedSample {
    let parsed = try Formula(parsing: formula)
    let coded = try Treatment.coded(
      table, column: parsed.responseColumn, level: settings.treated)
    if let name = parsed.responseColumn,
      try parsed.termColumns(in: table.names).contains(name)
    {
      throw SiblingError(
        .badDesign, "the treatment '\(name)' is among its own covariates",
        help: "leave it out of the right side", column: name)
    }
    if needsScore, usesColumn { try checkColumn(coded) }
    var plain = settings
    plain.treated = nil
    let (weighted, zeros) = try Self.withoutZeroWeights(coded, settings)
    var bound = try BoundFormula(
      formula, to: weighted, settings: plain,
      alsoComplete: columns + (try pairingColumns(in: coded)) + alsoComplete)
    bound.zeroWeights = zeros
    return try bound.locating { () throws(SiblingError) in try sample(bound) }
  }

  /// The table with weights of zero made missing, since they leave their rows out, and their number.
  ///
  /// - Throws: `badWeight` where rows must not be left out.
  private static func withoutZeroWeights(
    _ table: Table, _ settings: CommonSettings
  ) throws(SiblingError) -> (table: Table, zeros: Int) {
    guard let column = settings.weights else { return (table, 0) }
    let weights = try table.doubles(column)
    guard let first = weights.firstIndex(of: 0) else { return (table, 0) }
    guard !settings.missingIsError else {
      throw table.locating(
        SiblingError(
          .badWeight, "a weight is zero, which leaves its row out",
          help: "leave such rows out with --where, or use --missing drop", row: first,
          column: column))
    }
    let changed = try table.replacing(
      Column(name: column, values: .doubles(weights.map { $0 == 0 ? .nan : $0 })))
    return (changed, weights.count { $0 == 0 })
  }

  /// Applies the design to rows that were bound.
  ///
  /// - Throws: what is wrong with the design for these data.
  func sample(_ bound: BoundFormula) throws(SiblingError) -> MatchedSample {
    let treated = try Treatment.flags(bound.frame)
    var notes = bound.notes
    var sample = MatchedSample(
      bound: bound, treated: treated, score: [], propensity: nil, weights: [], match: nil,
      population: estimand.rawValue, notes: [])
    if !needsScore {
      sample.score = []
    } else if usesColumn {
      guard method != .inverseProbability, method != .score else {
        throw SiblingError(
          .invalidOption, "this method needs a fitted score, not a distance column",
          column: distance)
      }
      sample.score = try bound.frame.numbers(of: distance)
    } else if let score = Self.scores[distance] {
      let fit = try PropensityScore(
        link: Link(name: score.link) ?? .logit,
        scale: score.isLinear ? .linearPredictor : .probability
      ).fit(bound.frame.design, treatment: treated, weights: bound.weights)
      sample.propensity = fit
      sample.score = fit.score
      notes += fit.model.notes
      if !fit.model.dropped.isEmpty {
        notes.append("left out of the score: \(fit.model.dropped.joined(separator: ", "))")
      }
    }
    switch method {
    case .nearest, .optimal, .full, .quick, .subclass, .coarsened, .exact, .cardinality:
      try matched(&sample, &notes)
    case .inverseProbability, .entropy, .balancingScore: try weighted(&sample, &notes)
    case .score, .neighbors:
      sample.weights = bound.weights ?? [Double](repeating: 1, count: treated.count)
    }
    sample.notes = notes
    return sample
  }

  private func checkColumn(_ table: Table) throws(SiblingError) {
    guard table[distance] == nil else { return }
    let known = Self.scores.keys.sorted() + CovariateDistance.Metric.allCases.map(\.rawValue)
    throw SiblingError(
      .invalidOption, "--distance '\(distance)' is neither a known score nor a column of the data",
      help: "scores and distances: " + known.joined(separator: ", "),
      suggestion: nearestName(to: distance, among: known + table.names), column: distance)
  }
}

extension MatchedSample {
  /// The covariates whose balance is measured: every level of factors, other terms by column.
  func covariates() throws(SiblingError) -> [BalanceCovariate] {
    try terms().flatMap { term in
      switch term.values {
      case .levels(let factor): BalanceCovariate.levels(of: factor, name: term.name)
      case .numbers(let values): [BalanceCovariate(name: term.name, values: values)]
      }
    }
  }
}
