internal import LinearAlgebra
internal import Statistics

extension DifferenceInBunching {
  /// p-values of the t statistic when sites are exchanged between arms; nil where a site has both.
  ///
  /// Exchanges under which there is no statistic count as at least as extreme.
  func exchange(_ summed: Summed) -> (excess: Double, twoSided: Double)? {
    let sites = summed.sites.filter { $0.jobs.treated + $0.jobs.comparison > 0 }
    guard draws > 0, let observed = SiteDifference(sites)?.statistic, observed.isFinite else {
      return nil
    }
    var plain: [(sum: Double, jobs: Double)] = []
    for site in sites {
      if site.jobs.treated > 0, site.jobs.comparison > 0 { return nil }
      plain.append(
        (site.sum.treated + site.sum.comparison, site.jobs.treated + site.jobs.comparison))
    }
    let pairs = plain
    let treatedCount = sites.count { $0.jobs.treated > 0 }
    let ranges = Parallel.ranges(of: draws, size: 200)
    let tie = 1 - 1e-9
    let counts = Parallel.mapBlocks(ranges.count) { block in
      var counts = (high: 0, extreme: 0)
      for number in ranges[block] {
        var stream = RandomStream(
          seed: seed, name: "exchange of sites", index: UInt64(number))
        var drawn = pairs.map { pair in
          var site = SiteDifference.Site()
          site.sum.comparison = pair.sum
          site.jobs.comparison = pair.jobs
          return site
        }
        for site in stream.sample(treatedCount, of: pairs.count) {
          drawn[site] = SiteDifference.Site(
            sum: (pairs[site].sum, 0), jobs: (pairs[site].jobs, 0))
        }
        let statistic = SiteDifference(drawn)?.statistic ?? .nan
        counts.high += statistic < observed - (1 - tie) * observed.magnitude ? 0 : 1
        counts.extreme += statistic.magnitude < observed.magnitude * tie ? 0 : 1
      }
      return counts
    }
    let high = counts.reduce(0) { $0 + $1.high }
    let extreme = counts.reduce(0) { $0 + $1.extreme }
    return (
      Double(1 + high) / Double(1 + draws), Double(1 + extreme) / Double(1 + draws)
    )
  }

  /// Placebo thresholds that may be used: at least two windows from the true one, with a window before them.
  var usablePlacebos: [Double] {
    var seen = Set<Double>()
    return placebos.sorted().filter {
      $0 >= width && ($0 - threshold).magnitude >= 2 * width - 1e-9 && seen.insert($0).inserted
    }
  }

  /// The smallest difference found, as jobs of the treated arm.
  func detectable(_ comparison: Comparison, _ summed: Summed) -> DetectableExcess? {
    let power = 0.8
    guard let error = comparison.difference.standardError, error > 0, error.isFinite else {
      return nil
    }
    let multiple = try? MinimumDetectableEffect(level: 1 - level, power: power)
      .multiple(degreesOfFreedom: comparison.difference.degreesOfFreedom)
    guard let multiple else { return nil }
    let jobs = multiple * error * Double(comparison.treated.jobs)
    let share = summed.before > 0 ? jobs / summed.before : nil
    return DetectableExcess(
      jobs: jobs, shareMoved: share.flatMap { $0 <= 1 ? $0 : nil }, power: power, size: 1 - level,
      method: "normal approximation")
  }
}
