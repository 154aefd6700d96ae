import Foundation
import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Comparison of survival models")
struct SurvivalModelComparisonTests {
  @Test("criteria are those of the single fits, curves those of the models' formulas")
  func lung() throws {
    let lung = try Sample.lung()
    let design = lung.design.withIntercept
    let arms = Factor.numbered(lung["sex"])
    let table = try SurvivalModelComparison().compare(lung.times, design, arms: arms)
    #expect(table.rows.count == 10 && table.notes.isEmpty)
    let criteria = table.rows.map(\.fit.akaike)
    #expect(criteria == criteria.sorted())
    for row in table.rows {
      #expect(row.distance > 0 && row.distance < 0.3)
      for curve in row.survival {
        #expect(zip(curve, curve.dropFirst()).allSatisfy { $0 >= $1 })
        #expect(curve.allSatisfy { $0 > 0 && $0 < 1 })
      }
    }
    let weibull = try #require(table.rows.first { $0.model == "weibull" })
    let plain = try SurvivalRegression().fit(lung.times, design)
    #expect(weibull.fit.logLikelihood == plain.logLikelihood)
    // Mean survival of the women at the first event time, written out.
    let b = plain.coefficients
    var (sum, count) = (0.0, 0.0)
    for row in lung.times.time.indices where lung["sex"][row] == 2 {
      let location = b[0] + b[1] * lung["age"][row] + b[2] * 2 + b[3] * lung["ph.ecog"][row]
      sum += exp(-exp((log(table.times[0]) - location) / exp(b[4])))
      count += 1
    }
    #expect(close(weibull.survival[1][0], sum / count, .closedForm))
    let observed = try KaplanMeier().fit(lung.times, by: arms).at(times: table.times)
    #expect(close(table.kaplanMeier[1], observed[1].estimate, .closedForm))
    // The splines without knots are three of the families.
    let flat = try SurvivalModelComparison(knots: 0).compare(lung.times, design, arms: arms)
    for (spline, family) in [
      ("hazard", "weibull"), ("odds", "loglogistic"), ("normal", "lognormal"),
    ] {
      let (a, b) = (
        try #require(flat.rows.first { $0.model == "flexible-\(spline)" }),
        try #require(flat.rows.first { $0.model == family })
      )
      #expect(close(a.distance, b.distance))
      #expect(close(a.survival[0], b.survival[0]))
    }
  }

  @Test("chosen times, one arm, whole weights as rows, models that can't be fitted")
  func edges() throws {
    let lung = try Sample.lung()
    let ones = lung.design.withIntercept.selecting(columns: [0])
    let table = try SurvivalModelComparison().compare(lung.times, ones, at: [365, 90])
    #expect(table.times == [90, 365] && table.arms == ["all"])
    let exponential = try #require(table.rows.first { $0.model == "exponential" })
    let rate = Double(lung.times.events) / lung.times.time.reduce(0, +)
    #expect(close(exponential.survival[0], [exp(-90 * rate), exp(-365 * rate)], .closedForm))
    let weights = lung.times.time.indices.map { Double(1 + $0 % 2) }
    let rows = lung.times.time.indices.flatMap { [Int](repeating: $0, count: 1 + $0 % 2) }
    let weighted = try SurvivalModelComparison(knots: 0).compare(
      lung.times, ones, weights: weights)
    let many = try SurvivalModelComparison(knots: 0).compare(
      try lung.times.selecting(rows), ones.selecting(rows: rows))
    for row in weighted.rows {
      let other = try #require(many.rows.first { $0.model == row.model })
      #expect(close(row.distance, other.distance))
      #expect(close(row.fit.logLikelihood, other.fit.logLikelihood, .closedForm))
    }
    // Two event times are too few for three pieces of a spline.
    let few = try SurvivalTimes(
      time: [1, 1, 2, 2, 2, 3], event: [true, true, true, true, true, false])
    let short = try SurvivalModelComparison().compare(
      few, ones.selecting(rows: Array(0..<6)))
    #expect(short.notes.count { $0.hasPrefix("flexible") } == 3)
    #expect(
      code { try SurvivalModelComparison().compare(lung.times, ones, at: [-1]) } == .invalidOption)
  }
}
