internal import Contracts
internal import Statistics
internal import Tables

// What `contract performance` prints.

extension ContractPerformanceAnalysis {
  private static let fixed =
    "targets and plans are taken as fixed; intervals are exact and say how far chance alone could have"
    + " moved the count"

  static func totals(_ performance: Performance) -> AnalysisOutput {
    let rows = performance.rows + performance.totals
    var output = AnalysisOutput(
      columns: [
        .texts("scope", rows.map(\.scope.rawValue)), .texts("project", rows.map(\.project)),
        .texts("site", rows.map(\.site)), .texts("cohort", rows.map { Self.word($0.cohort) }),
        .texts("outcome", rows.map(\.stage.rawValue)),
        .texts("hours_band", rows.map(\.band.rawValue)), .integers("target", rows.map(\.target)),
        .integers("achieved", rows.map(\.achieved)),
        .integers("difference", rows.map(\.difference)),
        .numbers("ratio", rows.map(\.ratio?.estimate)),
        .numbers("conf.low", rows.map(\.ratio?.interval?.low)),
        .numbers("conf.high", rows.map(\.ratio?.interval?.high)),
        .numbers("p.value", rows.map(\.ratio?.pValue)),
      ], notes: performance.anomalies.map(\.sentence) + [fixed])
    output.counts = ["achieved"]
    output.labels = ["target"]
    return output
  }

  static func quarters(_ plans: PlanComparison) -> AnalysisOutput {
    let (quarters, totals) = (plans.quarters, plans.totals)
    func both<Value>(
      _ quarter: (PlanComparison.Quarter) -> Value?, _ total: (PlanComparison.Total) -> Value?
    ) -> [Value?] { quarters.map(quarter) + totals.map(total) }
    var output = AnalysisOutput(
      columns: [
        .texts("contract", both({ $0.contract }, { $0.contract })),
        .texts("outcome", both({ $0.stage.rawValue }, { $0.stage.rawValue })),
        .texts("period", both({ $0.quarter.description }, { _ in "to date" })),
        .texts("version", both({ Self.word($0.version) }, { _ in nil })),
        .numbers("original", both({ $0.own.original }, { $0.original.planned })),
        .numbers("latest", both({ $0.own.latest }, { $0.latest.planned })),
        .integers("achieved", both({ $0.own.reached }, { $0.latest.reached })),
        .numbers(
          "ratio_original",
          both({ $0.own.toOriginal?.estimate }, { $0.original.ratio?.estimate })),
        .numbers("ratio", both({ $0.own.toLatest?.estimate }, { $0.latest.ratio?.estimate })),
        .numbers(
          "conf.low",
          both({ $0.own.toLatest?.interval?.low }, { $0.latest.ratio?.interval?.low })),
        .numbers(
          "conf.high",
          both({ $0.own.toLatest?.interval?.high }, { $0.latest.ratio?.interval?.high })),
        .numbers("p.value", both({ $0.own.toLatest?.pValue }, { $0.latest.ratio?.pValue })),
        .numbers("sum_original", both({ $0.cumulative.original }, { $0.original.whole })),
        .numbers("sum_latest", both({ $0.cumulative.latest }, { $0.latest.whole })),
        .integers("sum_achieved", both({ $0.cumulative.reached }, { $0.latest.reached })),
        .numbers("sum_ratio", both({ $0.cumulative.toLatest?.estimate }, { _ in nil })),
        .numbers("sum.low", both({ $0.cumulative.toLatest?.interval?.low }, { _ in nil })),
        .numbers("sum.high", both({ $0.cumulative.toLatest?.interval?.high }, { _ in nil })),
      ], notes: plans.anomalies.map(\.sentence) + [fixed])
    output.notes.append(
      "ratio is to the latest plan; in the rows to date plan and count are of the quarters that have"
        + " both, and sum_original and sum_latest of the whole plans")
    output.counts = ["achieved", "sum_achieved"]
    return output
  }

  static func rows(
    _ rates: SiteRates, _ projects: [SiteRates.Project]
  ) throws(SiblingError) -> AnalysisOutput {
    let (comparisons, leftOut) = try rates.compare(projects)
    guard !comparisons.isEmpty else {
      throw SiblingError(
        .tooFewClusters, "no two projects have rates that can be compared",
        help: leftOut.isEmpty ? nil : leftOut.joined(separator: "; "))
    }
    var lines: [Line] = []
    for comparison in comparisons {
      let isShare = comparison.funnel.kind == .proportion
      for (project, row) in zip(comparison.projects, comparison.funnel.rows) {
        lines.append(
          Line(
            measure: comparison.measure, cohort: comparison.cohort, term: project.site,
            numerator: row.count, denominator: isShare ? Int(row.base) : nil,
            target: isShare ? nil : row.base, estimate: row.rate, interval: row.interval,
            limits: row.limits, position: row.position.rawValue,
            wide: row.widePosition.rawValue))
      }
      let funnel = comparison.funnel
      lines.append(
        Line(
          measure: comparison.measure, cohort: comparison.cohort, term: "all",
          numerator: funnel.count, denominator: isShare ? Int(funnel.base) : nil,
          target: isShare ? nil : funnel.base, estimate: funnel.centre, phi: funnel.dispersion))
      guard let found = comparison.heterogeneity else { continue }
      lines.append(
        Line(
          measure: comparison.measure, cohort: comparison.cohort, term: "heterogeneity",
          numerator: found.count, denominator: found.total, estimate: found.mean,
          interval: found.meanInterval, found: found))
    }
    return output(lines, leftOut)
  }

  /// One row of rates.
  private struct Line {
    var measure, cohort, term: String
    var numerator: Int
    var denominator: Int?
    var target: Double?
    var estimate: Double
    var interval: ConfidenceInterval?
    var limits: SiteFunnelResult.Limits?
    var position, wide: String?
    var phi: Double?
    var found: RateHeterogeneity.Result?
  }

  private static func output(_ lines: [Line], _ leftOut: [String]) -> AnalysisOutput {
    var output = AnalysisOutput(
      columns: [
        .texts("measure", lines.map(\.measure)), .texts("cohort", lines.map { word($0.cohort) }),
        .texts("term", lines.map(\.term)), .integers("numerator", lines.map(\.numerator)),
        .integers("denominator", lines.map(\.denominator)),
        .numbers("target", lines.map(\.target)), .numbers("estimate", lines.map(\.estimate)),
        .numbers("conf.low", lines.map(\.interval?.low)),
        .numbers("conf.high", lines.map(\.interval?.high)),
        .numbers("limit_95.low", lines.map(\.limits?.exact95.low)),
        .numbers("limit_95.high", lines.map(\.limits?.exact95.high)),
        .numbers("limit_998.low", lines.map(\.limits?.exact998.low)),
        .numbers("limit_998.high", lines.map(\.limits?.exact998.high)),
        .numbers("wide_95.low", lines.map(\.limits?.wide95.low)),
        .numbers("wide_95.high", lines.map(\.limits?.wide95.high)),
        .texts("position", lines.map(\.position)), .texts("position_wide", lines.map(\.wide)),
        .numbers("phi", lines.map(\.phi)), .numbers("statistic", lines.map(\.found?.statistic)),
        .numbers("df", lines.map(\.found?.degreesOfFreedom)),
        .numbers("p.value", lines.map(\.found?.pValue)),
        .texts("p.method", lines.map(\.found?.method.rawValue)),
        .numbers("tau2", lines.map(\.found?.betweenVariance)),
        .numbers("tau2.low", lines.map(\.found?.betweenInterval.low)),
        .numbers(
          "tau2.high",
          lines.map { line in
            line.found.flatMap { $0.betweenInterval.high.isFinite ? $0.betweenInterval.high : nil }
          }), .numbers("i2", lines.map(\.found?.inconsistency)),
        .numbers("prediction.low", lines.map(\.found?.prediction?.low)),
        .numbers("prediction.high", lines.map(\.found?.prediction?.high)),
      ], notes: leftOut)
    output.notes.append(
      "position is against the projects' overall rate or ratio, not against the"
        + " target: a project can be above the limits and still have missed its target")
    output.notes.append(
      "one in twenty projects lies outside 95% limits by chance; with few projects phi and tau2 are"
        + " poorly known. The row heterogeneity holds the mean rate of such projects, tau2 on the logit"
        + " scale, and the prediction interval for another")
    output.counts = ["numerator", "denominator"]
    output.derivedTexts = ["position", "position_wide"]
    return output
  }

  static func payments(_ found: PaymentReconciliation) -> AnalysisOutput {
    func pounds(_ amount: Money?) -> Double? { amount.map(\.pounds) }
    let (quarters, totals) = (found.quarters, found.totals)
    func both(
      _ quarter: (PaymentReconciliation.Quarter) -> Money?,
      _ toDate: (PaymentReconciliation.Total) -> Money?,
      _ whole: (PaymentReconciliation.Total) -> Money?
    ) -> [Double?] {
      quarters.map { pounds(quarter($0)) } + totals.map { pounds(toDate($0)) }
        + totals.map { pounds(whole($0)) }
    }
    func minus(_ left: Money?, _ right: Money?) -> Money? {
      left.flatMap { left in right.map { left - $0 } }
    }
    return AnalysisOutput(
      columns: [
        .texts(
          "project",
          quarters.map(\.project) + totals.map(\.project) + totals.map(\.project)),
        .texts(
          "quarter_end",
          quarters.map(\.quarter.description) + totals.map { _ in "to date" }
            + totals.map { _ in "all quarters" }),
        .numbers("first_plan", both(\.firstPlan, \.firstPlanToDate, \.firstPlan)),
        .numbers("latest_plan", both(\.latestPlan, \.latestPlanToDate, \.latestPlan)),
        .numbers("actual", both(\.actual, \.actual, \.actual)),
        .numbers(
          "actual_minus_first_plan",
          both(\.actualMinusFirstPlan, { minus($0.actual, $0.firstPlanToDate) }, { _ in nil })),
        .numbers(
          "actual_minus_latest_plan",
          both(\.actualMinusLatestPlan, { minus($0.actual, $0.latestPlanToDate) }, { _ in nil })),
        .numbers("sum_first_plan", both(\.cumulativeFirstPlan, { _ in nil }, { _ in nil })),
        .numbers("sum_latest_plan", both(\.cumulativeLatestPlan, { _ in nil }, { _ in nil })),
        .numbers("sum_actual", both(\.cumulativeActual, { _ in nil }, { _ in nil })),
        .numbers("maximum", both({ _ in nil }, \.maximum, { _ in nil })),
        .numbers("actual_minus_maximum", both({ _ in nil }, \.actualMinusMaximum, { _ in nil })),
      ],
      notes: found.anomalies.map(\.sentence) + [
        "a quarter without an actual is not reported, which is not zero; rows to date compare the"
          + " quarters that are reported"
      ])
  }

  static func perOutcome(_ rows: [PaymentPerOutcome.Row]) -> AnalysisOutput {
    var output = AnalysisOutput(
      columns: [
        .texts("project", rows.map(\.project)), .texts("site", rows.map(\.site)),
        .texts("cohort", rows.map { word($0.cohort) }),
        .texts("outcome", rows.map(\.stage.rawValue)), .integers("target", rows.map(\.target)),
        .integers("achieved", rows.map(\.achieved)), .numbers("paid", rows.map(\.paid.pounds)),
        .numbers("paid_per_outcome", rows.map(\.paidPerAchieved?.pounds)),
        .numbers("maximum", rows.map(\.maximum?.pounds)),
        .numbers("maximum_per_target", rows.map(\.maximumPerTarget?.pounds)),
        .numbers("share_of_maximum", rows.map(\.shareOfMaximum)),
        .numbers("investment", rows.map(\.investment?.pounds)),
        .numbers("paid_over_investment", rows.map(\.timesInvestment)),
        .texts("remark", rows.map(\.remark)),
      ],
      notes: [
        "all payments to date divided by each kind of outcome: a payment is not a cost, and rows of one"
          + " project share the same payments, so they do not add up"
      ])
    output.counts = ["achieved"]
    output.derivedTexts = ["remark"]
    return output
  }

  private static func word(_ text: String) -> String? { text.isEmpty ? nil : text }
}
