import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// Standard errors, covariances, bootstrap and bands of group-time effects.
@Suite struct GroupTimeInferenceTests {
  private struct Input {
    var panel: PanelDesign
    var outcome: [Double]
    var covariates: DesignMatrix
    var weights: [Double]
  }

  private func mpdta() throws -> Input {
    let data = try Datasets.mpdta()
    let panel = try PanelDesign(unit: data.unit, time: data.time, group: data.group)
    let county = data.unit.codes.map { Int(data.unit.levels[Int($0)]) ?? 0 }
    return Input(
      panel: panel, outcome: data.outcome,
      covariates: DesignMatrix(matrix: Matrix(columns: [data.covariate]), names: ["lpop"]),
      weights: county.map { Double(1 + $0 % 3) })
  }

  private func errors(_ result: GroupTimeResult) -> [Double] {
    result.cells.map { $0.estimate.standardError ?? .nan }
  }

  /// Moments of cohorts give what whole influence functions give, to rounding.
  @Test(arguments: GroupTimeEffects.Control.allCases, GroupTimeEffects.Base.allCases)
  func momentsAgreeWithInfluence(
    _ control: GroupTimeEffects.Control, _ base: GroupTimeEffects.Base
  ) throws {
    let input = try mpdta()
    for weights in [nil, input.weights] {
      let effects = GroupTimeEffects(control: control, base: base)
      let moments = try effects.fit(input.panel, outcome: input.outcome, weights: weights)
      // Units as their own clusters take the other path.
      let influence = try effects.fit(
        input.panel, outcome: input.outcome, weights: weights, clusters: input.panel.unit)
      #expect(
        close(
          moments.cells.map(\.estimate.estimate), influence.cells.map(\.estimate.estimate),
          .closedForm))
      #expect(close(errors(moments), errors(influence), .closedForm))
      #expect(close(moments.covariance.storage, influence.covariance.storage, .closedForm))
      for kind in GroupTimeResult.Aggregation.allCases {
        let (left, right) = (
          try moments.aggregateCovariance(kind), try influence.aggregateCovariance(kind)
        )
        #expect(
          close(left.table.rows.map(\.estimate), right.table.rows.map(\.estimate), .closedForm))
        #expect(
          close(
            left.table.rows.map { $0.standardError ?? .nan },
            right.table.rows.map { $0.standardError ?? .nan }, .closedForm), "\(kind)")
        #expect(close(left.covariance.storage, right.covariance.storage, .closedForm))
      }
    }
  }

  @Test func covarianceAgreesWithDid() throws {
    let golden = try Golden.json("did_mpdta.json")
    let input = try mpdta()
    for (key, control, base, covariates) in [
      (
        "dr_nevertreated_nox_varying", GroupTimeEffects.Control.neverTreated,
        GroupTimeEffects.Base.varying, false
      ),
      ("dr_notyettreated_nox_varying", .notYetTreated, .varying, false),
      ("dr_nevertreated_lpop_varying", .neverTreated, .varying, true),
      ("dr_notyettreated_lpop_varying", .notYetTreated, .varying, true),
      ("dr_nevertreated_nox_universal", .neverTreated, .universal, false),
    ] {
      let result = try GroupTimeEffects(control: control, base: base).fit(
        input.panel, outcome: input.outcome, covariates: covariates ? input.covariates : nil)
      let theirs = golden[key]["V"].array.flatMap(\.doubles).map { $0.isNaN ? 0 : $0 }
      let ours = result.covariance.scaled(by: Double(result.observations)).storage
      #expect(close(ours, theirs, covariates ? .stopsEarly : .published), "\(key)")
    }
  }

  /// Two Monte-Carlo estimates of one standard error differ by about 1%, and so do critical values.
  @Test func bootstrapAgreesWithDid() throws {
    let golden = try Golden.json("did_mpdta.json")["boot25000_dr_lpop"]
    let input = try mpdta()
    var effects = GroupTimeEffects()
    effects.bands = .uniform
    let analytic = try effects.fit(
      input.panel, outcome: input.outcome, covariates: input.covariates)
    effects.bootstrap = 10_000
    let result = try effects.fit(
      input.panel, outcome: input.outcome, covariates: input.covariates)
    for (ours, theirs) in zip(errors(result), golden["se"].doubles) {
      #expect((ours / theirs - 1).magnitude < 0.06)
    }
    // The largest of 25,000 draws' quantile has a standard error of about 0.01.
    #expect(((result.criticalValue ?? 0) - golden["crit"].double).magnitude < 0.06)
    // Cohorts of 20 units make draws flatter than normal ones, so the analytic band differs; it lies
    // between one interval and Bonferroni's for the twelve.
    let critical = try #require(analytic.criticalValue)
    #expect(critical > 2.6 && critical < Normal.standard.upperQuantile(0.025 / 12))
    for (plain, drawn) in zip(errors(analytic), errors(result)) {
      #expect((plain / drawn - 1).magnitude < 0.1)
    }
  }

  @Test func uniformBandsAreWiderAndKeepTheLevel() throws {
    let input = try mpdta()
    var effects = GroupTimeEffects(level: 0.9)
    let plain = try effects.fit(input.panel, outcome: input.outcome)
    effects.bands = .uniform
    let result = try effects.fit(input.panel, outcome: input.outcome)
    let critical = try #require(result.criticalValue)
    #expect(plain.criticalValue == nil && critical > 1.6449 && critical < 3.5)
    for (wide, narrow) in zip(result.cells, plain.cells) {
      let interval = try #require(wide.estimate.interval)
      let error = try #require(narrow.estimate.standardError)
      #expect(wide.estimate.standardError == error && interval.level == 0.9)
      #expect(close(interval.high - wide.estimate.estimate, critical * error, .closedForm))
      #expect(wide.estimate.pValue == narrow.estimate.pValue)
      #expect(wide.estimate.convention.contains("uniform band, critical value"))
    }
    let rows = try result.aggregate(.dynamic)
    let own = try plain.aggregate(.dynamic)
    // `overall` is one number, with an interval of its own.
    #expect(rows.rows.last?.interval == own.rows.last?.interval)
    #expect(rows.notes.contains { $0.contains("uniform band at level 0.9") })
    let ratios = zip(rows.rows, own.rows).dropLast().map { wide, narrow in
      ((wide.interval?.high ?? 0) - wide.estimate)
        / ((narrow.interval?.high ?? 0) - narrow.estimate)
    }
    #expect(ratios.allSatisfy { $0 > 1.05 && close($0, ratios[0], .closedForm) })
  }

  /// With one effect a uniform band is the pointwise interval, up to its draws.
  @Test func aSingleEffectNeedsNoWiderBand() throws {
    var effects = GroupTimeEffects()
    effects.bands = .uniform
    let unit = (0..<40).map { "u\($0 / 2)" }
    var stream = RandomStream(seed: 3, name: "single")
    let panel = try PanelDesign(
      unit: Factor(unit), time: (0..<40).map { Double($0 % 2) },
      group: (0..<40).map { $0 < 20 ? 1 : nil })
    let result = try effects.fit(panel, outcome: stream.normals(40))
    #expect(result.cells.count == 1)
    #expect(((result.criticalValue ?? 0) - 1.959964).magnitude < 0.05)
  }

  @Test func threadsChangeNoByte() throws {
    let input = try mpdta()
    var effects = GroupTimeEffects(control: .notYetTreated)
    effects.bands = .uniform
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    for bootstrap in [nil, 500] {
      effects.bootstrap = bootstrap
      var seen: [[Estimate]] = []
      for threads in [1, 3] {
        Parallel.setThreads(threads)
        let result = try effects.fit(
          input.panel, outcome: input.outcome, covariates: input.covariates)
        seen.append(result.table.rows + (try result.aggregate(.dynamic).rows))
      }
      #expect(seen[0] == seen[1])
    }
    effects.bootstrap = 500
    let one = try effects.fit(input.panel, outcome: input.outcome)
    effects.seed = 2
    let two = try effects.fit(input.panel, outcome: input.outcome)
    #expect(one.cells.map(\.estimate.estimate) == two.cells.map(\.estimate.estimate))
    #expect(errors(one) != errors(two))
  }

  @Test func orderScaleAndTrendsOfRowsChangeNothing() throws {
    let data = try Datasets.mpdta()
    let input = try mpdta()
    let effects = GroupTimeEffects(control: .notYetTreated)
    let plain = try effects.fit(input.panel, outcome: input.outcome, covariates: input.covariates)
    var stream = RandomStream(seed: 5, name: "order")
    let order = stream.permutation(data.time.count)
    let panel = try PanelDesign(
      unit: data.unit.selecting(order), time: order.map { data.time[$0] },
      group: order.map { data.group[$0] })
    let changed = try effects.fit(
      panel, outcome: order.map { 3 * data.outcome[$0] + 7 * data.time[$0] },
      covariates: input.covariates.selecting(rows: order))
    let tolerance = Tolerance(relative: 1e-9)
    #expect(
      close(
        changed.cells.map { $0.estimate.estimate / 3 }, plain.cells.map(\.estimate.estimate),
        tolerance))
    #expect(close(errors(changed).map { $0 / 3 }, errors(plain), tolerance))
  }

  /// A panel's rows compared as cross-sections and clustered by unit are the panel's comparison, where
  /// covariates do not change over time.
  @Test(arguments: AdjustmentEstimator.allCases)
  func rowsOfABalancedPanelAreThePanel(_ estimator: AdjustmentEstimator) throws {
    let input = try mpdta()
    var effects = GroupTimeEffects(estimator: estimator)
    let panel = try effects.fit(input.panel, outcome: input.outcome, covariates: input.covariates)
    effects.sampling = .crossSections
    let rows = try effects.fit(input.panel, outcome: input.outcome, covariates: input.covariates)
    let tolerance = Tolerance(relative: 1e-9)
    #expect(
      close(
        rows.cells.map(\.estimate.estimate), panel.cells.map(\.estimate.estimate), tolerance))
    #expect(close(errors(rows), errors(panel), tolerance))
    for kind in GroupTimeResult.Aggregation.allCases {
      let (left, right) = (try rows.aggregate(kind).rows, try panel.aggregate(kind).rows)
      #expect(
        close(
          left.map { $0.standardError ?? .nan }, right.map { $0.standardError ?? .nan }, tolerance))
    }
  }

  /// An influence function is how the estimate moves with a row's weight.
  @Test(
    arguments: [
      AdjustmentEstimator.doublyRobust, .inverseProbability, .standardizedInverseProbability,
      .outcomeRegression,
    ])
  func standardErrorsAreThoseOfTheWeightsDerivatives(_ estimator: AdjustmentEstimator) throws {
    var stream = RandomStream(seed: 11, name: "derivative")
    let n = 48
    let covariate = stream.normals(n)
    let treated = covariate.map { stream.normal() < 0.4 * $0 }
    let time = (0..<n).map { Double($0 % 2) }
    let outcome = (0..<n).map { i in
      covariate[i] + (treated[i] ? time[i] : 0) + time[i] * covariate[i] + stream.normal()
    }
    let panel = try PanelDesign(crossSections: time, group: treated.map { $0 ? 1 : nil })
    var effects = GroupTimeEffects(estimator: estimator)
    effects.sampling = .crossSections
    func fit(_ weights: [Double]) throws -> Estimate {
      try effects.fit(
        panel, outcome: outcome,
        covariates: DesignMatrix(matrix: Matrix(columns: [covariate]), names: ["x"]),
        weights: weights
      ).cells[0].estimate
    }
    let ones = [Double](repeating: 1, count: n)
    let step = 1e-4
    var variance = 0.0
    for row in 0..<n {
      var (more, less) = (ones, ones)
      more[row] += step
      less[row] -= step
      let slope = (try fit(more).estimate - fit(less).estimate) / (2 * step)
      variance += slope * slope
    }
    let error = try #require(try fit(ones).standardError)
    #expect(close(error, variance.squareRoot(), Tolerance(relative: 1e-6)))
  }
}
