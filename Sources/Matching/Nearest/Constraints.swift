internal import LinearAlgebra
internal import Statistics

/// The rules that every pair must keep, in raw units, with the rows they apply to.
struct Constraints {
  /// A value on which a pair must be alike, or apart when the width is negative.
  struct Limit {
    var values: [Double]
    var width: Double
  }

  let treatment: [Bool]
  let focalIsTreated: Bool
  /// The score of each row; empty when the distance is one between coordinates.
  let score: [Double]
  /// The coordinates that rule who is paired, when they aren't the score.
  let coordinates: Matrix?
  let discarded: [Bool]
  /// The caliper on the distance in raw units; +∞ without one, negative for a lower bound.
  let caliper: Double
  /// The stratum of each row; nil when there is one.
  let exact: Factor?
  /// The level within which each row is matched first; nil without a preference.
  let prefer: Factor?
  let antiExact: [Factor]
  /// Covariates with their raw widths.
  let covariates: [(name: String, values: [Double], width: Double)]

  /// Whether there is a score.
  var hasScore: Bool { !score.isEmpty }

  /// The caliper on the distance by which units are paired; +∞ when it is on another.
  var reach: Double { hasScore && coordinates != nil ? .infinity : caliper }

  /// What a pair must keep beyond its stratum and its reach, in the order of search.
  var limits: [Limit] {
    var limits = covariates.map { Limit(values: $0.values, width: $0.width) }
    // Codes are whole, so to differ is to be more than −(−0) apart.
    for factor in antiExact {
      limits.append(Limit(values: factor.codes.map { Double($0) }, width: -0.0))
    }
    if hasScore, coordinates != nil, caliper != .infinity {
      limits.append(Limit(values: score, width: caliper))
    }
    return limits
  }

  init(
    treatment: [Bool], distance: MatchingDistance, exact: Factor?, antiExact: [Factor],
    covariateCalipers: [CovariateCaliper], matching: NearestNeighborMatching
  ) throws(SiblingError) {
    guard case .score = distance else {
      throw SiblingError(.invalidOption, "this method compares scores, not coordinates")
    }
    try self.init(
      treatment: treatment, distance: distance, pairing: nil, exact: exact, prefer: nil,
      antiExact: antiExact, covariateCalipers: covariateCalipers, matching: matching)
  }

  /// Checks and gathers the rules; with `pairing` a score rules discards and the caliper, and the
  /// pairing distance who is paired.
  init(
    treatment: [Bool], distance: MatchingDistance, pairing: MatchingDistance?, exact: Factor?,
    prefer: Factor?, antiExact: [Factor], covariateCalipers: [CovariateCaliper],
    matching: NearestNeighborMatching
  ) throws(SiblingError) {
    _ = try Inputs.groups(treatment)
    let n = treatment.count
    score = try Self.score(distance, rows: n)
    coordinates = try Self.coordinates(distance, pairing, rows: n)
    if let exact { try Inputs.complete(exact, expected: n, column: "exact") }
    if let prefer { try Inputs.complete(prefer, expected: n, column: "prefer") }
    for factor in antiExact { try Inputs.complete(factor, expected: n, column: "anti-exact") }
    if score.isEmpty { try matching.checkWithoutScore() }
    let discarded = matching.discard.flags(treatment: treatment, score: score)
    guard discarded.count == n else {
      throw SiblingError(.internalError, "discarding lost count of the rows")
    }
    var left = (treated: 0, comparison: 0)
    for row in 0..<n where !discarded[row] {
      if treatment[row] { left.treated += 1 } else { left.comparison += 1 }
    }
    guard left.treated > 0, left.comparison > 0 else {
      throw SiblingError(
        .noOverlap, "the groups' scores do not overlap: discarding leaves one group empty",
        help: "The groups differ too much on the score's covariates to be compared.")
    }
    let kept = matching.usesDeviations(covariateCalipers) ? discarded.map { !$0 } : []
    self.treatment = treatment
    self.discarded = discarded
    focalIsTreated = matching.estimand != .atc
    caliper =
      try matching.caliper?.rawWidth(of: score, kept: kept, name: "the distance") ?? .infinity
    self.exact = exact
    self.prefer = prefer
    self.antiExact = antiExact
    var covariates: [(name: String, values: [Double], width: Double)] = []
    for one in covariateCalipers {
      try Inputs.finite(one.values, expected: n, column: one.name)
      let width = try one.caliper.rawWidth(of: one.values, kept: kept, name: one.name)
      covariates.append((one.name, one.values, width))
    }
    self.covariates = covariates
  }

  /// Whether a distance keeps a caliper.
  @inline(__always)
  static func keeps(_ distance: Double, _ width: Double) -> Bool {
    width.sign == .minus ? distance > -width : distance <= width
  }
}

extension Constraints {
  private static func score(
    _ distance: MatchingDistance, rows: Int
  ) throws(SiblingError) -> [Double] {
    guard case .score(let values) = distance else { return [] }
    try Inputs.finite(values, expected: rows, column: "distance")
    return values
  }

  private static func coordinates(
    _ distance: MatchingDistance, _ pairing: MatchingDistance?, rows: Int
  ) throws(SiblingError) -> Matrix? {
    switch (distance, pairing) {
    case (.score, nil): return nil
    case (.coordinates(let matrix), nil), (.score, .coordinates(let matrix)?):
      try Inputs.coordinates(matrix, expected: rows)
      return matrix
    case (.score, .score(let values)?):
      try Inputs.finite(values, expected: rows, column: "pairing")
      let matrix = Matrix(columns: [values])
      try Inputs.coordinates(matrix, expected: rows)
      return matrix
    case (.coordinates, _?):
      throw SiblingError(
        .invalidOption, "a second distance for pairing needs a score as the first",
        help: "The score rules caliper, order and discards; coordinates alone rule the pairing.")
    }
  }

  /// The distance of two rows by which a caliper judges them.
  func distance(_ first: Int, _ second: Int) -> Double {
    guard !hasScore, let coordinates else { return (score[first] - score[second]).magnitude }
    var sum = 0.0
    for column in 0..<coordinates.columns {
      let gap = coordinates[second, column] - coordinates[first, column]
      sum += gap * gap
    }
    return sum.squareRoot()
  }
}

extension NearestNeighborMatching {
  /// Refuses what only a score can answer.
  fileprivate func checkWithoutScore() throws(SiblingError) {
    func refuse(_ what: String, _ help: String) -> SiblingError {
      SiblingError(.invalidOption, what + " needs a score, and this distance has none", help: help)
    }
    let pair = "Match on a score, or pair by covariates within a caliper on a score."
    if discard != .none { throw refuse("discarding by common support", pair) }
    if order == .largest || order == .smallest {
      throw refuse("the order by score", "The orders data, closest, farthest and random don't.")
    }
    if maximumRatio != nil { throw refuse("a variable ratio", pair) }
    if let caliper, caliper.unit == .standardDeviations {
      throw refuse(
        "a caliper in standard deviations",
        "Give the caliper in the distance's own units: it has no standard deviation.")
    }
  }

  /// Whether some caliper is in standard deviations.
  fileprivate func usesDeviations(_ calipers: [CovariateCaliper]) -> Bool {
    caliper?.unit == .standardDeviations
      || calipers.contains { $0.caliper.unit == .standardDeviations }
  }
}
