public import Statistics

/// Whether jobs bunch at a threshold more where it is paid for than where it is not.
///
/// A job's score is whether it ended in the window from the threshold on, less what a line through the
/// durations around it would have it; the mean score of the jobs that ended within reach is the excess
/// share. Heaps at round numbers are in both arms and cancel in the difference, as far as both record
/// durations alike. The same difference is taken at placebo thresholds that nobody pays for.
///
/// Kleven (2016), doi:10.1146/annurev-economics-080315-015234; for the standard error Bell & McCaffrey
/// (2002) and Pustejovsky & Tipton (2018), doi:10.1080/07350015.2016.1247004.
public struct DifferenceInBunching: Sendable, Equatable {
  /// The threshold.
  public var threshold: Double
  /// The width of the window from the threshold on, in the durations' unit.
  public var width: Double
  /// How far on either side durations are looked at.
  public var reach: Double
  /// Thresholds that nobody pays for; those whose window overlaps the threshold's reach of suspicion, one
  /// width on either side, are left out.
  public var placebos: [Double]
  /// Exchanges of sites between arms.
  public var draws: Int
  /// The seed of the exchanges.
  public var seed: UInt64
  /// The confidence level.
  public var level: Double

  /// A comparison; by default one unit wide, eight on either side.
  public init(
    threshold: Double, width: Double = 1, reach: Double = 8, placebos: [Double] = [],
    draws: Int = 1999, seed: UInt64 = 1, level: Double = 0.95
  ) {
    self.threshold = threshold
    self.width = width
    self.reach = reach
    self.placebos = placebos
    self.draws = draws
    self.seed = seed
    self.level = level
  }

  /// The excess share of one arm at one threshold.
  public struct Arm: Sendable, Equatable {
    /// Jobs that ended within reach.
    public var jobs: Int
    /// Jobs that ended in the window.
    public var inside: Int
    /// Sites with such jobs; nil without sites.
    public var sites: Int?
    /// The excess share, with its own standard error.
    public var excess: Estimate
  }

  /// One threshold.
  public struct Comparison: Sendable, Equatable {
    /// The threshold.
    public var threshold: Double
    /// Where the threshold is paid for.
    public var treated: Arm
    /// Where it is not.
    public var comparison: Arm
    /// The difference in excess shares.
    public var difference: Estimate
  }

  /// What was found.
  public struct Result: Sendable, Equatable {
    /// At the threshold.
    public var actual: Comparison
    /// The p-value from exchanging sites between arms, two-sided on the t statistic; nil without sites.
    public var exchangePValue: Double?
    /// One-sided, for more bunching where it is paid for.
    public var exchangeExcessPValue: Double?
    /// Placebo thresholds.
    public var placebos: [Comparison]
    /// Where the threshold's t statistic ranks among the placebos; nil without placebos.
    public var rank: PlaceboRank?
    /// The smallest difference found with 80% power by a two-sided test at 1 − level, in jobs and as a share
    /// of those expected just before the threshold.
    public var detectable: DetectableExcess?
    /// Things that the reader must know.
    public var notes: [String]
  }

  /// Compares arms.
  ///
  /// `treated` says whose threshold it is; durations that are not known (NaN) and rows without site are left
  /// out.
  /// - Throws: `sizeMismatch`, `badValue` for options out of range, `badInterval` for a negative
  ///   duration, `constantTreatment` with one arm within reach, `tooFewObservations`,
  ///   `tooFewClusters` with fewer than two sites in an arm.
  public func fit(
    _ durations: [Double], treated: [Bool], sites: Factor? = nil
  ) throws(SiblingError) -> Result {
    try check()
    let jobs = try jobs(durations, treated, sites)
    guard let summed = summed(jobs, at: threshold, isPlacebo: false) else {
      throw SiblingError(
        .badValue, "there are fewer than three steps around the threshold to draw a line through",
        help: "Widen the reach.")
    }
    let actual = try comparison(summed, at: threshold, hasSites: jobs.hasSites)
    var notes: [String] = []
    let usable = usablePlacebos
    if usable.count < placebos.count {
      notes.append(
        "Placebo thresholds were left out that are repeated, too near the threshold, "
          + "or without a window before them.")
    }
    let compared = usable.compactMap { placebo -> Comparison? in
      guard let sums = self.summed(jobs, at: placebo, isPlacebo: true) else { return nil }
      return try? comparison(sums, at: placebo, hasSites: jobs.hasSites)
    }
    if compared.count < usable.count {
      notes.append("Placebo thresholds with too few jobs around them were left out.")
    }
    let exchanged = jobs.hasSites ? exchange(summed) : nil
    if jobs.hasSites, exchanged == nil, draws > 0 {
      notes.append("Sites were not exchanged: some have jobs in both arms.")
    }
    if !jobs.hasSites { notes.append("Without sites, jobs are taken as independent.") }
    return Result(
      actual: actual, exchangePValue: exchanged?.twoSided,
      exchangeExcessPValue: exchanged?.excess, placebos: compared,
      rank: PlaceboRank(
        statistic: actual.difference.statistic ?? .nan,
        placebos: compared.map { $0.difference.statistic ?? .nan }),
      detectable: detectable(actual, summed), notes: notes)
  }
}
