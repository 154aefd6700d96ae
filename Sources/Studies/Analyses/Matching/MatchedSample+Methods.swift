internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

extension MatchDesign {
  /// Matches the sample's rows by the design's method.
  ///
  /// - Throws: what is wrong with the design for these data.
  func matched(
    _ sample: inout MatchedSample, _ notes: inout [String]
  ) throws(SiblingError) {
    let match: Match
    switch method {
    case .optimal: match = try optimalMatch(sample, &notes)
    case .full: match = try fullMatch(sample, &notes)
    case .quick: match = try quickMatch(sample, &notes)
    case .cardinality: match = try cardinalityMatch(sample, &notes)
    case .coarsened where prunesToPairs: match = try prunedMatch(sample)
    case .subclass:
      match = try Subclassification(
        estimand: estimand, subclasses: subclasses, discard: nearest.discard
      ).match(treatment: sample.treated, distance: .score(sample.score))
    case .coarsened, .exact:
      match = try CoarsenedExactMatching(estimand: estimand).match(
        treatment: sample.treated, covariates: try coarsenedCovariates(sample))
    default: match = try nearestMatch(sample, &notes)
    }
    sample.match = match
    sample.population = match.population
    sample.weights = match.weights
    if let sampling = sample.bound.weights {
      // A matched unit stands for as many people as its sampling weight says.
      sample.weights = zip(match.weights, sampling).map { $0 * $1 }
    }
    let groups =
      switch estimand {
      case .att: [match.treated]
      case .atc: [match.comparison]
      default: [match.treated, match.comparison]
      }
    if method == .nearest, nearest.maximumRatio == nil, nearest.ratio > 1 {
      let focal = estimand == .att ? match.treated : match.comparison
      let wanted = focal.matched * Int(nearest.ratio)
      if match.pairs.count < wanted {
        notes.append(
          "\(match.pairs.count) of the \(wanted) matches asked for were found: some units have fewer"
            + " than \(Int(nearest.ratio))")
      }
    }
    if groups.contains(where: { $0.matched < $0.all }) {
      notes.append("the estimate is the \(match.population)")
    }
    if method == .nearest || method == .optimal,
      let overlap = sample.propensity?.overlap, overlap.treatedAboveHalf > 0, !nearest.replacement,
      Double(overlap.treatedAboveHalf) > 0.1 * Double(match.treated.all)
    {
      notes.append(
        "\(overlap.treatedAboveHalf) of \(match.treated.all) treated have a score above one half:"
          + " matching without replacement may run out of comparisons like them (Sävje 2022)")
    }
  }

  private func nearestMatch(
    _ sample: MatchedSample, _ notes: inout [String]
  ) throws(SiblingError) -> Match {
    let rules = try pairRules(sample)
    let (distance, pairing) = try distances(sample, &notes)
    return try nearest.match(
      treatment: sample.treated, distance: distance, pairing: pairing, exact: rules.exact,
      prefer: try prefer.map { column throws(SiblingError) in
        try sample.bound.frame.factor(of: column)
      },
      antiExact: rules.antiExact, covariateCalipers: rules.calipers)
  }

  /// The columns of --exact crossed; nil without.
  func exactStrata(_ sample: MatchedSample) throws(SiblingError) -> Factor? {
    var crossed: Factor?
    for column in exact {
      let factor = try sample.bound.frame.factor(of: column)
      crossed = crossed.map { $0.crossed(with: factor) } ?? factor
    }
    return crossed
  }

  /// The formula's covariates with how each is cut, and the columns of --exact by level.
  func coarsenedCovariates(
    _ sample: MatchedSample
  ) throws(SiblingError) -> [CoarsenedCovariate] {
    var result: [CoarsenedCovariate] = []
    var uncut = cutpoints.map(\.column)
    for term in try sample.terms() {
      switch term.values {
      case .levels(let factor):
        result.append(CoarsenedCovariate(name: term.name, .factor(factor)))
      case .numbers(let values):
        let given = cutpoints.first { $0.column == term.name }?.coarsening
        uncut.removeAll { $0 == term.name }
        let coarsening = method == .exact ? nil : given ?? .sturges
        result.append(CoarsenedCovariate(name: term.name, .numeric(values, coarsening)))
      }
    }
    if let column = uncut.first {
      let numeric = result.filter { covariate in
        if case .numeric = covariate.kind { return true }
        return false
      }.map(\.name)
      throw SiblingError(
        .invalidOption, "--cutpoints '\(column)' is not a numeric covariate of the formula",
        help: "text columns and factor() terms are matched by level and need no cutpoints",
        suggestion: nearestName(to: column, among: numeric), column: "cutpoints")
    }
    for column in exact where !result.contains(where: { $0.name == column }) {
      result.append(
        CoarsenedCovariate(name: column, .factor(try sample.bound.frame.factor(of: column))))
    }
    return result
  }
}

extension MatchedSample {
  /// A term of the formula, or a column that a term expands to.
  struct Term {
    /// What a term holds.
    enum Values {
      case levels(Factor)
      case numbers([Double])
    }

    var name: String
    var values: Values
  }

  /// The formula's terms: categorical ones as factors, other terms by design column.
  func terms() throws(SiblingError) -> [Term] { try bound.frame.terms(of: try bound.seenTable()) }
}

extension ModelFrame {
  /// The formula's terms over a table: categorical ones as factors, other terms by design column.
  func terms(of table: Table) throws(SiblingError) -> [MatchedSample.Term] {
    var result: [MatchedSample.Term] = []
    for (index, term) in design.terms.enumerated() {
      let column =
        term.hasPrefix("factor(") && term.hasSuffix(")")
        ? String(term.dropFirst(7).dropLast()) : term
      if let found = table[column], term != column || isCategorical(found) {
        result.append(.init(name: term, values: .levels(try factor(of: column))))
      } else {
        for place in design.names.indices where design.assignment[place] == index {
          result.append(
            .init(name: design.names[place], values: .numbers(design.matrix.column(place))))
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
}
