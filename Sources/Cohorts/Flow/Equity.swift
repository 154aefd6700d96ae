internal import LinearAlgebra
public import Statistics

/// Who gets in and who gets a job, by a profile such as sex or ethnicity.
///
/// For each group and arm the share with an event among those of whom it is known, with Wilson's
/// interval, and its difference from the rest of the arm (Newcombe's interval, Pearson's chi-squared,
/// p-values adjusted for the number of groups and arms by Holm's method). These treat clients as
/// independent. Whether the arms' difference varies across groups is tested with the sites as
/// clusters: a linear regression on arm, group and their products, and a Wald test of the products
/// (CR2, the products' smallest degrees of freedom by Satterthwaite).
public struct Equity: Sendable, Equatable {
  /// The confidence level.
  public var level: Double

  /// A comparison.
  public init(level: Double = 0.95) { self.level = level }

  /// Compares groups.
  ///
  /// - Parameters:
  ///   - value: 1 with the event, 0 without, below nought where it is not known.
  ///   - isAtRisk: whom the share is of: everybody referred, or everybody accepted.
  ///   - profile: the group of each person; −1 is its own group, `(missing)`.
  ///   - arms: the arm of each person.
  ///   - sites: the site of each person.
  /// - Returns: a row an arm and group, and the test of the arms' difference across groups.
  /// - Throws: `sizeMismatch`; `badDesign` for a profile of one group or more than 30.
  public func compare(
    _ value: [Int8], isAtRisk: [Bool], profile: Factor, arms: Factor, sites: Factor
  ) throws(SiblingError) -> EquityResult {
    for count in [isAtRisk.count, profile.count, arms.count, sites.count]
    where count != value.count {
      throw SiblingError(
        .sizeMismatch, "the event has \(value.count) people, another column \(count)")
    }
    let groups = Self.withMissing(profile)
    guard (2...30).contains(groups.levels.count) else {
      throw SiblingError(
        .badDesign,
        groups.levels.count < 2
          ? "everybody is of one group, so there is nothing to compare"
          : "a profile of \(groups.levels.count) groups is too many to compare",
        help: "choose a column of two to thirty categories, such as sex or age_band")
    }
    let (width, total) = (groups.levels.count, arms.levels.count)
    var (known, yes, people) = (
      Self.zeros(width * total), Self.zeros(width * total), Self.zeros(width * total)
    )
    for row in value.indices where isAtRisk[row] && arms.codes[row] >= 0 {
      let cell = Int(arms.codes[row]) * width + Int(groups.codes[row])
      people[cell] += 1
      guard value[row] >= 0 else { continue }
      known[cell] += 1
      yes[cell] += Int(value[row])
    }
    var rows: [EquityRow] = []
    // A column a group, the arms below one another, everybody last.
    for arm in 0...(total > 1 ? total : 0) {
      func sum(_ counts: [Int], _ group: Int) -> Int {
        arm < total
          ? counts[arm * width + group]
          : (0..<total).reduce(0) { $0 + counts[$1 * width + group] }
      }
      let own = (0..<width).map { (sum(people, $0), sum(known, $0), sum(yes, $0)) }
      guard own.contains(where: { $0.0 > 0 }) else { continue }
      for group in 0..<width {
        let share = ShareEstimate(yes: own[group].2, known: own[group].1, level: level)
        let rest = ShareEstimate(
          yes: own.reduce(0) { $0 + $1.2 } - own[group].2,
          known: own.reduce(0) { $0 + $1.1 } - own[group].1, level: level)
        rows.append(
          EquityRow(
            arm: arm < total ? arms.levels[arm] : "all", group: groups.levels[group],
            people: own[group].0, share: share, rest: rest,
            comparison: ShareComparison(share, rest, level: level)))
      }
    }
    // The total repeats the arms, so it is adjusted among its own groups only.
    for isTotal in [false, true] {
      let places = rows.indices.filter { (rows[$0].arm == "all") == isTotal }
      let adjusted = HolmAdjustment.adjusted(places.map { rows[$0].comparison.pValue })
      for (place, p) in zip(places, adjusted) { rows[place].adjusted = p }
    }
    let used = value.indices.filter {
      isAtRisk[$0] && value[$0] >= 0 && arms.codes[$0] >= 0 && sites.codes[$0] >= 0
    }
    return EquityResult(
      rows: rows,
      heterogeneity: Heterogeneity.test(
        used.map { Double(value[$0]) }, groups.selecting(used), arms.selecting(used),
        sites.selecting(used)))
  }

  private static func zeros(_ count: Int) -> [Int] { [Int](repeating: 0, count: count) }

  /// The factor with a level of its own for what is missing.
  static func withMissing(_ factor: Factor) -> Factor {
    let own = factor.droppingUnusedLevels()
    guard own.codes.contains(where: { $0 < 0 }) else { return own }
    let last = Int32(own.levels.count)
    return Factor(
      codes: own.codes.map { $0 < 0 ? last : $0 }, levels: own.levels + ["(missing)"])
  }
}

/// What a comparison by profile found.
public struct EquityResult: Sendable, Equatable {
  /// A row an arm and group; the arm `all` last.
  public var rows: [EquityRow]
  /// Whether the arms' difference varies across groups.
  public var heterogeneity: Heterogeneity
}

/// One group in one arm.
public struct EquityRow: Sendable, Equatable {
  /// The arm, and the group.
  public var arm, group: String
  /// People at risk.
  public var people: Int
  /// The share among those of whom it is known.
  public var share: ShareEstimate
  /// The same of everybody else in the arm.
  public var rest: ShareEstimate
  /// The group less the rest.
  public var comparison: ShareComparison
  /// The p-value adjusted for the number of comparisons.
  public var adjusted: Double?
}

/// The joint test that the arms' difference is the same in every group.
public struct Heterogeneity: Sendable, Equatable {
  /// The F statistic of the products of arm and group.
  public var statistic: Double?
  /// The number of products, and the denominator degrees of freedom.
  public var degreesOfFreedom, denominator: Double?
  /// The p-value.
  public var pValue: Double?
  /// Sites.
  public var sites = 0
  /// People.
  public var people = 0
  /// Why there is no test, where there is none.
  public var note: String?

  static func test(
    _ value: [Double], _ groups: Factor, _ arms: Factor, _ sites: Factor
  ) -> Heterogeneity {
    let (groups, arms) = (groups.droppingUnusedLevels(), arms.droppingUnusedLevels())
    let sites = sites.droppingUnusedLevels()
    var result = Heterogeneity(sites: sites.levels.count, people: value.count)
    guard arms.levels.count == 2, groups.levels.count > 1 else {
      result.note = "two arms and two groups with known values are needed"
      return result
    }
    let arm = arms.codes.map { Double($0) }
    var columns = [[Double](repeating: 1, count: value.count), arm]
    var (names, products) = (["(Intercept)", "arm"], [String]())
    for (level, name) in groups.levels.enumerated().dropFirst() {
      columns.append(groups.codes.map { Int($0) == level ? 1 : 0 })
      names.append(name)
    }
    for (level, name) in groups.levels.enumerated().dropFirst() {
      columns.append(groups.codes.indices.map { Int(groups.codes[$0]) == level ? arm[$0] : 0 })
      names.append("arm:\(name)")
      products.append("arm:\(name)")
    }
    do throws(SiblingError) {
      let fit = try LeastSquares().fit(
        DesignMatrix(matrix: Matrix(columns: columns), names: names), response: value)
      let kept = products.filter { !fit.dropped.contains($0) }
      guard !kept.isEmpty else {
        result.note = "no group has people of both arms"
        return result
      }
      let covariance = try fit.covariance(.cluster(.cr2, [sites]))
      let places = kept.compactMap { term in
        fit.keptColumns.firstIndex { fit.names[$0] == term }
      }
      let degrees = places.compactMap { covariance.coefficientDegreesOfFreedom?[$0] }
      let test = try WaldTest(
        terms: kept, deviations: places.map { fit.coefficients[fit.keptColumns[$0]] },
        covariance: covariance.matrix.selecting(both: places), denominator: degrees.min(),
        convention: covariance.convention)
      guard test.f.isFinite, test.fPValue.isFinite else {
        result.note = "a group of one site only leaves the joint test without a number"
        return result
      }
      result.statistic = test.f
      result.degreesOfFreedom = Double(test.degreesOfFreedom)
      result.denominator = test.denominator
      result.pValue = test.fPValue
      if kept.count < products.count {
        result.note = "groups of one arm only take no part in the test"
      }
    } catch {
      result.note = error.message
    }
    return result
  }
}
