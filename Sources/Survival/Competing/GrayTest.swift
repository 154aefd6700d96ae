internal import LinearAlgebra
public import Statistics

/// Gray's test that groups have one cumulative incidence of a cause, for each cause.
///
/// At each event time the exits for the cause are compared with their share of R = Y(1 − F)/S, the
/// number at risk with those who left for other causes added back, weighted by (1 − F₀(t−))^ρ with
/// F₀ the incidence of all groups under one subdistribution. A log-rank test of the cause compares
/// hazards instead; where the other causes differ between groups only this one compares the shares
/// that leave. Its variance has the corrections for ties, (d − 1)/(n − 1), of R's `cmprsk`.
/// Strata, left truncation and weights that are whole numbers of identical rows are allowed.
///
/// Gray (1988), doi:10.1214/aos/1176350951.
/// - Complexity: O(n + m g³) after the sort, for m event times and g groups, a cause.
public struct GrayTest: Sendable, Equatable {
  /// The power of 1 − F₀(t−).
  public var rho: Double

  /// A test, by default with equal weights.
  public init(rho: Double = 0) {
    self.rho = rho
  }

  /// Tests each cause that somebody left for.
  ///
  /// `causes` is coded as for `AalenJohansen`. Groups that nothing is expected of are left out of a
  /// cause's statistic, and a note says so.
  /// - Throws: `size-mismatch`, `missing-value`, `bad-value`, `bad-weight` (weights that are not
  ///   whole), `no-events`, `constant-treatment` (fewer than two groups at risk at exits for a
  ///   cause), `rank-deficient` or `invalid-option` (ρ not finite).
  public func test(
    _ times: SurvivalTimes, causes: Factor, by group: Factor, strata: Factor? = nil,
    weights: [Double]? = nil
  ) throws(SiblingError) -> GrayResult {
    guard rho.isFinite else { throw SiblingError(.invalidOption, "rho must be a finite number") }
    try Checks.factor(group, rows: times.count, "group")
    try Checks.factor(strata, rows: times.count, "stratum")
    try Checks.weights(weights, rows: times.count, allowingZero: true)
    if Checks.fractional(weights) {
      throw SiblingError(
        .badWeight, "Gray's test takes weights that count whole numbers of people",
        help: "for sampling or matching weights fit finegray with the arm as its only term",
        column: "weights")
    }
    try AalenJohansen.check(times, causes)
    var occurs = [Bool](repeating: false, count: causes.levels.count)
    for (row, code) in causes.codes.enumerated() where code >= 0 && weights?[row] != 0 {
      occurs[Int(code)] = true
    }
    let present = occurs.indices.filter { occurs[$0] }
    guard !present.isEmpty else {
      throw SiblingError(
        .noEvents, "no row ends with any cause", help: "0 or the first level is censored")
    }
    let tables = GroupExits.tables(times, causes, group, strata, weights)
    var rows: [GrayResult.Row] = []
    var notes: [String] = []
    for cause in present {
      var sums = GraySums(groups: group.levels.count)
      for table in tables { sums.add(table, cause: cause, rho: rho) }
      rows.append(try row(causes.levels[cause], group, sums, &notes))
    }
    return GrayResult(
      rows: rows, observations: times.count, strata: strata?.occupiedLevels, notes: notes)
  }

  private func row(
    _ cause: String, _ group: Factor, _ sums: GraySums, _ notes: inout [String]
  ) throws(SiblingError) -> GrayResult.Row {
    let tested = sums.expected.indices.filter { sums.expected[$0] > 0 }
    let used = group.droppingUnusedLevels().levels
    for (index, level) in group.levels.enumerated()
    where used.contains(level) && sums.expected[index] == 0 {
      notes.append(
        "group \(level) is never at risk when somebody leaves for \(cause) and is left out")
    }
    guard tested.count > 1 else {
      throw SiblingError(
        .constantTreatment, "fewer than two groups are at risk when somebody leaves for \(cause)",
        help: "Gray's test compares at least two groups")
    }
    // The scores sum to zero, so one group is left out of the quadratic form.
    let kept = Array(tested.dropLast())
    let test = ChiSquaredTest(
      kept.map { sums.score[$0] }, variance: sums.variance.selecting(both: kept))
    guard test.statistic.isFinite else {
      throw SiblingError(
        .rankDeficient, "the groups' variance is singular for \(cause): they are never compared",
        help: "merge groups, or strata in which only one group is at risk")
    }
    return GrayResult.Row(cause: cause, test: test, events: sums.events)
  }
}

/// The result of Gray's test.
public struct GrayResult: Sendable, Equatable {
  /// The test of one cause.
  public struct Row: Sendable, Equatable {
    /// The cause.
    public let cause: String
    /// Its test.
    public let test: ChiSquaredTest
    /// The exits for it, or their weight.
    public let events: Double
  }

  /// A row a cause, in the order of the levels.
  public let rows: [Row]
  /// The rows of data used.
  public let observations: Int
  /// The number of strata with rows, when there are any.
  public let strata: Int?
  /// Things the reader must know.
  public let notes: [String]
}
