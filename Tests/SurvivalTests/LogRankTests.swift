import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("The log-rank family")
struct LogRankTests {
  private func check(
    _ result: LogRankResult, _ golden: JSON, strata: Bool = false,
    source: SourceLocation = #_sourceLocation
  ) {
    func sums(_ name: String) -> [Double] {
      strata ? golden[name].array.map { $0.doubles.reduce(0, +) } : golden[name].doubles
    }
    #expect(
      close(result.groups.map(\.observed), sums("obs"), .converged), sourceLocation: source)
    #expect(
      close(result.groups.map(\.expected), sums("exp"), .converged), sourceLocation: source)
    #expect(
      close(result.variance.rowMajor, golden["var"].matrix, .converged), sourceLocation: source)
    #expect(
      close(result.statistic, golden["chisq"].double, .converged), sourceLocation: source)
  }

  @Test("lung by sex, ρ = 0 and 1, stratified")
  func lung() throws {
    let golden = try Golden.json("survival/survival.json")
    let lung = try Sample.allLung()
    let sex = lung.factor("sex")
    let plain = try LogRank().test(lung.times, by: sex)
    check(plain, golden["lr"])
    #expect(close(plain.statistic, 10.3267419548856, .converged))
    #expect(plain.groups.map(\.count) == [138, 90])
    let weighted = try LogRank(rho: 1).test(lung.times, by: sex)
    check(weighted, golden["lr1"])
    #expect(close(weighted.statistic, 12.7141514011575, .converged))
    let known = try Sample.lung()
    let stratified = try LogRank().test(
      known.times, by: known.factor("sex"), strata: known.factor("ph.ecog"))
    check(stratified, golden["lr_strata"], strata: true)
    #expect(close(stratified.statistic, 10.7950596334964, .converged))
    check(
      try LogRank(rho: 1).test(
        known.times, by: known.factor("sex"), strata: known.factor("ph.ecog")),
      golden["lr_strata1"], strata: true)
  }

  @Test("lung by performance score: four groups")
  func fourGroups() throws {
    let golden = try Golden.json("survival/survfit_survdiff_rmst.json")
    let lung = try Sample.lung()
    let ecog = lung.factor("ph.ecog")
    for rho in [0, 0.5, 1] {
      let name = rho == 0 ? "0" : rho == 1 ? "1" : "0.5"
      let result = try LogRank(rho: rho).test(lung.times, by: ecog)
      check(result, golden["survdiff_lung_ecog_rho\(name)"])
      #expect(result.degreesOfFreedom == 3)
    }
  }

  @Test("Rossi and aml")
  func others() throws {
    let rossi = try Sample.rossi()
    let result = try LogRank().test(rossi.times, by: rossi.factor("fin"))
    #expect(close(result.statistic, 3.83756957654905, .converged))
    let aml = try Sample("aml.csv", time: "time", event: "cens", ["group"])
    let second = try LogRank().test(aml.times, by: aml.factor("group"))
    #expect(close(second.statistic, 3.3963886988977, .converged))
  }

  @Test("equals the score test of a Cox model without ties, truncated and stratified too")
  func scoreTest() throws {
    var data = Synthetic(150)
    for row in data.time.indices { data.time[row] += Double(row) * 1e-3 }
    let arm = DesignMatrix(matrix: Matrix(columns: [data.x[1]]), names: ["arm"])
    let groups = Factor.numbered(data.x[1])
    for truncated in [false, true] {
      let times = try data.times(truncated: truncated)
      for strata in [nil, data.sites] {
        let test = try LogRank().test(times, by: groups, strata: strata)
        let fit = try CoxRegression().fit(times, arm, strata: strata)
        #expect(close(test.statistic, fit.score.statistic, .converged))
      }
    }
  }

  @Test("the robust test is the robust score test of a Cox model with Breslow's ties")
  func robust() throws {
    let data = Synthetic(150)
    let arm = DesignMatrix(matrix: Matrix(columns: [data.x[1]]), names: ["arm"])
    let groups = Factor.numbered(data.x[1])
    let weights = data.weights.map { $0 / 2 }
    let pairs = Factor(codes: (0..<150).map { Int32($0 / 2) }, levels: (0..<75).map { "\($0)" })
    for truncated in [false, true] {
      let times = try data.times(truncated: truncated)
      for strata in [nil, data.sites] {
        for cluster in [nil, pairs] {
          let test = try LogRank().test(
            times, by: groups, strata: strata, weights: weights, cluster: cluster)
          let fit = try CoxRegression(ties: .breslow).fit(
            times, arm, strata: strata, weights: weights, cluster: cluster)
          #expect(test.robust && test.clusters == cluster.map { _ in 75 })
          #expect(close(test.statistic, fit.robustScore?.statistic ?? .nan, .converged))
        }
      }
    }
    let own = try LogRank(rho: 0.5, robust: true).test(try data.times(), by: data.sites)
    let named = try LogRank(rho: 0.5).test(
      try data.times(), by: data.sites,
      cluster: Factor(codes: (0..<150).map { Int32($0) }, levels: (0..<150).map { "\($0)" }))
    #expect(close(own.statistic, named.statistic, .closedForm))
  }

  @Test("weights count as repeated rows; γ and order of rows")
  func repeatedRows() throws {
    let data = Synthetic(90)
    let repeated = data.selecting(
      data.weights.indices.reversed().flatMap { row in
        Array(repeating: row, count: Int(data.weights[row]))
      })
    for (rho, gamma) in [(0.0, 0.0), (1, 0), (0, 1), (0.5, 0.5)] {
      for truncated in [false, true] {
        let test = LogRank(rho: rho, gamma: gamma)
        let weighted = try test.test(
          data.times(truncated: truncated), by: data.sites, weights: data.weights)
        let plain = try test.test(repeated.times(truncated: truncated), by: repeated.sites)
        #expect(close(weighted.statistic, plain.statistic, .converged))
        #expect(close(weighted.groups.map(\.count), plain.groups.map(\.count)))
      }
    }
  }

  @Test("groups that are never at risk at an event are left out")
  func idleGroup() throws {
    let times = try SurvivalTimes(
      time: [1, 2, 3, 4, 5, 0.5], event: [true, true, true, false, true, false])
    let group = Factor(codes: [0, 1, 0, 1, 1, 2], levels: ["a", "b", "idle"])
    let result = try LogRank().test(times, by: group)
    #expect(result.degreesOfFreedom == 1 && result.notes.count == 1)
    #expect(result.groups.last?.expected == 0)
    let two = try times.selecting([0, 1, 2, 3, 4])
    let without = try LogRank().test(two, by: group.selecting([0, 1, 2, 3, 4]))
    #expect(close(result.statistic, without.statistic, .closedForm))
  }

  @Test("bad input is refused")
  func badInput() throws {
    let times = try SurvivalTimes(time: [1, 2, 3], event: [true, false, true])
    let one = Factor(codes: [0, 0, 0], levels: ["a", "b"])
    #expect(code { try LogRank().test(times, by: one) } == .constantTreatment)
    let quiet = try SurvivalTimes(time: [1, 2], event: [false, false])
    let two = Factor(codes: [0, 1], levels: ["a", "b"])
    #expect(code { try LogRank().test(quiet, by: two) } == .noEvents)
    #expect(code { try LogRank(rho: -1).test(quiet, by: two) } == .invalidOption)
    #expect(code { try LogRank().test(times, by: two) } == .sizeMismatch)
  }
}

/// The code of the error that a call throws, if it throws one.
func code<T>(_ body: () throws -> T) -> SiblingError.Code? {
  do {
    _ = try body()
    return nil
  } catch {
    return (error as? SiblingError)?.code
  }
}
