internal import Glibc
internal import Statistics

// The hazard's jump, and one arm against the other.

extension BunchingAudit {
  /// The jump of the hazard right after the threshold, with jobs that go on as censored.
  func hazards(
    _ durations: [Double], _ ended: [Bool], _ arms: Factor, _ result: inout Result
  ) {
    let hazard = ThresholdHazard(threshold: threshold / week, width: 2, level: level)
    let weeks = durations.map { $0 / week }
    guard let found = try? hazard.fit(weeks: weeks, ended: ended, arms: arms) else { return }
    for arm in found.arms where arm.jobs > 0 {
      result.findings.append(
        IncentiveFinding(
          method: "hazard-jump", term: "hazard of ending in the two weeks after against around",
          arm: arm.name, threshold: threshold, estimate: arm.ratio, pValue: arm.excessPValue,
          interval: arm.interval, detectable: .init(ratio: arm.detectableRatio), count: arm.jobs,
          inside: arm.endsAfter, outside: arm.endsAround,
          convention:
            "exact, one-sided p for an excess; jobs that go on are censored; heaps at round lengths are not"
            + " allowed for"))
    }
    guard found.arms.count == 2, let difference = found.difference else { return }
    let (first, second) = (found.arms[0], found.arms[1])
    let reach = Normal.standard.upperQuantile((1 - level) / 2) + Normal.standard.upperQuantile(0.2)
    result.findings.append(
      IncentiveFinding(
        method: "hazard-jump", term: "ratio of the arms' ratios of hazards",
        arm: "\(first.name) against \(second.name)", threshold: threshold,
        estimate: exp(difference.estimate), standardError: difference.standardError,
        statistic: difference.statistic, pValue: difference.pValue,
        interval: difference.interval.map {
          ConfidenceInterval(low: exp($0.low), high: exp($0.high), level: $0.level)
        }, detectable: .init(ratio: difference.standardError.map { exp(reach * $0) }),
        count: first.jobs + second.jobs, inside: first.endsAfter, outside: first.endsAround,
        convention: "\(difference.convention); std.error on the log scale"))
  }

  /// Bunching where it is paid for less bunching where it is not, and its rank among placebo weeks.
  func compare(
    _ durations: [Double], _ ended: [Bool], _ arms: Factor, _ sites: Factor?,
    _ result: inout Result
  ) {
    let rows = durations.indices.filter {
      ended[$0] && arms.codes[$0] >= 0 && !durations[$0].isNaN
    }
    let lengths = rows.map { durations[$0] }
    let names = "\(arms.levels[0]) against \(arms.levels[1])"
    let term = "share of jobs in excess in the two weeks after, difference"
    // Placebos whose own neighbourhood has no jobs could say nothing.
    let comparison = DifferenceInBunching(
      threshold: threshold, width: window, reach: 8 * week, placebos: placeboThresholds,
      draws: draws, seed: seed, level: level)
    let found: DifferenceInBunching.Result
    do throws(SiblingError) {
      found = try comparison.fit(
        lengths, treated: rows.map { arms.codes[$0] == 0 },
        sites: sites.map { $0.selecting(rows).droppingUnusedLevels() })
    } catch {
      result.findings.append(
        IncentiveFinding(
          method: "difference-in-bunching", term: term, arm: names, threshold: threshold,
          count: rows.count, convention: "not to be had: \(error.message)"))
      return
    }
    result.notes += found.notes
    let (own, other) = (found.actual.treated, found.actual.comparison)
    var row = IncentiveFinding(
      method: "difference-in-bunching", term: term, arm: names, threshold: threshold,
      estimate: found.actual.difference.estimate,
      standardError: found.actual.difference.standardError,
      statistic: found.actual.difference.statistic,
      degreesOfFreedom: found.actual.difference.degreesOfFreedom,
      pValue: found.actual.difference.pValue, interval: found.actual.difference.interval,
      detectable: found.detectable.map { .init($0) }, count: own.jobs + other.jobs,
      inside: own.inside,
      outside: other.inside, convention: found.actual.difference.convention)
    result.findings.append(row)
    if let p = found.exchangePValue {
      row.term = term + ", sites exchanged"
      row.convention = "sites exchanged between arms, two-sided on t"
      (row.degreesOfFreedom, row.interval, row.pValue) = (nil, nil, p)
      result.findings.append(row)
    }
    guard let rank = found.rank else { return }
    result.findings.append(
      IncentiveFinding(
        method: "placebo-rank", term: "rank of the threshold among lengths that nobody pays for",
        arm: names, threshold: threshold, estimate: Double(rank.rank), statistic: rank.statistic,
        pValue: rank.excessPValue, detectable: found.detectable.map { .init($0) },
        count: own.jobs + other.jobs,
        inside: own.inside, outside: other.inside,
        convention:
          "one-sided, of the difference's t among \(rank.placebos.count) placebo lengths; smallest p"
          + " \(IncentiveFinding.short(1 / Double(1 + rank.placebos.count)))"))
  }
}
