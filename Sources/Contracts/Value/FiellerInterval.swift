internal import Statistics

/// The ratios that data do not reject, for a ratio of two estimates with a joint normal error.
///
/// With t the quantile, the set holds every R with (C − R·E)² ≤ t²·Var(C − R·E): a quadratic in R whose
/// leading coefficient E² − t²·Var(E) is positive exactly when E differs from nought at the level. Then
/// the set is an interval. Otherwise it is all ratios outside an interval, or all ratios there are: the
/// data do not bound the ratio, and no point stands for it.
///
/// Fieller, E. C. (1954), doi:10.1111/j.2517-6161.1954.tb00159.x.
public enum FiellerInterval: Sendable, Equatable {
  /// From `low` to `high`.
  case bounded(low: Double, high: Double)
  /// Everything up to `below` and everything from `above`.
  case complement(below: Double, above: Double)
  /// Everything from a number up, or up to a number: where the effect just reaches nought.
  case from(Double)
  /// Everything up to a number.
  case upTo(Double)
  /// Every ratio.
  case wholeLine

  /// The set of a contrast: cost over effect.
  ///
  /// Quantiles are Student's with the contrast's degrees of freedom, else normal.
  public init(_ contrast: CostEffectContrast, level: Double) {
    let t = Self.quantile(level, contrast.degreesOfFreedom)
    self.init(
      numerator: contrast.cost, denominator: contrast.effect,
      numeratorVariance: contrast.costVariance, denominatorVariance: contrast.effectVariance,
      covariance: contrast.covariance, quantile: t)
  }

  /// The set of a ratio.
  public init(
    numerator: Double, denominator: Double, numeratorVariance: Double, denominatorVariance: Double,
    covariance: Double, quantile: Double
  ) {
    let square = quantile * quantile
    let a = denominator * denominator - square * denominatorVariance
    let b = numerator * denominator - square * covariance
    let c = numerator * numerator - square * numeratorVariance
    // a·R² − 2b·R + c ≤ 0
    if a == 0 {
      if b == 0 {
        self = .wholeLine
      } else {
        self = b > 0 ? .from(c / (2 * b)) : .upTo(c / (2 * b))
      }
      return
    }
    let root = b * b - a * c
    guard root >= 0 || a > 0 else {
      self = .wholeLine
      return
    }
    // The larger root of the two by size first, so that nothing cancels.
    let far = b + (b < 0 ? -1 : 1) * max(0, root).squareRoot()
    let ends = [far / a, far == 0 ? 0 : c / far].sorted()
    self =
      a > 0
      ? .bounded(low: ends[0], high: ends[1]) : .complement(below: ends[0], above: ends[1])
  }

  /// The two-sided quantile of a level: Student's, or the normal's without degrees of freedom.
  static func quantile(_ level: Double, _ degrees: Double?) -> Double {
    let tail = (1 - level) / 2
    return degrees.map { StudentT(degreesOfFreedom: $0).upperQuantile(tail) }
      ?? Normal.standard.upperQuantile(tail)
  }

  /// Whether a ratio is in the set.
  public func contains(_ ratio: Double) -> Bool {
    switch self {
    case .bounded(let low, let high): low <= ratio && ratio <= high
    case .complement(let below, let above): ratio <= below || above <= ratio
    case .from(let low): low <= ratio
    case .upTo(let high): ratio <= high
    case .wholeLine: true
    }
  }
}
