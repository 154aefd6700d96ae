internal import Statistics

/// How strata become a match: whose effect, and in which words what was left out is told.
struct StratumPlan {
  var estimand: Estimand
  var normalizesWeights: Bool
  /// What units without weight lack, as in "in a stratum with both groups".
  var limit: String

  /// Refuses estimands that strata don't answer.
  ///
  /// - Throws: `invalidOption`.
  init(_ estimand: Estimand, _ normalizesWeights: Bool, limit: String) throws(SiblingError) {
    guard estimand == .att || estimand == .atc || estimand == .ate else {
      throw SiblingError(
        .invalidOption, "matching in strata estimates ATT, ATC or ATE",
        help: "The overlap populations ATO and ATM need weighting.")
    }
    self.estimand = estimand
    self.normalizesWeights = normalizesWeights
    self.limit = limit
  }
}

extension Match {
  /// Weights the units of strata so that both groups are spread over the strata like the target.
  ///
  /// `strata` has a number from zero for each row, or −1 outside. Strata that lack a group are
  /// dropped, the others numbered from one in the order of their numbers. In a stratum with n₁
  /// treated and n₀ comparisons: ATT 1 and n₁/n₀; ATC n₀/n₁ and 1; ATE 1 + n₀/n₁ and 1 + n₁/n₀.
  /// - Throws: `noMatches` when no stratum holds both groups.
  init(
    strata: [Int32], count: Int, treatment: [Bool], discarded: [Bool], plan: StratumPlan,
    checks: [MatchCertificate.Check], pairs: [Pair] = []
  ) throws(SiblingError) {
    var treatedIn = [Int](repeating: 0, count: count)
    var comparisonIn = [Int](repeating: 0, count: count)
    for (row, stratum) in strata.enumerated() where stratum >= 0 && !discarded[row] {
      if treatment[row] { treatedIn[Int(stratum)] += 1 } else { comparisonIn[Int(stratum)] += 1 }
    }
    var number = [Int32](repeating: -1, count: count)
    var kept: Int32 = 0
    for stratum in 0..<count where treatedIn[stratum] > 0 && comparisonIn[stratum] > 0 {
      kept += 1
      number[stratum] = kept
    }
    guard kept > 0 else {
      throw SiblingError(
        .noMatches, "no stratum holds both treated and comparisons",
        help: "Use fewer or coarser covariates: nobody has a counterpart in all of them.")
    }
    let n = treatment.count
    var weights = [Double](repeating: 0, count: n)
    var subclass = [Int32](repeating: -1, count: n)
    for row in 0..<n where strata[row] >= 0 && !discarded[row] {
      let stratum = Int(strata[row])
      guard number[stratum] > 0 else { continue }
      subclass[row] = number[stratum]
      let own = Double(treatment[row] ? treatedIn[stratum] : comparisonIn[stratum])
      let other = Double(treatment[row] ? comparisonIn[stratum] : treatedIn[stratum])
      switch plan.estimand {
      case .att: weights[row] = treatment[row] ? 1 : other / own
      case .atc: weights[row] = treatment[row] ? other / own : 1
      default: weights[row] = 1 + other / own
      }
    }
    if plan.normalizesWeights {
      Match.normalize(&weights, where: treatment, is: true)
      Match.normalize(&weights, where: treatment, is: false)
    }
    estimand = plan.estimand
    self.weights = weights
    self.subclass = subclass
    self.pairs = pairs
    self.discarded = discarded
    let isTarget = treatment.map {
      plan.estimand == .ate || $0 == (plan.estimand == .att)
    }
    unmatchedFocal = (0..<n).filter { isTarget[$0] && !discarded[$0] && weights[$0] == 0 }
    allowsReuse = false
    treated = Match.counts(true, weights, treatment: treatment, discarded: discarded)
    comparison = Match.counts(false, weights, treatment: treatment, discarded: discarded)
    caliper = nil
    population = plan.words(weights: weights, isTarget: isTarget, discarded: discarded)
    certificate = try MatchCertificate(
      strata: self.subclass, count: Int(kept), weights: weights, treatment: treatment,
      discarded: discarded, checks: checks, pairs: pairs.count)
  }
}

extension StratumPlan {
  /// Whom the effect is about, in words.
  func words(weights: [Double], isTarget: [Bool], discarded: [Bool]) -> String {
    let name = estimand == .att ? "treated" : estimand == .atc ? "comparisons" : "units"
    let rows = weights.indices.filter { isTarget[$0] }
    let matched = rows.count { weights[$0] > 0 }
    let head = estimand.rawValue
    guard matched < rows.count else { return "\(head) among all \(rows.count) \(name)" }
    var limits: [String] = []
    let outside = rows.count { discarded[$0] }
    if outside > 0 { limits.append("inside common support") }
    if matched + outside < rows.count { limits.append(limit) }
    return "\(head) among the \(matched) of \(rows.count) \(name) "
      + limits.joined(separator: ", ")
  }
}

extension MatchCertificate {
  /// Checks finished strata again: both groups in each, nobody discarded has weight.
  ///
  /// - Throws: `internalError` naming the rule that is broken.
  init(
    strata: [Int32], count: Int, weights: [Double], treatment: [Bool], discarded: [Bool],
    checks: [Check], pairs: Int
  ) throws(SiblingError) {
    var smallest = (treated: [Int](repeating: 0, count: count + 1), comparison: [Int]())
    smallest.comparison = smallest.treated
    var (outside, unweighted) = (0, 0)
    for (row, stratum) in strata.enumerated() {
      if (stratum > 0) != (weights[row] > 0) { unweighted += 1 }
      guard stratum > 0 else { continue }
      if discarded[row] { outside += 1 }
      if treatment[row] {
        smallest.treated[Int(stratum)] += 1
      } else {
        smallest.comparison[Int(stratum)] += 1
      }
    }
    let least = min(
      smallest.treated.dropFirst().min() ?? 0, smallest.comparison.dropFirst().min() ?? 0)
    self.pairs = pairs
    self.checks =
      [
        Check(rule: "common support", bound: nil, worst: Double(outside)),
        Check(rule: "both groups in each stratum", bound: 1, worst: Double(least)),
      ] + checks
    var broken: [String] = []
    if outside > 0 { broken.append("common support") }
    if unweighted > 0 { broken.append("weights") }
    if least < 1 { broken.append("both groups in each stratum") }
    broken += checks.filter { $0.bound == nil && $0.worst > 0 }.map(\.rule)
    guard broken.isEmpty else {
      throw SiblingError(
        .internalError, "a finished match breaks its own rules: " + broken.joined(separator: ", "),
        help: "This is a fault of Sibling, not of the data: please report it.")
    }
  }
}
