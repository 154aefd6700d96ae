import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// Segmented regression beside R's lm, glm and gls with sandwich's Newey–West.
@Suite struct InterruptedTimeSeriesTests {
  struct Series {
    var time: [Double]
    var outcome: [Double]
    var count: [Double]
    var exposure: [Double]
    var treated: [Bool]
  }

  /// 48 months of a treated and a comparison series, interrupted in month 29.
  static func both() throws -> Series {
    let file = try Golden.csv("panels/interrupted_series.csv")
    return Series(
      time: Golden.numbers(file["time"]), outcome: Golden.numbers(file["y"]),
      count: Golden.numbers(file["n"]), exposure: Golden.numbers(file["exposure"]),
      treated: Golden.numbers(file["treated"]).map { $0 == 1 })
  }

  static func one() throws -> Series {
    var series = try both()
    let rows = series.treated.indices.filter { series.treated[$0] }
    series.time = rows.map { series.time[$0] }
    series.outcome = rows.map { series.outcome[$0] }
    series.count = rows.map { series.count[$0] }
    series.exposure = rows.map { series.exposure[$0] }
    return series
  }

  static func golden(_ key: String) throws -> JSON {
    try Golden.json("panels/interrupted_series.json")[key]
  }

  private func compare(
    _ result: InterruptedTimeSeriesResult, _ key: String, _ tolerance: Tolerance = .converged
  ) throws {
    let golden = try Self.golden(key)
    #expect(close(result.table.rows.map(\.estimate), golden["b"].doubles, tolerance), "\(key)")
    #expect(
      close(result.table.rows.map { $0.standardError ?? .nan }, golden["se"].doubles, tolerance),
      "\(key)")
  }

  @Test func leastSquares() throws {
    let series = try Self.one()
    let result = try InterruptedTimeSeries(interruptions: [29], errors: .independent).fit(
      time: series.time, outcome: series.outcome)
    try compare(result, "ols")
    #expect(result.table.rows.map(\.term) == ["(Intercept)", "time", "level", "slope"])
    #expect(result.table.rows.allSatisfy { $0.degreesOfFreedom == 44 })
    #expect(close(result.durbinWatson, try Self.golden("dw").double, .converged))
    let test = try #require(result.breuschGodfrey)
    #expect(test.order == 3)
    #expect(close([test.statistic, test.pValue], try Self.golden("bg").doubles, .converged))
  }

  @Test func neweyWest() throws {
    let series = try Self.one()
    let result = try InterruptedTimeSeries(interruptions: [29]).fit(
      time: series.time, outcome: series.outcome)
    // ⌊4(48/100)^(2/9)⌋
    #expect(result.lag == 3)
    try compare(result, "nw")
    let effect = try #require(result.effect(after: 8))
    let golden = try Self.golden("nw")["effect8"].doubles
    #expect(close([effect.estimate, effect.standardError ?? 0], golden, .converged))
    #expect(effect.term == "effect(8)" && result.effect(after: 8, ofInterruption: 1) == nil)
    #expect(result.effect(after: 0)?.estimate == result.table["level"]?.estimate)
  }

  @Test func seasonsAndExcludedPeriods() throws {
    let series = try Self.one()
    for (model, key) in [
      (
        InterruptedTimeSeries(interruptions: [29], season: .harmonics(2, of: 12)), "harmonics"
      ),
      (InterruptedTimeSeries(interruptions: [29], season: .indicators(of: 4)), "indicators"),
      (InterruptedTimeSeries(interruptions: [29], excluded: [29, 30]), "excluded"),
      (InterruptedTimeSeries(interruptions: [40, 29], errors: .independent), "twice"),
    ] {
      let result = try model.fit(time: series.time, outcome: series.outcome)
      try compare(result, key)
    }
    let phased = try InterruptedTimeSeries(interruptions: [29], excluded: [29, 30]).fit(
      time: series.time, outcome: series.outcome)
    #expect(phased.table.observations == 46 && phased.points.count == 48)
    #expect(phased.points.filter(\.isExcluded).map(\.time) == [29, 30])
    #expect(phased.notes.contains { $0.contains("extrapolated") })
    let twice = try InterruptedTimeSeries(interruptions: [29, 40]).fit(
      time: series.time, outcome: series.outcome)
    #expect(twice.table["slope(40)"] != nil)
    #expect(twice.effect(after: 2, ofInterruption: 1)?.term == "effect(40+2)")
  }

  @Test func comparison() throws {
    let series = try Self.both()
    let result = try InterruptedTimeSeries(interruptions: [29]).fit(
      time: series.time, outcome: series.outcome, treated: series.treated)
    try compare(result, "comparison")
    #expect(
      result.table.rows.map(\.term) == [
        "(Intercept)", "time", "level", "slope", "treated", "time:treated", "level:treated",
        "slope:treated",
      ])
    let effect = try #require(result.effect(after: 4))
    let change = try #require(result.table["level:treated"]).estimate
    let slope = try #require(result.table["slope:treated"]).estimate
    #expect(close(effect.estimate, change + 4 * slope, .closedForm))
    // The difference of the two series fitted alone.
    let treated = try InterruptedTimeSeries(interruptions: [29]).fit(
      time: Array(series.time[..<48]), outcome: Array(series.outcome[..<48]))
    let other = try InterruptedTimeSeries(interruptions: [29]).fit(
      time: Array(series.time[48...]), outcome: Array(series.outcome[48...]))
    let difference =
      (treated.table["level"]?.estimate ?? .nan) - (other.table["level"]?.estimate ?? .nan)
    #expect(close(change, difference, .converged))
    // Its own points go on as fitted; the treated ones as if changed like the comparison.
    for point in result.points {
      let gap = point.fitted - point.counterfactual
      let own = point.isTreated && point.time >= 29
      #expect(close(gap, own ? change + slope * (point.time - 29) : 0, .published))
    }
  }

  @Test func praisWinstenAndCochraneOrcutt() throws {
    let series = try Self.one()
    for (model, key) in [
      (InterruptedTimeSeries(interruptions: [29], errors: .praisWinsten), "pw"),
      (
        InterruptedTimeSeries(interruptions: [29], excluded: [29, 30], errors: .praisWinsten),
        "pwgap"
      ),
      (InterruptedTimeSeries(interruptions: [29], errors: .cochraneOrcutt), "co"),
    ] {
      let result = try model.fit(time: series.time, outcome: series.outcome)
      try compare(result, key, Tolerance(relative: 1e-9))
      let rho = try #require(result.autocorrelation)
      #expect(close(rho, try Self.golden(key)["rho"].double, .converged))
    }
  }

  @Test func counts() throws {
    let series = try Self.one()
    for (errors, key) in [
      (InterruptedTimeSeries.Errors.independent, "count"), (.neweyWest(lag: 3), "countnw"),
    ] {
      let result = try InterruptedTimeSeries(interruptions: [29], errors: errors, isCount: true)
        .fit(time: series.time, outcome: series.count, exposure: series.exposure)
      try compare(result, key, .published)
      // Counts are fitted as counts: the score of the intercept is zero.
      let fitted = result.points.reduce(0) { $0 + $1.fitted }
      #expect(close(fitted, series.count.reduce(0, +), .published))
    }
  }

  @Test func orderScaleShiftAndTimeUnits() throws {
    let series = try Self.both()
    for errors in [
      InterruptedTimeSeries.Errors.independent, .neweyWest(lag: 2), .praisWinsten, .cochraneOrcutt,
    ] {
      let model = InterruptedTimeSeries(interruptions: [29], errors: errors)
      let base = try model.fit(
        time: series.time, outcome: series.outcome, treated: series.treated)
      let order = series.time.indices.sorted { ($0 * 37) % 96 < ($1 * 37) % 96 }
      let turned = try model.fit(
        time: order.map { series.time[$0] }, outcome: order.map { series.outcome[$0] },
        treated: order.map { series.treated[$0] })
      #expect(turned.table.rows == base.table.rows)
      #expect(turned.points.map(\.fitted) == base.points.map(\.fitted))
      #expect(turned.points.map { order[$0.row] } == base.points.map(\.row))

      let scaled = try model.fit(
        time: series.time, outcome: series.outcome.map { 10 * $0 - 7 }, treated: series.treated)
      for (a, b) in zip(base.table.rows, scaled.table.rows).dropFirst() {
        #expect(close(10 * a.estimate, b.estimate, .published))
        #expect(close(10 * (a.standardError ?? 0), b.standardError ?? 1, .published))
      }
      // Quarters of the unit of time: slopes a quarter, levels the same.
      var quarters = model
      quarters.interruptions = [1000 + 4 * 29]
      let finer = try quarters.fit(
        time: series.time.map { 1000 + 4 * $0 }, outcome: series.outcome,
        treated: series.treated)
      for (a, b) in zip(base.table.rows, finer.table.rows) {
        let isSlope = a.term.hasPrefix("time") || a.term.hasPrefix("slope")
        #expect(close(a.estimate, (isSlope ? 4 : 1) * b.estimate, .published), "\(a.term)")
      }
      let far = try #require(finer.effect(after: 32)?.estimate)
      #expect(close(far, base.effect(after: 8)?.estimate ?? 0, .published))
    }
  }

  /// A series without noise gives back what made it, whatever the errors.
  @Test func whatWasPutInComesOut() throws {
    let time = (1...30).map { Double($0) }
    let outcome = time.map { 5 + 0.5 * ($0 - 1) + ($0 >= 16 ? 3 - 0.25 * ($0 - 16) : 0) }
    for errors in [InterruptedTimeSeries.Errors.independent, .neweyWest(lag: nil), .praisWinsten] {
      let result = try InterruptedTimeSeries(interruptions: [16], errors: errors).fit(
        time: time, outcome: outcome)
      #expect(close(result.table.rows.map(\.estimate), [5, 0.5, 3, -0.25], .converged))
      #expect(close(result.effect(after: 12)?.estimate ?? 1, 0, .converged))
      for point in result.points where point.time >= 16 {
        #expect(close(point.counterfactual, 5 + 0.5 * (point.time - 1), .converged))
      }
    }
  }

  @Test func shortSeriesAreToldOrRefused() throws {
    let series = try Self.one()
    func fit(_ rows: ClosedRange<Int>, _ start: Double) throws(SiblingError)
      -> InterruptedTimeSeriesResult
    {
      try InterruptedTimeSeries(interruptions: [start]).fit(
        time: rows.map { series.time[$0 - 1] }, outcome: rows.map { series.outcome[$0 - 1] })
    }
    let short = try fit(22...34, 29)
    #expect(short.segments.map(\.points) == [7, 6])
    #expect(short.notes.contains { $0.contains("7 (22 to 28), 6 (29 to 34)") })
    #expect(short.notes.contains { $0.contains("(8) gives no p-value below 0.125") })
    #expect(throws: SiblingError.self) { try fit(27...40, 29) }
    #expect(throws: SiblingError.self) { try fit(1...30, 29) }
    #expect(throws: SiblingError.self) { try fit(1...30, 60) }
  }

  private func problem(
    _ model: InterruptedTimeSeries, time: [Double], outcome: [Double]? = nil,
    treated: [Bool]? = nil, exposure: [Double]? = nil, weights: [Double]? = nil
  ) -> SiblingError? {
    do throws(SiblingError) {
      _ = try model.fit(
        time: time, outcome: outcome ?? time.map { ($0 * 7).truncatingRemainder(dividingBy: 5) },
        treated: treated, exposure: exposure, weights: weights)
      return nil
    } catch {
      return error
    }
  }

  @Test func mistakes() {
    let time = (1...20).map { Double($0) }
    let plain = InterruptedTimeSeries(interruptions: [11])
    #expect(problem(plain, time: time) == nil)
    #expect(problem(plain, time: time + [7])?.code == .duplicateKey)
    #expect(problem(plain, time: time + [7])?.row == 20)
    #expect(problem(plain, time: [])?.code == .noRows)
    #expect(problem(plain, time: time, outcome: [1])?.code == .sizeMismatch)
    #expect(problem(plain, time: time + [.nan])?.code == .missingValue)
    #expect(problem(InterruptedTimeSeries(interruptions: []), time: time)?.code == .invalidOption)
    #expect(
      problem(InterruptedTimeSeries(interruptions: [.infinity]), time: time)?.code
        == .invalidOption)
    #expect(
      problem(plain, time: time, treated: time.map { _ in true })?.code == .constantTreatment)
    #expect(problem(plain, time: time, exposure: time.map { $0 - 1 })?.row == 0)
    #expect(problem(plain, time: time, weights: time.map { 3 - $0 })?.code == .badWeight)
    for season in [
      InterruptedTimeSeries.Season.indicators(of: 1), .indicators(of: .max), .harmonics(3, of: 4),
      .harmonics(0, of: 4), .harmonics(.max, of: 4), .harmonics(.max, of: .max),
    ] {
      let model = InterruptedTimeSeries(interruptions: [11], season: season)
      #expect(problem(model, time: time)?.code == .invalidOption)
    }
    let lagged = InterruptedTimeSeries(interruptions: [11], errors: .neweyWest(lag: 20))
    #expect(problem(lagged, time: time)?.code == .invalidOption)
    // Uneven times do for least squares, not for autocorrelation or seasons.
    let uneven = time.map { $0 + ($0 > 9 ? 0.3 : 0) }
    #expect(problem(plain, time: uneven) == nil)
    let ar = InterruptedTimeSeries(interruptions: [11], errors: .praisWinsten)
    #expect(problem(ar, time: uneven)?.code == .badDesign)
    #expect(problem(ar, time: time, weights: time)?.code == .invalidOption)
    let counted = InterruptedTimeSeries(interruptions: [11], errors: .praisWinsten, isCount: true)
    #expect(problem(counted, time: time)?.code == .invalidOption)
    // The row is the one given, not its place in the sorted series.
    let count = InterruptedTimeSeries(interruptions: [11], excluded: [3], isCount: true)
    let negative = problem(
      count, time: time.reversed(), outcome: time.map { $0 == 5 ? -1 : $0 })
    #expect(negative?.code == .badValue && negative?.row == 4)
  }

  /// 202312 and 202401 are one month apart, not 89.
  @Test func yearsAndMonthsInOneNumberAreRefused() {
    let months: [Double] = (0..<30).map { (place: Int) in
      Double(202_301 + 100 * (place / 12) + place % 12)
    }
    let found = problem(InterruptedTimeSeries(interruptions: [202_404]), time: months)
    #expect(found?.code == .badDesign && found?.message.contains("months") == true)
    let quarters: [Double] = (0..<16).map { (place: Int) in
      Double(20_201 + 10 * (place / 4) + place % 4)
    }
    let other = problem(InterruptedTimeSeries(interruptions: [20_221]), time: quarters)
    #expect(other?.code == .badDesign && other?.message.contains("quarters") == true)
    let years = (2001...2020).map { Double($0) }
    #expect(problem(InterruptedTimeSeries(interruptions: [2011]), time: years) == nil)
  }

  @Test func weightsLeaveOutWhatTheyMakeZero() throws {
    let series = try Self.one()
    let weights = series.time.map { [29.0, 30].contains($0) ? 0.0 : 1 }
    let result = try InterruptedTimeSeries(interruptions: [29]).fit(
      time: series.time, outcome: series.outcome, weights: weights)
    try compare(result, "excluded")
  }
}
