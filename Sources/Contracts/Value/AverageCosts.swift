internal import Glibc
public import Statistics

/// What an engagement, a job start or a sustained job cost on average, by arm and by site.
///
/// The present value of all costs of an arm's sites over the present value of their clients who
/// reached the stage: a ratio of sums, so that large sites count for more. Its interval is over sites
/// (see `interval`), beside the percentiles of resampled sites. An average says what was spent for
/// each outcome, with or without the service's doing: it is no cost of an additional one.
public struct AverageCosts: Sendable, Equatable {
  /// The confidence level.
  public var level: Double
  /// Resamples of sites; none leaves those intervals out.
  public var resamples: Int
  /// The seed.
  public var seed: UInt64

  /// Averages with their settings.
  public init(level: Double = 0.95, resamples: Int = 2000, seed: UInt64 = 1) {
    self.level = level
    self.resamples = resamples
    self.seed = seed
  }

  /// An average cost.
  public struct Average: Sendable, Equatable {
    /// The stage, its place among the counts.
    public var stage: Int
    /// The perspective.
    public var perspective: CostPerspective
    /// The site; nil = the whole arm.
    public var site: String?
    /// The arm.
    public var isTreated: Bool
    /// Pounds for each; nil when nobody reached the stage.
    public var estimate: Double?
    /// Its standard error over sites with Satterthwaite's degrees of freedom; nil for one site.
    public var standardError, degreesOfFreedom: Double?
    /// The interval by Student's t, not below nought where no cost is; and the percentiles of resampled
    /// sites.
    public var interval, resampled: ConfidenceInterval?
    /// How many reached the stage, and at how many sites.
    public var reached, sites: Int
  }

  /// The averages: for each perspective and stage both arms, then each site.
  public func averages(_ accounts: [CostAccounts.Site]) -> [Average] {
    let used = accounts.filter(\.hasCosts)
    var found: [Average] = []
    for (view, perspective) in CostPerspective.allCases.enumerated() {
      for stage in 0..<(used.map(\.counts.count).max() ?? 0) {
        for isTreated in [true, false] {
          let arm = used.filter { $0.site.isTreated == isTreated }
          guard !arm.isEmpty else { continue }
          found.append(average(arm, view, perspective, stage, isTreated))
        }
        for site in used {
          let size = site.presentCounts[stage]
          found.append(
            Average(
              stage: stage, perspective: perspective, site: site.site.name,
              isTreated: site.site.isTreated, estimate: size > 0 ? site.costs[view] / size : nil,
              reached: site.counts[stage], sites: 1))
        }
      }
    }
    return found
  }

  private func average(
    _ arm: [CostAccounts.Site], _ view: Int, _ perspective: CostPerspective, _ stage: Int,
    _ isTreated: Bool
  ) -> Average {
    let (sums, sizes) = (arm.map { $0.costs[view] }, arm.map { $0.presentCounts[stage] })
    var result = Average(
      stage: stage, perspective: perspective, isTreated: isTreated,
      reached: arm.reduce(0) { $0 + $1.counts[stage] },
      sites: arm.count)
    guard let ratio = SiteRatio(sums: sums, over: sizes) else { return result }
    result.estimate = ratio.estimate
    guard let variance = ratio.variance else { return result }
    let degrees = SiteRatio.degreesOfFreedom([ratio])
    let error = variance.squareRoot()
    let width = FiellerInterval.quantile(level, degrees) * error
    result.standardError = error
    result.degreesOfFreedom = degrees
    let floor = sums.allSatisfy { $0 >= 0 } ? 0 : -Double.infinity
    result.interval = .init(
      low: max(floor, ratio.estimate - width), high: ratio.estimate + width, level: level)
    result.resampled = percentiles(sums, sizes, "average-cost-\(view)-\(stage)-\(isTreated)")
    return result
  }

  private func percentiles(
    _ sums: [Double], _ sizes: [Double], _ name: String
  ) -> ConfidenceInterval? {
    guard resamples > 1 else { return nil }
    let bootstrap = Bootstrap(replicates: resamples, seed: seed, name: name)
    let sample = try? bootstrap.sample(rows: sums.count) { counts in
      let size = zip(counts, sizes).reduce(0) { $0 + $1.0 * $1.1 }
      return [zip(counts, sums).reduce(0) { $0 + $1.0 * $1.1 } / size]
    }
    guard let sample else { return nil }
    let values = sample.statistics.map { $0[0] }.sorted()
    let tail = (1 - level) / 2
    return .init(
      low: CostEffectDraws.quantile(values, tail), high: CostEffectDraws.quantile(values, 1 - tail),
      level: level)
  }
}
