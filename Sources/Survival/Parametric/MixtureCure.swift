import LinearAlgebra
public import Statistics

/// A mixture cure model: some never have the event, the others have it at times of a parametric family.
///
/// S(t) = 1 − π + π S₀(t). Incidence: logit π = zγ, γ log odds ratios of ever having the event. Latency:
/// log T = xβ + σW for those who do, β log time ratios. Maximum likelihood by Newton's method on the
/// observed likelihood from several starts, standard errors from the observed information. A mixture
/// can only be told from a long tail when follow-up is long enough to see a plateau: data whose last
/// time is an event are refused, and Maller and Zhou's αₙ = (1 − Nₙ/n)ⁿ, Nₙ the events among the last
/// 2t* − t₍ₙ₎ to t* (t* the last event), is given with a note when it is above 0.05.
///
/// Farewell (1982), doi:10.2307/2529885; Maller & Zhou (1992), doi:10.1093/biomet/79.4.731.
/// - Complexity: O(n p²) a Newton step.
public struct MixtureCure: Sendable {
  /// The distribution of the times of those who have the event.
  public enum Family: String, Sendable, CaseIterable {
    /// Weibull times.
    case weibull = "weibull"
    /// Log-normal times.
    case lognormal = "lognormal"
    /// Log-logistic times.
    case loglogistic = "loglogistic"

    var plain: FailureTimeFamily {
      switch self {
      case .weibull: .weibull
      case .lognormal: .lognormal
      case .loglogistic: .loglogistic
      }
    }
  }

  /// The distribution of the times of those who have the event.
  public var family: Family
  /// Whether a robust variance is made; nil: with a cluster or weights that are not whole.
  public var robust: Bool?

  /// A model of one family.
  public init(family: Family = .weibull, robust: Bool? = nil) {
    self.family = family
    self.robust = robust
  }

  /// Fits the model; both designs bring their own intercepts.
  ///
  /// Terms: `incidence:…`, `latency:…`, `Log(scale)`.
  /// - Throws: as ``SurvivalRegression/fit(_:_:weights:offset:cluster:)``; `data-quality` when nobody is
  ///   followed beyond the last event.
  public func fit(
    _ times: SurvivalTimes, _ design: DesignMatrix, incidence: DesignMatrix,
    weights: [Double]? = nil, offset: [Double]? = nil, cluster: Factor? = nil
  ) throws(SiblingError) -> MixtureCureFit {
    try Checks.count(incidence.rows, is: times.count, "the incidence design")
    try Checks.finite(incidence.matrix, incidence.names)
    guard design.columns > 0, incidence.columns > 0 else {
      throw SiblingError(
        .badDesign, "both parts of the model need an intercept or a covariate",
        help: "leave the intercept in, or name a term")
    }
    let input = try LikelihoodInput(
      times, design, weights: weights, offset: offset, cluster: cluster)
    let alpha = try Self.followUp(input)
    let part = input.rows.map { incidence.selecting(rows: $0) } ?? incidence
    let latency = try LikelihoodColumns(input.design)
    let share = try LikelihoodColumns(part)
    let rows = FailureTimeRows(input)
    let likelihood = CureLikelihood(
      family: family, rows: rows, latency: latency, incidence: share)
    guard let solution = maximised(likelihood, input) else {
      throw SiblingError(
        .nonConvergence, "the cure model's likelihood can't be computed from any start",
        help: "try another family or fewer terms")
    }
    return try finish(likelihood, solution, input, alpha)
  }

  private func maximised(
    _ likelihood: CureLikelihood, _ input: LikelihoodInput
  ) -> LikelihoodMaximiser.Solution? {
    let (latency, incidence) = (likelihood.latency, likelihood.incidence)
    // Times of the events alone tell those who have it; the others' shares are tried.
    let events = input.event.indices.filter { input.event[$0] }
    let mean = events.reduce(0.0) { $0 + likelihood.rows.logTime[$1] } / Double(events.count)
    let response = likelihood.rows.logTime.indices.map {
      input.event[$0] ? likelihood.rows.logTime[$0] : mean
    }
    let (beta, spread) = latency.leastSquares(response)
    let seen = Double(events.count) / Double(input.count)
    var best: LikelihoodMaximiser.Solution?
    for extra in [0.1, 0.5, 0.9] {
      let share = Swift.min(0.99, seen + (1 - seen) * extra)
      var gamma = [Double](repeating: 0, count: incidence.count)
      gamma[0] = logarithm(share / (1 - share))
      let found = LikelihoodMaximiser().maximise(
        likelihood, from: beta + gamma + [logarithm(spread)])
      guard found.value.value.isFinite else { continue }
      if best.map({ found.value.value > $0.value.value + 1e-9 }) ?? true { best = found }
    }
    return best
  }

  private func finish(
    _ likelihood: CureLikelihood, _ solution: LikelihoodMaximiser.Solution,
    _ input: LikelihoodInput, _ alpha: Double
  ) throws(SiblingError) -> MixtureCureFit {
    let (latency, incidence) = (likelihood.latency, likelihood.incidence)
    let (p, q) = (latency.count, incidence.count)
    var back = Matrix(rows: p + q + 1, columns: p + q + 1)
    let (latencyBack, incidenceBack) = (latency.back, incidence.back)
    for j in 0..<q { for i in 0..<q { back[i, p + j] = incidenceBack[i, j] } }
    for j in 0..<p { for i in 0..<p { back[q + i, j] = latencyBack[i, j] } }
    back[p + q, p + q] = 1
    let width = incidence.names.count
    let names =
      incidence.names.map { "incidence:\($0)" } + latency.names.map { "latency:\($0)" }
      + ["Log(scale)"]
    var notes = incidence.notes + latency.notes
    if alpha >= 0.05 {
      notes.append(
        "follow-up may be too short to tell those who never have the event from those who have it"
          + " late: the test of sufficient follow-up has alpha above 0.05")
    }
    let fit = try ParametricFit.make(
      likelihood, solution, input,
      ParametricFit.Parts(
        names: names,
        places: incidence.kept + latency.kept.map { width + $0 } + [names.count - 1],
        back: back, level: [Double](repeating: 0, count: p + q + 1),
        scale: "log odds of ever having the event and log time ratio, \(family.rawValue)",
        model: "cure", notes: notes, robust: robust))
    // The average share that never has the event, and its gradient in the incidence terms.
    let known = (0..<width).map { fit.coefficients[$0].isNaN ? 0 : fit.coefficients[$0] }
    let odds = incidence.matrix.times(known)
    let total = input.weights?.reduce(0, +) ?? Double(input.count)
    var cured = 0.0
    var gradient = [Double](repeating: 0, count: width)
    for i in odds.indices {
      let weight = (input.weights?[i] ?? 1) / total
      let never = LogisticKernel.survivor(odds[i])
      cured += weight * (1 + never.slope)
      for j in 0..<width { gradient[j] -= weight * never.bend * incidence.matrix[i, j] }
    }
    let variance = fit.robustCovariance ?? fit.covariance
    var spread = 0.0
    for j in incidence.kept {
      for k in incidence.kept { spread += gradient[j] * variance[j, k] * gradient[k] }
    }
    return MixtureCureFit(
      fit: fit, curedShare: cured, curedShareError: spread.squareRoot(), alpha: alpha)
  }

  /// Maller and Zhou's αₙ.
  private static func followUp(_ input: LikelihoodInput) throws(SiblingError) -> Double {
    let last = input.time.reduce(0) { Swift.max($0, $1) }
    var lastEvent = 0.0
    for i in 0..<input.count where input.event[i] {
      lastEvent = Swift.max(lastEvent, input.time[i])
    }
    guard last > lastEvent else {
      throw SiblingError(
        .dataQuality,
        "nobody is followed beyond the last event, so nothing tells whether some never have it",
        help: "use aft or flexible, or wait for longer follow-up")
    }
    let low = 2 * lastEvent - last
    let late = input.event.indices.reduce(0) {
      $0 + (input.event[$1] && input.time[$1] > low ? 1 : 0)
    }
    let n = Double(input.count)
    return late == input.count ? 0 : exponential(n * logarithmOnePlus(-Double(late) / n))
  }
}

/// A fitted mixture cure model.
public struct MixtureCureFit: Sendable {
  /// Coefficients, covariance and likelihood.
  public let fit: ParametricFit
  /// The average over rows of the share that never has the event.
  public let curedShare: Double
  /// Its standard error, by the delta method.
  public let curedShareError: Double
  /// Maller and Zhou's αₙ: small when follow-up is long enough.
  public let alpha: Double
}
