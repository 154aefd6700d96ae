internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

/// A design applied to data: who is treated, the scores, the weights, and the rows they belong to.
struct MatchedSample {
  /// The formula bound to the table; its rows are the sample's.
  var bound: BoundFormula
  /// Whether each row is treated.
  var treated: [Bool]
  /// The score or distance measure of each row.
  var score: [Double]
  /// The fitted score; nil when the distance is a column.
  var propensity: PropensityScoreFit?
  /// The weight of each row after matching or weighting; 0 is left out.
  var weights: [Double]
  /// The match; nil for weighting.
  var match: Match?
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
    var plain = settings
    plain.treated = nil
    let bound = try BoundFormula(
      formula, to: coded, settings: plain, alsoComplete: columns + alsoComplete)
    return try bound.locating { () throws(SiblingError) in try sample(bound) }
  }

  private func sample(_ bound: BoundFormula) throws(SiblingError) -> MatchedSample {
    let treated = try Treatment.flags(bound.frame)
    var notes = bound.notes
    var sample = MatchedSample(
      bound: bound, treated: treated, score: [], propensity: nil, weights: [], match: nil,
      population: estimand.rawValue, notes: [])
    if usesColumn {
      guard method == .nearest else {
        throw SiblingError(
          .invalidOption, "weighting needs a fitted score, not a distance column",
          column: distance)
      }
      try checkColumn(bound.table)
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
    case .nearest: try matched(&sample, &notes)
    case .inverseProbability: try weighted(&sample)
    }
    sample.notes = notes
    return sample
  }

  private func matched(
    _ sample: inout MatchedSample, _ notes: inout [String]
  ) throws(SiblingError) {
    let frame = sample.bound.frame
    var crossed: Factor?
    for column in exact {
      let factor = try frame.factor(of: column)
      crossed = crossed.map { $0.crossed(with: factor) } ?? factor
    }
    var differ: [Factor] = []
    for column in antiExact { differ.append(try frame.factor(of: column)) }
    var calipers: [CovariateCaliper] = []
    for (column, width) in covariateCalipers {
      calipers.append(
        CovariateCaliper(
          name: column, values: try frame.numbers(of: column),
          caliper: Caliper(width, isRaw ? .raw : .standardDeviations)))
    }
    let match = try nearest.match(
      treatment: sample.treated, distance: .score(sample.score), exact: crossed,
      antiExact: differ, covariateCalipers: calipers)
    sample.match = match
    sample.population = match.population
    sample.weights = match.weights
    if let sampling = sample.bound.weights {
      // A matched unit stands for as many people as its sampling weight says.
      sample.weights = zip(match.weights, sampling).map { $0 * $1 }
    }
    let focal = estimand == .atc ? match.comparison : match.treated
    if focal.matched < focal.all {
      notes.append("the estimate is the \(match.population)")
    }
    if let overlap = sample.propensity?.overlap, overlap.treatedAboveHalf > 0,
      !nearest.replacement, Double(overlap.treatedAboveHalf) > 0.1 * Double(match.treated.all)
    {
      notes.append(
        "\(overlap.treatedAboveHalf) of \(match.treated.all) treated have a score above one half:"
          + " matching without replacement may run out of comparisons like them (Sävje 2022)")
    }
  }

  private func weighted(_ sample: inout MatchedSample) throws(SiblingError) {
    guard let fit = sample.propensity else { return }
    sample.weights = try PropensityWeights(estimand: estimand, trimQuantile: trim).weights(
      treatment: sample.treated, probability: fit.probability)
    if let sampling = sample.bound.weights {
      sample.weights = zip(sample.weights, sampling).map { $0 * $1 }
    }
  }

  private func checkColumn(_ table: Table) throws(SiblingError) {
    guard table[distance] == nil else { return }
    let known = Self.scores.keys.sorted()
    throw SiblingError(
      .invalidOption, "--distance '\(distance)' is neither a known score nor a column of the data",
      help: "scores: " + known.joined(separator: ", "),
      suggestion: nearestName(to: distance, among: known + table.names), column: distance)
  }
}

extension MatchedSample {
  /// The covariates whose balance is measured: every level of factors, other terms by column.
  func covariates() throws(SiblingError) -> [BalanceCovariate] {
    let frame = bound.frame
    let design = frame.design
    var result: [BalanceCovariate] = []
    for (index, term) in design.terms.enumerated() {
      let column =
        term.hasPrefix("factor(") && term.hasSuffix(")")
        ? String(term.dropFirst(7).dropLast()) : term
      if let found = bound.table[column], term != column || isCategorical(found) {
        result += BalanceCovariate.levels(of: try frame.factor(of: column), name: term)
      } else {
        for place in design.names.indices where design.assignment[place] == index {
          result.append(
            BalanceCovariate(name: design.names[place], values: design.matrix.column(place)))
        }
      }
    }
    return result
  }

  private func isCategorical(_ column: Column) -> Bool {
    switch column.values {
    case .text: true
    default: false
    }
  }

  /// Balance before and after, with the score first.
  func balance(_ design: MatchDesign) throws(SiblingError) -> Balance {
    try bound.locating { () throws(SiblingError) in
      try BalanceAssessment(estimand: design.estimand).assess(
        treatment: treated, weights: weights, covariates: try covariates(), score: score)
    }
  }
}

extension MatchedSample {
  /// How many people each group has at a stage, of those whose indicator is 1 when one is given.
  func people(
    _ stage: Balance.Stage, in indicator: [Double]? = nil
  ) -> (treated: Int, comparison: Int) {
    var counts = (treated: 0, comparison: 0)
    for (row, isTreated) in treated.enumerated()
    where (stage == .unadjusted || weights[row] > 0) && (indicator?[row] ?? 1) == 1 {
      if isTreated { counts.treated += 1 } else { counts.comparison += 1 }
    }
    return counts
  }

  /// For each row of a balance table the people behind it, for disclosure control.
  func levelCounts(_ balance: Balance) throws(SiblingError) -> [String: [Int]] {
    let covariates = try covariates()
    var result: [String: [Int]] = [:]
    for row in balance.rows {
      let all = people(row.stage)
      var some = all
      if let level = row.level,
        let covariate = covariates.first(where: { $0.name == row.covariate && $0.level == level })
      {
        some = people(row.stage, in: covariate.values)
      }
      let isLevel = row.level != nil
      result["in_treated", default: []].append(some.treated)
      result["in_comparison", default: []].append(some.comparison)
      result["rest_treated", default: []].append(isLevel ? all.treated - some.treated : all.treated)
      result["rest_comparison", default: []].append(
        isLevel ? all.comparison - some.comparison : all.comparison)
    }
    return result
  }
}
