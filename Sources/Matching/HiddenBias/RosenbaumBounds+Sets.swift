internal import Glibc
internal import Statistics

/// The outcomes of a set: one unit whose treatment is unlike that of all the others.
struct MatchedSet: Sendable {
  /// The outcome of the only treated, or of the only comparison.
  var odd: Double
  /// The outcomes of the others.
  var others: [Double]
  /// Whether the odd one is the treated one.
  var oddIsTreated: Bool
}

/// M-scores of sets, oriented so that large values speak for a positive effect.
struct SetScores: Sendable {
  /// The scores of each set's units, ascending.
  var sets: [[Double]]
  /// The sum of the odd ones' scores.
  var observed: Double

  /// The scores for outcomes with their signs flipped.
  var mirrored: SetScores {
    SetScores(sets: sets.map { $0.reversed().map { -$0 } }, observed: -observed)
  }

  /// Sets whose units do not all have the same score.
  var informative: Int { sets.count { $0.first != $0.last } }

  /// (T − E)/√V at the hidden bias that makes E largest and, among those, V largest, set by set.
  ///
  /// In each set the worst bias gives the units above some rank the odds Γ (Rosenbaum and Krieger
  /// 1990); sets are separable in large samples (Gastwirth, Krieger and Rosenbaum 2000,
  /// https://doi.org/10.1111/1467-9868.00249).
  func deviate(_ gamma: Double) -> Double {
    var (expectation, variance) = (0.0, 0.0)
    for scores in sets {
      var (below, belowSquares) = (0.0, 0.0)
      var (above, aboveSquares) = (0.0, 0.0)
      for score in scores {
        above += score
        aboveSquares += score * score
      }
      var best = (mean: -Double.infinity, variance: 0.0)
      for rank in 1..<max(2, scores.count) {
        let score = scores[rank - 1]
        below += score
        belowSquares += score * score
        let total = Double(rank) + gamma * Double(scores.count - rank)
        let mean = (below + gamma * (above - below)) / total
        let square = (belowSquares + gamma * (aboveSquares - belowSquares)) / total
        let spread = max(0, square - mean * mean)
        // Means that are equal but for rounding are equal.
        let slack = 1e-12 * (scores[0].magnitude + (scores.last ?? 0).magnitude)
        if mean > best.mean + slack || (mean > best.mean - slack && spread > best.variance) {
          best = (mean, spread)
        }
      }
      expectation += best.mean
      variance += best.variance
    }
    return (observed - expectation) / variance.squareRoot()
  }
}

extension RosenbaumBounds {
  /// Rows gathered into sets, each with one treated or one comparison.
  func matchedSets(
    outcome: [Double], treatment: [Bool], sets: Factor
  ) throws(SiblingError) -> [MatchedSet] {
    try Inputs.length(outcome.count, expected: treatment.count, of: "the outcome")
    try Inputs.length(sets.count, expected: treatment.count, of: "the matched sets")
    var treated = [[Double]](repeating: [], count: sets.levels.count)
    var comparison = treated
    for (row, code) in sets.codes.enumerated() where code >= 0 {
      let value = outcome[row]
      guard value.isFinite else {
        throw SiblingError(
          value.isNaN ? .missingValue : .badValue,
          "the outcome is \(value.isNaN ? "missing" : "infinite") in a matched row",
          help: "leave rows without outcome out before matching", row: row, column: "outcome")
      }
      if treatment[row] {
        treated[Int(code)].append(value)
      } else {
        comparison[Int(code)].append(value)
      }
    }
    var made: [MatchedSet] = []
    for set in treated.indices where !(treated[set].isEmpty && comparison[set].isEmpty) {
      let (ones, zeros) = (treated[set], comparison[set])
      guard !ones.isEmpty, !zeros.isEmpty else {
        throw SiblingError(
          .badDesign, "a matched set lacks \(ones.isEmpty ? "treated" : "comparison") rows",
          help: "every set needs at least one row of each group")
      }
      guard ones.count == 1 || zeros.count == 1 else {
        throw SiblingError(
          .badDesign, "a matched set has several treated and several comparison rows",
          help: "these bounds need sets with one treated or one comparison: pairs, k:1 or full"
            + " matching")
      }
      made.append(
        ones.count == 1
          ? MatchedSet(odd: ones[0], others: zeros, oddIsTreated: true)
          : MatchedSet(odd: zeros[0], others: ones, oddIsTreated: false))
    }
    guard !made.isEmpty else {
      throw SiblingError(.noMatches, "there are no matched sets to judge")
    }
    return made
  }

  /// Huber's scores: for each unit the sum of ψ over its differences to the rest of the set, divided
  /// by the set's size, differences being measured in medians of all absolute differences within sets.
  func scores(_ sets: [MatchedSet]) throws(SiblingError) -> BiasedDistribution {
    var sizes: [Double] = []
    for set in sets {
      let values = [set.odd] + set.others
      for a in values.indices {
        for b in (a + 1)..<max(a + 1, values.count) {
          sizes.append((values[a] - values[b]).magnitude)
        }
      }
    }
    let scale = Self.median(sizes)
    guard scale > 0 else {
      guard sizes.contains(where: { $0 > 0 }) else { throw Self.noDifference }
      throw SiblingError(
        .badValue,
        "more than half of the differences within sets are zero, so the M-statistic"
          + " has no scale", help: "use the Wilcoxon statistic, or McNemar's for a binary outcome")
    }
    func psi(_ difference: Double) -> Double {
      let size = min((difference / scale).magnitude, huberTrim)
      return difference < 0 ? -size : size
    }
    var all: [[Double]] = []
    var observed = 0.0
    for set in sets {
      let values = [set.odd] + set.others
      // A lone comparison's score counts with its sign flipped: the scores of a set sum to nought.
      let sign = set.oddIsTreated ? 1.0 : -1.0
      let scores = values.map { value in
        sign * values.reduce(0) { $0 + psi(value - $1) } / Double(values.count)
      }
      observed += scores[0]
      all.append(scores.sorted())
    }
    return .sets(SetScores(sets: all, observed: observed))
  }

  private static func median(_ values: [Double]) -> Double {
    let order = Sorting.order(values)
    let half = values.count / 2
    let upper = values[Int(order[half])]
    return values.count % 2 == 1 ? upper : (values[Int(order[half - 1])] + upper) / 2
  }
}
