import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// The event study of the golden file: counties that raised the minimum wage in 2006.
private func counties() throws -> EventStudyEstimates {
  let golden = try Golden.json("panels/honestdid_mpdta.json")
  return try EventStudyEstimates(
    eventTimes: [-3, -2, 0, 1], estimates: golden["b"].doubles,
    covariance: Matrix(columns: golden["V"].array.map(\.doubles)))
}

/// Estimates with correlations that fade with distance in time.
private func fading(
  before: Int, after: Int, correlation: Double = 0.6, estimates: [Double]? = nil
) throws -> EventStudyEstimates {
  let times = ((-before - 1)...(after - 1)).filter { $0 != -1 }.map { Double($0) }
  let n = times.count
  var covariance = Matrix(rows: n, columns: n)
  for j in 0..<n {
    for i in 0..<n {
      let distance = Int((times[i] - times[j]).magnitude)
      let product = (1 + 0.1 * Double(i)) * (1 + 0.1 * Double(j))
      covariance[i, j] = product * (0..<distance).reduce(1.0) { value, _ in value * correlation }
    }
  }
  let values =
    estimates ?? times.indices.map { Double(($0 * 7) % 5 - 2) / 4 + (times[$0] < 0 ? 0 : 2.5) }
  return try EventStudyEstimates(eventTimes: times, estimates: values, covariance: covariance)
}

extension TrendSensitivityResult {
  fileprivate var limits: [[Double]] {
    rows.map { [$0.interval?.low ?? .nan, $0.interval?.high ?? .nan] }
  }
}

@Suite struct TrendSensitivityTests {
  /// The peer reads limits off a grid of 1000 points over 40 standard errors: the exact limit lies
  /// within a step of it.
  @Test func relativeMagnitudesOfThePeer() throws {
    let golden = try Golden.json("panels/honestdid_mpdta.json")["relmag"]
    let study = try counties()
    let result = try TrendSensitivity(magnitudes: golden["Mbar"].doubles).fit(study)
    let step = 40 * study.covariance[2, 2].squareRoot() / 1000
    for (row, (low, high)) in zip(result.rows, zip(golden["lb"].doubles, golden["ub"].doubles)) {
      let interval = try #require(row.interval)
      #expect((interval.low - low).magnitude < step && (interval.high - high).magnitude < step)
    }
    #expect(try TrendSensitivity().breakdown(study) == .always)
    #expect(close(result.original.high - result.estimate, 1.959963984540054 * result.standardError))
  }

  /// The peer's quantiles are simulated: lengths agree to three digits.
  @Test func smoothnessOfThePeer() throws {
    let golden = try Golden.json("panels/honestdid_mpdta.json")["smooth"]
    let result = try TrendSensitivity(kind: .smoothness, magnitudes: golden["M"].doubles).fit(
      counties())
    for (row, (low, high)) in zip(result.rows, zip(golden["lb"].doubles, golden["ub"].doubles)) {
      let interval = try #require(row.interval)
      #expect(
        close(interval.high - interval.low, high - low, Tolerance(relative: 1.5e-3)))
      #expect((interval.low - low).magnitude < 5e-4 && (interval.high - high).magnitude < 5e-4)
    }
    #expect(try #require(result.certificate) < 1e-10)
  }

  /// Every restriction against an independent program that tries every basis.
  @Test func bruteForce() throws {
    let reference = try Golden.json("panels/honest_did.json")
    var compared = 0
    for entry in reference["intervals"].array {
      let study = reference["studies"][entry["study"].string ?? ""]
      let data = try EventStudyEstimates(
        eventTimes: study["times"].doubles, estimates: study["b"].doubles,
        covariance: Matrix(columns: study["v"].array.map(\.doubles)))
      let kind = try #require(TrendSensitivity.Kind(rawValue: entry["kind"].string ?? ""))
      let (sign, direction) = (entry["sign"].double, entry["direction"].double)
      let result = try TrendSensitivity(
        kind: kind, magnitudes: [entry["m"].double],
        sign: sign == 0 ? nil : sign > 0 ? .positive : .negative,
        direction: direction == 0 ? nil : direction > 0 ? .increasing : .decreasing,
        target: entry["target"].string == "average" ? .average : .eventTime(0)
      ).fit(data)
      let expected = entry["limits"].doubles
      guard !expected.isEmpty else {
        #expect(result.rows[0].interval == nil)
        continue
      }
      let unit = result.standardError
      // A general-purpose minimiser finds the weights only to the root of its precision.
      let slack = result.usesFixedLength ? 1e-5 : 1e-8
      for (found, wanted) in zip(result.limits[0], expected) {
        #expect(
          (found - wanted).magnitude < slack * unit,
          "\(entry["study"].string ?? "") \(kind) \(sign) \(direction) m \(entry["m"].double)")
      }
      if result.usesFixedLength {
        let length = result.limits[0][1] - result.limits[0][0]
        #expect(close(length, expected[1] - expected[0], Tolerance(relative: 1e-9)))
        #expect(length <= (expected[1] - expected[0]) * (1 + 1e-12))
      }
      compared += 1
    }
    #expect(compared > 50)
  }

  /// With no bend allowed the interval is the best linear extrapolation, in closed form by least
  /// squares: here a line through one estimate before treatment and the reference.
  @Test func straightLine() throws {
    let study = try fading(before: 1, after: 2)
    let result = try TrendSensitivity(kind: .smoothness, magnitudes: [0]).fit(study)
    // At the first period after, the line's bias is −β₋₂; its variance adds up.
    let v = study.covariance
    let centre = study.estimates[1] + study.estimates[0]
    let error = (v[0, 0] + v[1, 1] + 2 * v[0, 1]).squareRoot()
    #expect(close(result.limits[0][0], centre - 1.959963984540054 * error))
    #expect(close(result.limits[0][1], centre + 1.959963984540054 * error))
  }

  /// Where periods before treatment say nothing (m = 0) relative magnitudes come close to the
  /// interval that takes parallel trends for granted: it is a test of the same normal estimate.
  @Test func noViolation() throws {
    let study = try fading(before: 3, after: 3)
    let result = try TrendSensitivity(magnitudes: [0]).fit(study)
    let interval = try #require(result.rows[0].interval)
    let reach =
      (interval.high - interval.low) / 2 / result.standardError
    #expect(reach > 1.95 && reach < 2.3)
    #expect(close((interval.high + interval.low) / 2, result.estimate, Tolerance(relative: 1e-8)))
  }

  @Test(arguments: TrendSensitivity.Kind.allCases)
  func widensWithTheBound(_ kind: TrendSensitivity.Kind) throws {
    for target in [TrendSensitivity.Target.eventTime(1), .average] {
      let bounds = [0, 0.1, 0.25, 0.5, 1, 2, 4]
      let result = try TrendSensitivity(kind: kind, magnitudes: bounds, target: target).fit(
        fading(before: 4, after: 3))
      for (narrow, wide) in zip(result.limits, result.limits.dropFirst()) {
        #expect(wide[1] - wide[0] > narrow[1] - narrow[0])
      }
    }
  }

  @Test(arguments: TrendSensitivity.Kind.allCases)
  func scaleAndMirror(_ kind: TrendSensitivity.Kind) throws {
    let study = try fading(before: 3, after: 2)
    let factor = 1e-4
    let scaled = try EventStudyEstimates(
      eventTimes: study.eventTimes, estimates: study.estimates.map { $0 * factor },
      covariance: study.covariance.scaled(by: factor * factor))
    let mirrored = try EventStudyEstimates(
      eventTimes: study.eventTimes, estimates: study.estimates.map { -$0 },
      covariance: study.covariance)
    for sign in [nil, TrendSensitivity.Sign.positive] {
      let unit = kind == .smoothness ? factor : 1
      func fit(
        _ data: EventStudyEstimates, _ unit: Double, _ sign: TrendSensitivity.Sign?
      ) throws -> TrendSensitivityResult {
        try TrendSensitivity(kind: kind, magnitudes: [0.3 * unit, 1.2 * unit], sign: sign).fit(data)
      }
      let plain = try fit(study, 1, sign)
      let small = try fit(scaled, unit, sign)
      let turned = try fit(mirrored, 1, sign.map { _ in .negative })
      for row in 0..<2 {
        #expect(
          close(
            small.limits[row], plain.limits[row].map { $0 * factor },
            Tolerance(relative: 1e-8, absolute: 0)))
        #expect(
          close(
            turned.limits[row], plain.limits[row].reversed().map { -$0 },
            Tolerance(relative: 1e-8)))
      }
      let breakdown = TrendSensitivity(kind: kind, sign: sign)
      let (one, other) = (try breakdown.breakdown(study), try breakdown.breakdown(scaled))
      if case .at(let m) = one, case .at(let scaledM) = other {
        #expect(close(scaledM, m * unit, Tolerance(relative: 1e-6, absolute: 0)))
      } else {
        #expect(one == other && one == .always)
      }
    }
  }

  @Test func orderAndReferenceRowDoNotMatter() throws {
    let study = try fading(before: 2, after: 2)
    let order = [2, 0, 3, 1]
    let shuffled = try EventStudyEstimates(
      eventTimes: order.map { study.eventTimes[$0] } + [-1],
      estimates: order.map { study.estimates[$0] } + [0],
      covariance: study.covariance.selecting(both: order))
    #expect(shuffled == study)
    var wide = Matrix(rows: 5, columns: 5)
    for i in 0..<4 {
      for j in 0..<4 { wide[i, j] = study.covariance[order[i], order[j]] }
    }
    let padded = try EventStudyEstimates(
      eventTimes: order.map { study.eventTimes[$0] } + [-1],
      estimates: order.map { study.estimates[$0] } + [0], covariance: wide)
    #expect(padded == study)
  }

  @Test(arguments: TrendSensitivity.Kind.allCases)
  func breakdownIsWhereTheIntervalTouchesZero(_ kind: TrendSensitivity.Kind) throws {
    let study = try fading(
      before: 3, after: 3, estimates: [0.2, -0.3, 0.25, 6, 5.5, 5])
    guard case .at(let m) = try TrendSensitivity(kind: kind).breakdown(study) else {
      Issue.record("no breakdown")
      return
    }
    let around = try TrendSensitivity(kind: kind, magnitudes: [m * 0.999, m * 1.001]).fit(study)
    #expect(around.limits[0][0] > 0 && around.limits[1][0] <= 0)
  }

  /// A bias that can't be below zero, beside an estimate before treatment that says it must be.
  @Test func rejectedRestriction() throws {
    let study = try fading(before: 1, after: 1, estimates: [30, 2])
    let result = try TrendSensitivity(kind: .smoothness, magnitudes: [0.1], sign: .positive).fit(
      study)
    #expect(result.rows[0].interval == nil)
  }

  /// Under the null at the edge of the identified set the interval covers at least at its level.
  @Test func coverage() throws {
    let template = try fading(before: 2, after: 2, correlation: 0.4)
    let factor = try Cholesky(template.covariance).lower
    // A bias that doubles the largest change before treatment, upwards, and no effect.
    let truth = [0.5, -0.5, 1.0, 2.0]
    var covered = 0
    let draws = 150
    for draw in 0..<draws {
      var stream = RandomStream(seed: 5, name: "honest", index: UInt64(draw))
      let noise = (0..<4).map { _ in stream.normal() }
      let shift = factor.times(noise)
      let data = try EventStudyEstimates(
        eventTimes: template.eventTimes, estimates: zip(truth, shift).map { $0 + $1 },
        covariance: template.covariance)
      let interval = try TrendSensitivity(magnitudes: [1]).fit(data).rows[0].interval
      if let interval, interval.low <= 0, interval.high >= 0 { covered += 1 }
    }
    // Three Monte-Carlo standard errors below 95 in 100.
    #expect(Double(covered) / Double(draws) > 0.95 - 3 * 0.0178)
  }

  @Test func refusals() throws {
    let study = try fading(before: 2, after: 2)
    func code(_ work: () throws -> Void) -> SiblingError.Code? {
      do {
        try work()
        return nil
      } catch {
        return (error as? SiblingError)?.code
      }
    }
    func made(
      _ times: [Double] = [-3, -2, 0, 1], _ values: [Double] = [0, 0, 1, 1],
      _ covariance: Matrix = .identity(4), reference: Double = -1
    ) -> SiblingError.Code? {
      code {
        _ = try EventStudyEstimates(
          eventTimes: times, estimates: values, covariance: covariance, reference: reference)
      }
    }
    #expect(made() == nil)
    #expect(made([-3, -2, 0]) == .sizeMismatch)
    #expect(made([-3, -2, 0, 1], [0, 0, 1, 1], .identity(3)) == .sizeMismatch)
    #expect(made([-3, -2, 0, 1], [0, .nan, 1, 1]) == .missingValue)
    #expect(made([-3, -2, 0, 2]) == .badDesign)
    #expect(made([-3, -2, 0, 0]) == .badDesign)
    #expect(made([-3.5, -2, 0, 1]) == .badDesign)
    #expect(made([0, 1, 2, 3]) == .badDesign)
    #expect(made([-5, -4, -3, -2]) == .badDesign)
    #expect(made([-4, -3, 0, 1], reference: -1) == .badDesign)
    var crooked = Matrix.identity(4)
    crooked[0, 1] = 0.3
    #expect(made([-3, -2, 0, 1], [0, 0, 1, 1], crooked) == .badDesign)
    crooked[1, 0] = 0.3
    #expect(made([-3, -2, 0, 1], [0, 0, 1, 1], crooked) == nil)
    for value in [1, 1.5] {
      crooked[0, 1] = value
      crooked[1, 0] = value
      #expect(made([-3, -2, 0, 1], [0, 0, 1, 1], crooked) == .badDesign)
    }
    #expect(made([-3, -2, 0, 1], [0, 0, 1, 1], .diagonal([1, 0, 1, 1])) == .badDesign)
    #expect(code { _ = try TrendSensitivity(magnitudes: [-0.5]).fit(study) } == .invalidOption)
    #expect(code { _ = try TrendSensitivity(magnitudes: [.nan]).fit(study) } == .invalidOption)
    #expect(
      code { _ = try TrendSensitivity(target: .eventTime(7)).fit(study) } == .invalidOption)
    #expect(
      code { _ = try TrendSensitivity(target: .eventTime(-2)).fit(study) } == .invalidOption)
    #expect(code { _ = try TrendSensitivity(level: 1).fit(study) } == .invalidOption)
    #expect(code { _ = try PreTrendPower(powers: [0.01]).fit(study) } == .invalidOption)
    #expect(code { _ = try PreTrendPower(powers: [1]).fit(study) } == .invalidOption)
  }
}
