import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct PreTrendPowerTests {
  @Test func againstPlainIntegration() throws {
    let reference = try Golden.json("panels/honest_did.json")
    let study = reference["studies"]["mpdta"]
    let data = try EventStudyEstimates(
      eventTimes: study["times"].doubles, estimates: study["b"].doubles,
      covariance: Matrix(columns: study["v"].array.map(\.doubles)))
    for entry in reference["pretrends"].array {
      let results = try PreTrendPower(powers: [entry["power"].double]).fit(data)
      for result in results {
        let expected = entry[result.test.rawValue]
        #expect(
          close(result.slope, expected["slope"].double, Tolerance(relative: 1e-8, absolute: 0)))
        #expect(
          close(
            result.effects.map(\.bias), expected["bias"].doubles,
            Tolerance(relative: 1e-8, absolute: 0)))
        #expect(
          close(
            result.effects.map(\.biasWhenPassing), expected["passing"].doubles,
            Tolerance(relative: 1e-8, absolute: 0)))
        #expect(result.effects.map(\.eventTime) == [0, 1])
      }
    }
  }

  /// Equal correlations leave an integral in one dimension over the factor that all share.
  @Test(arguments: [1, 2, 3, 4, 6, 8]) func sharedFactor(_ periods: Int) throws {
    let times = ((-periods - 1)...(-2)).map { Double($0) } + [0]
    let n = times.count
    var covariance = Matrix.identity(n)
    for i in 0..<n {
      for j in 0..<n where i != j { covariance[i, j] = 0.5 }
    }
    let data = try EventStudyEstimates(
      eventTimes: times, estimates: times, covariance: covariance)
    let normal = Normal.standard
    let z = normal.upperQuantile(0.025)
    func power(_ slope: Double) -> Double {
      // Trapezia are exact to all digits for what fades at both ends.
      let step = 0.02
      var sum = 0.0
      for k in -500...500 {
        let u = Double(k) * step
        var product = normal.density(u) * step
        for period in 1...periods {
          let centre = -slope * Double(period) + 0.5.squareRoot() * u
          product *=
            normal.lowerTail((z - centre) / 0.5.squareRoot())
            - normal.lowerTail((-z - centre) / 0.5.squareRoot())
        }
        sum += product
      }
      return 1 - sum
    }
    let slack = periods <= 5 ? 1e-9 : periods == 6 ? 1e-5 : 3e-4
    for result in try PreTrendPower(tests: [.individual], powers: [0.8]).fit(data) {
      #expect((power(result.slope) - result.power).magnitude < slack, "\(periods)")
    }
  }

  /// One period before treatment: both tests are the same, in closed form.
  @Test func onePeriod() throws {
    let data = try EventStudyEstimates(
      eventTimes: [-2, 0], estimates: [0, 1], covariance: .diagonal([4, 1]))
    let results = try PreTrendPower(powers: [0.5]).fit(data)
    #expect(close(results[0].slope, results[1].slope, Tolerance(relative: 1e-8, absolute: 0)))
    let mean = results[0].slope / 2
    let normal = Normal.standard
    let z = normal.upperQuantile(0.025)
    #expect(close(normal.upperTail(z - mean) + normal.upperTail(z + mean), 0.5))
    // Uncorrelated with the estimate before: passing changes nothing.
    #expect(close(results[0].effects[0].biasWhenPassing, results[0].effects[0].bias))
    #expect(close(results[1].effects[0].biasWhenPassing, results[1].effects[0].bias))
  }

  @Test func scalesWithTheOutcome() throws {
    let covariance = Matrix(columns: [[1, 0.4, 0.3], [0.4, 1.5, 0.6], [0.3, 0.6, 2]])
    func slopes(_ factor: Double) throws -> [Double] {
      try PreTrendPower().fit(
        EventStudyEstimates(
          eventTimes: [-3, -2, 0], estimates: [0, 0, 0],
          covariance: covariance.scaled(by: factor * factor))
      ).flatMap { [$0.slope] + $0.effects.map(\.biasWhenPassing) }
    }
    #expect(
      close(
        try slopes(1e-3), try slopes(1).map { $0 * 1e-3 }, Tolerance(relative: 1e-8, absolute: 0)))
    // What is detected more often is steeper.
    let plain = try PreTrendPower().fit(
      EventStudyEstimates(
        eventTimes: [-3, -2, 0], estimates: [0, 0, 0], covariance: covariance))
    #expect(plain[0].slope < plain[1].slope && plain[2].slope < plain[3].slope)
  }

  @Test func eventStudyOfCounties() throws {
    let data = try Datasets.mpdta()
    let rows = data.group.indices.filter { data.group[$0] == 2006 || (data.group[$0] ?? 0) == 0 }
    let panel = try PanelDesign(
      unit: data.unit.selecting(rows), time: rows.map { data.time[$0] },
      group: rows.map { data.group[$0] })
    let outcome = rows.map { data.outcome[$0] }
    let golden = try Golden.json("panels/honestdid_mpdta.json")
    let exact = Tolerance(relative: 1e-8, absolute: 1e-14)
    let study = try EventStudy().fit(panel, outcome: outcome).estimates(reference: -1)
    #expect(study.eventTimes == [-3, -2, 0, 1])
    #expect(close(study.estimates, golden["b"].doubles, exact))
    #expect(close(study.covariance.storage, golden["V"].array.flatMap(\.doubles), exact))
    // One cohort against the never treated: group-time effects are the same comparisons.
    let groupTime = try GroupTimeEffects(base: .universal).fit(panel, outcome: outcome)
    let averages = try groupTime.dynamicEstimates()
    #expect(close(averages.estimates, golden["b"].doubles, exact))
    #expect(averages.reference == -1)
    let errors = try groupTime.aggregate(.dynamic)
    for (place, time) in averages.eventTimes.enumerated() {
      let row = try #require(errors["e=\(Int(time))"])
      #expect(
        close(averages.covariance[place, place].squareRoot(), row.standardError ?? .nan))
    }
    #expect(throws: SiblingError.self) {
      try GroupTimeEffects(base: .varying).fit(panel, outcome: outcome).dynamicEstimates()
    }
  }
}
