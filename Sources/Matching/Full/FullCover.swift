internal import Statistics

/// The matched sets of all strata, gathered: stars with one unit of a group in the middle.
struct FullCover {
  let space: PairSpace
  let sizes: SetSizes
  private var center: [Int32]
  /// How many partners each row has.
  private var degree: [Int32]
  private var edges: [Edge] = []
  private var primal = 0.0
  private var dual = 0.0

  init(space: PairSpace, sizes: SetSizes) {
    self.space = space
    self.sizes = sizes
    center = [Int32](repeating: -1, count: space.treatment.count)
    degree = [Int32](repeating: 0, count: space.treatment.count)
  }

  private static let fault = SiblingError(
    .internalError, "full matching found no optimal cover",
    help: "This is a fault of Sibling, not of the data: please report it.")

  /// Covers the rows of one stratum.
  ///
  /// - Throws: `badDesign` when pairs that the rules allow can't make sets of the sizes asked for.
  mutating func add(_ treated: [Int32], _ comparison: [Int32]) throws(SiblingError) {
    if space.dimensions == 1, !space.isPairwise, space.caliper == .infinity {
      try addLine(treated, comparison)
    } else {
      try addNetwork(treated, comparison)
    }
  }

  private mutating func addLine(
    _ treated: [Int32], _ comparison: [Int32]
  ) throws(SiblingError) {
    let rows = treated + comparison
    let order = Sorting.order(rows.map { space.points[Int($0)] })
    let isTreated = order.map { Int($0) < treated.count }
    let ordered = order.map { rows[Int($0)] }
    let (least, most) = (space.points[Int(ordered[0])], space.points[Int(ordered[rows.count - 1])])
    if sizes.isFree {
      let unit = most > least ? (most - least) / 0x1p50 : 1
      let positions = ordered.map { Int64(((space.points[Int($0)] - least) / unit).rounded()) }
      guard let line = LineCover(positions: positions, isTreated: isTreated) else {
        throw Self.fault
      }
      for (point, potential) in line.potentials.enumerated() {
        dual += Double(isTreated[point] ? -potential : potential) * unit
      }
      add(line.edges.map { (ordered[Int($0.treated)], ordered[Int($0.comparison)]) })
      return
    }
    let positions = ordered.map { space.scale.steps(space.points[Int($0)] - least) }
    guard
      let line = LineFlow(
        positions: positions, isSupply: isTreated,
        supply: .init(low: sizes.treated.low, high: min(sizes.treated.high, comparison.count)),
        demand: .init(low: sizes.comparison.low, high: min(sizes.comparison.high, treated.count)),
        penalty: space.scale.penalty),
      line.missing == 0, line.primal == line.dual(isTreated)
    else { throw Self.fault }
    dual += Double(line.primal) * space.scale.unit
    add(line.edges.map { (ordered[Int($0.supply)], ordered[Int($0.demand)]) })
  }

  private mutating func addNetwork(
    _ treated: [Int32], _ comparison: [Int32]
  ) throws(SiblingError) {
    guard let network = network(sizes, treated, comparison) else { throw Self.fault }
    guard network.missing == (0, 0) else { throw try refusal(treated, comparison) }
    dual += Double(network.dual) * space.scale.unit
    add(network.edges.map { (treated[Int($0.left)], comparison[Int($0.right)]) })
  }

  private func network(
    _ sizes: SetSizes, _ treated: [Int32], _ comparison: [Int32]
  ) -> SparseTransport? {
    func bounds(_ size: (low: Int, high: Int), most: Int) -> SparseTransport.Bounds {
      .init(low: Int32(size.low), high: Int32(max(size.low, min(size.high, most))))
    }
    return SparseTransport(
      space: space, left: treated, right: comparison,
      leftBounds: bounds(sizes.treated, most: comparison.count),
      rightBounds: bounds(sizes.comparison, most: treated.count))
  }

  /// Says which sizes would do: those of the best sets of any size.
  private func refusal(
    _ treated: [Int32], _ comparison: [Int32]
  ) throws(SiblingError) -> SiblingError {
    let free = try SetSizes(minimum: nil, maximum: nil, rows: space.treatment.count)
    guard let network = network(free, treated, comparison) else { throw Self.fault }
    var counts = [Int32](repeating: 0, count: space.treatment.count)
    _ = Self.stars(
      network.edges.map { (treated[Int($0.left)], comparison[Int($0.right)]) }, degree: &counts)
    let most = treated.map { counts[Int($0)] }.max() ?? 1
    let least = comparison.map { counts[Int($0)] }.max() ?? 1
    return SiblingError(
      .badDesign,
      "the pairs that the calipers and constraints allow can't make sets of these sizes",
      help: "Sets that have partners enough hold up to \(most) comparisons with a treated unit and"
        + " \(least) treated with a comparison: a minimum of \(SetSizes.text(1 / Double(least)))"
        + " and a maximum of \(most) will do here.",
      column: "ratio")
  }

  private typealias Edge = (treated: Int32, comparison: Int32)

  /// Drops pairs that neither unit needs, so that every set is a star; counts the partners left.
  private static func stars(_ drawn: [Edge], degree: inout [Int32]) -> [Edge] {
    for edge in drawn {
      degree[Int(edge.treated)] += 1
      degree[Int(edge.comparison)] += 1
    }
    return drawn.filter { edge in
      let (one, other) = (Int(edge.treated), Int(edge.comparison))
      guard degree[one] > 1, degree[other] > 1 else { return true }
      degree[one] -= 1
      degree[other] -= 1
      return false
    }
  }

  /// Takes the pairs of a stratum.
  private mutating func add(_ drawn: [Edge]) {
    for edge in Self.stars(drawn, degree: &degree) {
      let (treated, comparison) = (Int(edge.treated), Int(edge.comparison))
      let middle = degree[comparison] > 1 ? edge.comparison : edge.treated
      center[treated] = middle
      center[comparison] = middle
      edges.append(edge)
      primal += space.distance(treated, comparison)
    }
  }

  /// Numbers the sets and checks every rule again.
  ///
  /// - Throws: `noMatches`, `internalError`.
  func match(plan: StratumPlan) throws(SiblingError) -> Match {
    let n = center.count
    var number = [Int32](repeating: -1, count: n)
    var strata = number
    var count: Int32 = 0
    for row in 0..<n where center[row] >= 0 {
      let middle = Int(center[row])
      if number[middle] < 0 {
        number[middle] = count
        count += 1
      }
      strata[row] = number[middle]
    }
    let codes = edges.map { strata[Int($0.treated)] }
    var apart = 0
    var pairs: [Match.Pair] = []
    pairs.reserveCapacity(edges.count)
    for index in Sorting.order(codes: codes, levels: Int(count)) {
      let (one, other) = (Int(edges[Int(index)].treated), Int(edges[Int(index)].comparison))
      if strata[one] != strata[other] { apart += 1 }
      pairs.append(
        .init(
          treatedRow: one, comparisonRow: other, distance: space.distance(one, other),
          set: Int(codes[Int(index)]) + 1))
    }
    var checks = [
      MatchCertificate.Check(rule: "one set for each pair", bound: nil, worst: Double(apart))
    ]
    // Common support stands in the strata's own checks.
    checks += try MatchCertificate.checks(pairs, space: space).dropFirst()
    if !sizes.isFree {
      checks.append(.init(rule: "set sizes", bound: nil, worst: Double(wrongSizes)))
    }
    let objective = MatchCertificate.Objective(primal: primal, dual: dual)
    checks.append(
      try MatchCertificate.optimality(objective, pairs: pairs.count, space: space))
    var match = try Match(
      strata: strata, count: Int(count), treatment: space.treatment, discarded: space.discarded,
      plan: plan, checks: checks, pairs: pairs)
    match.caliper = space.caliper == .infinity ? nil : space.caliper
    match.certificate.objective = objective
    return match
  }

  /// Units of sets that are larger or smaller than asked for.
  private var wrongSizes: Int {
    degree.indices.count { row in
      guard center[row] >= 0 else { return false }
      let size = space.treatment[row] ? sizes.treated : sizes.comparison
      return degree[row] < Int32(size.low) || degree[row] > Int32(size.high)
    }
  }
}
