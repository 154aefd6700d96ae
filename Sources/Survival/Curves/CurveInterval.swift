internal import Glibc

/// How confidence limits of a survival curve are made.
///
/// Each transforms S, adds and subtracts z standard errors, and transforms back. Limits that a
/// transformation cannot give (log-log, logit and arcsine at S = 1, all but plain at S = 0) are NaN.
public enum CurveInterval: String, Sendable, CaseIterable {
  /// On log S, upper limits cut at 1.
  case log = "log"
  /// On log(−log S).
  case logLog = "log-log"
  /// On S, cut at 0 and 1.
  case plain = "plain"
  /// On log(S/(1 − S)).
  case logit = "logit"
  /// On arcsin √S.
  case arcsine = "arcsine"

  /// The limits of estimates with standard errors of S, `reach` standard errors wide.
  public func limits(
    _ survival: [Double], _ error: [Double], reach: Double
  ) -> (low: [Double], high: [Double]) {
    var low = survival
    var high = survival
    for k in survival.indices {
      (low[k], high[k]) = limit(survival[k], reach * error[k])
    }
    return (low, high)
  }

  /// The limits of one estimate whose distance on its own scale is `distance`.
  private func limit(_ s: Double, _ distance: Double) -> (low: Double, high: Double) {
    if distance.isNaN { return (.nan, .nan) }
    switch self {
    case .plain:
      return (Swift.max(s - distance, 0), Swift.min(s + distance, 1))
    case .log:
      guard s > 0 else { return (.nan, .nan) }
      let factor = exp(distance / s)
      return (s / factor, Swift.min(s * factor, 1))
    case .logLog:
      guard s > 0, s < 1 else { return (.nan, .nan) }
      let centre = Glibc.log(-Glibc.log(s))
      let half = distance / (s * Glibc.log(s))
      return (exp(-exp(centre - half)), exp(-exp(centre + half)))
    case .logit:
      guard s > 0, s < 1 else { return (.nan, .nan) }
      let centre = Glibc.log(s / (1 - s))
      let half = distance / (s * (1 - s))
      return (1 / (1 + exp(half - centre)), 1 / (1 + exp(-half - centre)))
    case .arcsine:
      guard s > 0, s < 1 else { return (.nan, .nan) }
      let centre = asin(s.squareRoot())
      let half = distance / (2 * (s * (1 - s)).squareRoot())
      let (a, b) = (sin(Swift.max(0, centre - half)), sin(Swift.min(.pi / 2, centre + half)))
      return (a * a, b * b)
    }
  }
}
