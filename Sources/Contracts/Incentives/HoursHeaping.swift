internal import Glibc
public import Statistics

/// Whether weekly hours heap at the boundary between two prices.
///
/// Where a job of 16 hours is paid more than one of 15, records may be rounded up. People do work
/// round hours, and 16 has been a boundary of benefits too, so a heap alone says little: the heap is
/// set against the hours beside it, against other round hours and against sites without the tariff.
/// All tests are exact given the counts; several jobs of one client count as independent, except in
/// the exchange of sites.
public struct HoursHeaping: Sendable, Equatable {
  /// The hours at which the price changes.
  public var boundary: Double
  /// Other hours at which people heap for reasons of their own.
  public var roundHours: [Double]
  /// The confidence level.
  public var level: Double
  /// The draws of the exchange of sites, where not all exchanges can be tried.
  public var draws: Int
  /// The seed of these draws.
  public var seed: UInt64

  /// An audit of hours.
  public init(
    boundary: Double = 16, roundHours: [Double] = [10, 20, 24, 30], level: Double = 0.95,
    draws: Int = 9999, seed: UInt64 = 1
  ) {
    self.boundary = boundary
    self.roundHours = roundHours
    self.level = level
    self.draws = draws
    self.seed = seed
  }

  /// What an audit counted in one arm.
  public struct Arm: Sendable, Equatable {
    /// The arm.
    public var name: String
    /// Jobs with known hours, those at exactly the boundary, and those within two hours below and
    /// above it.
    public var jobs, atBoundary, below, above: Int
    /// Jobs at the other round hours, and those within two hours of them that are not at one.
    public var atRound, besideRound: Int

    /// Those beside the boundary.
    public var beside: Int { below + above }
  }

  /// What was found.
  public struct Result: Sendable, Equatable {
    /// The counts of the arms, in the order of the factor.
    public var arms: [Arm]
    /// The tests: the arms' own, then the first arm against the second.
    public var findings: [IncentiveFinding]
  }

  /// Counts and tests.
  ///
  /// `hours` holds weekly hours (NaN where not known), `arms` whose job it is; the first level is
  /// the one that the tariff pays. With `sites` the arms are also compared by exchanging sites.
  /// - Throws: `sizeMismatch`; `badValue` for a boundary below two hours, or for hours outside 0 to
  ///   168.
  public func fit(
    hours: [Double], arms: Factor, sites: Factor? = nil
  ) throws(SiblingError) -> Result {
    guard hours.count == arms.count, sites.map({ $0.count == hours.count }) ?? true else {
      throw SiblingError(.sizeMismatch, "hours, arms and sites differ in number")
    }
    guard boundary >= 2, boundary <= 166, level > 0, level < 1, draws > 0 else {
      throw SiblingError(.badValue, "a boundary of hours lies between 2 and 166")
    }
    var counted = arms.levels.map {
      Arm(
        name: $0, jobs: 0, atBoundary: 0, below: 0, above: 0, atRound: 0, besideRound: 0)
    }
    var (inside, total) = (
      [Int](repeating: 0, count: sites?.levels.count ?? 0),
      [Int](repeating: 0, count: sites?.levels.count ?? 0)
    )
    var siteArm = [Int32](repeating: -1, count: inside.count)
    var hasMixedSite = false
    for (row, value) in hours.enumerated() where arms.codes[row] >= 0 && !value.isNaN {
      guard value >= 0, value <= 168 else {
        throw SiblingError(.badValue, "weekly hours lie between 0 and 168", row: row)
      }
      let arm = Int(arms.codes[row])
      counted[arm].jobs += 1
      let isAt = value == boundary
      let isBeside = !isAt && abs(value - boundary) <= 2
      if isAt {
        counted[arm].atBoundary += 1
      } else if isBeside {
        if value < boundary { counted[arm].below += 1 } else { counted[arm].above += 1 }
      } else if roundHours.contains(value) {
        counted[arm].atRound += 1
      } else if roundHours.contains(where: { abs(value - $0) <= 2 }) {
        counted[arm].besideRound += 1
      }
      guard let sites, sites.codes[row] >= 0, isAt || isBeside else { continue }
      let site = Int(sites.codes[row])
      if siteArm[site] >= 0, siteArm[site] != arms.codes[row] { hasMixedSite = true }
      siteArm[site] = arms.codes[row]
      total[site] += 1
      if isAt { inside[site] += 1 }
    }
    var findings = counted.flatMap { $0.jobs > 0 ? own($0) : [] }
    if counted.count == 2, counted.allSatisfy({ $0.jobs > 0 }) {
      findings.append(fisher(counted[0], counted[1]))
      if sites != nil, !hasMixedSite,
        let row = exchange(counted[0], counted[1], inside, total, siteArm.map { $0 == 0 })
      {
        findings.append(row)
      }
    }
    return Result(arms: counted, findings: findings)
  }

  private var text: String {
    boundary == boundary.rounded() ? "\(Int(boundary))" : "\(boundary)"
  }

  /// The tests within one arm.
  private func own(_ arm: Arm) -> [IncentiveFinding] {
    let share = ExactInference.proportion(arm.atBoundary, of: arm.jobs, level: level)
    var rows = [
      IncentiveFinding(
        method: "hours-\(text)", term: "share at exactly \(text) hours", arm: arm.name,
        threshold: boundary, estimate: Double(arm.atBoundary) / Double(arm.jobs), interval: share,
        count: arm.jobs, inside: arm.atBoundary, outside: arm.jobs - arm.atBoundary,
        convention: "descriptive; exact interval")
    ]
    let sides = ExactShare(inside: arm.atBoundary + arm.above, outside: arm.below, level: level)
    // From the boundary to two hours above against the two hours below.
    rows.append(
      finding(
        sides, "at and above \(text) against below, two hours each", arm.name, arm.jobs,
        "exact binomial, as many expected on either side"))
    if arm.atRound + arm.besideRound > 0, arm.atBoundary + arm.beside > 0 {
      let (p, odds, interval) = odds(
        arm.atBoundary, arm.beside, arm.atRound, arm.besideRound)
      rows.append(
        IncentiveFinding(
          method: "hours-\(text)", term: "heap at \(text) against heaps at other round hours",
          arm: arm.name, threshold: boundary, estimate: odds, pValue: p, interval: interval,
          detectable: .init(
            ratio: detectableOdds(arm.atBoundary + arm.beside, arm.atRound, arm.besideRound)),
          count: arm.jobs, inside: arm.atBoundary, outside: arm.beside,
          convention: "odds ratio, Woolf's interval; Fisher's exact p"))
    }
    return rows
  }

  private func finding(
    _ share: ExactShare, _ term: String, _ arm: String, _ count: Int, _ convention: String
  ) -> IncentiveFinding {
    IncentiveFinding(
      method: "hours-\(text)", term: term, arm: arm, threshold: boundary, estimate: share.ratio,
      pValue: share.pValue, interval: share.interval,
      detectable: .init(ratio: share.detectableRatio()),
      count: count, inside: share.inside, outside: share.outside, convention: convention)
  }

  /// Two arms' heaps with jobs as independent.
  private func fisher(_ first: Arm, _ second: Arm) -> IncentiveFinding {
    let (p, odds, interval) = odds(
      first.atBoundary, first.beside, second.atBoundary, second.beside)
    return IncentiveFinding(
      method: "hours-\(text)", term: "heap at \(text) in one arm against the other",
      arm: "\(first.name) against \(second.name)", threshold: boundary, estimate: odds, pValue: p,
      interval: interval,
      detectable: .init(
        ratio: detectableOdds(
          first.atBoundary + first.beside, second.atBoundary, second.beside)),
      count: first.jobs + second.jobs, inside: first.atBoundary, outside: first.beside,
      convention: "odds ratio, Woolf's interval; Fisher's exact p, jobs independent")
  }

  private func exchange(
    _ first: Arm, _ second: Arm, _ inside: [Int], _ total: [Int], _ isFirst: [Bool]
  ) -> IncentiveFinding? {
    let exchange = SiteShareExchange(
      inside: inside, total: total, isTreated: isFirst, draws: draws, seed: seed)
    guard let found = exchange.test() else { return nil }
    let reach =
      Normal.standard.upperQuantile((1 - level) / 2) + Normal.standard.upperQuantile(0.2)
    return IncentiveFinding(
      method: "hours-\(text)", term: "difference of sites in the heap at \(text)",
      arm: "\(first.name) against \(second.name)", threshold: boundary,
      estimate: found.difference, standardError: found.deviation, pValue: found.pValue,
      detectable: found.attainable <= 1 - level
        ? .init(reach * found.deviation, .difference) : nil,
      count: first.jobs + second.jobs, inside: first.atBoundary, outside: first.beside,
      convention:
        "share of jobs within two hours; \(found.treated) and \(found.others) sites exchanged"
        + (found.isEnumerated ? " in every way" : " \(draws) times")
        + ", smallest p \(IncentiveFinding.short(found.attainable))")
  }

  /// The odds ratio of a two by two table with Fisher's p and Woolf's interval; half a count is
  /// added to every cell where one is empty (Haldane and Anscombe).
  private func odds(
    _ a: Int, _ b: Int, _ c: Int, _ d: Int
  ) -> (p: Double, odds: Double?, interval: ConfidenceInterval?) {
    let p = ExactShare.fisher(a, of: a + b, c, of: c + d)
    guard a + b > 0, c + d > 0, a + c > 0, b + d > 0 else { return (p, nil, nil) }
    let add = [a, b, c, d].contains(0) ? 0.5 : 0
    let cells = [a, b, c, d].map { Double($0) + add }
    let ratio = cells[0] * cells[3] / (cells[1] * cells[2])
    let error = cells.reduce(0) { $0 + 1 / $1 }.squareRoot()
    let reach = Normal.standard.upperQuantile((1 - level) / 2) * error
    return (
      p, ratio,
      ConfidenceInterval(low: ratio * exp(-reach), high: ratio * exp(reach), level: level)
    )
  }

  /// The odds ratio that so many jobs would show four times out of five, from the large-sample
  /// standard error of its logarithm.
  private func detectableOdds(_ jobs: Int, _ at: Int, _ beside: Int) -> Double? {
    guard jobs > 0, at > 0, beside > 0 else { return nil }
    let share = Double(at) / Double(at + beside)
    let variance =
      1 / (share * (1 - share)) * (1 / Double(jobs) + 1 / Double(at + beside))
    let reach =
      Normal.standard.upperQuantile((1 - level) / 2) + Normal.standard.upperQuantile(0.2)
    return exp(reach * variance.squareRoot())
  }
}
