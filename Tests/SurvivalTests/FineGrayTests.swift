import LinearAlgebra
import Statistics
import Survival
import TestSupport
import Testing

@Suite("Fine–Gray regression")
struct FineGrayTests {
  @Test("lung: coefficients, errors and likelihood of cmprsk's crr")
  func cmprsk() throws {
    let golden = try Golden.json("survival/competing_exits.json")
    for (months, unit) in [(false, "time"), (true, "month")] {
      let data = try CompetingSample(months: months)
      for cause in 1...2 {
        let fit = try FineGray().fit(
          data.times, causes: data.causes, cause: "\(cause)", data.sample.design)
        let expected = golden["crr_\(unit)_\(cause)"]
        #expect(close(fit.coefficients, expected["coef"].doubles, .published))
        #expect(close(fit.standardErrors, expected["se"].doubles, .published))
        #expect(
          close(
            [fit.logLikelihoodNull, fit.logLikelihood], expected["loglik"].doubles, .published))
        #expect(!fit.weightsAreKnown)
      }
    }
  }

  @Test("lung: survival's finegray with weights, strata and late entry")
  func survival() throws {
    let golden = try Golden.json("survival/competing_exits.json")
    for (months, unit) in [(false, "time"), (true, "month")] {
      let data = try CompetingSample(months: months)
      let (design, weights) = (data.sample.design, data.sample.weights)
      func fit(
        _ times: SurvivalTimes, weights: [Double]? = nil, strata: Factor? = nil,
        cluster: Factor? = nil
      ) throws -> FineGrayFit {
        try FineGray(censoring: .survival).fit(
          times, causes: data.causes, cause: "1", design, strata: strata, weights: weights,
          cluster: cluster)
      }
      func expected(_ name: String, _ key: String) -> [Double] {
        golden["finegray_\(unit)_\(name)"][key].doubles
      }
      for (name, found) in [
        ("plain", try fit(data.times)), ("weighted", try fit(data.times, weights: weights)),
        ("strata", try fit(data.times, strata: data.third)), ("late", try fit(data.late)),
        ("late_weighted", try fit(data.late, weights: weights)),
      ] {
        #expect(close(found.coefficients, expected(name, "coef"), .converged), "\(unit) \(name)")
      }
      let late = try fit(data.late)
      #expect(close(late.standardErrors, expected("late", "se"), .converged))
      #expect(late.weightsAreKnown && late.robustStandardErrors == nil)
      let weighted = try fit(data.late, weights: weights)
      #expect(
        close(weighted.robustStandardErrors ?? [], expected("late_weighted", "se"), .converged))
      let sites = try fit(data.late, cluster: data.sample.factor("inst"))
      #expect(close(sites.robustStandardErrors ?? [], expected("late_cluster", "se"), .converged))
      #expect(sites.clusters == 18)
    }
  }

  @Test("without competing exits it is Cox's model with Breslow's ties")
  func cox() throws {
    let data = Synthetic(200)
    let one = Factor(codes: data.event.map { $0 ? 0 : -1 }, levels: ["exit"])
    for truncated in [false, true] {
      let times = try data.times(truncated: truncated)
      for strata in [nil, data.sites] {
        let cox = try CoxRegression(ties: .breslow, robust: true).fit(
          times, data.design, strata: strata, weights: data.weights, cluster: data.sites)
        let fit = try FineGray().fit(
          times, causes: one, cause: "exit", data.design, strata: strata, weights: data.weights,
          cluster: data.sites)
        #expect(close(fit.coefficients, cox.coefficients, .converged))
        #expect(close(fit.informationStandardErrors, cox.standardErrors, .converged))
        #expect(
          close(fit.robustStandardErrors ?? [], cox.robustStandardErrors ?? [], .converged))
        #expect(close(fit.logLikelihood, cox.logLikelihood, .converged))
      }
    }
  }

  @Test("whole weights are repeated rows; order, time's scale and threads don't matter")
  func properties() throws {
    let data = Synthetic(150)
    func fit(
      _ data: Synthetic, _ causes: Factor, scale: Double = 1, weights: [Double]? = nil,
      truncated: Bool
    ) throws -> FineGrayFit {
      let times = try SurvivalTimes(
        start: truncated ? data.start.map { $0 * scale } : nil, time: data.time.map { $0 * scale },
        event: data.event)
      return try FineGray().fit(
        times, causes: causes, cause: "b", data.design, weights: weights)
    }
    func same(_ a: FineGrayFit, _ b: FineGrayFit) -> Bool {
      close(a.coefficients, b.coefficients, .converged)
        && close(a.standardErrors, b.standardErrors, .converged)
    }
    for truncated in [false, true] {
      let plain = try fit(data, data.causes, truncated: truncated)
      let repeated = data.weights.indices.flatMap { row in
        [Int](repeating: row, count: Int(data.weights[row]))
      }
      #expect(
        same(
          try fit(data.selecting(repeated), data.causes.selecting(repeated), truncated: truncated),
          try fit(data, data.causes, weights: data.weights, truncated: truncated)))
      let backwards = Array((0..<150).reversed())
      #expect(
        same(
          try fit(
            data.selecting(backwards), data.causes.selecting(backwards), truncated: truncated),
          plain))
      #expect(same(try fit(data, data.causes, scale: 7, truncated: truncated), plain))
      // Each row its own cluster: the robust variance is the plain one.
      let times = try data.times(truncated: truncated)
      let alone = Factor(codes: (0..<150).map { Int32($0) }, levels: (0..<150).map { "\($0)" })
      let robust = try FineGray().fit(
        times, causes: data.causes, cause: "b", data.design, cluster: alone)
      #expect(close(robust.robustStandardErrors ?? [], plain.standardErrors, .closedForm))
    }
    let threads = Parallel.threads
    defer { Parallel.setThreads(threads) }
    let results = try [1, 2, 5].map { count in
      Parallel.setThreads(count)
      let found = try fit(data, data.causes, truncated: false)
      return found.coefficients + found.standardErrors
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  @Test("bad input is refused; what can't be estimated is said")
  func inputs() throws {
    let data = Synthetic(60)
    let times = try data.times()
    #expect(
      code { try FineGray().fit(times, causes: data.causes, cause: "c", data.design) }
        == .unknownLevel)
    let extra = Factor(codes: data.causes.codes, levels: ["a", "b", "c"])
    #expect(
      code { try FineGray().fit(times, causes: extra, cause: "c", data.design) } == .noEvents)
    let constant = DesignMatrix(
      matrix: Matrix(columns: [[Double](repeating: 3, count: 60)]), names: ["k"])
    #expect(
      code { try FineGray().fit(times, causes: data.causes, cause: "a", constant) }
        == .rankDeficient)
    let twice = DesignMatrix(
      matrix: Matrix(columns: [data.x[0], data.x[0].map { 2 * $0 + 1 }, data.x[2]]),
      names: ["x", "again", "z"])
    let fit = try FineGray().fit(times, causes: data.causes, cause: "a", twice)
    #expect(fit.droppedTerms == ["again"] && fit.coefficients[1].isNaN)
    // Only rows with the mark leave for the cause.
    let mark = DesignMatrix(
      matrix: Matrix(columns: [data.causes.codes.map { $0 == 0 ? 1 : 0 }]), names: ["mark"])
    let separated = try FineGray().fit(times, causes: data.causes, cause: "a", mark)
    #expect(separated.infiniteTerms == ["mark"])
    let gap = try SurvivalTimes(
      start: [0, 0, 5, 6], time: [2, 3, 8, 9], event: [true, true, true, false])
    let ends = Factor(codes: [0, 1, 0, -1], levels: ["a", "b"])
    let x = DesignMatrix(matrix: Matrix(columns: [[1, 2, 2, 1]]), names: ["x"])
    #expect(code { try FineGray().fit(gap, causes: ends, cause: "a", x) } == .badInterval)
  }
}

@Suite("Predicted incidence of a Fine–Gray model")
struct FineGrayPredictionTests {
  @Test("lung: the predictions of cmprsk")
  func peers() throws {
    let golden = try Golden.json("survival/competing_exits.json")
    for (months, unit) in [(false, "time"), (true, "month")] {
      let data = try CompetingSample(months: months)
      for cause in 1...2 {
        let fit = try FineGray().fit(
          data.times, causes: data.causes, cause: "\(cause)", data.sample.design)
        // Three rows of time and two predictions, column after column.
        let expected = golden["crr_\(unit)_\(cause)"]["predict"].doubles
        for (k, covariates) in [[60.0, 1, 1], [70, 2, 0]].enumerated() {
          let found = try fit.incidence(covariates, at: Array(expected[0..<3]))
          #expect(close(found.estimate, Array(expected[(3 + 3 * k)..<(6 + 3 * k)]), .published))
          #expect(zip(found.low, found.estimate).allSatisfy { $0 < $1 })
          #expect(zip(found.high, found.estimate).allSatisfy { $0 > $1 })
        }
      }
    }
  }

  @Test("the error squares the derivative in each row's and cluster's weight")
  func influences() throws {
    let data = Synthetic(120, weeks: 3000)
    let covariates = [0.2, 1, 1.5]
    for strata in [false, true] {
      let times = try data.times()
      let groups = Factor(codes: data.x[1].indices.map { Int32($0 % 2) }, levels: ["s", "t"])
      func fit(_ weights: [Double]?, _ cluster: Factor? = nil) throws -> PredictedIncidence {
        try FineGray().fit(
          times, causes: data.causes, cause: "a", data.design, strata: strata ? groups : nil,
          weights: weights, cluster: cluster
        ).incidence(covariates, at: [800, 2000], stratum: strata ? "t" : nil)
      }
      for cluster in [nil, data.sites] {
        var squares = [0.0, 0]
        for unit in 0..<(cluster?.levels.count ?? 120) {
          let estimates = try [1 + 1e-4, 1 - 1e-4].map { weight in
            try fit(
              (0..<120).map { row in
                (cluster.map { Int($0.codes[row]) } ?? row) == unit ? weight : 1
              }
            ).estimate
          }
          for k in 0..<2 {
            let slope = (estimates[0][k] - estimates[1][k]) / 2e-4
            squares[k] += slope * slope
          }
        }
        // The censoring part follows Fine and Gray, who leave out a factor near one.
        let found = try fit(nil, cluster).standardError
        #expect(
          close(found, squares.map { $0.squareRoot() }, Tolerance(relative: 0.01)),
          "\(found) \(squares.map { $0.squareRoot() })")
      }
    }
  }

  @Test("readings: before the first exit, past the last time, unknown strata")
  func inputs() throws {
    let data = Synthetic(60)
    let times = try data.times()
    let fit = try FineGray().fit(times, causes: data.causes, cause: "a", data.design)
    let found = try fit.incidence([0, 0, 0], at: [1e6, 0])
    #expect(found.times == [0, 1e6] && found.estimate[0] == 0 && found.estimate[1].isNaN)
    #expect(code { try fit.incidence([0], at: [1]) } == .sizeMismatch)
    #expect(code { try fit.incidence([0, .nan, 0], at: [1]) } == .badValue)
    let stratified = try FineGray().fit(
      times, causes: data.causes, cause: "a", data.design, strata: data.sites)
    #expect(code { try stratified.incidence([0, 0, 0], at: [1]) } == .unknownLevel)
    #expect(try stratified.incidence([0, 0, 0], at: [20], stratum: "site 2").estimate[0] > 0)
  }
}
