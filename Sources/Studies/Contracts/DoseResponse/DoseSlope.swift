internal import LinearAlgebra
internal import Reporting
internal import Statistics

/// The line through the sites' effects for one outcome and dose.
///
/// It rests on the sites' own errors: the comparison mean's error moves all effects alike and can't tilt
/// the line. The band of the line does hold it.
struct DoseSlope {
  let outcome: String
  let dose: SiteDose
  /// The step: the dose's own, or a tenth, hundredth … of it where the sites lie closer together.
  let unit: Double
  /// The slope for one step of the dose.
  let estimate: Estimate
  private let fit: MetaRegressionFit
  private let permutation: DosePermutation.Result?
  private let without: (low: Double, high: Double)?
  private let detectable: Double
  private let shared: Double
  private let range: (low: Double, high: Double)
  private let clients, smallest: Int

  /// - Throws: `tooFewObservations` for fewer than four sites, `rankDeficient` for a dose that is the same
  ///   everywhere.
  init(
    _ outcome: String, _ dose: SiteDose, _ effects: EffectsBySite, _ settings: DoseResponseSettings
  ) throws(SiblingError) {
    self.outcome = outcome
    self.dose = dose
    let sites = effects.sites.filter { dose.values[$0.name] != nil }
    let doses = sites.compactMap { dose.values[$0.name] }
    let unit = Self.step(dose.unit, within: (doses.max() ?? 0) - (doses.min() ?? 0))
    self.unit = unit
    let values = doses.map { $0 / unit }
    let design = DesignMatrix(
      matrix: Matrix(columns: [values.map { _ in 1 }, values]), names: ["(Intercept)", dose.name])
    let (found, errors) = (sites.map(\.estimate), sites.map(\.ownError))
    let model = settings.model
    fit = try model.fit(effects: found, standardErrors: errors, design: design)
    estimate = fit.estimates.rows[1]
    permutation = try settings.permutation.map { test throws(SiblingError) in
      try test.test(model, effects: found, standardErrors: errors, design: design)
    }
    let slopes = try model.leavingOneOut(
      effects: found, standardErrors: errors, design: design
    ).compactMap { $0?[1] }
    without = slopes.min().flatMap { low in slopes.max().map { (low, $0) } }
    detectable = try fit.detectable(1)
    shared = effects.comparisonError * effects.comparisonError
    range = (values.min() ?? 0, values.max() ?? 1)
    clients = sites.reduce(0) { $0 + $1.clients }
    smallest = sites.map(\.clients).min() ?? 0
  }

  /// A step that is no larger than the observed range: a longer one would tell of doses that no site has.
  private static func step(_ unit: Double, within range: Double) -> Double {
    guard range > 0, range.isFinite else { return unit }
    var step = unit
    for _ in 0..<12 where step > range { step /= 10 }
    return step
  }

  /// The p-value that the report tells: of the exchange, else of the model.
  var pValue: Double? { permutation.map { $0.pValues[1] } ?? estimate.pValue }

  /// The row of the slopes' table.
  func cells(holm: Double?) -> [String: Cell] {
    let tau = fit.tauSquaredInterval
    return [
      "outcome": .text(outcome), "dose": .text(dose.name), "unit": .number(unit),
      "estimate": Cell(estimate.estimate), "std.error": Cell(estimate.standardError),
      "statistic": Cell(estimate.statistic), "df": Cell(estimate.degreesOfFreedom),
      "p.value": Cell(estimate.pValue), "p.holm": Cell(holm),
      "conf.low": Cell(estimate.interval?.low), "conf.high": Cell(estimate.interval?.high),
      "p.permutation": Cell(permutation?.pValues[1]), "attainable": Cell(permutation?.attainable),
      "permutation": Cell(permutation?.convention), "without.low": Cell(without?.low),
      "without.high": Cell(without?.high), "detectable": Cell(detectable),
      "tau": Cell(fit.tauSquared.squareRoot()), "tau.low": Cell(tau?.low.squareRoot()),
      "tau.high": Cell(tau?.high.squareRoot()), "i2": Cell(fit.inconsistency),
      "r2": Cell(fit.explained), "convention": .text(estimate.convention),
      "n_sites": Cell(fit.sites), "n": Cell(clients), "n_smallest": Cell(smallest),
    ]
  }

  /// Twenty-one points of the line with its interval.
  ///
  /// - Throws: as appending throws.
  func appendLine(to table: inout ResultTable) throws(SiblingError) {
    for step in 0...20 {
      let value = range.low + (range.high - range.low) * Double(step) / 20
      let mean = try fit.prediction(at: [1, value]).mean
      let error = mean.standardError.map { ($0 * $0 + shared).squareRoot() }
      let whole = Estimate(
        term: "line", estimate: mean.estimate, standardError: error,
        degreesOfFreedom: fit.degreesOfFreedom, level: fit.model.level,
        convention: fit.convention)
      try table.append([
        "outcome": .text(outcome), "dose": .text(dose.name), "step": .number(Double(step)),
        "dose_value": .number(value * unit), "estimate": Cell(whole.estimate),
        "conf.low": Cell(whole.interval?.low), "conf.high": Cell(whole.interval?.high),
        "n_smallest": Cell(smallest),
      ])
    }
  }
}
