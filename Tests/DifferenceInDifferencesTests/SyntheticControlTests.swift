import DifferenceInDifferences
import Foundation
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct SyntheticCaliforniaTests {
  private static let none = SyntheticInference(method: .none)

  @Test func syntheticControl() throws {
    let golden = try Golden.json("panels/synthetic_california.json")["control"]
    let data = try SyntheticData.california()
    let result = try SyntheticControl().fit(data.panel(), outcome: data.outcome)
    let part = try #require(result.parts.first)
    #expect(close(result.estimate.estimate, golden["att"].double, .converged))
    #expect(close(part.unitWeights, golden["weights"].doubles, .converged))
    #expect(close(part.gaps, golden["gaps"].doubles, .converged))
    #expect(part.units == ["California"] && part.start == 1989 && part.periodsBefore == 19)
    #expect(part.weightedDonors == 6 && !part.isTieBroken && part.periodsOutsideDonors == 0)
    #expect(part.certificates.count == 1 && part.certificates.allSatisfy(\.holds))
    #expect(result.observations == 39 * 31)
    // Every donor once in California's place; three of 39 have at least its ratio.
    #expect(result.placebos.count == 38 && result.donors.count == 38)
    #expect(Set(result.placebos.flatMap(\.units)) == Set(result.donors))
    #expect(result.placebos.allSatisfy { $0.gaps.count == 31 })
    let test = try #require(result.ratio)
    #expect(test.isExhaustive && test.assignments == 39)
    #expect(
      test.pValue == Double(1 + result.placebos.count { $0.ratio >= test.ratio }) / 39)
    #expect(result.attainablePValue == 1.0 / 39)
    let mean = result.placebos.reduce(0) { $0 + $1.estimate } / 38
    let spread =
      (result.placebos.reduce(0) { $0 + pow($1.estimate - mean, 2) } / 38).squareRoot()
    #expect(close(result.estimate.standardError ?? 0, spread, .closedForm))
  }

  @Test func syntheticDifferences() throws {
    let golden = try Golden.json("panels/synthetic_california.json")["sdid"]
    let data = try SyntheticData.california()
    let result = try SyntheticDifferenceInDifferences(inference: Self.none).fit(
      data.panel(), outcome: data.outcome)
    #expect(close(result.estimate.estimate, golden["att"].double, .converged))
    #expect(close(result.parts[0].unitWeights, golden["unit"].doubles, .converged))
    #expect(close(result.parts[0].periodWeights, golden["period"].doubles, .published))
    #expect(result.parts[0].certificates.count == 2)
    let part = result.parts[0]
    // The double difference by hand.
    let after = zip(part.treated, part.synthetic).map { $0 - $1 }[19...].reduce(0, +) / 12
    let before = zip(part.periodWeights, zip(part.treated, part.synthetic)).reduce(0) {
      $0 + $1.0 * ($1.1.0 - $1.1.1)
    }
    #expect(close(result.estimate.estimate, after - before, .closedForm))
  }

  /// The published −15.6, −19.6 and −27.3, and the peer's own digits.
  @Test func publishedIteration() throws {
    let data = try SyntheticData.california()
    let panel = try data.panel()
    let sdid = try SyntheticDifferenceInDifferences(inference: Self.none, solver: .frankWolfe)
      .fit(panel, outcome: data.outcome)
    #expect(close(sdid.estimate.estimate, -15.603827872733893, .converged))
    let control = try SyntheticControl(inference: Self.none, solver: .frankWolfe).fit(
      panel, outcome: data.outcome)
    #expect(close(control.estimate.estimate, -19.619663470944012, .converged))
    let did = try SyntheticDifferenceInDifferences(weighting: .uniform, inference: Self.none).fit(
      panel, outcome: data.outcome)
    #expect((did.estimate.estimate + 27.3).magnitude < 0.05)
    // Equal weights by hand.
    func mean(_ isTreated: Bool, _ isAfter: Bool) -> Double {
      let rows = data.unit.indices.filter {
        (data.unit[$0] == "California") == isTreated && (data.time[$0] >= 1989) == isAfter
      }
      return rows.reduce(0) { $0 + data.outcome[$1] } / Double(rows.count)
    }
    let byHand = mean(true, true) - mean(true, false) - mean(false, true) + mean(false, false)
    #expect(close(did.estimate.estimate, byHand, .closedForm))
  }

  /// Five states taken as treated together.
  @Test func jackknifeOfFive() throws {
    let golden = try Golden.json("panels/synthetic_california.json")["five"]
    let states = golden["states"].array.map(\.string)
    var data = try SyntheticData.california().keeping { _ in true }
    data = data.keeping { data.unit[$0] != "California" }
    data.group = data.unit.map { states.contains($0) ? 1989 : nil }
    let panel = try data.panel()
    let jackknife = SyntheticInference(method: .jackknife)
    let exact = try SyntheticDifferenceInDifferences(inference: jackknife).fit(
      panel, outcome: data.outcome)
    #expect(close(exact.estimate.estimate, golden["att"].double, .converged))
    #expect(close(exact.estimate.standardError ?? 0, golden["jackknife"].double, .converged))
    let early = try SyntheticDifferenceInDifferences(inference: jackknife, solver: .frankWolfe)
      .fit(panel, outcome: data.outcome)
    #expect(close(early.estimate.estimate, 0.9914441691776248, .converged))
    #expect(close(early.estimate.standardError ?? 0, 4.860500012633053, .converged))
    let did = try SyntheticDifferenceInDifferences(weighting: .uniform, inference: jackknife).fit(
      panel, outcome: data.outcome)
    #expect(close(did.estimate.estimate, 0.8415283104736844, .converged))
    #expect(close(did.estimate.standardError ?? 0, 6.856036806425119, .converged))
  }

  @Test func conformal() throws {
    let golden = try Golden.json("panels/synthetic_california.json")
    let data = try SyntheticData.california()
    let result = try SyntheticControl(
      inference: SyntheticInference(method: .conformal, level: 0.9)
    ).fit(data.panel(), outcome: data.outcome)
    #expect(close(result.estimate.pValue ?? 0, golden["conformal"].double, .closedForm))
    #expect(result.estimate.standardError == nil && result.attainablePValue == 1.0 / 31)
    // p is just below 0.1 at no effect, so the 90% set ends just short of it.
    let interval = try #require(result.estimate.interval)
    #expect(interval.high < 0 && interval.high > -2 && interval.low < result.estimate.estimate)
  }
}
