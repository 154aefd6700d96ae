internal import Statistics

extension Match {
  /// Turns a finished search into sets, weights and counts, and checks every rule again.
  ///
  /// - Throws: `noMatches` when no pair was made, `internalError` when a pair breaks a rule.
  init(
    search: NearestSearch, constraints: Constraints, plan: NearestNeighborMatching.Plan
  ) throws(SiblingError) {
    guard !search.pairFocal.isEmpty else {
      throw SiblingError(
        .noMatches, "no focal unit found a match",
        help: "Widen the caliper, or loosen exact constraints: nobody keeps them all.")
    }
    let n = constraints.treatment.count
    let focalCount = search.focalRows.count
    var matches = [Int32](repeating: 0, count: focalCount)
    for focal in search.pairFocal { matches[Int(focal)] += 1 }
    var setOf = [Int32](repeating: -1, count: focalCount)
    var sets: Int32 = 0
    var unmatched: [Int] = []
    for focal in 0..<focalCount {
      if matches[focal] > 0 {
        sets += 1
        setOf[focal] = sets
      } else {
        unmatched.append(Int(search.focalRows[focal]))
      }
    }

    var weights = [Double](repeating: 0, count: n)
    var subclass = [Int32](repeating: -1, count: n)
    for focal in 0..<focalCount where matches[focal] > 0 {
      weights[Int(search.focalRows[focal])] = 1
      subclass[Int(search.focalRows[focal])] = setOf[focal]
    }
    var pairs: [Pair] = []
    pairs.reserveCapacity(search.pairFocal.count)
    for index in Sorting.order(codes: search.pairFocal, levels: focalCount) {
      let focal = Int(search.pairFocal[Int(index)])
      let focalRow = Int(search.focalRows[focal])
      let row = Int(search.pairRow[Int(index)])
      weights[row] += 1 / Double(matches[focal])
      subclass[row] = setOf[focal]
      pairs.append(
        Pair(
          treatedRow: constraints.focalIsTreated ? focalRow : row,
          comparisonRow: constraints.focalIsTreated ? row : focalRow,
          distance: search.pairDistance[Int(index)], set: Int(setOf[focal])))
    }
    let reuse = plan.reuseLimit != 1
    if reuse { subclass = [Int32](repeating: -1, count: n) }
    if plan.normalizesWeights {
      Match.normalize(&weights, where: constraints.treatment, is: !constraints.focalIsTreated)
    }

    self.estimand = plan.estimand
    self.weights = weights
    self.subclass = subclass
    self.pairs = pairs
    discarded = constraints.discarded
    unmatchedFocal = unmatched
    allowsReuse = reuse
    treated = Match.counts(
      true, weights, treatment: constraints.treatment, discarded: constraints.discarded)
    comparison = Match.counts(
      false, weights, treatment: constraints.treatment, discarded: constraints.discarded)
    caliper = plan.hasCaliper ? constraints.caliper : nil
    population = Match.words(plan, constraints, matched: Int(sets))
    certificate = try MatchCertificate(
      pairs: pairs, constraints: constraints, reuseLimit: plan.reuseLimit)
  }

  /// Scales the non-zero weights of a group to a mean of one.
  static func normalize(_ weights: inout [Double], where group: [Bool], is value: Bool) {
    var (count, sum) = (0.0, 0.0)
    for row in weights.indices where group[row] == value && weights[row] > 0 {
      count += 1
      sum += weights[row]
    }
    guard sum > 0, sum != count else { return }
    for row in weights.indices where group[row] == value { weights[row] *= count / sum }
  }

  static func counts(
    _ group: Bool, _ weights: [Double], treatment: [Bool], discarded: [Bool]
  ) -> GroupCounts {
    var counts = GroupCounts(
      all: 0, matched: 0, unmatched: 0, discarded: 0, effectiveSampleSize: 0)
    for row in weights.indices where treatment[row] == group {
      counts.all += 1
      if weights[row] > 0 {
        counts.matched += 1
      } else if discarded[row] {
        counts.discarded += 1
      } else {
        counts.unmatched += 1
      }
    }
    counts.effectiveSampleSize =
      Matching.effectiveSampleSize(weights, where: treatment, is: group)
    return counts
  }

  /// Whom the effect is about: the whole focal group, or the part of it that was matched.
  private static func words(
    _ plan: NearestNeighborMatching.Plan, _ constraints: Constraints, matched: Int
  ) -> String {
    let name = constraints.focalIsTreated ? "treated" : "comparisons"
    let all = constraints.treatment.reduce(0) {
      $0 + ($1 == constraints.focalIsTreated ? 1 : 0)
    }
    let head = plan.estimand.rawValue
    guard matched < all else { return "\(head) among all \(all) \(name)" }
    var limits: [String] = []
    if zip(constraints.discarded, constraints.treatment).contains(where: {
      $0 && $1 == constraints.focalIsTreated
    }) {
      limits.append("inside common support")
    }
    if constraints.exact != nil { limits.append("with an exact counterpart") }
    if plan.hasCaliper || !constraints.covariates.isEmpty { limits.append("within the caliper") }
    if limits.isEmpty || !constraints.antiExact.isEmpty { limits.append("that found a match") }
    return "\(head) among the \(matched) of \(all) \(name) " + limits.joined(separator: ", ")
  }
}
