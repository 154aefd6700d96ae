internal import DifferenceInDifferences
internal import Reporting
internal import Statistics
internal import Tables

/// An analysis that a report can draw from more than its rows.
protocol DrawnAnalysis {
  /// Adds what the chart needs to the run's tables, under the name of the analysis.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func fill(_ tables: inout StudyTables, name: String, from table: Table) throws(SiblingError)
}

extension SyntheticAnalysis: DrawnAnalysis {
  /// The paths of treated and synthetic control, averaged over treated units, and placebo gaps.
  func fill(_ tables: inout StudyTables, name: String, from table: Table) throws(SiblingError) {
    let result = try fit(table)
    // Parts that start together are averaged; of several starts the first is drawn.
    guard let first = result.parts.first else { return }
    let together = result.parts.filter { $0.start == first.start }
    let part = first
    func mean(_ path: (SyntheticResult.Part) -> Double) -> Double {
      together.reduce(0) { $0 + path($1) } / Double(together.count)
    }
    for (place, time) in result.periods.enumerated() {
      let isAfter = time >= part.start
      func row(_ series: String, _ value: Double, unit: String? = nil) throws(SiblingError) {
        try tables.synthetic.append([
          "analysis": .text(name), "series": .text(series), "unit": Cell(unit),
          "time": .number(time), "value": Cell(value), "after": .flag(isAfter),
          "n": Cell(result.observations),
        ])
      }
      try row("treated", mean { $0.treated[place] })
      try row("synthetic", mean { $0.synthetic[place] + $0.intercept })
      try row("gap", mean { $0.gaps[place] })
      for placebo in result.placebos.prefix(60) where placebo.gaps.count == result.periods.count {
        try row("placebo", placebo.gaps[place], unit: placebo.units.joined(separator: "+"))
      }
    }
    for (place, donor) in result.donors.enumerated() {
      let weight = mean { $0.unitWeights[place] }
      guard weight > 1e-9 else { continue }
      try tables.syntheticWeights.append([
        "analysis": .text(name), "kind": "unit", "name": .text(donor), "weight": .number(weight),
        "n": Cell(result.observations),
      ])
    }
    for (time, weight) in zip(result.periods, part.periodWeights) where weight > 1e-9 {
      try tables.syntheticWeights.append([
        "analysis": .text(name), "kind": "period",
        "name": .text(NumberText.significant(time, digits: 12)), "weight": .number(weight),
        "n": Cell(result.observations),
      ])
    }
  }
}

extension InterruptedSeriesAnalysis: DrawnAnalysis {
  /// Each point with the fit and what would have been without the interruption.
  func fill(_ tables: inout StudyTables, name: String, from table: Table) throws(SiblingError) {
    let result = try fit(table).result
    let start = result.interruptions.min() ?? .infinity
    let hasComparison = result.points.contains { !$0.isTreated }
    for point in result.points {
      try tables.series.append([
        "analysis": .text(name),
        "arm": .text(hasComparison ? point.isTreated ? "treated" : "comparison" : outcome),
        "time": .number(point.time),
        "observed": Cell(point.isExcluded ? nil : point.outcome), "fitted": .number(point.fitted),
        "counterfactual": .number(point.counterfactual), "after": .flag(point.time >= start),
        "n": Cell(result.points.count),
      ])
    }
  }
}

/// Rows of `honest-did` as the chart of trend bounds has them.
enum TrendBounds {
  /// Copies kind, m and limits.
  ///
  /// - Throws: `internalError` for rows of another verb.
  static func fill(
    _ tables: inout StudyTables, name: String, _ output: AnalysisOutput
  ) throws(SiblingError) {
    func numbers(_ name: String) -> [Double] {
      output.columns.first { $0.name == name }?.asDoubles ?? []
    }
    guard case .text(let kinds)? = output.columns.first(where: { $0.name == "kind" })?.values else {
      throw SiblingError(.internalError, "the rows have no kind")
    }
    let (m, low, high) = (numbers("m"), numbers("conf.low"), numbers("conf.high"))
    let people = output.people.values.first
    for row in kinds.codes.indices {
      try tables.trendBounds.append([
        "analysis": .text(name), "kind": .text(kinds.levels[Int(kinds.codes[row])]),
        "m": Cell(m[row]), "conf.low": Cell(low[row]), "conf.high": Cell(high[row]),
        "n": Cell(people?[row]),
      ])
    }
  }
}
