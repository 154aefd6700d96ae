internal import Glibc
internal import LinearAlgebra
public import Statistics

/// How far parallel trends may fail before an event study's conclusion changes: confidence intervals
/// for the effect under bounds on the bias (Rambachan & Roth 2023, doi 10.1093/restud/rdad018).
///
/// The bias at an event time is what the estimate would be had there been no treatment; before the
/// reference it is seen, up to noise. Nothing is simulated: the first stage of the test rests on an
/// integral in one dimension, and limits are bisected to 1e-8 or better.
public struct TrendSensitivity: Sendable, Equatable {
  /// What is assumed of the bias.
  public enum Kind: String, Sendable, CaseIterable {
    /// It changes from period to period by at most m times the largest change before treatment.
    case relativeMagnitude = "relative-magnitude"
    /// Its change from period to period changes by at most m, in units of the outcome; 0 is a
    /// straight line.
    case smoothness = "smoothness"
  }

  /// The sign that the bias has after treatment began.
  public enum Sign: String, Sendable, CaseIterable {
    /// Never below zero.
    case positive = "positive"
    /// Never above zero.
    case negative = "negative"
  }

  /// The direction in which the bias moves.
  public enum Direction: String, Sendable, CaseIterable {
    /// It never falls.
    case increasing = "increasing"
    /// It never rises.
    case decreasing = "decreasing"
  }

  /// What the interval is for.
  public enum Target: Sendable, Equatable {
    /// The effect at one event time after the reference.
    case eventTime(Double)
    /// The plain mean of the effects after the reference.
    case average
  }

  /// What is assumed of the bias.
  public var kind: Kind
  /// The values of m.
  public var magnitudes: [Double]
  /// The bias's sign, where one is assumed.
  public var sign: Sign?
  /// The bias's direction, where one is assumed.
  public var direction: Direction?
  /// What the intervals are for.
  public var target: Target
  /// The confidence level.
  public var level: Double

  /// Sensitivity of the effect at the start of treatment unless said otherwise.
  public init(
    kind: Kind = .relativeMagnitude, magnitudes: [Double] = [0.5, 1, 1.5, 2], sign: Sign? = nil,
    direction: Direction? = nil, target: Target = .eventTime(0), level: Double = 0.95
  ) {
    self.kind = kind
    self.magnitudes = magnitudes
    self.sign = sign
    self.direction = direction
    self.target = target
    self.level = level
  }

  /// The intervals, with the one that takes parallel trends for granted.
  ///
  /// - Throws: `invalidOption` for a negative m, a level outside (0.5, 1) or a target that is not
  ///   after the reference; `nonConvergence`.
  public func fit(_ data: EventStudyEstimates) throws(SiblingError) -> TrendSensitivityResult {
    try check()
    let weights = try weights(data)
    let problem = ScaledProblem(data, weights: weights)
    var intervals: [TrendSensitivityResult.Row] = []
    var certificate: Double?
    for m in magnitudes {
      let (limits, worst) = try interval(problem, m)
      certificate = worst.map { max($0, certificate ?? 0) } ?? certificate
      intervals.append(
        TrendSensitivityResult.Row(
          magnitude: m,
          interval: limits.map {
            ConfidenceInterval(
              low: $0.low * problem.unit, high: $0.high * problem.unit, level: level)
          }))
    }
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    return TrendSensitivityResult(
      kind: kind, estimate: problem.estimate * problem.unit, standardError: problem.unit,
      original: ConfidenceInterval(
        low: (problem.estimate - reach) * problem.unit,
        high: (problem.estimate + reach) * problem.unit, level: level),
      rows: intervals, usesFixedLength: usesFixedLength,
      certificate: certificate)
  }

  /// Whether intervals have fixed length: smoothness without sign or direction.
  var usesFixedLength: Bool { kind == .smoothness && sign == nil && direction == nil }

  func check() throws(SiblingError) {
    for m in magnitudes where !(m >= 0 && m.isFinite) {
      throw SiblingError(
        .invalidOption, "m is \(m); it must be zero or more.",
        help: "It says by how much trends may differ.", column: "m")
    }
    guard level > 0.5, level < 1 else {
      throw SiblingError(.invalidOption, "The level must lie between 0.5 and 1.")
    }
  }

  /// The target as weights on the effects after the reference.
  func weights(_ data: EventStudyEstimates) throws(SiblingError) -> [Double] {
    let times = data.post.map { data.eventTimes[$0] }
    switch target {
    case .average: return times.map { _ in 1 / Double(times.count) }
    case .eventTime(let wanted):
      guard times.contains(wanted) else {
        throw SiblingError(
          .invalidOption,
          "The target \(PanelDesign.label(wanted)) is not among the event times after the reference:"
            + " \(times.map(PanelDesign.label).joined(separator: ", ")).", column: "target")
      }
      return times.map { $0 == wanted ? 1 : 0 }
    }
  }

  /// The limits at one m in units of the target's standard error; nil where all values are rejected.
  func interval(
    _ problem: ScaledProblem, _ m: Double
  ) throws(SiblingError) -> (limits: (low: Double, high: Double)?, certificate: Double?) {
    if usesFixedLength {
      do {
        let found = try FixedLengthInterval(
          problem.data, target: problem.weights, bend: m / problem.unit, level: level)
        return ((found.low, found.high), found.certificate)
      } catch {
        throw SiblingError(
          .nonConvergence, "The shortest interval for m = \(m) was not found.",
          help: "The covariance is close to singular; use fewer event times before treatment.")
      }
    }
    var limits: (low: Double, high: Double)?
    for restriction in restrictions(problem, m) {
      guard
        var test = HybridTest(
          restriction, target: problem.weights, data: problem.data, size: 1 - level)
      else {
        throw SiblingError(.nonConvergence, "The inequalities for m = \(m) could not be combined.")
      }
      guard let found = test.limits() else { continue }
      limits = (
        min(found.low, limits?.low ?? .infinity), max(found.high, limits?.high ?? -.infinity)
      )
    }
    return (limits, nil)
  }

  /// Whether the test accepts a value of the target, in units of its standard error, at one m.
  func accepts(_ value: Double, _ problem: ScaledProblem, _ m: Double) -> Bool {
    restrictions(problem, m).contains { restriction in
      var test = HybridTest(
        restriction, target: problem.weights, data: problem.data, size: 1 - level)
      return test?.accepts(value) ?? false
    }
  }

  /// The convex sets whose union the bias lies in.
  private func restrictions(_ problem: ScaledProblem, _ m: Double) -> [TrendRestriction] {
    let before = problem.data.before
    let after = problem.data.after
    var sets: [TrendRestriction] = []
    switch kind {
    case .smoothness:
      sets = [.smooth(bend: m / problem.unit, before: before, after: after)]
    case .relativeMagnitude:
      // A bias that never falls has its largest change before treatment upwards.
      let directions: [Double] =
        switch direction {
        case .increasing: [1]
        case .decreasing: [-1]
        case nil: [1, -1]
        }
      for step in 0..<before {
        for sign in directions {
          sets.append(
            .relative(to: step, sign: sign, magnitude: m, before: before, after: after))
        }
      }
    }
    for index in sets.indices {
      if let sign { sets[index].restrict(sign: sign == .positive ? 1 : -1) }
      if let direction { sets[index].restrict(direction: direction == .increasing ? 1 : -1) }
    }
    return sets
  }
}

/// Estimates in units of the target's standard error, so that no tolerance depends on the outcome's
/// units.
struct ScaledProblem {
  let data: EventStudyEstimates
  let weights: [Double]
  /// The target's standard error.
  let unit: Double
  /// The target's estimate over its standard error.
  let estimate: Double

  init(_ original: EventStudyEstimates, weights: [Double]) {
    var full = [Double](repeating: 0, count: original.eventTimes.count)
    for (k, place) in original.post.enumerated() { full[place] = weights[k] }
    unit = original.covariance.quadraticForm(full).squareRoot()
    data = original.scaled(by: 1 / unit)
    estimate = zip(full, data.estimates).reduce(0) { $0 + $1.0 * $1.1 }
    self.weights = weights
  }
}
