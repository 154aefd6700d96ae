internal import LinearAlgebra
internal import Statistics

/// The rows that are matched, their neighbours, and the two means with their covariance.
struct AbadieImbensProblem {
  let settings: AbadieImbensMatching
  let outcome: [Double]
  let treatment: [Bool]
  let distance: MatchingDistance
  let correction: ScoreCorrection?
  let adjusting: DesignMatrix?
  let groups: (treated: [Int32], comparison: [Int32])

  init(
    _ settings: AbadieImbensMatching, outcome: [Double], treatment: [Bool],
    distance: MatchingDistance, score: PropensityScoreFit?, adjusting: DesignMatrix?, rows: [Int]
  ) throws(SiblingError) {
    self.settings = settings
    try Inputs.finite(outcome, expected: treatment.count, column: "outcome")
    switch distance {
    case .score(let values):
      try Inputs.finite(values, expected: treatment.count, column: "distance")
      self.distance = .score(rows.map { values[$0] })
    case .coordinates(let matrix):
      try Inputs.length(matrix.rows, expected: treatment.count, of: "the coordinates")
      guard matrix.storage.allSatisfy(\.isFinite) else {
        throw SiblingError(
          .badValue, "a coordinate is missing or not finite", column: "distance")
      }
      self.distance = .coordinates(matrix.selecting(rows: rows))
    }
    if let score {
      try Inputs.length(score.score.count, expected: treatment.count, of: "the score")
    }
    if let adjusting {
      try Inputs.length(adjusting.rows, expected: treatment.count, of: "the adjusting design")
    }
    self.outcome = rows.map { outcome[$0] }
    self.treatment = rows.map { treatment[$0] }
    self.adjusting = adjusting?.selecting(rows: rows)
    correction = score.map { ScoreCorrection($0, rows: rows) }
    let counts = try Inputs.groups(self.treatment)
    guard settings.estimand != .ato, settings.estimand != .atm else {
      throw SiblingError(
        .invalidOption, "abadie-imbens estimates ATT, ATC or ATE",
        help: "\(settings.estimand.rawValue) needs weighting: --method ipw.", column: "estimand")
    }
    guard settings.level > 0, settings.level < 1, settings.matches >= 1,
      settings.varianceNeighbors >= 0
    else {
      throw SiblingError(
        .invalidOption,
        "abadie-imbens needs a level between 0 and 1, one match or more, and no negative neighbours"
      )
    }
    let least = max(
      settings.matches, settings.varianceNeighbors + (settings.varianceNeighbors > 0 ? 1 : 0),
      score == nil ? 1 : max(2, settings.varianceNeighbors + 1))
    guard min(counts.treated, counts.comparison) >= least else {
      throw SiblingError(
        .tooFewObservations,
        "each group needs \(least) rows for this many matches or neighbours, but one has"
          + " \(min(counts.treated, counts.comparison))",
        help: "Ask for fewer matches, or for --variance-neighbours 0 and --score-known.")
    }
    guard let first = self.outcome.first, self.outcome.contains(where: { $0 != first }) else {
      throw SiblingError(
        .constantOutcome, "the outcome has the same value in every row used",
        help: "An effect needs an outcome that varies.", column: "outcome")
    }
    let arms = rows.map { treatment[$0] }
    let all = arms.indices.map { Int32(truncatingIfNeeded: $0) }
    groups = (all.filter { arms[Int($0)] }, all.filter { !arms[Int($0)] })
  }

  /// The nearest members of a group to every row.
  func neighbors(in group: [Int32], count: Int) -> NeighborLists {
    switch distance {
    case .score(let values): NeighborLists(score: values, group: group, count: count)
    case .coordinates(let matrix):
      NeighborLists(coordinates: matrix, group: group, count: count)
    }
  }

  /// Whether a row's missing outcome is needed.
  func isFocal(_ row: Int) -> Bool {
    switch settings.estimand {
    case .att: treatment[row]
    case .atc: !treatment[row]
    default: true
    }
  }

  /// One arm's outcomes, seen and filled in.
  struct Arm {
    /// The arm's outcome for every row; its own where it was seen.
    var filled: [Double]
    /// The weight each row was given as a match by focal rows.
    var weight: [Double]
    /// The sum of the squares of that weight's parts.
    var squares: [Double]
    /// For each focal row of the other arm the mean squared matched difference less `effect`.
    var neighbors: NeighborLists
    /// What bias adjustment predicts; zero without it.
    var predicted: [Double]
    /// Things that the reader must know.
    var notes: [String]
  }

  func arm(_ isTreated: Bool) throws(SiblingError) -> Arm {
    let group = isTreated ? groups.treated : groups.comparison
    let lists = neighbors(in: group, count: settings.matches)
    // Only rows of the other arm whose missing outcome counts make use of a match.
    let shares = treatment.indices.map { row -> Double in
      treatment[row] != isTreated && isFocal(row) ? 1 / Double(lists.count(row)) : 0
    }
    let weight = lists.gifts(shares)
    var predicted = [Double](repeating: 0, count: treatment.count)
    var notes: [String] = []
    if let adjusting, shares.contains(where: { $0 > 0 }) {
      let own = weight.indices.map { treatment[$0] == isTreated ? weight[$0] : 0 }
      let used = own.indices.filter { own[$0] > 0 }
      if let first = used.first, used.allSatisfy({ outcome[$0] == outcome[first] }) {
        predicted = predicted.map { _ in outcome[first] }
      } else {
        let fit = try LeastSquares().fit(adjusting, response: outcome, weights: own)
        predicted = adjusting.matrix.times(fit.coefficients.map { $0.isNaN ? 0 : $0 })
        notes = fit.notes
      }
    }
    let sums = lists.sums(of: zip(outcome, predicted).map { $0 - $1 })
    let filled = treatment.indices.map { row in
      treatment[row] == isTreated
        ? outcome[row] : predicted[row] + sums[row] / Double(lists.count(row))
    }
    return Arm(
      filled: filled, weight: weight, squares: lists.gifts(shares.map { $0 * $0 }),
      neighbors: lists, predicted: predicted, notes: notes)
  }
}
