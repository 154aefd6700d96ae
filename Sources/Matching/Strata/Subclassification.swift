public import Statistics

/// Divides units into subclasses of similar score, so that groups are compared within each.
///
/// Boundaries are the type-7 quantiles of the score in the focal group (the treated for ATT, the
/// comparisons for ATC, everybody for ATE), each subclass closed on the left. A subclass that lacks
/// a group takes the nearest units by rank from its neighbours, so that each holds at least one of
/// both.
///
/// Rosenbaum, P. R. and Rubin, D. B. (1984), Reducing bias in observational studies using
/// subclassification on the propensity score, https://doi.org/10.1080/01621459.1984.10478078.
public struct Subclassification: Sendable, Equatable {
  /// The estimand: ATT, ATC or ATE.
  public var estimand: Estimand
  /// How many subclasses.
  public var subclasses: Int
  /// Who is left out for lack of common support.
  public var discard: Discard
  /// Whether the non-zero weights of each group are scaled to a mean of one.
  public var normalizesWeights: Bool

  /// A subclassification; the defaults give six subclasses for the ATT.
  public init(
    estimand: Estimand = .att, subclasses: Int = 6, discard: Discard = .none,
    normalizesWeights: Bool = true
  ) {
    self.estimand = estimand
    self.subclasses = subclasses
    self.discard = discard
    self.normalizesWeights = normalizesWeights
  }

  /// Divides the rows of a study by their score.
  ///
  /// - Throws: `invalidOption` for another estimand or a number of subclasses that the groups can't
  ///   fill, `constantTreatment`, `sizeMismatch`, `missingValue`, `noOverlap`.
  /// - Complexity: O(n log n).
  public func match(
    treatment: [Bool], distance: MatchingDistance
  ) throws(SiblingError) -> Match {
    let plan = try StratumPlan(estimand, normalizesWeights, limit: "in a subclass")
    let settings = NearestNeighborMatching(discard: discard)
    let constraints = try Constraints(
      treatment: treatment, distance: distance, exact: nil, antiExact: [], covariateCalipers: [],
      matching: settings)
    let score = constraints.score
    let discarded = constraints.discarded
    let order = Sorting.order(score).filter { !discarded[Int($0)] }
    let treated = order.filter { treatment[Int($0)] }
    let comparison = order.filter { !treatment[Int($0)] }
    let most = min(treated.count, comparison.count)
    guard subclasses >= 1, subclasses <= most else {
      throw SiblingError(
        .invalidOption, "\(subclasses) subclasses can't each hold a unit of both groups",
        help: "The smaller group has \(most) units: ask for 1 to \(most) subclasses.",
        column: "subclasses")
    }
    let focal = estimand == .att ? treated : estimand == .atc ? comparison : order
    let focalScores = focal.map { score[Int($0)] }
    let breaks = (1..<max(1, subclasses)).map { index in
      Quantile.type7(Double(index) / Double(subclasses), of: focalScores)
    }
    var codes = [Int32](repeating: -1, count: treatment.count)
    for group in [treated, comparison] {
      var code = 0
      var own = group.map { row -> Int in
        while code < breaks.count, breaks[code] <= score[Int(row)] { code += 1 }
        return code
      }
      Self.fill(&own, subclasses: subclasses)
      for (place, row) in group.enumerated() { codes[Int(row)] = Int32(own[place]) }
    }
    let crossing = [treated, comparison].reduce(0) { sum, group in
      sum + zip(group, group.dropFirst()).count { codes[Int($0)] > codes[Int($1)] }
    }
    var match = try Match(
      strata: codes, count: subclasses, treatment: treatment, discarded: discarded, plan: plan,
      checks: [.init(rule: "order of scores", bound: nil, worst: Double(crossing))])
    match.isStratified = true
    return match
  }

  /// Moves as few units as need be so that no subclass is empty.
  ///
  /// `codes` ascends with the score. For each empty subclass, the lowest first, the nearest
  /// subclass with a unit to spare (the lower of two) gives one, and each in between passes one on.
  static func fill(_ codes: inout [Int], subclasses: Int) {
    var counts = [Int](repeating: 0, count: subclasses)
    for code in codes { counts[code] += 1 }
    for empty in 0..<subclasses where counts[empty] == 0 {
      let spare = (1..<max(2, subclasses)).lazy.flatMap { [empty - $0, empty + $0] }.first {
        counts.indices.contains($0) && counts[$0] > 1
      }
      guard let spare else { return }
      counts[spare] -= 1
      counts[empty] += 1
    }
    // Within a group codes ascend with rank, so the counts say everything.
    var place = 0
    for (code, count) in counts.enumerated() {
      for _ in 0..<count {
        codes[place] = code
        place += 1
      }
    }
  }
}

/// Sample quantiles.
enum Quantile {
  /// The type-7 quantile of ascending values: linear between order statistics, R's default.
  static func type7(_ probability: Double, of sorted: [Double]) -> Double {
    guard let last = sorted.last else { return .nan }
    let place = probability * Double(sorted.count - 1)
    let low = Int(place + 4 * Double.ulpOfOne)
    guard low + 1 < sorted.count else { return last }
    let share = max(0, place - Double(low))
    return sorted[low] + share * (sorted[low + 1] - sorted[low])
  }
}
