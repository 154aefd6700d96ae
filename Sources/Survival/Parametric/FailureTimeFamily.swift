/// A distribution of times that a parametric regression may assume.
public enum FailureTimeFamily: String, Sendable, CaseIterable {
  /// log T = Xβ + σ·W, W the smallest extreme value; hazards are proportional too.
  case weibull = "weibull"
  /// The Weibull with σ = 1: a constant hazard.
  case exponential = "exponential"
  /// log T = Xβ + σ·W, W normal.
  case lognormal = "lognormal"
  /// log T = Xβ + σ·W, W logistic.
  case loglogistic = "loglogistic"
  /// The gamma with mean exp(Xβ) and shape 1/σ²: the generalised gamma with Q = σ.
  case gamma = "gamma"
  /// Prentice's log-gamma: log T = Xβ + σ·W(Q). Q = 1 is the Weibull, 0 the log-normal, σ the gamma.
  case generalizedGamma = "gengamma"
  /// A hazard exp(Xβ + shape·t); the shape may be negative, and then some never have the event.
  case gompertz = "gompertz"

  /// Whether coefficients are log hazard ratios rather than log time ratios.
  public var isProportionalHazards: Bool { self == .gompertz }

  /// The names of the parameters besides those of the design, as they are printed after it.
  var ancillaryNames: [String] {
    switch self {
    case .exponential: []
    case .weibull, .lognormal, .loglogistic, .gamma: ["Log(scale)"]
    case .generalizedGamma: ["Q", "Log(scale)"]
    case .gompertz: ["shape"]
    }
  }
}
