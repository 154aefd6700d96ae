import LinearAlgebra
import TestSupport
import Testing

@testable import Statistics

@Suite struct MetaRegressionTests {
  private static func design(_ columns: [[Double]]) -> DesignMatrix {
    DesignMatrix(
      matrix: Matrix(columns: [columns[0].map { _ in 1 }] + columns),
      names: ["(Intercept)"] + columns.indices.map { "x\($0)" })
  }

  private static let methods: [(String, MetaRegression.Method)] = [
    ("REML", .reml), ("PM", .pauleMandel), ("FE", .fixed),
  ]
  private static let inferences: [(String, MetaRegression.Inference)] = [
    ("knha", .knappHartung), ("adhoc", .knappHartungFloor), ("z", .normal),
  ]

  /// metafor's numbers; see Tests/Reference/README.md.
  @Test(arguments: ["bcg", "bcg2", "five", "seven"]) func golden(_ name: String) throws {
    let all = try Golden.json("meta_regression/meta_regression.json")[name]
    let (effects, errors) = (all["effect"].doubles, all["error"].doubles)
    let design = Self.design(all["columns"].array.map(\.doubles))
    for (method, ours) in Self.methods {
      for (inference, own) in Self.inferences {
        let wanted = all["\(method)_\(inference)"]
        let fit = try MetaRegression(method: ours, inference: own).fit(
          effects: effects, standardErrors: errors, design: design)
        let rows = fit.estimates.rows
        func agree(_ value: Double?, _ key: String, _ index: Int? = nil) {
          let other = index.map { wanted[key].doubles[$0] } ?? wanted[key].double
          let value = value ?? .nan
          #expect(
            close(value, other, .published) || (value == 0 && other.magnitude < 1e-9),
            "\(name) \(method) \(inference) \(key): \(value), not \(other)")
        }
        for (index, row) in rows.enumerated() {
          agree(row.estimate, "beta", index)
          agree(row.standardError, "se", index)
          agree(row.pValue, "p", index)
          agree(row.interval?.low, "low", index)
          agree(row.interval?.high, "high", index)
        }
        agree(fit.tauSquared, "tau2")
        agree(fit.residualQ, "QE")
        agree(fit.residualQPValue, "QEp")
        let at = try fit.prediction(at: [1] + all["at"].doubles)
        agree(at.mean.estimate, "pred")
        agree(at.mean.standardError, "pred_se")
        agree(at.mean.interval?.high, "pred_high")
        guard ours != .fixed else { continue }
        agree(fit.inconsistency, "I2")
        agree(fit.tauSquaredInterval?.low, "tau2_low")
        agree(fit.tauSquaredInterval?.high, "tau2_high")
        agree(fit.inconsistencyInterval?.high, "I2_high")
        agree(at.newSite?.low, "new_low")
        agree(at.newSite?.high, "new_high")
        if ours == .reml { agree(fit.tauSquaredError, "tau2_se") }
        // Where nothing is to be accounted for, the peer says 0 and we say nothing.
        if let explained = fit.explained { agree(explained, "R2") }
      }
    }
  }

  /// With equal variances every weight is the same: least squares, whose t has n − 2 degrees of freedom.
  @Test(arguments: [0.01, 5.0]) func equalVariancesAreLeastSquares(_ error: Double) throws {
    let (x, y) = ([1.0, 2, 4, 7], [3.0, 2.5, 6, 9])
    let fit = try MetaRegression().fit(
      effects: y, standardErrors: y.map { _ in error }, design: Self.design([x]))
    // x̄ = 3.5, Sxx = 21, Sxy = 23.25; residual sum of squares 27.1875 − 23.25²/21 = 1.446428….
    let slope = 23.25 / 21
    let rest = (27.1875 - 23.25 * 23.25 / 21) / 2
    #expect(close(fit.coefficients[1], slope, .closedForm))
    #expect(close(fit.standardError(1), (rest / 21).squareRoot(), .closedForm))
    #expect(fit.degreesOfFreedom == 2)
    if error < 1 {
      #expect(close(fit.tauSquared, rest - error * error, Tolerance(relative: 1e-9)))
    } else {
      #expect(fit.tauSquared == 0)
      #expect(!fit.notes.isEmpty)
      // The floor keeps to the standard errors' word.
      let floor = try MetaRegression(inference: .knappHartungFloor).fit(
        effects: y, standardErrors: y.map { _ in error }, design: Self.design([x]))
      #expect(close(floor.standardError(1), error / 21.0.squareRoot(), .closedForm))
    }
  }

  private static let effects = [4.1, 9.7, 2.2, 13.8, 7.4]
  private static let errors = [2.1, 3.4, 1.6, 4.2, 2.7]
  private static let doses = [0.05, 0.3, 0.1, 0.8, 0.5]

  @Test func unitsScale() throws {
    let plain = try MetaRegression().fit(
      effects: Self.effects, standardErrors: Self.errors, design: Self.design([Self.doses]))
    for scale in [1e-9, 100, 1e12] {
      let dose = try MetaRegression().fit(
        effects: Self.effects, standardErrors: Self.errors,
        design: Self.design([Self.doses.map { $0 * scale }]))
      #expect(close(dose.coefficients[1] * scale, plain.coefficients[1], .converged))
      #expect(close(dose.tauSquared, plain.tauSquared, .converged))
      let effect = try MetaRegression().fit(
        effects: Self.effects.map { $0 * scale }, standardErrors: Self.errors.map { $0 * scale },
        design: Self.design([Self.doses]))
      #expect(close(effect.coefficients[1] / scale, plain.coefficients[1], .converged))
      #expect(close(effect.inconsistency, plain.inconsistency, .converged))
    }
  }

  @Test func orderOfSitesDoesNotMatter() throws {
    let order = [3, 0, 4, 2, 1]
    let one = try MetaRegression().fit(
      effects: Self.effects, standardErrors: Self.errors, design: Self.design([Self.doses]))
    let other = try MetaRegression().fit(
      effects: order.map { Self.effects[$0] }, standardErrors: order.map { Self.errors[$0] },
      design: Self.design([order.map { Self.doses[$0] }]))
    #expect(close(one.coefficients[1], other.coefficients[1], .converged))
    #expect(close(one.standardError(1), other.standardError(1), .converged))
  }

  @Test func leavingOneOut() throws {
    let found = try MetaRegression().leavingOneOut(
      effects: Self.effects, standardErrors: Self.errors, design: Self.design([Self.doses]))
    let rest = [0, 1, 3, 4]
    let fit = try MetaRegression().fit(
      effects: rest.map { Self.effects[$0] }, standardErrors: rest.map { Self.errors[$0] },
      design: Self.design([rest.map { Self.doses[$0] }]))
    #expect(close(found[2]?[1] ?? .nan, fit.coefficients[1], .converged))
    // Without the one site that differs there is no slope.
    let alone = try MetaRegression().leavingOneOut(
      effects: Self.effects, standardErrors: Self.errors, design: Self.design([[0, 0, 0, 0, 1]]))
    #expect(alone[4] == nil)
    #expect(alone[0] != nil)
  }

  @Test func refusals() throws {
    func code(_ body: () throws -> Void) -> SiblingError? {
      do { try body() } catch { return error as? SiblingError }
      return nil
    }
    func fit(_ y: [Double], _ s: [Double], _ x: [[Double]]) -> SiblingError? {
      code { _ = try MetaRegression().fit(effects: y, standardErrors: s, design: Self.design(x)) }
    }
    #expect(fit([1, 2, 3], [1, 1, 1], [[1, 2, 3]])?.code == .tooFewObservations)
    #expect(
      fit([1, 2, 3, 4], [1, 1, 1, 1], [[1, 2, 3, 5], [1, 0, 1, 1]])?.code == .tooFewObservations)
    let zero = fit([1, 2, 3, 4], [1, 0, 1, 1], [[1, 2, 3, 4]])
    #expect(zero?.code == .badValue)
    #expect(zero?.row == 1)
    #expect(fit([1, 2, .nan, 4], [1, 1, 1, 1], [[1, 2, 3, 4]])?.row == 2)
    #expect(fit([1, 2, 3, 4], [1, 1, 1], [[1, 2, 3, 4]])?.code == .sizeMismatch)
    let same = fit([1, 2, 3, 4], [1, 1, 1, 1], [[2, 2, 2, 2]])
    #expect(same?.code == .rankDeficient)
    #expect(same?.column == "x0")
    #expect(fit([1e300, -1e300, 1e300, 2], [1e-300, 1, 1, 1], [[1, 2, 3, 4]])?.code == .badValue)
  }
}

@Suite struct DosePermutationTests {
  private let effects = [4.1, 9.7, 2.2, 13.8, 7.4]
  private let errors = [2.1, 3.4, 1.6, 4.2, 2.7]

  private func design(_ doses: [Double]) -> DesignMatrix {
    DesignMatrix(
      matrix: Matrix(columns: [doses.map { _ in 1 }, doses]), names: ["(Intercept)", "dose"])
  }

  /// metafor's exact test: all 120 arrangements, or all 30 that differ.
  @Test func golden() throws {
    let wanted = try Golden.json("meta_regression/meta_regression.json")["five"]
    let all = try DosePermutation().test(
      MetaRegression(), effects: effects, standardErrors: errors,
      design: design([0.05, 0.3, 0.1, 0.8, 0.5]))
    #expect(all.isExact)
    #expect(all.used == 120)
    #expect(all.pValues[0] == nil)
    #expect(close(all.pValues[1] ?? .nan, wanted["permutation"].double, .published))
    #expect(all.attainable == 1 / 120.0)
    let tied = try DosePermutation().test(
      MetaRegression(method: .pauleMandel), effects: effects, standardErrors: errors,
      design: design([0.05, 0.3, 0.05, 0.8, 0.3]))
    #expect(tied.used == 30)
    #expect(close(tied.pValues[1] ?? .nan, wanted["permutation_tied"].double, .published))
  }

  /// Doses that mirror themselves tie in pairs: 2 of 4! at least.
  @Test func attainable() throws {
    let found = try DosePermutation().test(
      MetaRegression(), effects: [1, 2, 3, 4.5], standardErrors: [1, 1, 1, 1],
      design: design([1, 2, 3, 4]))
    #expect(found.attainable == 2 / 24.0)
    #expect(close(found.pValues[1] ?? .nan, 2 / 24.0, .closedForm))
    // One site against four: five arrangements.
    let single = try DosePermutation().test(
      MetaRegression(), effects: effects, standardErrors: errors, design: design([0, 0, 0, 1, 0]))
    #expect(single.used == 5)
    #expect(single.attainable == 0.2)
  }

  @Test func drawsAreTheSameOnAnyNumberOfThreads() throws {
    let doses = (0..<9).map { Double($0 * $0) }
    let y = (0..<9).map { Double(($0 * 5) % 9) }
    var test = DosePermutation(draws: 600, seed: 3)
    test.limit = 1000
    func run() throws -> DosePermutation.Result {
      try test.test(
        MetaRegression(method: .pauleMandel), effects: y, standardErrors: y.map { 1 + $0 / 9 },
        design: design(doses))
    }
    let threads = Parallel.threads
    defer { Parallel.setThreads(threads) }
    Parallel.setThreads(1)
    let one = try run()
    Parallel.setThreads(3)
    #expect(try run() == one)
    #expect(!one.isExact)
    #expect(one.attainable == 1 / 601.0)
    #expect(one.arrangements == 362_880)
  }

  @Test func refusals() {
    #expect(throws: SiblingError.self) {
      _ = try DosePermutation(draws: 0).test(
        MetaRegression(), effects: effects, standardErrors: errors, design: design([1, 2, 3, 4, 5]))
    }
  }
}
