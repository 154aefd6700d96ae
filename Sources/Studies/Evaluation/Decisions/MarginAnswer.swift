internal import Reporting
internal import Statistics

/// A leading effect held against a margin, by the convention of the effect's own interval.
struct MarginAnswer {
  /// The cells of the table that the answer fills.
  let cells: [String: Cell]

  /// The answer; nil where the effect has no interval.
  ///
  /// - Throws: what is wrong with the data, located.
  init?(
    _ margin: DeclaredMargin, row: Int, _ leading: LeadingEffects, _ run: EvaluationRun
  ) throws(SiblingError) {
    let test = try margin.test(level: run.study.level)
    let estimates = leading.estimates
    guard let shown = estimates[row, "estimate"].number else { return nil }
    func scaled(_ value: Double) -> Double { margin.isRatio ? _logarithm(value) : value }
    func back(_ value: Double) -> Double { margin.isRatio ? _exponential(value) : value }
    let convention = estimates[row, "se_type"].text ?? ""
    var found: [String: Cell] = ["alpha": .number(test.alpha)]
    if let error = estimates[row, "std.error"].number, error > 0 {
      let result = try test.test(
        estimate: scaled(shown), standardError: error,
        degreesOfFreedom: estimates[row, "df"].number)
      found["conf.low"] = Cell(back(result.interval.low))
      found["conf.high"] = Cell(back(result.interval.high))
      found["conf.level"] = .number(test.intervalLevel)
      found["p.value"] = Cell(result.pValue)
      found["verdict"] = .text(result.verdict.rawValue)
      found["se_type"] = .text(convention)
    } else if convention.hasPrefix("exchange"),
      let few = try leading.fewSites(margin.outcome, run),
      let exchanged = try Self.exchanged(few.sample, test, seed: run.study.seed)
    {
      found.merge(exchanged) { _, new in new }
    } else if let low = estimates[row, "conf.low"].number,
      let high = estimates[row, "conf.high"].number
    {
      // Of equivalence this interval is the wider one of the report, so that it never says too much.
      found["conf.low"] = .number(low)
      found["conf.high"] = .number(high)
      found["conf.level"] = .number(run.study.level)
      found["p.value"] = .missing
      found["verdict"] = .text(test.verdict(low: scaled(low), high: scaled(high)).rawValue)
      found["se_type"] = .text(
        "the report's interval alone; its p-value can't be had at another null hypothesis")
    } else {
      return nil
    }
    cells = found
  }

  /// Exchanges of sites under the null hypothesis that the effect is the margin, as the leading interval
  /// inverts them; nil where that interval is not bounded.
  private static func exchanged(
    _ sample: FewClusterSample, _ test: MarginTest, seed: UInt64
  ) throws(SiblingError) -> [String: Cell]? {
    let base = RandomizationInference(level: test.intervalLevel, seed: seed)
    let result = try base.test(sample)
    guard let interval = result.tInterval, interval.low.isFinite, interval.high.isFinite else {
      return nil
    }
    let p = try test.pValue(estimate: result.estimate) { (null) throws(SiblingError) in
      var shifted = base
      shifted.null = null
      return try shifted.test(sample).tPValue ?? 1
    }
    return [
      "conf.low": .number(interval.low), "conf.high": .number(interval.high),
      "conf.level": .number(test.intervalLevel), "p.value": Cell(p),
      "verdict": .text(test.verdict(low: interval.low, high: interval.high).rawValue),
      "se_type":
        "half the two-sided p-value of exchanging sites (t) with the margin as the effect",
    ]
  }
}
