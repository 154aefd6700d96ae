public import Statistics

/// Every test of bunching at one threshold, for jobs that it pays for and for others.
///
/// Tests of lengths (exact binomial, density, excess mass, difference in bunching) look at jobs that
/// were seen to end; the hazard's jump looks at all jobs, those still going on as censored. Jobs of
/// one client count as independent, except where sites are resampled, clustered or exchanged.
public struct BunchingAudit: Sendable, Equatable {
  /// The length that is paid for, in the unit.
  public var threshold: Double
  /// The unit of lengths.
  public var unit: RoundNumbers.Unit
  /// Lengths at which records heap for reasons of their own.
  public var rounding: Rounding
  /// Thresholds that nobody pays for, in the unit; nil = whole weeks from 5 to 22 beyond the threshold.
  public var placebos: [Double]?
  /// The bandwidth of the density test, in the unit; nil = chosen by the data.
  public var bandwidth: Double?
  /// Draws of bootstraps and exchanges.
  public var draws: Int
  /// Samples drawn for each excess tried, to find the smallest that the density test detects.
  public var detectableDraws: Int
  /// The seed of all draws.
  public var seed: UInt64
  /// The confidence level.
  public var level: Double

  /// At which lengths records heap.
  public enum Rounding: String, Sendable, CaseIterable {
    /// At whole months.
    case wholeMonths = "whole-months"
    /// At multiples of four weeks.
    case fourWeeks = "weeks-4"
    /// Nowhere.
    case none
  }

  /// An audit of one threshold.
  public init(
    threshold: Double, unit: RoundNumbers.Unit = .weeks, rounding: Rounding = .wholeMonths,
    placebos: [Double]? = nil, bandwidth: Double? = nil, draws: Int = 499,
    detectableDraws: Int = 100, seed: UInt64 = 1, level: Double = 0.95
  ) {
    self.threshold = threshold
    self.unit = unit
    self.rounding = rounding
    self.placebos = placebos
    self.bandwidth = bandwidth
    self.draws = draws
    self.detectableDraws = detectableDraws
    self.seed = seed
    self.level = level
  }

  /// A bin of an arm's histogram.
  public struct Bin: Sendable, Equatable {
    /// The arm.
    public var arm: String
    /// The bin and what is expected in it.
    public var bin: BunchingEstimator.Bin
  }

  /// What was found.
  public struct Result: Sendable, Equatable {
    /// The tests: each arm's own, then one arm against the other.
    public var findings: [IncentiveFinding]
    /// The histograms of the arms, one after the other.
    public var bins: [Bin]
    /// Things that the reader must know.
    public var notes: [String]
  }

  /// A week in the unit.
  var week: Double { 7 / unit.days }

  /// The two weeks right after the threshold, where gaming would show.
  var window: Double { 2 * week }

  /// The round numbers up to a length.
  func roundNumbers(upTo limit: Double) -> RoundNumbers {
    switch rounding {
    case .wholeMonths: .wholeMonths(unit: unit, upTo: limit)
    case .fourWeeks: .weeks(4, unit: unit, upTo: limit)
    case .none: RoundNumbers()
    }
  }

  /// The thresholds that nobody pays for.
  var placeboThresholds: [Double] {
    if let placebos { return placebos }
    let weeks = threshold / week
    guard weeks + 22 >= 5 else { return [] }
    return (5...Int((weeks + 22).rounded(.down))).map { Double($0) * week }
  }

  /// Runs every test.
  ///
  /// `durations` holds each job's length, `ended` whether it was seen to end then, `arms` whose job it
  /// is: the first level's jobs are paid for at the threshold. Lengths that are not known (NaN) and
  /// rows without arm are left out; sites, where given, are the clusters.
  /// - Throws: `sizeMismatch`; `badValue` for options out of range, `badInterval` at a negative length
  ///   or one beyond a hundred years, `tooFewObservations` where no job ended on one side of the
  ///   threshold.
  public func fit(
    durations: [Double], ended: [Bool], arms: Factor, sites: Factor? = nil
  ) throws(SiblingError) -> Result {
    try check(durations, ended, arms, sites)
    var result = Result(findings: [], bins: [], notes: [])
    for (code, name) in arms.levels.enumerated() {
      let rows = durations.indices.filter {
        Int(arms.codes[$0]) == code && !durations[$0].isNaN
      }
      let over = rows.filter { ended[$0] }
      guard !rows.isEmpty else { continue }
      try ownTests(
        over.map { durations[$0] }, name, sites.map { $0.selecting(over).droppingUnusedLevels() },
        &result)
    }
    hazards(durations, ended, arms, &result)
    if arms.levels.count == 2 { compare(durations, ended, arms, sites, &result) }
    result.notes = result.notes.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    return result
  }

  private func check(
    _ durations: [Double], _ ended: [Bool], _ arms: Factor, _ sites: Factor?
  ) throws(SiblingError) {
    guard durations.count == ended.count, durations.count == arms.count,
      sites.map({ $0.count == arms.count }) ?? true
    else { throw SiblingError(.sizeMismatch, "lengths, ends, arms and sites differ in number") }
    let longest = 36_600 / unit.days
    guard threshold >= 3 * week, threshold <= longest, draws > 0, detectableDraws > 0, level > 0,
      level < 1, bandwidth.map({ $0 > 0 }) ?? true
    else {
      throw SiblingError(
        .badValue, "a threshold lies at three weeks or more, and draws and bandwidth above zero")
    }
    guard let most = placebos?.max(), let least = placebos?.min() else {
      return try checkLengths(durations, ended, arms, longest)
    }
    guard least > 0, most <= longest else {
      throw SiblingError(.badValue, "placebo thresholds lie above zero and below a hundred years")
    }
    try checkLengths(durations, ended, arms, longest)
  }

  private func checkLengths(
    _ durations: [Double], _ ended: [Bool], _ arms: Factor, _ longest: Double
  ) throws(SiblingError) {
    var (before, after) = (false, false)
    for (row, length) in durations.enumerated() where !length.isNaN && arms.codes[row] >= 0 {
      guard length >= 0, length <= longest else {
        throw SiblingError(
          .badInterval,
          length < 0 ? "a job's length is below zero" : "a job's length is beyond a hundred years",
          row: row)
      }
      guard ended[row] else { continue }
      if length < threshold { before = true } else { after = true }
    }
    guard before, after else {
      throw SiblingError(
        .tooFewObservations,
        "the threshold of \(text(threshold)) lies outside the lengths of the jobs that ended",
        help: "no job ended \(before ? "from it on" : "before it"); is the unit right?")
    }
  }

  /// A length with its unit.
  func text(_ length: Double) -> String {
    let number = length == length.rounded() ? "\(Int(length))" : "\(length)"
    return "\(number) \(unit.rawValue)"
  }
}
