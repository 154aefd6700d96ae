public import Statistics

/// Puts every unit into a matched set of one treated and comparisons, or one comparison and treated.
///
/// Among all such divisions the total distance within sets is the least possible. On a score that is
/// a minimum edge cover of points on a line, solved exactly; the certificate holds its objective
/// beside that of the dual problem, which no division can undercut.
///
/// Rosenbaum, P. R. (1991), A characterization of optimal designs for observational studies,
/// https://doi.org/10.1111/j.2517-6161.1991.tb01848.x; Hansen, B. B. (2004), Full matching in an
/// observational study of coaching for the SAT, https://doi.org/10.1198/016214504000000647.
public struct FullMatching: Sendable, Equatable {
  /// The estimand: ATT, ATC or ATE.
  public var estimand: Estimand
  /// Who is left out for lack of common support.
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
  /// Distances are resolved to 2⁻⁵⁰ of the score's range.
  /// - Throws: `invalidOption` for another estimand, `constantTreatment`, `sizeMismatch`,
  ///   `missingValue`, `badValue` for a range that overflows, `noOverlap`, `noMatches`.
  /// - Complexity: O(n).
  public func match(
    treatment: [Bool], distance: MatchingDistance, exact: Factor? = nil
  ) throws(SiblingError) -> Match {
    let plan = try StratumPlan(
      estimand, normalizesWeights,
      limit: exact == nil ? "that found a match" : "with an exact counterpart")
    let constraints = try Constraints(
      treatment: treatment, distance: distance, exact: exact, antiExact: [],
      covariateCalipers: [], matching: NearestNeighborMatching(discard: discard))
    let score = constraints.score
    let (least, most) = (score.min() ?? 0, score.max() ?? 0)
    guard (most - least).isFinite else {
      throw SiblingError(
        .badValue, "the distance's values are too far apart", help: "Rescale the distance.",
        column: "distance")
    }
    let unit = most > least ? (most - least) / 0x1p50 : 1
    var groups = [[Int32]](repeating: [], count: exact?.levels.count ?? 1)
    for row in Sorting.order(score) where !constraints.discarded[Int(row)] {
      groups[Int(exact?.codes[Int(row)] ?? 0)].append(row)
    }
    var cover = Cover(rows: treatment.count)
    for rows in groups {
      let isTreated = rows.map { treatment[Int($0)] }
      guard isTreated.contains(true), isTreated.contains(false) else { continue }
      let positions = rows.map { Int64(((score[Int($0)] - least) / unit).rounded()) }
      guard let line = LineCover(positions: positions, isTreated: isTreated) else {
        throw SiblingError(
          .internalError, "full matching found no optimal cover",
          help: "This is a fault of Sibling, not of the data: please report it.")
      }
      cover.add(line, rows: rows, isTreated: isTreated, score: score, unit: unit)
    }
    return try cover.match(constraints: constraints, plan: plan, unit: unit)
  }

  /// The stars of all strata, gathered.
  private struct Cover {
    var center: [Int32]
    var edges: [(treated: Int32, comparison: Int32)] = []
    var primal = 0.0
    var dual = 0.0

    init(rows: Int) { center = [Int32](repeating: -1, count: rows) }

    mutating func add(
      _ line: LineCover, rows: [Int32], isTreated: [Bool], score: [Double], unit: Double
    ) {
      var degree = [Int32](repeating: 0, count: rows.count)
      for edge in line.edges {
        degree[Int(edge.treated)] += 1
        degree[Int(edge.comparison)] += 1
      }
      for edge in line.edges {
        let (treated, comparison) = (rows[Int(edge.treated)], rows[Int(edge.comparison)])
        let middle = degree[Int(edge.comparison)] > 1 ? comparison : treated
        center[Int(treated)] = middle
        center[Int(comparison)] = middle
        edges.append((treated, comparison))
        primal += (score[Int(treated)] - score[Int(comparison)]).magnitude
      }
      for (point, potential) in line.potentials.enumerated() {
        dual += Double(isTreated[point] ? -potential : potential) * unit
      }
    }

    func match(
      constraints: Constraints, plan: StratumPlan, unit: Double
    ) throws(SiblingError) -> Match {
      let n = center.count
      var number = [Int32](repeating: -1, count: n)
      var strata = [Int32](repeating: -1, count: n)
      var count: Int32 = 0
      for row in 0..<n where center[row] >= 0 {
        let middle = Int(center[row])
        if number[middle] < 0 {
          number[middle] = count
          count += 1
        }
        strata[row] = number[middle]
      }
      var (apart, inexact) = (0, 0)
      let codes = edges.map { strata[Int($0.treated)] }
      var pairs: [Match.Pair] = []
      pairs.reserveCapacity(edges.count)
      for index in Sorting.order(codes: codes, levels: Int(count)) {
        let (treated, comparison) = edges[Int(index)]
        let (one, other) = (Int(treated), Int(comparison))
        if strata[one] != strata[other] { apart += 1 }
        if let exact = constraints.exact, exact.codes[one] != exact.codes[other] { inexact += 1 }
        let gap = (constraints.score[one] - constraints.score[other]).magnitude
        pairs.append(
          .init(
            treatedRow: one, comparisonRow: other, distance: gap, set: Int(codes[Int(index)]) + 1))
      }
      // A rounded distance is wrong by at most one unit; sums of doubles by their length.
      let allowed = Double(n) * (2 * unit + primal * Double.ulpOfOne)
      let isOptimal = (primal - dual).magnitude <= allowed
      var match = try Match(
        strata: strata, count: Int(count), treatment: constraints.treatment,
        discarded: constraints.discarded, plan: plan,
        checks: [
          .init(rule: "one set for each pair", bound: nil, worst: Double(apart)),
          .init(rule: "exact", bound: nil, worst: Double(inexact)),
          .init(rule: "optimal", bound: nil, worst: isOptimal ? 0 : primal - dual),
        ], pairs: pairs)
      match.certificate.objective = .init(primal: primal, dual: dual)
      return match
    }
  }
}
