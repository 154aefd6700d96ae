public import Statistics

/// Compares what contracts achieved with what they aimed at.
///
/// Each row gives achieved − target and achieved/target. The ratio's interval is Garwood's exact
/// interval of a Poisson mean divided by the target, its p-value twice the smaller exact Poisson
/// tail under "the mean is the target", at most 1. **The target is taken as fixed**: it is a number
/// somebody wrote down, not an estimate, and the interval says only how far chance in the count
/// could have moved the achievement. It is no comparison with another service.
///
/// Conversion rates (engagement → job start → sustained) have Clopper–Pearson intervals and are
/// given only where the stages are nested, each no larger than the one before. Where a project's
/// counts are not nested all its rates on that basis are refused, and so is every total that
/// contains it: the counts can't be of the same clients, each counted once.
///
/// Garwood (1936), doi:10.1093/biomet/28.3-4.437; Clopper and Pearson (1934),
/// doi:10.1093/biomet/26.4.404.
public struct PerformanceAgainstTargets: Sendable, Equatable {
  /// The confidence level.
  public var level: Double
  /// An achievement above this multiple of its target is an anomaly.
  public var excessFactor: Double

  /// A comparison with its settings.
  public init(level: Double = 0.95, excessFactor: Double = 2) {
    self.level = level
    self.excessFactor = excessFactor
  }

  /// Compares the rows, adds totals and conversion rates, and names what can't be right.
  ///
  /// Projects and cohorts keep the order of their first row.
  /// - Throws: `noRows`; `badValue` for a negative count or a level outside 0–1; `duplicateKey` for
  ///   a project, stage and band that occur twice; `dataQuality` when a stage has both its total
  ///   and its bands, or one project two cohorts.
  public func compare(_ counts: [OutcomeCount]) throws(SiblingError) -> Performance {
    try check(counts)
    let projects = ProjectCounts.grouped(counts)
    let pools = Pool.pools(of: projects)
    let rows = counts.map {
      comparison(
        .published, $0.project, $0.site, $0.cohort, $0.stage, $0.band, $0.target, $0.achieved)
    }
    return Performance(
      rows: rows, totals: totals(projects, pools), conversions: conversions(projects, pools),
      anomalies: anomalies(projects, counts))
  }

  func comparison(
    _ scope: Performance.Scope, _ project: String, _ site: String, _ cohort: String,
    _ stage: OutcomeStage, _ band: HoursBand, _ target: Int, _ achieved: Int
  ) -> Performance.Comparison {
    var ratio: Estimate?
    if target > 0 {
      let mean = Double(target)
      let interval = ExactInference.poissonMean(achieved, level: level)
      ratio = Estimate(
        term: "achieved/target", estimate: Double(achieved) / mean, standardError: nil,
        statistic: nil, degreesOfFreedom: nil,
        pValue: ExactInference.poissonTwoSided(achieved, mean: mean),
        interval: ConfidenceInterval(
          low: interval.low / mean, high: interval.high / mean, level: level),
        convention: "exact Poisson (Garwood), target fixed")
    }
    return Performance.Comparison(
      scope: scope, project: project, site: site, cohort: cohort, stage: stage, band: band,
      target: target, achieved: achieved, difference: achieved - target, ratio: ratio)
  }

  private func totals(_ projects: [ProjectCounts], _ pools: [Pool]) -> [Performance.Comparison] {
    var totals: [Performance.Comparison] = []
    for project in projects {
      for stage in OutcomeStage.allCases
      where project.bands(of: stage).contains(where: { $0 != .any }) {
        guard let sum = project.total(stage) else { continue }
        totals.append(
          comparison(
            .acrossBands, project.project, project.site, project.cohort, stage, .any, sum.target,
            sum.achieved))
      }
    }
    for pool in pools {
      for stage in OutcomeStage.allCases {
        for band in HoursBand.allCases {
          guard let sum = pool.total(stage, band) else { continue }
          totals.append(
            comparison(
              .acrossProjects, "all", "all", pool.cohort, stage, band, sum.target, sum.achieved))
        }
      }
    }
    return totals
  }

  func check(_ counts: [OutcomeCount]) throws(SiblingError) {
    guard !counts.isEmpty else {
      throw SiblingError(.noRows, "there are no targets to compare with")
    }
    guard level > 0, level < 1 else {
      throw SiblingError(.badValue, "the confidence level must lie between 0 and 1")
    }
    var seen: Set<String> = []
    var bandsOf: [String: Bool] = [:]
    var cohortOf: [String: String] = [:]
    for (row, count) in counts.enumerated() {
      guard count.target >= 0, count.achieved >= 0 else {
        throw SiblingError(
          .badValue, "a target or an achievement is negative",
          help: "counts of outcomes are whole numbers from zero", row: row,
          column: count.target < 0 ? "target" : "achieved")
      }
      // Bounded so that sums over any table that fits in memory can't overflow.
      guard count.target <= 1_000_000_000, count.achieved <= 1_000_000_000 else {
        throw SiblingError(.badValue, "a count is above a thousand million", row: row)
      }
      let stage = "\(count.project)\n\(count.stage.rawValue)"
      guard seen.insert("\(stage)\n\(count.band.rawValue)").inserted else {
        throw SiblingError(
          .duplicateKey, "a project has the same outcome and hours band twice",
          help: "give one row for each project, outcome and hours band", row: row,
          column: "outcome")
      }
      let isTotal = count.band == .any
      if let other = bandsOf[stage], other != isTotal {
        throw SiblingError(
          .dataQuality, "an outcome has both a row for any hours and rows by hours band",
          help: "keep either the total or the bands, or the outcome would count twice", row: row,
          column: "hours_band")
      }
      bandsOf[stage] = isTotal
      if let cohort = cohortOf[count.project], cohort != count.cohort {
        throw SiblingError(
          .dataQuality, "a project stands in two cohorts", row: row, column: "cohort")
      }
      cohortOf[count.project] = count.cohort
    }
  }
}
