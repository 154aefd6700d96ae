internal import Statistics

// The tests of one arm's own job lengths.

extension BunchingAudit {
  /// The exact binomial, density and excess mass of jobs that ended.
  ///
  /// - Throws: what can't be laid to too few jobs.
  func ownTests(
    _ durations: [Double], _ arm: String, _ sites: Factor?, _ result: inout Result
  ) throws(SiblingError) {
    try attempt("binomial", "jobs just after against just before", arm, durations, &result) {
      () throws(SiblingError) in
      let windows = try ThresholdBinomial(
        threshold: threshold, widths: [week, window], level: level
      ).fit(durations)
      return windows.map { binomial($0, arm) }
    }
    try densities(durations, arm, &result)
    var bins: [Bin] = []
    var notes: [String] = []
    try attempt("excess-mass", Self.excessTerm, arm, durations, &result) {
      () throws(SiblingError) in
      let (row, found) = try excess(durations, arm, sites)
      bins = found.bins.map { Bin(arm: arm, bin: $0) }
      notes = found.notes
      return [row]
    }
    result.bins += bins
    result.notes += notes
  }

  private static let excessTerm = "excess of jobs, in jobs of an average week"

  /// Runs a test; one that needs more jobs becomes a row that says so.
  func attempt(
    _ method: String, _ term: String, _ arm: String, _ durations: [Double],
    _ result: inout Result, _ test: () throws(SiblingError) -> [IncentiveFinding]
  ) throws(SiblingError) {
    do throws(SiblingError) {
      result.findings += try test()
    } catch {
      let bearable: Set<SiblingError.Code> = [
        .tooFewObservations, .tooFewClusters, .rankDeficient, .nonConvergence, .constantTreatment,
      ]
      guard bearable.contains(error.code) else { throw error }
      result.findings.append(
        IncentiveFinding(
          method: method, term: term, arm: arm, threshold: threshold, count: durations.count,
          convention: "not to be had: \(error.message)"))
    }
  }

  private func binomial(_ window: ThresholdBinomial.Window, _ arm: String) -> IncentiveFinding {
    IncentiveFinding(
      method: "binomial",
      term: "jobs just after against just before, \(text(window.width)) each"
        + (window.null == .half ? "" : ", a slope allowed for"), arm: arm, threshold: threshold,
      estimate: window.ratio, pValue: window.pValue,
      interval: window.interval, detectable: window.detectable.map { .init($0) },
      count: window.before + window.after,
      inside: window.after, outside: window.before,
      convention: window.convention + "; heaps at round lengths are not allowed for")
  }

  /// The density test as it is, and without round lengths where there are any.
  private func densities(
    _ durations: [Double], _ arm: String, _ result: inout Result
  ) throws(SiblingError) {
    let longest = durations.max() ?? 0
    let round = roundNumbers(upTo: longest)
    var tests = [LocalPolynomialDensityTest(threshold: threshold, level: level)]
    if !round.sets.isEmpty {
      tests.append(tests[0])
      tests[1].leavingOut = round
    }
    for plain in tests {
      var test = plain
      if let bandwidth { test.bandwidth = .given(left: bandwidth, right: bandwidth) }
      let asked = test
      var notes: [String] = []
      let term =
        "jump of the density" + (test.leavingOut == nil ? "" : " without round lengths")
      try attempt("density", term, arm, durations, &result) { () throws(SiblingError) in
        let found = try asked.fit(durations)
        notes = found.notes
        let least = try SmallestDetectableExcess(
          size: 1 - level, draws: detectableDraws, seed: seed
        ).density(asked, durations, width: window)
        let wide = (found.left.bandwidth, found.right.bandwidth)
        let roughly = roughlyDetectable(found)
        return [
          IncentiveFinding(
            method: "density", term: term, arm: arm, threshold: threshold,
            estimate: found.difference.estimate, standardError: found.difference.standardError,
            statistic: found.difference.statistic,
            degreesOfFreedom: found.difference.degreesOfFreedom, pValue: found.difference.pValue,
            interval: found.difference.interval,
            detectable: least.map { .init($0) } ?? roughly,
            count: found.observations,
            inside: found.right.effective, outside: found.left.effective,
            convention:
              "\(found.difference.convention); bandwidths \(Self.short(wide.0)) and"
              + " \(Self.short(wide.1)) \(unit.rawValue)"
              + (least == nil ? ", smallest excess from the standard error" : ""))
        ]
      }
      result.notes += notes
    }
  }

  /// The jobs in the two weeks after that make a jump of the size found four times out of five, by the
  /// standard error: for where no share of the jobs just before, moved by simulation, is found so often.
  private func roughlyDetectable(
    _ found: LocalPolynomialDensityTest.Result
  ) -> IncentiveFinding.Detectable? {
    guard let error = found.difference.standardError, error.isFinite else { return nil }
    let reach = Normal.standard.upperQuantile((1 - level) / 2) + Normal.standard.upperQuantile(0.2)
    return .init(reach * error * Double(found.observations) * window, .jobs)
  }

  /// The excess mass with its histogram.
  private func excess(
    _ durations: [Double], _ arm: String, _ sites: Factor?
  ) throws(SiblingError) -> (IncentiveFinding, BunchingEstimator.Result) {
    let before = min(12, Int((threshold / week).rounded(.down)) - 1)
    let after = 26
    let estimator = BunchingEstimator(
      threshold: threshold, binWidth: week, binsBefore: max(before, 2), binsAfter: after,
      excludedBefore: before > 4 ? 2 : 1, excludedAfter: 2,
      roundNumbers: roundNumbers(upTo: threshold + Double(after) * week), draws: draws, seed: seed,
      level: level)
    let clustered = sites.map { $0.levels.count > 1 } ?? false
    let found = try estimator.fit(durations, sites: clustered ? sites : nil)
    let inside = found.bins.filter { $0.isExcluded && $0.low >= threshold - 1e-9 }
    let within = inside.reduce(0) { $0 + $1.count }
    let amount = found.normalised.estimate
    return (
      IncentiveFinding(
        method: "excess-mass", term: Self.excessTerm, arm: arm, threshold: threshold,
        estimate: amount.estimate, standardError: amount.standardError,
        statistic: amount.statistic, degreesOfFreedom: amount.degreesOfFreedom,
        pValue: amount.pValue, interval: amount.interval,
        detectable: found.detectable.map { .init($0) },
        count: found.jobs, inside: within, outside: found.jobs - within,
        convention: "\(amount.convention); polynomial of degree \(found.degree)"), found
    )
  }

  /// A number in at most three digits after the point.
  static func short(_ value: Double) -> String {
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() && rounded.magnitude < 1e9
      ? "\(Int(rounded))" : "\(rounded)"
  }
}
