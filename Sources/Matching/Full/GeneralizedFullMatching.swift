internal import LinearAlgebra
public import Statistics

/// Puts every unit into a matched set with at least one of each group, in near-linear time.
///
/// For very large samples: instead of the total distance it keeps the largest distance within a set
/// small, at most four times the least possible. Every unit points to the nearest of the other group;
/// units whose pairs don't touch become centres of sets, the closest pairs first, and the others join
/// the set of the unit they point to. The largest distance from a unit to the nearest of the other
/// group is a lower bound for every division into such sets, and no unit is farther than twice that
/// from the centre of its set.
///
/// Sävje, F., Higgins, M. J. and Sekhon, J. S. (2021), Generalized full matching,
/// https://doi.org/10.1017/pan.2020.32.
public struct GeneralizedFullMatching: Sendable, Equatable {
  /// The estimand: ATT, ATC or ATE.
  public var estimand: Estimand
  /// Who is left out for lack of common support; coordinates define none.
  public var discard: Discard
  /// Whether the non-zero weights of each group are scaled to a mean of one.
  public var normalizesWeights: Bool

  /// A configuration; the defaults are for the ATT with everybody.
  public init(
    estimand: Estimand = .att, discard: Discard = .none, normalizesWeights: Bool = true
  ) {
    self.estimand = estimand
    self.discard = discard
    self.normalizesWeights = normalizesWeights
  }

  /// Matches the rows of a study; sets agree on `exact`, whose levels that lack a group are dropped.
  ///
  /// The match has sets but no pairs. Its certificate compares the largest distance from the centre
  /// of a set with its bound, twice the largest distance to a nearest unit of the other group, and,
  /// on a score, the largest distance within a set with four times that.
  /// - Throws: `invalidOption` for another estimand or a discard that coordinates don't define,
  ///   `constantTreatment`, `sizeMismatch`, `missingValue`, `badValue` for a range that overflows,
  ///   `noOverlap`, `noMatches`.
  /// - Complexity: O(n log n) on a score and, in few dimensions, on coordinates.
  public func match(
    treatment: [Bool], distance: MatchingDistance, exact: Factor? = nil
  ) throws(SiblingError) -> Match {
    let plan = try StratumPlan(
      estimand, normalizesWeights,
      limit: exact == nil ? "that found a match" : "with an exact counterpart")
    let space = try PairSpace(
      treatment: treatment, distance: distance, exact: exact, antiExact: [],
      covariateCalipers: [], caliper: nil, discard: discard)
    var sets = NeighborhoodSets(space: space)
    for stratum in space.strata { sets.add(stratum.treated, stratum.comparison) }
    return try sets.match(plan: plan)
  }
}

/// Sets grown from pairs of nearest units that don't touch.
private struct NeighborhoodSets {
  let space: PairSpace
  /// The set of each row, from zero, and the row in the middle of each set.
  private var set: [Int32]
  private var centers: [Int32] = []
  /// The largest distance to a nearest unit of the other group.
  private var radius = 0.0

  init(space: PairSpace) {
    self.space = space
    set = [Int32](repeating: -1, count: space.treatment.count)
  }

  mutating func add(_ treated: [Int32], _ comparison: [Int32]) {
    guard !treated.isEmpty, !comparison.isEmpty else { return }
    let rows = treated + comparison
    var nearest = neighbors(of: treated, among: comparison)
    nearest += neighbors(of: comparison, among: treated)
    let distances = nearest.indices.map { space.distance(Int(rows[$0]), Int(nearest[$0])) }
    radius = max(radius, distances.max() ?? 0)
    let order = Sorting.order(distances)
    for place in order {
      let (row, other) = (Int(rows[Int(place)]), Int(nearest[Int(place)]))
      guard set[row] < 0, set[other] < 0 else { continue }
      set[row] = Int32(centers.count)
      set[other] = Int32(centers.count)
      centers.append(Int32(row))
    }
    // Whoever is left points to somebody in a set, or would have become a centre. Only those that
    // the centres hold are looked at, so that nobody is led on from unit to unit.
    let joined = order.filter { set[Int(rows[Int($0)])] < 0 }
    let joins = joined.map { set[Int(nearest[Int($0)])] }
    for (place, own) in zip(joined, joins) { set[Int(rows[Int(place)])] = own }
  }

  /// The nearest of the other group for each row; of equally near ones the first by distance and row.
  private func neighbors(of rows: [Int32], among others: [Int32]) -> [Int32] {
    space.dimensions == 1 ? lineNeighbors(rows, others) : treeNeighbors(rows, others)
  }

  private func lineNeighbors(_ rows: [Int32], _ others: [Int32]) -> [Int32] {
    let order = Sorting.order(rows.map { space.points[Int($0)] })
    let ascending = Sorting.order(others.map { space.points[Int($0)] }).map { others[Int($0)] }
    var result = [Int32](repeating: 0, count: rows.count)
    var next = 0
    for place in order {
      let point = space.points[Int(rows[Int(place)])]
      while next < ascending.count, space.points[Int(ascending[next])] < point { next += 1 }
      let above = next < ascending.count ? ascending[next] : ascending[next - 1]
      let below = next > 0 ? ascending[next - 1] : above
      let isBelow =
        (space.points[Int(below)] - point).magnitude <= (space.points[Int(above)] - point).magnitude
      result[Int(place)] = isBelow ? below : above
    }
    return result
  }

  private func treeNeighbors(_ rows: [Int32], _ others: [Int32]) -> [Int32] {
    let tree = PointTree(rows: others, points: space.points, dimensions: space.dimensions)
    let (space, q) = (space, space.dimensions)
    let ranges = Parallel.ranges(of: rows.count, size: 4096)
    let parts = Parallel.mapBlocks(ranges.count) { block in
      var found: [PointTree.Neighbor] = []
      return space.points.withUnsafeBufferPointer { points in
        rows[ranges[block]].map { row -> Int32 in
          guard let base = points.baseAddress else { return 0 }
          tree.nearest(to: base + Int(row) * q, count: 1, within: .infinity, into: &found) { _, _ in
            true
          }
          return found.first.map { others[Int($0.item)] } ?? 0
        }
      }
    }
    return parts.flatMap { $0 }
  }

  /// Weights the sets and checks the promised bounds.
  ///
  /// - Throws: `noMatches`, `internalError`.
  func match(plan: StratumPlan) throws(SiblingError) -> Match {
    var farthest = 0.0
    var inexact = 0
    var (low, high) = (
      [Double](repeating: .infinity, count: centers.count),
      [Double](repeating: -.infinity, count: centers.count)
    )
    for (row, own) in set.enumerated() where own >= 0 {
      let center = Int(centers[Int(own)])
      farthest = max(farthest, space.distance(row, center))
      if let exact = space.exact, exact.codes[row] != exact.codes[center] { inexact += 1 }
      low[Int(own)] = min(low[Int(own)], space.points[row * space.dimensions])
      high[Int(own)] = max(high[Int(own)], space.points[row * space.dimensions])
    }
    var checks = [
      MatchCertificate.Check(
        rule: "distance from the centre of a set", bound: 2 * radius, worst: farthest)
    ]
    var isWithin = farthest <= 2 * radius * (1 + 0x1p-40)
    if space.dimensions == 1 {
      let widest = zip(high, low).reduce(0) { max($0, $1.0 - $1.1) }
      checks.append(.init(rule: "distance within a set", bound: 4 * radius, worst: widest))
      isWithin = isWithin && widest <= 4 * radius * (1 + 0x1p-40)
    }
    guard isWithin else { throw MatchCertificate.broken(["distance within a set"]) }
    if space.exact != nil {
      checks.append(.init(rule: "exact", bound: nil, worst: Double(inexact)))
    }
    return try Match(
      strata: set, count: centers.count, treatment: space.treatment,
      discarded: space.discarded, plan: plan, checks: checks)
  }
}
