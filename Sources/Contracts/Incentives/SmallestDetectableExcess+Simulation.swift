internal import LinearAlgebra
public import Statistics

extension SmallestDetectableExcess {
  /// The density test's, jobs moved from one `width` before the threshold to one after.
  ///
  /// Jobs are drawn from a smooth law fitted around the threshold, at the bandwidths that the sample gives; the
  /// test is two-sided, and finds an excess when it rejects with more density to the right.
  /// - Throws: what the test throws on the sample; `badValue` for a width or options out of range.
  public func density(
    _ test: LocalPolynomialDensityTest, _ durations: [Double], width: Double
  ) throws(SiblingError) -> DetectableExcess? {
    try check()
    guard width > 0, width.isFinite else {
      throw SiblingError(.badValue, "the width that jobs are moved by must be above zero")
    }
    try test.check()
    let sample = try DensitySample(
      durations, threshold: test.threshold, leavingOut: test.leavingOut)
    let found = try test.fit(sample)
    var fixed = test
    fixed.bandwidth = .given(left: found.left.bandwidth, right: found.right.bandwidth)
    guard let law = SmoothLaw(sample, found, width: width) else { return nil }
    let run = fixed
    let samples = Parallel.mapBlocks(draws) { number in
      var stream = RandomStream(
        seed: seed, name: "smooth durations", index: UInt64(number))
      return law.draw(&stream)
    }
    return smallest(expected: law.expectedBefore) { number, share in
      var stream = RandomStream(seed: seed, name: "moved jobs", index: UInt64(number))
      let moved = law.moving(share, samples[number], &stream)
      guard let sample = law.sample(moved), let result = try? run.fit(sample) else { return false }
      return (result.difference.pValue ?? 1) <= size && result.difference.estimate > 0
    }
  }

  /// The excess mass's, jobs moved from one bin before the threshold to one after.
  ///
  /// Counts are drawn around the sample's counterfactual, round numbers included; with sites their spread is
  /// widened as much as drawing sites again widened the standard error.
  /// - Throws: what the estimator throws on the sample; `badValue` for options out of range.
  public func excessMass(
    _ estimator: BunchingEstimator, _ durations: [Double], sites: Factor? = nil
  ) throws(SiblingError) -> DetectableExcess? {
    try check()
    try estimator.check()
    var notes: [String] = []
    let counts = try estimator.counts(durations, sites)
    let fitted = try estimator.fitted(counts, &notes)
    var plain = fitted
    plain.counts.bySite = []
    var widening = 1.0
    if sites != nil, let own = estimator.jobSpread(fitted), let jobs = estimator.jobSpread(plain),
      jobs[0] > 0
    {
      widening = max(1, own[0] / jobs[0])
    }
    let (means, factor, first) = (fitted.fit.means, widening, estimator.firstAfter)
    guard first > 0 else { return nil }
    let critical = Normal.standard.upperQuantile(size / 2)
    return smallest(expected: means[first - 1]) { number, share in
      var stream = RandomStream(seed: seed, name: "drawn counts", index: UInt64(number))
      var drawn = means.map { mean in
        let count = mean > 0 ? Poisson(mean: mean).quantile(stream.uniform()) : 0
        return max(0, mean + factor * (count - mean))
      }
      let moved = share * drawn[first - 1]
      drawn[first - 1] -= moved
      drawn[first] += moved
      guard let fit = estimator.counterfactual(drawn, fitted.design, fitted.degree) else {
        return false
      }
      let error = factor * estimator.nullError(fit, fitted.design)
      return estimator.excess(drawn, fit) > critical * error
    }
  }

  private func check() throws(SiblingError) {
    guard size > 0, size < 1, power > size, power < 1, (10...1_000_000).contains(draws) else {
      throw SiblingError(
        .badValue, "size and power lie between 0 and 1, draws between 10 and 1,000,000")
    }
  }

  /// The smallest share moved that is found often enough, on the same draws; nil where no share is found often enough.
  private func smallest(
    expected: Double, _ isFound: @Sendable (Int, Double) -> Bool
  ) -> DetectableExcess? {
    func power(_ share: Double) -> Double {
      let found = Parallel.mapBlocks(draws) { isFound($0, share) ? 1 : 0 }
      return Double(found.reduce(0, +)) / Double(draws)
    }
    // A hole as wide as a bandwidth can hide a jump, so that power need not rise all the way: the first step of a
    // twentieth that is found often enough is looked for, then refined.
    let steps = (1...20).map { Double($0) / 20 }
    guard expected > 0, let reached = steps.first(where: { power($0) >= self.power }) else {
      return nil
    }
    var (low, high) = (reached - 0.05, reached)
    for _ in 0..<4 {
      let middle = (low + high) / 2
      if power(middle) >= self.power { high = middle } else { low = middle }
    }
    return DetectableExcess(
      jobs: high * expected, shareMoved: high, power: self.power, size: size,
      method: "simulation, \(draws) draws")
  }
}
