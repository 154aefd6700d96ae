internal import LinearAlgebra
internal import Statistics

/// The rules of a pair and the points between which distances are measured, in raw units.
struct PairSpace {
  let treatment: [Bool]
  let discarded: [Bool]
  /// Coordinates row by row; one a row for a score.
  let points: [Double]
  let dimensions: Int
  /// The caliper on the distance in raw units; +∞ without one, negative for a lower bound.
  let caliper: Double
  let exact: Factor?
  let antiExact: [Factor]
  /// Covariates with their raw widths.
  let covariates: [(name: String, values: [Double], width: Double)]
  /// How distances become whole numbers.
  let scale: DistanceScale

  /// Checks the columns and turns calipers into raw units.
  ///
  /// - Throws: `constantTreatment`, `sizeMismatch`, `missingValue`, `badValue`, `invalidOption` for
  ///   a caliper or discard that coordinates don't define, `noOverlap`.
  init(
    treatment: [Bool], distance: MatchingDistance, exact: Factor?, antiExact: [Factor],
    covariateCalipers: [CovariateCaliper], caliper: Caliper?, discard: Discard
  ) throws(SiblingError) {
    _ = try Inputs.groups(treatment)
    let n = treatment.count
    switch distance {
    case .score(let values):
      try Inputs.finite(values, expected: n, column: "distance")
      points = values
      dimensions = 1
      discarded = discard.flags(treatment: treatment, score: values)
    case .coordinates(let matrix):
      guard discard == .none else {
        throw SiblingError(
          .invalidOption, "units are discarded by a score, and coordinates are none",
          help: "Match on a score, or leave out units before matching.")
      }
      points = try Self.rowWise(matrix, rows: n)
      dimensions = matrix.columns
      discarded = [Bool](repeating: false, count: n)
    }
    let kept = discarded.map { !$0 }
    guard zip(kept, treatment).contains(where: { $0 && $1 }),
      zip(kept, treatment).contains(where: { $0 && !$1 })
    else {
      throw SiblingError(
        .noOverlap, "the groups' scores do not overlap: discarding leaves one group empty",
        help: "The groups differ too much on the score's covariates to be compared.")
    }
    if let exact { try Inputs.complete(exact, expected: n, column: "exact") }
    for factor in antiExact { try Inputs.complete(factor, expected: n, column: "anti-exact") }
    var covariates: [(name: String, values: [Double], width: Double)] = []
    for one in covariateCalipers {
      try Inputs.finite(one.values, expected: n, column: one.name)
      let width = try one.caliper.rawWidth(of: one.values, kept: kept, name: one.name)
      covariates.append((one.name, one.values, width))
    }
    self.treatment = treatment
    self.exact = exact
    self.antiExact = antiExact
    self.covariates = covariates
    if case .coordinates = distance, let caliper, caliper.unit == .standardDeviations {
      throw SiblingError(
        .invalidOption, "a caliper in standard deviations needs a score",
        help: "Give the caliper on coordinates in raw units, or put calipers on covariates.")
    }
    self.caliper =
      try caliper?.rawWidth(of: points, kept: kept, name: "the distance") ?? .infinity
    scale = try DistanceScale(points: points, dimensions: dimensions, kept: kept)
  }

  private static func rowWise(_ matrix: Matrix, rows: Int) throws(SiblingError) -> [Double] {
    try Inputs.length(matrix.rows, expected: rows, of: "coordinates")
    guard matrix.columns > 0 else {
      throw SiblingError(.invalidOption, "a distance needs at least one coordinate")
    }
    for column in 0..<matrix.columns {
      try Inputs.finite(matrix.column(column), expected: rows, column: "distance")
    }
    var points = [Double](repeating: 0, count: rows * matrix.columns)
    for column in 0..<matrix.columns {
      for row in 0..<rows {
        points[row * matrix.columns + column] = matrix.storage[row + column * rows]
      }
    }
    return points
  }

  /// Whether some rule depends on the pair beyond its distance and stratum.
  var isPairwise: Bool { !antiExact.isEmpty || !covariates.isEmpty }

  /// The distance between two rows.
  func distance(_ one: Int, _ other: Int) -> Double {
    if dimensions == 1 { return (points[one] - points[other]).magnitude }
    var sum = 0.0
    for place in 0..<dimensions {
      let gap = points[one * dimensions + place] - points[other * dimensions + place]
      sum += gap * gap
    }
    return sum.squareRoot()
  }

  /// Whether two rows of one stratum may be paired, given their distance.
  func admits(_ one: Int, _ other: Int, _ distance: Double) -> Bool {
    Constraints.keeps(distance, caliper) && (!isPairwise || admitsCovariates(one, other))
  }

  private func admitsCovariates(_ one: Int, _ other: Int) -> Bool {
    for factor in antiExact where factor.codes[one] == factor.codes[other] { return false }
    for covariate in covariates {
      let gap = (covariate.values[one] - covariate.values[other]).magnitude
      if !Constraints.keeps(gap, covariate.width) { return false }
    }
    return true
  }

  /// The same space without the caliper on the distance.
  var withoutCaliper: PairSpace { PairSpace(self, caliper: .infinity) }

  private init(_ other: PairSpace, caliper: Double) {
    treatment = other.treatment
    discarded = other.discarded
    points = other.points
    dimensions = other.dimensions
    self.caliper = caliper
    exact = other.exact
    antiExact = other.antiExact
    covariates = other.covariates
    scale = other.scale
  }

  /// The rows that are not discarded, by stratum and treatment, in the order of the data.
  var strata: [(treated: [Int32], comparison: [Int32])] {
    let count = exact?.levels.count ?? 1
    var strata = [(treated: [Int32], comparison: [Int32])](repeating: ([], []), count: count)
    for row in treatment.indices where !discarded[row] {
      let stratum = Int(exact?.codes[row] ?? 0)
      if treatment[row] {
        strata[stratum].treated.append(Int32(row))
      } else {
        strata[stratum].comparison.append(Int32(row))
      }
    }
    return strata
  }
}

/// Distances as whole numbers, so that ties and optimality are exact.
struct DistanceScale {
  /// What one step is worth in raw units: the greatest distance has 2⁵⁰ steps, fewer with over 32 rows.
  let unit: Double
  /// More than all distances of any match together: the price of leaving a unit out.
  let penalty: Int64

  /// - Throws: `badValue` when the greatest distance overflows.
  init(points: [Double], dimensions: Int, kept: [Bool]) throws(SiblingError) {
    var squares = 0.0
    for place in 0..<dimensions {
      var (low, high) = (Double.infinity, -Double.infinity)
      for row in kept.indices where kept[row] {
        let value = points[row * dimensions + place]
        low = min(low, value)
        high = max(high, value)
      }
      squares += (high - low) * (high - low)
      if dimensions == 1 { squares = high - low }
    }
    let most = dimensions == 1 ? squares : squares.squareRoot()
    guard most.isFinite else {
      throw SiblingError(
        .badValue, "the distance's values are too far apart", help: "Rescale the distance.",
        column: "distance")
    }
    let width = Int64.bitWidth - (kept.count + 2).leadingZeroBitCount
    let bits = min(50, 56 - width)
    let step = most / Double(1 << bits)
    unit = step.isNormal ? step : 1
    penalty = Int64(kept.count + 2) << Int64(bits + 1)
  }

  /// A distance in steps.
  @inline(__always)
  func steps(_ distance: Double) -> Int64 { Int64((distance / unit).rounded()) }
}
