public import Statistics

/// Matches each focal unit to its k closest partners so that the total distance is least.
///
/// Focal units are the treated for ATT, the comparisons for ATC; nobody is matched twice. When not
/// all can have k matches, because units run out or rules forbid them, the number of matches comes
/// first and the total distance second: of all matches with the most pairs, one of least total
/// distance is made, so that some focal units may have fewer than k or none. With a caliper the
/// certificate also says the smallest caliper under which every focal unit would have its k matches.
/// Its objective holds the total distance beside that of the dual problem, which no other match with
/// as many pairs can undercut.
///
/// Rosenbaum, P. R. (1989), Optimal matching for observational studies,
/// https://doi.org/10.1080/01621459.1989.10478868; Hansen, B. B. and Klopfer, S. O. (2006),
/// https://doi.org/10.1198/106186006X137047.
public struct OptimalMatching: Sendable, Equatable {
  /// The estimand: ATT or ATC.
  public var estimand: Estimand
  /// Matches for each focal unit, at most.
  public var ratio: Int
  /// The caliper on the distance; coordinates take one in raw units.
  public var caliper: Caliper?
  /// Who is left out for lack of common support; coordinates define none.
  public var discard: Discard
  /// Whether the weights of the matches are scaled to a mean of one.
  public var normalizesWeights: Bool

  /// A configuration; the defaults give one-to-one matching for the ATT.
  public init(
    estimand: Estimand = .att, ratio: Int = 1, caliper: Caliper? = nil, discard: Discard = .none,
    normalizesWeights: Bool = true
  ) {
    self.estimand = estimand
    self.ratio = ratio
    self.caliper = caliper
    self.discard = discard
    self.normalizesWeights = normalizesWeights
  }

  /// Matches the rows of a study.
  ///
  /// Pairs agree on the level of `exact`, differ on every factor of `antiExact`, and keep within
  /// `caliper` and each of `covariateCalipers`. Distances are resolved to whole steps of at most
  /// 2⁻²⁵ of the greatest, 2⁻⁵⁰ in small samples.
  /// - Throws: `invalidOption` for another estimand, a ratio below 1, or a caliper or discard that
  ///   coordinates don't define; `constantTreatment`, `sizeMismatch`, `missingValue`, `badValue` for
  ///   infinite distances, `noOverlap`, `noMatches`.
  /// - Complexity: O(n log n) on a score when only strata and a caliper that binds nobody constrain
  ///   the pairs; otherwise a network simplex on the pairs that can matter.
  public func match(
    treatment: [Bool], distance: MatchingDistance, exact: Factor? = nil, antiExact: [Factor] = [],
    covariateCalipers: [CovariateCaliper] = []
  ) throws(SiblingError) -> Match {
    guard estimand == .att || estimand == .atc else {
      throw SiblingError(
        .invalidOption, "optimal pair matching estimates ATT or ATC",
        help: "For ATE use weighting, subclassification or full matching.")
    }
    guard ratio >= 1, ratio <= Int(Int32.max) else {
      throw SiblingError(
        .invalidOption, "the ratio must be at least 1",
        help: "A ratio of k gives each focal unit k matches.")
    }
    let space = try PairSpace(
      treatment: treatment, distance: distance, exact: exact, antiExact: antiExact,
      covariateCalipers: covariateCalipers, caliper: caliper, discard: discard)
    var solution = Solution(space: space, focalIsTreated: estimand == .att, each: ratio)
    for stratum in space.strata { try solution.add(stratum, wantsCaliper: caliper != nil) }
    return try Match(solution: solution, matching: self)
  }
}

extension OptimalMatching {
  /// The pairs of all strata, with the proof that they are the best.
  struct Solution {
    let space: PairSpace
    let focalIsTreated: Bool
    /// Matches for each focal unit.
    let each: Int
    private(set) var pairs: [(focal: Int32, pool: Int32)] = []
    private(set) var primal = 0.0
    private(set) var dual = 0.0
    /// The smallest caliper that would give everybody all matches; +∞ when none would.
    private(set) var smallestCaliper = 0.0

    init(space: PairSpace, focalIsTreated: Bool, each: Int) {
      self.space = space
      self.focalIsTreated = focalIsTreated
      self.each = each
    }

    /// Whether pairs are judged by distance alone, on a line.
    private var isLine: Bool {
      space.dimensions == 1 && !space.isPairwise && space.caliper.sign == .plus
    }

    /// Matches the rows of one stratum.
    ///
    /// - Throws: `internalError` when the solution is not the best.
    mutating func add(
      _ stratum: (treated: [Int32], comparison: [Int32]), wantsCaliper: Bool
    ) throws(SiblingError) {
      let focal = focalIsTreated ? stratum.treated : stratum.comparison
      let pool = focalIsTreated ? stratum.comparison : stratum.treated
      guard !focal.isEmpty else { return }
      let before = pairs.count
      if !pool.isEmpty {
        if isLine {
          if try !addLine(focal, pool) { try addSparse(focal, pool) }
        } else {
          try addSparse(focal, pool)
        }
      }
      for pair in pairs[before...] {
        primal += space.distance(Int(pair.focal), Int(pair.pool))
      }
      if wantsCaliper, space.caliper.sign == .plus, smallestCaliper < .infinity {
        lookForCaliper(focal, pool, pairs[before...])
      }
    }

    /// Matches points on a line; false, with nothing done, when the caliper forbids a pair.
    private mutating func addLine(
      _ focal: [Int32], _ pool: [Int32]
    ) throws(SiblingError) -> Bool {
      let rows = focal + pool
      let order = Sorting.order(rows.map { space.points[Int($0)] })
      let least = space.points[Int(rows[Int(order[0])])]
      let isFocal = order.map { Int($0) < focal.count }
      let ordered = order.map { rows[Int($0)] }
      let positions = ordered.map { space.scale.steps(space.points[Int($0)] - least) }
      // More than everybody in the pool is of no use.
      let most = min(each, pool.count)
      guard
        let line = LineFlow(
          positions: positions, isSupply: isFocal, supply: .init(low: most, high: most),
          demand: .init(low: 0, high: 1), penalty: space.scale.penalty)
      else { throw Self.fault }
      let found = line.edges.map {
        (focal: ordered[Int($0.supply)], pool: ordered[Int($0.demand)])
      }
      for pair in found
      where space.distance(Int(pair.focal), Int(pair.pool)) > space.caliper { return false }
      let bound = line.dual(isFocal) &- Int64(line.missing) &* space.scale.penalty
      guard bound == line.primal else { throw Self.fault }
      pairs += found
      dual += Double(bound) * space.scale.unit
      return true
    }

    private mutating func addSparse(_ focal: [Int32], _ pool: [Int32]) throws(SiblingError) {
      let most = Int32(min(each, pool.count))
      guard
        let network = SparseTransport(
          space: space, left: focal, right: pool, leftBounds: .init(low: most, high: most),
          rightBounds: .init(low: 0, high: 1))
      else { throw Self.fault }
      pairs += network.edges.map { (focal[Int($0.left)], pool[Int($0.right)]) }
      dual += Double(network.dual) * space.scale.unit
    }

    private mutating func lookForCaliper(
      _ focal: [Int32], _ pool: [Int32], _ made: ArraySlice<(focal: Int32, pool: Int32)>
    ) {
      let result: SmallestCaliper
      if isLine {
        func ascending(_ rows: [Int32]) -> [Double] {
          let values = rows.map { space.points[Int($0)] }
          return Sorting.order(values).map { values[Int($0)] }
        }
        result = SmallestCaliper(focal: ascending(focal), pool: ascending(pool), each: each)
      } else {
        var places = [Int32: Int32](minimumCapacity: focal.count + pool.count)
        for (place, row) in focal.enumerated() { places[row] = Int32(place) }
        for (place, row) in pool.enumerated() { places[row] = Int32(place) }
        result = SmallestCaliper(
          space: space.withoutCaliper, focal: focal, pool: pool, each: each,
          matched: made.map { (places[$0.focal] ?? 0, places[$0.pool] ?? 0) })
      }
      smallestCaliper = max(smallestCaliper, result.width ?? .infinity)
    }

    private static let fault = SiblingError(
      .internalError, "optimal matching found no optimum",
      help: "This is a fault of Sibling, not of the data: please report it.")
  }
}
