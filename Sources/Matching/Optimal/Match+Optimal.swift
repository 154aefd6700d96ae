internal import Statistics

extension Match {
  /// Turns optimal pairs into sets, weights and counts, and checks every rule again.
  ///
  /// `limit` says in words what the unmatched lack.
  /// - Throws: `noMatches` when no pair was made, `internalError` when a pair breaks a rule.
  init(
    solution: OptimalMatching.Solution, matching: OptimalMatching,
    limit: String = "that found a match"
  ) throws(SiblingError) {
    let space = solution.space
    guard !solution.pairs.isEmpty else {
      throw SiblingError(
        .noMatches, "no focal unit found a match",
        help: "Widen the caliper, or loosen exact constraints: nobody keeps them all.")
    }
    let n = space.treatment.count
    var made = [Int32](repeating: 0, count: n)
    for pair in solution.pairs { made[Int(pair.focal)] += 1 }
    var subclass = [Int32](repeating: -1, count: n)
    var weights = [Double](repeating: 0, count: n)
    var unmatched: [Int] = []
    var sets: Int32 = 0
    for row in 0..<n where space.treatment[row] == solution.focalIsTreated {
      if made[row] > 0 {
        sets += 1
        subclass[row] = sets
        weights[row] = 1
      } else if !space.discarded[row] {
        unmatched.append(row)
      }
    }
    var pairs: [Pair] = []
    pairs.reserveCapacity(solution.pairs.count)
    let codes = solution.pairs.map { subclass[Int($0.focal)] - 1 }
    for index in Sorting.order(codes: codes, levels: Int(sets)) {
      let (focal, pool) = solution.pairs[Int(index)]
      subclass[Int(pool)] = subclass[Int(focal)]
      weights[Int(pool)] += 1 / Double(made[Int(focal)])
      pairs.append(
        Pair(
          treatedRow: Int(solution.focalIsTreated ? focal : pool),
          comparisonRow: Int(solution.focalIsTreated ? pool : focal),
          distance: space.distance(Int(focal), Int(pool)), set: Int(subclass[Int(focal)])))
    }
    if solution.each > 1 {
      // Within a set the closest comes first.
      pairs.sort {
        ($0.set, $0.distance, $0.treatedRow, $0.comparisonRow)
          < ($1.set, $1.distance, $1.treatedRow, $1.comparisonRow)
      }
    }
    if matching.normalizesWeights {
      Match.normalize(&weights, where: space.treatment, is: !solution.focalIsTreated)
    }
    estimand = matching.estimand
    self.weights = weights
    self.subclass = subclass
    self.pairs = pairs
    discarded = space.discarded
    unmatchedFocal = unmatched
    allowsReuse = false
    treated = Match.counts(
      true, weights, treatment: space.treatment, discarded: space.discarded)
    comparison = Match.counts(
      false, weights, treatment: space.treatment, discarded: space.discarded)
    caliper = matching.caliper == nil ? nil : space.caliper
    population = solution.words(matching.estimand, matched: Int(sets), limit: limit)
    certificate = try MatchCertificate(pairs: pairs, solution: solution)
    if let caliper, caliper.sign == .plus {
      certificate.smallestCaliper = solution.smallestCaliper
    }
  }
}

extension OptimalMatching.Solution {
  /// Whom the effect is about: the whole focal group, or the part of it that was matched.
  fileprivate func words(_ estimand: Estimand, matched: Int, limit: String) -> String {
    let name = focalIsTreated ? "treated" : "comparisons"
    let rows = space.treatment.indices.filter { space.treatment[$0] == focalIsTreated }
    let head = estimand.rawValue
    guard matched < rows.count else { return "\(head) among all \(rows.count) \(name)" }
    var limits: [String] = []
    let outside = rows.count { space.discarded[$0] }
    if outside > 0 { limits.append("inside common support") }
    if matched + outside < rows.count { limits.append(limit) }
    return "\(head) among the \(matched) of \(rows.count) \(name) "
      + limits.joined(separator: ", ")
  }
}

extension MatchCertificate {
  /// Checks every pair against every rule again, and the total distance against its bound.
  ///
  /// - Throws: `internalError` naming the rule that is broken.
  fileprivate init(
    pairs: [Match.Pair], solution: OptimalMatching.Solution
  ) throws(SiblingError) {
    let space = solution.space
    var uses = [Int](repeating: 0, count: space.treatment.count)
    for pair in pairs {
      uses[pair.treatedRow] += 1
      uses[pair.comparisonRow] += 1
    }
    var (focal, pool) = (0, 0)
    for row in uses.indices {
      if space.treatment[row] == solution.focalIsTreated {
        focal = max(focal, uses[row])
      } else {
        pool = max(pool, uses[row])
      }
    }
    self.pairs = pairs.count
    checks = try Self.checks(pairs, space: space)
    checks.append(Check(rule: "ratio", bound: Double(solution.each), worst: Double(focal)))
    checks.append(Check(rule: "reuse", bound: 1, worst: Double(pool)))
    guard focal <= solution.each, pool <= 1 else { throw Self.broken(["ratio"]) }
    let objective = Objective(primal: solution.primal, dual: solution.dual)
    checks.append(try Self.optimality(objective, pairs: pairs.count, space: space))
    self.objective = objective
  }

  /// Compares a total distance with its bound.
  ///
  /// - Throws: `internalError` when they differ by more than rounding explains.
  static func optimality(
    _ objective: Objective, pairs: Int, space: PairSpace
  ) throws(SiblingError) -> Check {
    // A rounded distance is wrong by at most half a step; sums of doubles by their length.
    let allowed =
      Double(pairs + 1) * (space.scale.unit + objective.primal.magnitude * Double.ulpOfOne)
    guard objective.gap.magnitude <= allowed else { throw broken(["optimal"]) }
    return Check(rule: "optimal", bound: nil, worst: 0)
  }

  /// The rules of each pair, checked from the columns and not from the search.
  ///
  /// - Throws: `internalError` naming the rules that are broken.
  static func checks(
    _ pairs: [Match.Pair], space: PairSpace
  ) throws(SiblingError) -> [Check] {
    var (nearest, farthest) = (Double.infinity, 0.0)
    var (wrongGroups, outside, inexact, same) = (0, 0, 0, 0)
    for pair in pairs {
      let (treated, comparison) = (pair.treatedRow, pair.comparisonRow)
      if !space.treatment[treated] || space.treatment[comparison] { wrongGroups += 1 }
      if space.discarded[treated] || space.discarded[comparison] { outside += 1 }
      let gap = space.distance(treated, comparison)
      nearest = min(nearest, gap)
      farthest = max(farthest, gap)
      if let exact = space.exact, exact.codes[treated] != exact.codes[comparison] { inexact += 1 }
      for factor in space.antiExact where factor.codes[treated] == factor.codes[comparison] {
        same += 1
      }
    }
    var checks = [Check(rule: "common support", bound: nil, worst: Double(outside))]
    var broken: [String] = []
    if wrongGroups > 0 { broken.append("treatment") }
    if outside > 0 { broken.append("common support") }
    if space.caliper != .infinity {
      let worst = space.caliper.sign == .minus ? nearest : farthest
      checks.append(Check(rule: "caliper", bound: space.caliper, worst: worst))
      if !Constraints.keeps(worst, space.caliper) { broken.append("caliper") }
    }
    for one in space.covariates {
      let gaps = pairs.map {
        (one.values[$0.treatedRow] - one.values[$0.comparisonRow]).magnitude
      }
      let worst = (one.width.sign == .minus ? gaps.min() : gaps.max()) ?? 0
      checks.append(Check(rule: one.name, bound: one.width, worst: worst))
      if !Constraints.keeps(worst, one.width) { broken.append("caliper on \(one.name)") }
    }
    if space.exact != nil {
      checks.append(Check(rule: "exact", bound: nil, worst: Double(inexact)))
      if inexact > 0 { broken.append("exact") }
    }
    if !space.antiExact.isEmpty {
      checks.append(Check(rule: "anti-exact", bound: nil, worst: Double(same)))
      if same > 0 { broken.append("anti-exact") }
    }
    guard broken.isEmpty else { throw Self.broken(broken) }
    return checks
  }

  static func broken(_ rules: [String]) -> SiblingError {
    SiblingError(
      .internalError, "a finished match breaks its own rules: " + rules.joined(separator: ", "),
      help: "This is a fault of Sibling, not of the data: please report it.")
  }
}
