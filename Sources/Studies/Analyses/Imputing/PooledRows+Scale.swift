internal import Statistics

// The scale of a row, and the way there and back.

extension PooledRows {
  /// The scale of a row's standard error, read from its own statistic or interval.
  static func scale(
    _ values: [Double], _ errors: [Double], _ statistics: [Double], _ low: [Double],
    _ high: [Double], _ degrees: [Double], _ level: Double, _ otherIntervals: inout Bool
  ) -> Scale {
    var (plain, logarithm) = (0.0, 0.0)
    for k in values.indices where errors[k] > 0 {
      let value = values[k] > 0 ? _logarithm(values[k]) : .infinity
      if statistics[k].isFinite {
        plain += (values[k] / errors[k] - statistics[k]).magnitude
        logarithm += (value / errors[k] - statistics[k]).magnitude
      }
      guard low[k].isFinite, high[k].isFinite else { continue }
      let tail = (1 - level) / 2
      let reach =
        degrees[k].isFinite && degrees[k] > 0
        ? StudentT(degreesOfFreedom: degrees[k]).upperQuantile(tail)
        : Normal.standard.upperQuantile(tail)
      let straight = ((high[k] - low[k]) / (2 * errors[k]) - reach).magnitude
      let curved =
        low[k] > 0
        ? ((_logarithm(high[k]) - _logarithm(low[k])) / (2 * errors[k]) - reach).magnitude
        : .infinity
      if min(straight, curved) > 1e-4 * reach { otherIntervals = true }
      if !statistics[k].isFinite {
        plain += straight
        logarithm += curved
      }
    }
    return logarithm < plain ? .logarithm : .plain
  }

  /// Values on a scale with its slopes there; nil for a value outside its range.
  static func move(
    _ values: [Double], _ scale: Scale
  ) -> (values: [Double], slopes: [Double])? {
    switch scale {
    case .plain: return (values, values.map { _ in 1 })
    case .logarithm:
      // Standard errors of ratios are on the log scale already.
      guard values.allSatisfy({ $0 > 0 }) else { return nil }
      return (values.map { _logarithm($0) }, values.map { _ in 1 })
    case .survival, .incidence:
      guard values.allSatisfy({ $0 > 0 && $0 < 1 }) else { return nil }
      let survival = scale == .survival ? values : values.map { 1 - $0 }
      return (
        survival.map { _logarithm(-_logarithm($0)) },
        survival.map { -1 / ($0 * _logarithm($0)) }
      )
    }
  }

  static func back(_ value: Double, _ scale: Scale) -> Double {
    switch scale {
    case .plain: value
    case .logarithm: _exponential(value)
    case .survival: _exponential(-_exponential(value))
    case .incidence: 1 - _exponential(-_exponential(value))
    }
  }
}
