public import Statistics

/// How many more jobs end just after a threshold than a smooth law of durations would have it.
///
/// Durations are counted in bins. A polynomial with round-number effects is fitted to the counts outside
/// a window around the threshold and drawn through it: the counterfactual. The excess is the count
/// from the threshold to the window's upper end less the counterfactual; the missing mass is what lacks on the
/// side that jobs moved from.
///
/// Where the threshold is itself a round number, its own heap is told from an excess only by the other
/// members of its set; `Result.isSeparable` says so.
///
/// Chetty, Friedman, Olsen & Pistaferri (2011), doi:10.1093/qje/qjr013; Kleven & Waseem (2013),
/// doi:10.1093/qje/qjt004; Kleven (2016), doi:10.1146/annurev-economics-080315-015234.
public struct BunchingEstimator: Sendable, Equatable {
  /// The threshold; it becomes an edge of the bins.
  public var threshold: Double
  /// The width of a bin, in the durations' unit.
  public var binWidth: Double
  /// Bins before the threshold that are counted.
  public var binsBefore: Int
  /// Bins from the threshold on that are counted.
  public var binsAfter: Int
  /// Bins before the threshold left out of the fit.
  public var excludedBefore: Int
  /// Bins from the threshold on left out of the fit: those that excess is looked for in.
  public var excludedAfter: Int
  /// The degree of the polynomial.
  public var degree: Degree
  /// How counts are modelled.
  public var model: Model
  /// Round numbers, each set with an effect of its own.
  public var roundNumbers: RoundNumbers
  /// Whether the counterfactual is raised on the side that jobs moved from until it holds them.
  public var movedFrom: Side?
  /// Bootstrap draws.
  public var draws: Int
  /// The seed of the draws.
  public var seed: UInt64
  /// The confidence level.
  public var level: Double

  /// An estimator; by default eight bins before and twenty-six after, weekly when the unit is a week.
  public init(
    threshold: Double, binWidth: Double = 1, binsBefore: Int = 8, binsAfter: Int = 26,
    excludedBefore: Int = 1, excludedAfter: Int = 1, degree: Degree = .chosen(upTo: 7),
    model: Model = .poisson, roundNumbers: RoundNumbers = RoundNumbers(),
    movedFrom: Side? = nil, draws: Int = 499, seed: UInt64 = 1, level: Double = 0.95
  ) {
    self.threshold = threshold
    self.binWidth = binWidth
    self.binsBefore = binsBefore
    self.binsAfter = binsAfter
    self.excludedBefore = excludedBefore
    self.excludedAfter = excludedAfter
    self.degree = degree
    self.model = model
    self.roundNumbers = roundNumbers
    self.movedFrom = movedFrom
    self.draws = draws
    self.seed = seed
    self.level = level
  }

  /// The degree of the polynomial.
  public enum Degree: Sendable, Equatable {
    case fixed(Int)
    /// The one from 2 to a limit with the smallest Bayesian information criterion.
    ///
    /// A line alone is left out: chosen too often, it bends the size of the test.
    case chosen(upTo: Int)
  }

  /// How counts are modelled.
  public enum Model: String, Sendable, CaseIterable {
    /// Counts by least squares, heaps added: the form of Chetty and others.
    case leastSquares = "least-squares"
    /// Logs of means by Poisson likelihood, heaps in proportion; never negative.
    case poisson
  }

  /// A side of the threshold.
  public enum Side: String, Sendable, CaseIterable {
    /// Jobs prolonged until they count.
    case before
    /// Jobs ended once they counted.
    case after
  }

  /// A bin of the histogram.
  public struct Bin: Sendable, Equatable {
    /// Its lower edge, which belongs to it.
    public var low: Double
    /// Its upper edge, which belongs to the next bin.
    public var high: Double
    /// Jobs that ended in it.
    public var count: Int
    /// Jobs expected, heaps included.
    public var counterfactual: Double
    /// Jobs expected without heaps.
    public var smooth: Double
    /// Whether it was left out of the fit.
    public var isExcluded: Bool
    /// Whether it holds a round number.
    public var isRound: Bool
  }

  /// An amount with both of its standard errors.
  public struct Amount: Sendable, Equatable {
    /// With standard error, test and interval from resampling jobs, or sites where given.
    public var estimate: Estimate
    /// The standard error from resampling the fit's residuals.
    public var residualStandardError: Double?
  }

  /// What was found.
  public struct Result: Sendable, Equatable {
    /// The histogram with its counterfactual.
    public var bins: [Bin]
    /// Excess jobs, from the threshold to the window's end.
    public var excess: Amount
    /// The excess over the mean counterfactual of those bins: 1 means as many again as one bin's.
    public var normalised: Amount
    /// Jobs missing just before the threshold, within the window; nil without excluded bins there.
    public var missing: Amount?
    /// The degree used.
    public var degree: Int
    /// Jobs counted.
    public var jobs: Int
    /// Sites, where given.
    public var sites: Int?
    /// Whether the excess can be told from a heap at a round number without other sites or placebo weeks: true
    /// when no controlled round number lies in the excluded bins from the threshold on.
    public var isSeparable: Bool
    /// The smallest excess found with 80% power by the two-sided test at 1 − level; nil without a standard
    /// error.
    public var detectable: DetectableExcess?
    /// Things that the reader must know.
    public var notes: [String]
  }

  /// Estimates from durations of ended jobs, resampled by site where sites are given.
  ///
  /// Durations that are not known (NaN) or lie outside the bins, and rows without site, are left out.
  /// - Throws: `sizeMismatch`, `badValue` for options out of range, `badInterval` for a negative
  ///   duration, `tooFewObservations` with fewer jobs or bins than the fit needs, `rankDeficient` where a
  ///   round number's effect is not identified outside the window, `tooFewClusters` with one site.
  public func fit(
    _ durations: [Double], sites: Factor? = nil
  ) throws(SiblingError) -> Result {
    try check()
    var notes: [String] = []
    let counts = try counts(durations, sites)
    if sites != nil, counts.bySite.count < 2 {
      throw SiblingError(
        .tooFewClusters, "sites can't be drawn again when there are fewer than two",
        help: "Leave the sites out.")
    }
    let fitted = try fitted(counts, &notes)
    let values = amounts(counts.bins, fitted.fit)
    let (jobs, residual) = (jobSpread(fitted), residualSpread(fitted))
    let degrees = sites == nil ? nil : Double(counts.bySite.count - 1)
    let convention = convention(fitted, sites: sites == nil ? nil : counts.bySite.count)
    func amount(_ index: Int, _ term: String) -> Amount {
      Amount(
        estimate: Estimate(
          term: term, estimate: values[index], standardError: jobs?[index],
          degreesOfFreedom: degrees, level: level, convention: convention),
        residualStandardError: residual?[index])
    }
    let isSeparable = !roundNumbers.sets.contains { set in
      let held = holders(set)
      return after.contains { held[$0] }
    }
    if !isSeparable {
      notes.append(
        "A round number stands where the excess is looked for: its own heap is told from an excess only by "
          + "the other members of its set, so comparison sites or placebo weeks must settle it.")
    }
    return Result(
      bins: bins(fitted), excess: amount(0, "excess jobs"),
      normalised: amount(1, "excess over the mean bin"),
      missing: excludedBefore > 0 ? amount(2, "missing jobs before") : nil,
      degree: fitted.degree, jobs: Int(counts.bins.reduce(0, +)),
      sites: sites == nil ? nil : counts.bySite.count, isSeparable: isSeparable,
      detectable: detectable(fitted, jobs?[0], degrees), notes: notes)
  }

  private func convention(_ fitted: Fitted, sites: Int?) -> String {
    var parts = ["\(model.rawValue), degree \(fitted.degree)"]
    if !roundNumbers.sets.isEmpty {
      parts.append(roundNumbers.sets.map(\.name).joined(separator: " and ") + " controlled")
    }
    if let movedFrom { parts.append("jobs moved from \(movedFrom.rawValue) put back") }
    parts.append(
      sites.map { "\($0) sites drawn again, t(\($0 - 1))" } ?? "jobs drawn again, normal")
    return parts.joined(separator: ", ")
  }

  private func detectable(
    _ fitted: Fitted, _ error: Double?, _ degrees: Double?
  ) -> DetectableExcess? {
    guard let error, error > 0, error.isFinite else { return nil }
    let power = 0.8
    let multiple = try? MinimumDetectableEffect(level: 1 - level, power: power)
      .multiple(degreesOfFreedom: degrees)
    guard let multiple else { return nil }
    let jobs = multiple * error
    let expected = before.reduce(0) { $0 + fitted.fit.means[$1] }
    return DetectableExcess(
      jobs: jobs, shareMoved: expected > 0 && jobs <= expected ? jobs / expected : nil,
      power: power, size: 1 - level, method: "normal approximation")
  }
}
