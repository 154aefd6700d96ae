/// The distribution of the response in a generalised linear model.
public enum Family: String, Sendable, CaseIterable {
  /// Normal, constant variance.
  case gaussian
  /// Binary responses or proportions, variance μ(1 − μ).
  case binomial
  /// Counts, variance μ.
  case poisson

  /// The family of a command-line name: `gaussian`, `binomial`, `poisson`.
  public init?(name: String) { self.init(rawValue: name) }

  /// The link that makes the linear predictor the natural parameter.
  public var canonicalLink: Link {
    switch self {
    case .gaussian: .identity
    case .binomial: .logit
    case .poisson: .log
    }
  }

  /// The links that may be asked for.
  public var links: [Link] {
    switch self {
    case .gaussian: [.identity, .log]
    case .binomial: [.logit, .probit, .complementaryLogLog, .log]
    case .poisson: [.log, .identity]
    }
  }
}

/// The function that takes a mean to its linear predictor.
public enum Link: String, Sendable, CaseIterable {
  /// η = μ.
  case identity
  /// η = log μ.
  case log
  /// η = log(μ/(1 − μ)).
  case logit
  /// η = Φ⁻¹(μ).
  case probit
  /// η = log(−log(1 − μ)).
  case complementaryLogLog = "cloglog"

  /// The link of a command-line name: `identity`, `log`, `logit`, `probit`, `cloglog`.
  public init?(name: String) { self.init(rawValue: name) }
}
