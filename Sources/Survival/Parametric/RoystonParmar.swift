import LinearAlgebra
public import Statistics

/// Flexible parametric survival: a transformed survivor function is a spline of log time.
///
/// g(S(t | x)) = γ₀ + γ₁ log t + γ₂v₁(log t) + … + xβ, g the log cumulative hazard, the log odds of the
/// event or minus the normal quantile of S. Knots stand at quantiles of the uncensored log times, the
/// outer ones at their least and greatest; the spline is linear beyond. On the hazard scale β are log
/// hazard ratios, on the odds scale log odds ratios of having had the event by any time; positive ones
/// mean shorter times throughout. Without inner knots the scales are the Weibull, log-logistic and
/// log-normal models.
///
/// Royston & Parmar (2002), doi:10.1002/sim.1203.
/// - Complexity: O(n p²) a Newton step.
public struct RoystonParmar: Sendable {
  /// What is a spline of log time.
  public enum Scale: String, Sendable, CaseIterable {
    /// The log cumulative hazard.
    case hazard = "hazard"
    /// The log odds of the event.
    case odds = "odds"
    /// Minus the standard normal quantile of survival.
    case normal = "normal"

    /// The parametric family that it is without inner knots.
    var family: FailureTimeFamily {
      switch self {
      case .hazard: .weibull
      case .odds: .loglogistic
      case .normal: .lognormal
      }
    }
  }

  /// The number of inner knots.
  public var knots: Int
  /// What is a spline of log time.
  public var scale: Scale
  /// Terms or columns whose effect changes with time, with the number of spline functions of log time
  /// that each is multiplied with: 1 is linear in log time.
  public var timeVarying: [(name: String, functions: Int)]
  /// Whether a robust variance is made; nil: with a cluster or weights that are not whole.
  public var robust: Bool?

  /// A model on one scale.
  public init(
    knots: Int = 2, scale: Scale = .hazard, timeVarying: [(name: String, functions: Int)] = [],
    robust: Bool? = nil
  ) {
    self.knots = knots
    self.scale = scale
    self.timeVarying = timeVarying
    self.robust = robust
  }

  /// Fits the model.
  ///
  /// An intercept in the design is replaced by γ₀. Terms: `gamma0`, `gamma1`, …, the covariates, and
  /// for effects that change `gamma1(name)`, …. A note says where the fitted cumulative hazard falls.
  /// - Throws: as ``SurvivalRegression/fit(_:_:weights:offset:cluster:)``, and `bad-design` when knots
  ///   coincide, `invalid-option` for a number of knots outside 0…20, `unknown-column` for a term that
  ///   the design lacks.
  public func fit(
    _ times: SurvivalTimes, _ design: DesignMatrix, weights: [Double]? = nil,
    offset: [Double]? = nil, cluster: Factor? = nil
  ) throws(SiblingError) -> ParametricFit {
    guard (0...20).contains(knots), timeVarying.allSatisfy({ (1...21).contains($0.functions) })
    else {
      throw SiblingError(
        .invalidOption, "knots must number 0 to 20, time-varying functions 1 to 21",
        column: "knots")
    }
    let input = try LikelihoodInput(
      times, design.removingIntercept(), weights: weights, offset: offset, cluster: cluster)
    let logTime = input.logTimes
    let events = logTime.indices.filter { input.event[$0] }.map { logTime[$0] }
    let baseline = try RestrictedCubicSpline(at: events, inner: knots, "event time")
    var varying: [SplineDesign.Varying] = []
    for (name, functions) in timeVarying {
      let columns = try Self.columns(name, of: input.design)
      let spline = try RestrictedCubicSpline(at: events, inner: functions - 1, "event time")
      varying += columns.map { SplineDesign.Varying(column: $0, spline: spline) }
    }
    let shape = SplineDesign(baseline: baseline, varying: varying)
    let rows = FailureTimeRows(input)
    let built = shape.build(input.design, logTime)
    let columns = try LikelihoodColumns(built.values)
    let likelihood = SplineLikelihood(
      scale: scale, rows: rows, columns: columns, slopes: built.slopes,
      entry: rows.logStart.map { shape.build(input.design, $0).values.matrix },
      splineColumns: 1 + baseline.count)
    let start = try starting(input, columns, likelihood)
    let solution = LikelihoodMaximiser().maximise(
      likelihood, rows: input.count, from: start)
    var notes = columns.notes.map { $0.replacingIntercept }
    notes += likelihood.monotonicityNotes(at: solution.parameters, rows.logTime)
    let names = ["gamma0"] + built.values.names.dropFirst()
    let what =
      switch scale {
      case .hazard: "log hazard ratio"
      case .odds: "log odds ratio of the event"
      case .normal: "probit of the event"
      }
    return try ParametricFit.make(
      likelihood, solution, input,
      ParametricFit.Parts(
        names: Array(names), places: columns.kept, back: columns.back,
        level: [Double](repeating: 0, count: columns.count), scale: what,
        model: "flexible", notes: notes, robust: robust,
        predictor: .spline(scale, shape)))
  }

  private static func columns(
    _ name: String, of design: DesignMatrix
  ) throws(SiblingError) -> [Int] {
    let term = design.terms.firstIndex(of: name)
    let found = design.names.indices.filter { j in
      design.names[j] == name || (term != nil && design.assignment[j] == term)
    }
    guard found.isEmpty else { return found }
    throw SiblingError(
      .unknownColumn, "the formula has no term '\(name)' whose effect could vary with time",
      help: "name a term of the formula",
      suggestion: nearestName(to: name, among: design.terms + design.names), column: name)
  }

  /// The parametric family without knots, seen as a spline: its slope is positive everywhere.
  private func starting(
    _ input: LikelihoodInput, _ columns: LikelihoodColumns, _ likelihood: SplineLikelihood
  ) throws(SiblingError) -> [Double] {
    let family = SurvivalRegression(family: scale.family)
    let ones = [Double](repeating: 1, count: input.count)
    let plain = DesignMatrix(
      matrix: Matrix(
        rows: input.count, columns: input.design.columns + 1,
        storage: ones + input.design.matrix.storage),
      names: ["(Intercept)"] + input.design.names)
    let fitted = try family.fitted(
      try LikelihoodInput(
        try SurvivalTimes(
          start: input.start, time: input.time, event: input.event, collapseTies: false), plain,
        weights: input.weights, offset: nil, cluster: nil))
    let known = fitted.fit.coefficients.map { $0.isNaN ? 0 : $0 }
    let inverse = exponential(-(known.last ?? 0))
    let width = likelihood.splineColumns
    var raw = [Double](repeating: 0, count: columns.names.count)
    raw[0] = -known[0] * inverse
    raw[1] = inverse
    for j in input.design.names.indices { raw[width + j] = -known[j + 1] * inverse }
    let basis = columns.basis
    var start = columns.kept.indices.map { raw[columns.kept[$0]] * basis.scale[$0] }
    start[0] += columns.kept.indices.dropFirst().reduce(0.0) {
      $0 + basis.center[$1] * raw[columns.kept[$1]]
    }
    return start
  }
}

extension String {
  fileprivate var replacingIntercept: String {
    hasPrefix("(Intercept)") ? "gamma0" + dropFirst("(Intercept)".count) : self
  }
}

/// Which functions of log time and of the covariates make up a flexible model.
struct SplineDesign: Sendable {
  struct Varying: Sendable {
    let column: Int
    let spline: RestrictedCubicSpline
  }

  let baseline: RestrictedCubicSpline
  let varying: [Varying]

  /// Columns besides γ₀ and the covariates.
  var columns: Int { varying.reduce(baseline.count) { $0 + $1.spline.count } }

  /// The design at given log times and the slopes of its columns by log time; the columns that have
  /// slopes come with their places.
  ///
  /// A log time of −∞ gets zeros: nobody has had the event by then, and its row is not read.
  func build(
    _ covariates: DesignMatrix, _ logTime: [Double]
  ) -> (values: DesignMatrix, slopes: (matrix: Matrix, places: [Int])) {
    let (n, p) = (logTime.count, covariates.columns)
    let width = 1 + baseline.count
    let extra = varying.reduce(0) { $0 + $1.spline.count }
    let values = Shared<Double>(count: n * (width + p + extra))
    let slopes = Shared<Double>(count: n * (baseline.count + extra))
    let blocks = Parallel.ranges(of: n, size: 8_192)
    Parallel.forBlocks(blocks.count) { block in
      for i in blocks[block] {
        let known = logTime[i] > -.infinity
        values.pointer[i] = 1
        let own = baseline.evaluate(known ? logTime[i] : 0)
        for k in own.values.indices {
          values.pointer[i + (k + 1) * n] = known ? own.values[k] : 0
          slopes.pointer[i + k * n] = known ? own.slopes[k] : 0
        }
        var (to, slope) = (width + p, baseline.count)
        for term in varying {
          let x = covariates.matrix[i, term.column]
          let part = term.spline.evaluate(known ? logTime[i] : 0)
          for k in part.values.indices {
            values.pointer[i + to * n] = known ? x * part.values[k] : 0
            slopes.pointer[i + slope * n] = known ? x * part.slopes[k] : 0
            to += 1
            slope += 1
          }
        }
      }
    }
    covariates.matrix.storage.withUnsafeBufferPointer { x in
      if let base = x.baseAddress {
        (values.pointer + width * n).update(from: base, count: n * p)
      }
    }
    var names = ["(Intercept)"] + (1...baseline.count).map { "gamma\($0)" } + covariates.names
    for term in varying {
      names += (1...term.spline.count).map { "gamma\($0)(\(covariates.names[term.column]))" }
    }
    let places = Array(1..<width) + (0..<extra).map { width + p + $0 }
    return (
      DesignMatrix(
        matrix: Matrix(rows: n, columns: width + p + extra, storage: values.array), names: names),
      (Matrix(rows: n, columns: baseline.count + extra, storage: slopes.array), places)
    )
  }
}
