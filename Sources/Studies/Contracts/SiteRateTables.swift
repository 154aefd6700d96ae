internal import Contracts
internal import Glibc
internal import Reporting
internal import Statistics

/// The result tables of services beside each other.
enum SiteRateTables {
  /// Compares the projects and adds the tables.
  ///
  /// - Throws: `internalError` at most.
  static func fill(
    _ study: StudyFile, _ rates: SiteRates, _ projects: [SiteRates.Project],
    _ tables: inout StudyTables
  ) throws(SiblingError) {
    let (comparisons, leftOut) = try rates.compare(projects)
    tables.cohortNotes["site_rates"] = leftOut.distinct
    var (rows, curves, tests) = (
      ResultTable.siteRates, ResultTable.siteRateLimits, ResultTable.rateHeterogeneity
    )
    for comparison in comparisons {
      try append(comparison, to: &rows)
      try append(curvesOf: comparison, to: &curves)
      try append(testsOf: comparison, to: &tests)
    }
    try FlowWords.add([rows, curves, tests], study, note: "site_rates", to: &tables)
  }

  private static func limits(_ limits: SiteFunnelResult.Limits) -> [String: Cell] {
    [
      "limit_95.low": .number(limits.exact95.low), "limit_95.high": .number(limits.exact95.high),
      "limit_998.low": .number(limits.exact998.low),
      "limit_998.high": .number(limits.exact998.high), "wide_95.low": .number(limits.wide95.low),
      "wide_95.high": .number(limits.wide95.high), "wide_998.low": .number(limits.wide998.low),
      "wide_998.high": .number(limits.wide998.high),
    ]
  }

  private static func append(
    _ comparison: SiteRates.Comparison, to table: inout ResultTable
  ) throws(SiblingError) {
    let isShare = comparison.funnel.kind == .proportion
    for (project, row) in zip(comparison.projects, comparison.funnel.rows) {
      let cells: [String: Cell] = [
        "measure": .text(comparison.measure), "cohort": .text(comparison.cohort),
        "contract": .text(project.id), "site": .text(project.site),
        "numerator": Cell(row.count), "denominator": isShare ? Cell(row.base) : nil,
        "target": isShare ? nil : Cell(row.base), "rate": Cell(row.rate),
        "conf.low": Cell(row.interval.low), "conf.high": Cell(row.interval.high),
        "z": Cell(row.z), "position": .text(row.position.rawValue),
        "position_wide": .text(row.widePosition.rawValue),
      ]
      try table.append(cells.merging(limits(row.limits)) { own, _ in own })
    }
  }

  /// The curves at forty bases from somewhat below the smallest to somewhat above the largest.
  private static func append(
    curvesOf comparison: SiteRates.Comparison, to table: inout ResultTable
  ) throws(SiblingError) {
    let funnel = comparison.funnel
    let isShare = funnel.kind == .proportion
    let bases = funnel.rows.map(\.base)
    let (least, most) = ((bases.min() ?? 1) * 0.8, (bases.max() ?? 1) * 1.06)
    let first = max(1, least.rounded(.down))
    var drawn: Set<Double> = []
    for step in 0...40 {
      let base = (first + (most - first) * Double(step) / 40).rounded()
      guard base >= 1, drawn.insert(base).inserted else { continue }
      let cells: [String: Cell] = [
        "measure": .text(comparison.measure), "cohort": .text(comparison.cohort),
        "base": .number(base), "numerator": Cell(funnel.count),
        "denominator": isShare ? Cell(funnel.base) : nil, "centre": Cell(funnel.centre),
      ]
      try table.append(cells.merging(limits(funnel.limits(base: base))) { own, _ in own })
    }
  }

  private static func append(
    testsOf comparison: SiteRates.Comparison, to table: inout ResultTable
  ) throws(SiblingError) {
    let (funnel, found) = (comparison.funnel, comparison.heterogeneity)
    let isShare = funnel.kind == .proportion
    try table.append([
      "measure": .text(comparison.measure), "cohort": .text(comparison.cohort),
      "n_sites": Cell(funnel.rows.count), "numerator": Cell(funnel.count),
      "denominator": isShare ? Cell(funnel.base) : nil,
      "target": isShare ? nil : Cell(funnel.base), "rate": Cell(funnel.centre),
      "phi": Cell(funnel.dispersion), "phi.low": Cell(funnel.dispersionInterval.low),
      "phi.high": Cell(funnel.dispersionInterval.high), "statistic": Cell(found?.statistic),
      "df": Cell(found?.degreesOfFreedom), "p.value": Cell(found?.pValue),
      "p.method": Cell(found?.method.rawValue), "mean": Cell(found?.mean),
      "mean.low": Cell(found?.meanInterval.low), "mean.high": Cell(found?.meanInterval.high),
      "between_variance": Cell(found?.betweenVariance),
      "between.low": Cell(found?.betweenInterval.low),
      "between.high": Cell(found?.betweenInterval.high), "i2": Cell(found?.inconsistency),
      "prediction.low": Cell(found?.prediction?.low),
      "prediction.high": Cell(found?.prediction?.high),
    ])
  }
}
