import Foundation
import Reporting
import Statistics

/// Charts of panels: cohorts, decompositions, bounds, synthetic controls and series.
extension Gallery {
  static func panelCharts() throws -> [Figure] {
    try [
      groupTime([(2004, 20), (2006, 40), (2007, 131)], 2003...2007), groupTimeOne(),
      groupTimeMany(), eventStudyBands(), decomposition(), decompositionOne(), trendBounds(),
      trendBoundsOpen(), synthetic(), syntheticNoPlacebos(), series(), seriesCompared(),
    ]
  }

  static func groupTime(
    _ cohorts: [(Double, Int)], _ times: ClosedRange<Int>, name: String = "group_time"
  ) throws -> Figure {
    var table = ResultTable.groupTime
    var draws = Draws(3)
    for (start, units) in cohorts {
      for time in times {
        let isBase = Double(time) == start - 1
        let effect = Double(time) < start ? 0 : -0.04 * (Double(time) - start + 1)
        let value = isBase ? 0 : effect + 0.03 * (draws.uniform() - 0.5)
        let error = 0.2 / Double(units).squareRoot()
        let hasError = !isBase && units > 2
        try table.append([
          "analysis": "did", "group": .number(start), "time": Cell(time),
          "estimate": .number(value), "std.error": Cell(hasError ? error : nil),
          "conf.low": Cell(hasError ? value - 2 * error : nil),
          "conf.high": Cell(hasError ? value + 2 * error : nil), "reference": .flag(isBase),
          "n_treated": Cell(units), "n_comparison": 309,
        ])
      }
    }
    return try GroupTimeChart(
      title: "Employment fell more the longer the wage was raised",
      subtitle: "Log employment, difference to the base year; counties, 2003 to 2007",
      period: "Year"
    ).figure(released(table), name: name)
  }

  static func groupTimeOne() throws -> Figure {
    try groupTime([(12, 1)], 1...30, name: "group_time_one")
  }

  static func groupTimeMany() throws -> Figure {
    try groupTime(
      (0..<9).map { (2006 + Double($0), 3 + 7 * $0) }, 2000...2016, name: "group_time_many")
  }

  static func eventStudyBands() throws -> Figure {
    var table = ResultTable.eventStudy
    for time in -4...3 {
      let value = time < 0 ? 0.01 * Double(time + 1) : -0.03 * Double(time + 1)
      let reach = time == -1 ? nil : Double?(0.04)
      try table.append([
        "analysis": "did", "rel_time": Cell(time), "estimate": .number(value),
        "conf.low": Cell(reach.map { value - $0 }), "conf.high": Cell(reach.map { value + $0 }),
        "band.low": Cell(reach.map { value - 1.5 * $0 }),
        "band.high": Cell(reach.map { value + 1.5 * $0 }), "reference": .flag(time == -1),
        "n": 500,
      ])
    }
    return try EventStudyChart(
      title: "The effect grew with time since the start",
      subtitle: "Averages of group-time effects, intervals and simultaneous bands"
    ).figure(released(table), name: "event_study_bands")
  }

  static func decomposition() throws -> Figure {
    try decomposition(
      [
        ("treated vs untreated", 0.536, -0.043), ("treated vs untreated", 0.245, -0.023),
        ("treated vs untreated", 0.082, -0.080), ("earlier vs later treated", 0.052, 0.018),
        ("earlier vs later treated", 0.026, -0.091), ("earlier vs later treated", 0.005, -0.046),
        ("later vs earlier treated", 0.017, 0.011), ("later vs earlier treated", 0.026, -0.020),
        ("later vs earlier treated", 0.011, 0.054),
      ], name: "decomposition")
  }

  static func decompositionOne() throws -> Figure {
    try decomposition([("treated vs untreated", 1, 12_345)], name: "decomposition_one")
  }

  static func decomposition(
    _ dyads: [(String, Double, Double)], name: String
  ) throws -> Figure {
    var table = ResultTable.decomposition
    for (index, (type, weight, estimate)) in dyads.enumerated() {
      try table.append([
        "analysis": "did", "type": .text(type), "treated_cohort": Cell(2000 + index),
        "weight": .number(weight), "estimate": .number(estimate),
      ])
    }
    return try DecompositionChart(
      title: "Nearly all weight is on clean comparisons",
      subtitle: "Two-by-two differences in differences of log employment, 2003 to 2007",
      style: .significant(3)
    ).figure(released(table), name: name)
  }

  static func bounds(_ rows: [(Double?, Double?, Double?)], name: String) throws -> Figure {
    var table = ResultTable.trendBounds
    for (m, low, high) in rows {
      try table.append([
        "analysis": "did", "kind": m == nil ? "original" : "relative-magnitude", "m": Cell(m),
        "conf.low": Cell(low), "conf.high": Cell(high),
      ])
    }
    return try TrendBoundsChart(
      title: "The conclusion falls once trends may differ by half",
      subtitle: "Effect in the first year, 95% intervals", style: .decimals(3),
      axisTitle: "Difference in trends allowed, as a multiple of the largest before"
    ).figure(released(table), name: name)
  }

  static func trendBounds() throws -> Figure {
    try bounds(
      [
        (nil, -0.039, -0.001), (0.5, -0.0446, 0.0360), (1, -0.0596, 0.0510), (1.5, -0.0796, 0.071),
        (2, -0.101, 0.0924),
      ], name: "trend_bounds")
  }

  static func trendBoundsOpen() throws -> Figure {
    try bounds([(nil, 1, 2), (0.5, 0.5, nil), (1, nil, nil)], name: "trend_bounds_open")
  }

  static func synthetic(placebos: Int, name: String) throws -> Figure {
    var table = ResultTable.synthetic
    var draws = Draws(11)
    func add(_ series: String, _ unit: String?, _ time: Int, _ value: Double) throws {
      try table.append([
        "analysis": "synth", "series": .text(series), "unit": unit.map { .text($0) } ?? .missing,
        "time": Cell(time), "value": .number(value), "after": .flag(time >= 1989),
      ])
    }
    for time in 1970...2000 {
      let base = 120 - 1.2 * Double(time - 1970) + 4 * draws.uniform()
      let gap = time < 1989 ? 2 * (draws.uniform() - 0.5) : -2.2 * Double(time - 1988)
      try add("treated", nil, time, base + gap)
      try add("synthetic", nil, time, base)
      try add("gap", nil, time, gap)
      for unit in 0..<placebos {
        try add(
          "placebo", "state \(unit)", time,
          (time < 1989 ? 4 : 12) * (draws.uniform() - 0.5) * (1 + Double(unit % 4)))
      }
    }
    return try SyntheticChart(
      title: "Sales fell below those of the synthetic state",
      subtitle: "Packs of cigarettes a head, 1970 to 2000", style: .decimals(1),
      measure: "Packs a head", period: "Year", treated: "California"
    ).figure(released(table), name: name)
  }

  static func synthetic() throws -> Figure { try synthetic(placebos: 20, name: "synthetic") }
  static func syntheticNoPlacebos() throws -> Figure {
    try synthetic(placebos: 0, name: "synthetic_no_placebos")
  }

  static func series(_ arms: [(String, Double)], name: String) throws -> Figure {
    var table = ResultTable.series
    var draws = Draws(5)
    for (arm, change) in arms {
      for time in 1...24 {
        let trend = 30 + 0.4 * Double(time)
        let isAfter = time >= 13
        let fit = trend + (isAfter ? change + 0.2 * change * Double(time - 13) / 4 : 0)
        let isMasked = time == 14 || time == 15
        try table.append([
          "analysis": "its", "arm": .text(arm), "time": Cell(time),
          "observed": Cell(isMasked ? nil : fit + 4 * (draws.uniform() - 0.5)),
          "fitted": .number(fit), "counterfactual": .number(trend), "after": .flag(isAfter),
        ])
      }
    }
    return try SeriesChart(
      title: "Job starts rose when the contract began",
      subtitle: "Job starts a quarter, 2014 to 2019", style: .decimals(0),
      measure: "Job starts", period: "Quarter"
    ).figure(released(table), name: name)
  }

  static func series() throws -> Figure { try series([("Sites", 8)], name: "series") }
  static func seriesCompared() throws -> Figure {
    try series([("Bond sites", 8), ("Comparison sites", 1)], name: "series_compared")
  }
}
