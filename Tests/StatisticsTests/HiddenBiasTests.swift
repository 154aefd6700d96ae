import LinearAlgebra
import TestSupport
import Testing

@testable import Statistics

@Suite struct OmittedVariableBiasTests {
  @Test func published() throws {
    let bias = try OmittedVariableBias(
      estimate: 4.18444998480826, standardError: 1, degreesOfFreedom: 783)
    #expect(close(try bias.robustnessValue(), 0.138776353893589, .closedForm))
    #expect(close(try bias.robustnessValue(alpha: 0.05), 0.0762579655448582, .closedForm))
    #expect(close(bias.partialRSquared, 0.02187309334111, .closedForm))
  }

  @Test func lalonde() throws {
    let golden = try Golden.json("hidden_bias.json")["omitted_variable"]
    let data = try Golden.csv("lalonde.csv")
    let race = Factor(data["race"] ?? [])
    var names = ["(Intercept)", "treat"]
    var columns = [[Double](repeating: 1, count: 614), Golden.numbers(data["treat"])]
    for name in ["age", "educ", "married", "nodegree", "re74", "re75"] {
      names.append(name)
      columns.append(Golden.numbers(data[name]))
    }
    for level in [1, 2] {
      names.append("race\(level)")
      columns.append(race.codes.map { $0 == Int32(level) ? 1 : 0 })
    }
    let design = DesignMatrix(matrix: Matrix(columns: columns), names: names)
    let outcome = Golden.numbers(data["re78"])
    let fit = try LeastSquares().fit(design, response: outcome)
    let table = try fit.estimates()
    let row = try #require(table["treat"])
    let bias = try OmittedVariableBias(
      estimate: row.estimate, standardError: row.standardError ?? .nan,
      degreesOfFreedom: Double(fit.residualDegreesOfFreedom))
    #expect(close(bias.partialRSquared, golden["partial_r2"].double, .converged))
    #expect(close(try bias.robustnessValue(), golden["rv"].double, .converged))
    for entry in golden["benchmarks"].array {
      let name = entry["name"].string ?? ""
      let chosen = names.indices.filter {
        names[$0] == name || names[$0].hasPrefix(name) && name == "race"
      }
      let rest = design.selecting(columns: names.indices.filter { $0 != 1 })
      let observed = OmittedVariableBias.Strength(
        treatmentShare: try OmittedVariableBias.partialShare(
          of: chosen.map { $0 - 1 }, in: rest, response: columns[1]),
        outcomeShare: try OmittedVariableBias.partialShare(
          of: chosen, in: design, response: outcome))
      let multiple = entry["multiple"].double
      let strength = try OmittedVariableBias.bound(
        observed: observed, treatmentMultiple: multiple, outcomeMultiple: multiple)
      guard let strength else {
        #expect(entry["estimate"].double.isNaN)
        continue
      }
      #expect(close(strength.treatmentShare, entry["r2_treatment"].double, .converged))
      #expect(close(strength.outcomeShare, entry["r2_outcome"].double, .converged))
      let adjusted = try bias.adjusted(
        treatmentShare: strength.treatmentShare, outcomeShare: strength.outcomeShare)
      #expect(close(adjusted.estimate, entry["estimate"].double))
      #expect(close(adjusted.standardError ?? 0, entry["std_error"].double))
    }
  }

  /// The whole point of the formulas: adding the omitted variable gives the adjusted regression.
  @Test func anOmittedVariableThatIsThereGivesWhatIsForetold() throws {
    var stream = RandomStream(seed: 5, name: "omitted")
    let n = 200
    func noise() -> [Double] { (0..<n).map { _ in stream.uniform() - 0.5 } }
    let (x, z, e) = (noise(), noise(), noise())
    let own = noise()
    var (d, y) = ([Double](), [Double]())
    for row in 0..<n {
      let treatment = x[row] + 0.7 * z[row] + own[row]
      d.append(treatment)
      y.append(2 * treatment + x[row] + 0.9 * z[row] + e[row])
    }
    let ones = [Double](repeating: 1, count: n)
    let allNames = ["(Intercept)", "d", "x", "z"]
    func design(_ columns: [[Double]]) -> DesignMatrix {
      DesignMatrix(
        matrix: Matrix(columns: [ones] + columns), names: Array(allNames[0...columns.count]))
    }
    let short = try LeastSquares().fit(design([d, x]), response: y)
    let long = try LeastSquares().fit(design([d, x, z]), response: y)
    let shortTable = try short.estimates()
    let longTable = try long.estimates()
    let without = try #require(shortTable["d"])
    let with = try #require(longTable["d"])
    let bias = try OmittedVariableBias(
      estimate: without.estimate, standardError: without.standardError ?? .nan,
      degreesOfFreedom: Double(short.residualDegreesOfFreedom))
    let ofTreatment = try OmittedVariableBias.partialShare(
      of: [1],
      in: DesignMatrix(
        matrix: Matrix(columns: [ones, z, x]),
        names: ["(Intercept)", "z", "x"]), response: d)
    let ofOutcome = try OmittedVariableBias.partialShare(
      of: [3], in: design([d, x, z]), response: y)
    let foretold = try bias.adjusted(treatmentShare: ofTreatment, outcomeShare: ofOutcome)
    #expect(close(foretold.estimate, with.estimate, .converged))
    #expect(close(foretold.standardError ?? 0, with.standardError ?? 1, .converged))
    #expect(foretold.degreesOfFreedom == with.degreesOfFreedom)
  }

  @Test func theRobustnessValueIsWhereTheEstimateVanishes() throws {
    for (estimate, df) in [(2.5, 30.0), (-4, 500), (9, 3), (40, 4), (0.1, 10)] {
      let bias = try OmittedVariableBias(
        estimate: estimate, standardError: 1, degreesOfFreedom: df)
      let value = try bias.robustnessValue()
      let gone = try bias.adjusted(treatmentShare: value, outcomeShare: value)
      #expect(gone.estimate.magnitude < 1e-9)
      let half = try bias.robustnessValue(share: 0.5)
      let left = try bias.adjusted(treatmentShare: half, outcomeShare: half)
      #expect(close(left.estimate, estimate / 2, .closedForm))
      // The interval just reaches nought somewhere on the edge of the square of shares, nowhere before.
      let edge = try bias.robustnessValue(alpha: 0.05)
      guard edge > 0 else { continue }
      func nearest(_ share: Double) throws -> Double {
        try (0...2000).map { step throws in
          let adjusted = try bias.adjusted(
            treatmentShare: share, outcomeShare: share * Double(step) / 2000)
          let sign: Double = estimate < 0 ? -1 : 1
          return sign > 0 ? adjusted.interval?.low ?? .nan : -(adjusted.interval?.high ?? .nan)
        }.min() ?? .nan
      }
      #expect(try nearest(edge * 0.999) > 0)
      #expect(try nearest(min(0.999999, edge * 1.001)) < 0)
    }
  }

  @Test func scaleAndSignDoNotMatter() throws {
    let plain = try OmittedVariableBias(estimate: 3, standardError: 1, degreesOfFreedom: 50)
    let scaled = try OmittedVariableBias(estimate: -300, standardError: 100, degreesOfFreedom: 50)
    #expect(close(try plain.robustnessValue(), try scaled.robustnessValue(), .closedForm))
    let (a, b) = (
      try plain.adjusted(treatmentShare: 0.1, outcomeShare: 0.2),
      try scaled.adjusted(treatmentShare: 0.1, outcomeShare: 0.2)
    )
    #expect(close(a.estimate * -100, b.estimate, .closedForm))
    #expect(
      try plain.adjusted(treatmentShare: 0.1, outcomeShare: 0.2, raises: true).estimate > 3)
  }

  @Test func badInput() throws {
    let bad: [(Double, Double, Double)] = [(1, 0, 10), (.nan, 1, 10), (1, 1, 1), (1, -1, 10)]
    for (estimate, error, df) in bad {
      #expect(throws: SiblingError.self) {
        try OmittedVariableBias(estimate: estimate, standardError: error, degreesOfFreedom: df)
      }
    }
    let bias = try OmittedVariableBias(estimate: 1, standardError: 1, degreesOfFreedom: 10)
    #expect(throws: SiblingError.self) { try bias.robustnessValue(share: 0) }
    #expect(throws: SiblingError.self) { try bias.robustnessValue(alpha: 1) }
    #expect(throws: SiblingError.self) { try bias.adjusted(treatmentShare: 1, outcomeShare: 0) }
    #expect(throws: SiblingError.self) { try bias.adjusted(treatmentShare: 0, outcomeShare: -0.1) }
    #expect(throws: SiblingError.self) {
      try OmittedVariableBias.bound(
        observed: .init(treatmentShare: 0.1, outcomeShare: 1), treatmentMultiple: 1,
        outcomeMultiple: 1)
    }
    #expect(
      try OmittedVariableBias.bound(
        observed: .init(treatmentShare: 0.6, outcomeShare: 0.1), treatmentMultiple: 1,
        outcomeMultiple: 1) == nil)
    #expect(
      try OmittedVariableBias(estimate: 0, standardError: 1, degreesOfFreedom: 10)
        .robustnessValue() == 0)
  }
}

@Suite struct EValueTests {
  @Test func published() throws {
    let value = try EValue.riskRatio(
      3.9, interval: ConfidenceInterval(low: 1.8, high: 8.7, level: 0.95))
    #expect(close(value.point, 3.9 + (3.9 * 2.9).squareRoot(), .closedForm))
    #expect(close(value.limit ?? 0, 1.8 + (1.8 * 0.8).squareRoot(), .closedForm))
  }

  @Test func belowOneIsTheInverse() throws {
    let above = try EValue.riskRatio(
      2, interval: ConfidenceInterval(low: 1.25, high: 4, level: 0.95))
    let below = try EValue.riskRatio(
      0.5, interval: ConfidenceInterval(low: 0.25, high: 0.8, level: 0.95))
    #expect(close(above.point, below.point, .closedForm))
    #expect(close(above.limit ?? 0, below.limit ?? 1, .closedForm))
    let across = try EValue.riskRatio(
      1.5, interval: ConfidenceInterval(low: 0.9, high: 2, level: 0.95))
    #expect(across.limit == 1)
    #expect(try EValue.riskRatio(1).point == 1)
    #expect(try EValue.riskRatio(2).limit == nil)
  }

  @Test func otherScales() throws {
    #expect(close(try EValue.oddsRatio(4).riskRatio, 2, .closedForm))
    #expect(try EValue.oddsRatio(4, isRare: true).riskRatio == 4)
    #expect(try EValue.hazardRatio(0.7, isRare: true).riskRatio == 0.7)
    // (1 − 0.5^√0.56)/(1 − 0.5^√(1/0.56)).
    #expect(close(try EValue.hazardRatio(0.56).riskRatio, 0.6700839516630157, .closedForm))
    #expect(
      close(
        try EValue.hazardRatio(0.56).riskRatio * EValue.hazardRatio(1 / 0.56).riskRatio, 1,
        .closedForm))
    let difference = try EValue.standardizedDifference(0.5, standardError: 0.1)
    #expect(close(difference.riskRatio, 1.5761733830339912, .closedForm))
    #expect(close(difference.interval?.low ?? 0, 1.3191663710349588, .closedForm))
    let mirrored = try EValue.standardizedDifference(-0.5, standardError: 0.1)
    #expect(close(mirrored.point, difference.point, .closedForm))
    #expect(close(mirrored.limit ?? 0, difference.limit ?? 1, .closedForm))
  }

  @Test func riskDifferenceFromCounts() throws {
    let golden = try Golden.json("hidden_bias.json")["risk_difference"]
    let counts = golden["counts"].doubles.map { Int($0) }
    let value = try EValue.riskDifference(
      EValue.Counts(
        treatedEvents: counts[0], treated: counts[1], comparisonEvents: counts[2],
        comparison: counts[3]))
    #expect(close(value.point, golden["point"].double, .closedForm))
    #expect(close(value.limit ?? 0, golden["limit"].double, .converged))
    // A protective effect is judged with the groups exchanged.
    let turned = try EValue.riskDifference(
      EValue.Counts(
        treatedEvents: counts[2], treated: counts[3], comparisonEvents: counts[0],
        comparison: counts[1]))
    #expect(close(turned.point, value.point, .closedForm))
    #expect(close(turned.limit ?? 0, value.limit ?? 1, .closedForm))
    let none = try EValue.riskDifference(
      EValue.Counts(treatedEvents: 5, treated: 50, comparisonEvents: 4, comparison: 50))
    #expect(none.limit == 1)
  }

  @Test func badInput() {
    #expect(throws: SiblingError.self) { try EValue.riskRatio(0) }
    #expect(throws: SiblingError.self) { try EValue.riskRatio(-2) }
    #expect(throws: SiblingError.self) { try EValue.riskRatio(.nan) }
    #expect(throws: SiblingError.self) {
      try EValue.riskRatio(2, interval: ConfidenceInterval(low: 3, high: 4, level: 0.95))
    }
    #expect(throws: SiblingError.self) {
      try EValue.standardizedDifference(1, standardError: -1)
    }
    #expect(throws: SiblingError.self) {
      try EValue.riskDifference(
        EValue.Counts(treatedEvents: 0, treated: 5, comparisonEvents: 1, comparison: 5))
    }
    #expect(throws: SiblingError.self) {
      try EValue.riskDifference(
        EValue.Counts(treatedEvents: 6, treated: 5, comparisonEvents: 1, comparison: 5))
    }
  }
}

@Suite struct HolmTests {
  @Test func byHand() {
    let adjusted = HolmAdjustment.adjusted([0.01, 0.04, nil, 0.03, 0.005])
    // Sorted: 0.005 × 4, 0.01 × 3, 0.03 × 2, 0.04 → at least 0.06.
    let expected = [0.03, 0.06, .nan, 0.06, 0.02]
    #expect(close(adjusted.map { $0 ?? .nan }, expected, .closedForm))
    #expect(HolmAdjustment.adjusted([0.9, 0.8]) == [1, 1])
    #expect(HolmAdjustment.adjusted([]).isEmpty)
  }
}
