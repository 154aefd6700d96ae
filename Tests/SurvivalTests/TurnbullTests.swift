import Statistics
import Survival
import TestSupport
import Testing

@Suite("Times known to intervals")
struct TurnbullTests {
  private func lung() throws -> (times: IntervalTimes, weights: [Double], golden: JSON) {
    let golden = try Golden.json("survival/turnbull.json")
    let high = golden["data"]["high"].array.map { $0.double.isNaN ? .infinity : $0.double }
    let age = golden["data"]["age"].doubles
    return (
      try IntervalTimes(low: golden["data"]["low"].doubles, high: high),
      age.map { 0.5 + $0.truncatingRemainder(dividingBy: 7) / 4 }, golden
    )
  }

  @Test("lung made known to intervals of four widths, with and without weights")
  func golden() throws {
    let (times, weights, golden) = try lung()
    for (name, used) in [("plain", nil), ("weighted", weights)] {
      let arm = try Turnbull().fit(times, weights: used).arms[0]
      #expect(arm.gap <= 1e-11)
      #expect(close(arm.logLikelihood, golden[name]["loglik"].double, .closedForm))
      let masses = golden[name]["mass"].doubles
      let kept = masses.indices.filter { masses[$0] > 1e-7 }
      // Masses that vanish in the limit are not yet zero where a certificate is met.
      let mine = arm.mass.indices.filter { arm.mass[$0] > 1e-7 }
      #expect(mine.map { arm.low[$0] } == kept.map { golden[name]["low"].doubles[$0] })
      #expect(
        close(
          mine.map { arm.mass[$0] }, kept.map { masses[$0] },
          Tolerance(relative: 1e-6, absolute: 1e-8)))
      #expect(close(arm.mass.reduce(0, +), 1, .closedForm))
    }
  }

  @Test("censored on the right only: Kaplan–Meier")
  func kaplanMeier() throws {
    let lung = try Sample.allLung()
    let high = lung.times.time.indices.map {
      lung.times.event[$0] ? lung.times.time[$0] : Double.infinity
    }
    let sex = lung.factor("sex")
    let fit = try Turnbull().fit(IntervalTimes(low: lung.times.time, high: high), by: sex)
    let curves = try KaplanMeier().fit(lung.times, by: sex).curves
    for (arm, curve) in zip(fit.arms, curves) {
      let steps = curve.times.indices.filter { curve.events[$0] > 0 }
      let finite = arm.high.indices.filter { arm.high[$0] < .infinity }
      #expect(finite.map { arm.high[$0] } == steps.map { curve.times[$0] })
      #expect(
        close(
          finite.map { arm.survival[$0] }, steps.map { curve.estimate[$0] },
          Tolerance(relative: 1e-8)))
    }
  }

  @Test("two closed forms")
  func closedForms() throws {
    // Current status: who is seen at 1, 2 and 3; the estimate is the isotonic regression.
    let current = try IntervalTimes(
      low: [-.infinity, 1, -.infinity, 2, 2, -.infinity, -.infinity, 3],
      high: [1, .infinity, 2, .infinity, .infinity, 3, 3, .infinity])
    let arm = try Turnbull().fit(current).arms[0]
    #expect(close(arm.survival(at: 1).lowerBound, 1 - 0.4, Tolerance(relative: 1e-8)))
    #expect(close(arm.survival(at: 3).lowerBound, 1 - 2.0 / 3, Tolerance(relative: 1e-8)))
    // One overlap: (0, 2] twice and (1, 3] once have their common part to themselves.
    let one = try Turnbull().fit(IntervalTimes(low: [0, 0, 1], high: [2, 2, 3])).arms[0]
    #expect(one.low == [1] && one.high == [2] && one.mass == [1])
    #expect(one.survival(at: 1.5) == 0...1 && one.survival(at: 1) == 1...1)
    #expect(one.survival(at: 2) == 0...0)
  }

  @Test("weights are repeated rows; the order of rows does not matter")
  func properties() throws {
    let (times, _, _) = try lung()
    let counts = (0..<times.count).map { 1 + $0 % 3 }
    let repeated = (0..<times.count).reversed().flatMap {
      Array(repeating: $0, count: counts[$0])
    }
    let weighted = try Turnbull().fit(times, weights: counts.map { Double($0) }).arms[0]
    let plain = try Turnbull().fit(
      IntervalTimes(low: repeated.map { times.low[$0] }, high: repeated.map { times.high[$0] })
    ).arms[0]
    #expect(close(weighted.logLikelihood, plain.logLikelihood, .closedForm))
    #expect(weighted.low == plain.low)
    #expect(close(weighted.survival, plain.survival, Tolerance(relative: 1e-7, absolute: 1e-9)))
  }

  @Test("bounds hold every placing of the times, and are reached")
  func bounds() throws {
    let (low, high): ([Double], [Double]) = (
      [0, 2, 2, 3, 4, 4, 6], [3, 5, .infinity, 3, 6, .infinity, 9]
    )
    let intervals = try IntervalTimes(low: low, high: high)
    // Every interval is cut where something can change; a time stands in each part and at its end.
    let grid = [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5, 7, 8, 9]
    let choices = low.indices.map { row -> [Double] in
      guard high[row] < .infinity, low[row] < high[row] else { return [low[row]] }
      return grid.filter { $0 > low[row] && $0 <= high[row] }
    }
    let wanted = [2.0, 3.0, 4.5, 5.0, 6.0]
    var (least, most) = (wanted.map { _ in 2.0 }, wanted.map { _ in -1.0 })
    var place = [Int](repeating: 0, count: low.count)
    let event = high.map { $0 < .infinity }
    search: while true {
      let times = try SurvivalTimes(
        time: low.indices.map { choices[$0][place[$0]] }, event: event)
      let curve = try KaplanMeier().fit(times).at(times: wanted)[0]
      for k in wanted.indices where curve.estimate[k].isFinite {
        least[k] = Swift.min(least[k], curve.estimate[k])
        most[k] = Swift.max(most[k], curve.estimate[k])
      }
      var row = 0
      while place[row] == choices[row].count - 1 {
        place[row] = 0
        row += 1
        if row == place.count { break search }
      }
      place[row] += 1
    }
    let rows = try IntervalBounds(times: wanted).fit(intervals)
    #expect(close(rows.map(\.low), least, .closedForm))
    #expect(close(rows.map(\.high), most, .closedForm))
    for row in rows {
      #expect(row.low <= row.earliest + 1e-12 && row.earliest <= row.high + 1e-12)
      #expect(row.low <= row.latest + 1e-12 && row.latest <= row.high + 1e-12)
      #expect((row.lowerLimit ?? 0) <= row.low && (row.upperLimit ?? 1) >= row.high)
    }
    let arms = Factor(codes: [0, 1, 0, 1, 0, 1, 0], levels: ["a", "b"])
    let both = try IntervalBounds(times: [4]).fit(intervals, by: arms)
    #expect(both.map(\.term) == ["a", "b", "difference"])
    #expect(close(both[2].low, both[1].low - both[0].high, .closedForm))
    #expect(close(both[2].high, both[1].high - both[0].low, .closedForm))
  }

  @Test("bad input is refused")
  func badInput() throws {
    #expect(code { try IntervalTimes(low: [1, 3], high: [2, 2]) } == .badInterval)
    #expect(code { try IntervalTimes(low: [1, .infinity], high: [2, .infinity]) } == .badInterval)
    #expect(code { try IntervalTimes(low: [.nan], high: [2]) } == .missingValue)
    #expect(code { try IntervalTimes(low: [], high: []) } == .noRows)
    #expect(code { try IntervalTimes(low: [1], high: []) } == .sizeMismatch)
    let sound = try IntervalTimes(low: [1, 2], high: [2, 3])
    #expect(code { try Turnbull().fit(sound, weights: [1, -1]) } == .badWeight)
    #expect(code { try IntervalBounds(times: []).fit(sound) } == .invalidOption)
  }
}
