internal import Glibc

/// A mean at a linear predictor, with what the score needs; `complement` is 1 − μ without
/// cancellation.
struct MeanPoint {
  var mean: Double
  var complement: Double
  /// (dμ/dη)/V(μ).
  var scoreFactor: Double
  /// (dμ/dη)²/V(μ).
  var weight: Double
}

extension Link {
  /// μ at η.
  @inline(__always)
  func mean(_ eta: Double) -> Double {
    switch self {
    case .identity: eta
    case .log: exp(eta)
    case .logit: eta >= 0 ? 1 / (1 + exp(-eta)) : exp(eta) / (1 + exp(eta))
    case .probit: erfc(-eta * 0.5.squareRoot()) / 2
    case .complementaryLogLog: -expm1(-exp(eta))
    }
  }

  /// 1 − μ at η, for links of probabilities.
  @inline(__always)
  func complement(_ eta: Double) -> Double {
    switch self {
    case .identity: 1 - eta
    case .log: -expm1(eta)
    case .logit: eta >= 0 ? exp(-eta) / (1 + exp(-eta)) : 1 / (1 + exp(eta))
    case .probit: erfc(eta * 0.5.squareRoot()) / 2
    case .complementaryLogLog: exp(-exp(eta))
    }
  }

  /// log μ at η, accurate where μ is tiny.
  @inline(__always)
  func logMean(_ eta: Double) -> Double {
    switch self {
    case .identity: Glibc.log(eta)
    case .log: eta
    case .logit: min(eta, 0) - log1p(exp(-eta.magnitude))
    case .probit: logNormalLowerTail(eta)
    case .complementaryLogLog: eta < -36 ? eta - exp(eta) / 2 : Glibc.log(-expm1(-exp(eta)))
    }
  }

  /// log(1 − μ) at η, accurate where 1 − μ is tiny.
  @inline(__always)
  func logComplement(_ eta: Double) -> Double {
    switch self {
    case .identity: log1p(-eta)
    case .log: Glibc.log(-expm1(eta))
    case .logit: -max(eta, 0) - log1p(exp(-eta.magnitude))
    case .probit: logNormalLowerTail(-eta)
    case .complementaryLogLog: -exp(eta)
    }
  }

  /// η at μ.
  func predictor(_ mean: Double) -> Double {
    switch self {
    case .identity: mean
    case .log: Glibc.log(mean)
    case .logit: Glibc.log(mean) - log1p(-mean)
    case .probit: Normal.standard.quantile(mean)
    case .complementaryLogLog: Glibc.log(-log1p(-mean))
    }
  }
}

/// log Φ(x), by an asymptotic series where Φ itself would underflow.
func logNormalLowerTail(_ x: Double) -> Double {
  if x > -20 {
    return x > 5 ? log1p(-erfc(x * 0.5.squareRoot()) / 2) : log(erfc(-x * 0.5.squareRoot()) / 2)
  }
  let square = 1 / (x * x)
  let tail = square * (1 - square * (3 - square * (15 - square * (105 - 945 * square))))
  return -x * x / 2 - log(-x) - 0.5 * log(2 * Double.pi) + log1p(-tail)
}

extension Family {
  /// The mean at η and the factors that turn y − μ into a score and an information weight.
  ///
  /// Predictors are held where the factors can be represented; the log-likelihood is not.
  @inline(__always)
  func point(_ eta: Double, _ link: Link) -> MeanPoint {
    switch (self, link) {
    case (.binomial, .probit):
      let x = min(max(eta, -37), 37)
      let (p, q) = (link.mean(x), link.complement(x))
      let slope = exp(-x * x / 2) / (2 * Double.pi).squareRoot()
      let factor = slope / (p * q)
      return MeanPoint(mean: p, complement: q, scoreFactor: factor, weight: slope * factor)
    case (.binomial, .complementaryLogLog):
      let x = min(max(eta, -700), 30)
      let (p, q) = (link.mean(x), link.complement(x))
      let factor = exp(x) / p
      return MeanPoint(mean: p, complement: q, scoreFactor: factor, weight: factor * exp(x) * q)
    case (.binomial, .log):
      let (p, q) = (link.mean(eta), link.complement(eta))
      return MeanPoint(mean: p, complement: q, scoreFactor: 1 / q, weight: p / q)
    case (.binomial, _):
      let (p, q) = (link.mean(eta), link.complement(eta))
      return MeanPoint(mean: p, complement: q, scoreFactor: 1, weight: p * q)
    case (.poisson, .identity):
      return MeanPoint(mean: eta, complement: 0, scoreFactor: 1 / eta, weight: 1 / eta)
    case (.poisson, _):
      let mean = exp(eta)
      return MeanPoint(mean: mean, complement: 0, scoreFactor: 1, weight: mean)
    case (.gaussian, .log):
      let mean = exp(eta)
      return MeanPoint(mean: mean, complement: 0, scoreFactor: mean, weight: mean * mean)
    case (.gaussian, _):
      return MeanPoint(mean: eta, complement: 0, scoreFactor: 1, weight: 1)
    }
  }

  /// One row's log-likelihood at η without terms that do not depend on η; −∞ outside the range.
  @inline(__always)
  func kernel(_ y: Double, _ eta: Double, _ link: Link) -> Double {
    switch self {
    case .gaussian:
      let residual = y - link.mean(eta)
      return -residual * residual / 2
    case .poisson:
      if link == .identity { return eta > 0 ? y * Glibc.log(eta) - eta : -.infinity }
      return y * eta - exp(eta)
    case .binomial:
      if link == .log, eta >= 0 { return -.infinity }
      return (y > 0 ? y * link.logMean(eta) : 0) + (y < 1 ? (1 - y) * link.logComplement(eta) : 0)
    }
  }

  /// One row's contribution to the deviance.
  @inline(__always)
  func deviance(_ y: Double, _ eta: Double, _ link: Link) -> Double {
    switch self {
    case .gaussian:
      let residual = y - link.mean(eta)
      return residual * residual
    case .poisson:
      let mean = link.mean(eta)
      return 2 * ((y > 0 ? y * (Glibc.log(y) - link.logMean(eta)) : 0) - (y - mean))
    case .binomial:
      let first = y > 0 ? y * ((y < 1 ? Glibc.log(y) : 0) - link.logMean(eta)) : 0
      let second = y < 1 ? (1 - y) * ((y > 0 ? log1p(-y) : 0) - link.logComplement(eta)) : 0
      return 2 * (first + second)
    }
  }

  /// One row's log-likelihood where the mean is the response; the normal's is left out.
  @inline(__always)
  func saturated(_ y: Double, _ weight: Double) -> Double {
    switch self {
    case .gaussian: return 0
    case .poisson:
      return y > 0 ? weight * (y * Glibc.log(y) - y - lgamma(y + 1)) : 0
    case .binomial:
      guard y > 0, y < 1 else { return 0 }
      let ways = lgamma(weight + 1) - lgamma(weight * y + 1) - lgamma(weight * (1 - y) + 1)
      return weight * (y * Glibc.log(y) + (1 - y) * log1p(-y)) + ways
    }
  }
}
