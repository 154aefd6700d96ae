import LinearAlgebra
import Statistics

/// Survival as a fitted model has it, averaged over rows.
struct PredictedSurvival: Sendable {
  /// How survival depends on a row's location Xβ and on time.
  enum Form: Sendable {
    /// log T = location + e^{logScale}·W.
    case locationScale(RoystonParmar.Scale, logScale: Double)
    /// The same, W Prentice's log-gamma.
    case logGamma(shape: Double, logScale: Double)
    /// Hazard exp(location + shape·t).
    case gompertz(shape: Double)
    /// g(S) = the baseline's coefficients at log t + location.
    case spline(RoystonParmar.Scale, RestrictedCubicSpline, [Double])
  }

  let form: Form
  /// Xβ and offset of each row.
  let locations: [Double]

  /// A parametric family's survival at the rows of a design.
  init(
    _ family: FailureTimeFamily, _ fit: ParametricFit, _ design: DesignMatrix, offset: [Double]?
  ) {
    let last = fit.coefficients.last ?? .nan
    form =
      switch family {
      case .weibull: .locationScale(.hazard, logScale: last)
      case .exponential: .locationScale(.hazard, logScale: 0)
      case .loglogistic: .locationScale(.odds, logScale: last)
      case .lognormal: .locationScale(.normal, logScale: last)
      case .gamma: .logGamma(shape: exponential(last), logScale: last)
      case .generalizedGamma:
        .logGamma(shape: fit.coefficients[fit.coefficients.count - 2], logScale: last)
      case .gompertz: .gompertz(shape: last)
      }
    locations = Self.locate(design, Array(fit.coefficients.prefix(design.columns)), offset)
  }

  /// A spline's survival at the rows of a design without its intercept.
  init(
    _ scale: RoystonParmar.Scale, _ fit: ParametricFit, _ baseline: RestrictedCubicSpline,
    _ design: DesignMatrix, offset: [Double]?
  ) {
    let width = 1 + baseline.count
    form = .spline(scale, baseline, Array(fit.coefficients.prefix(width)))
    locations = Self.locate(
      design, Array(fit.coefficients[width..<(width + design.columns)]), offset)
  }

  private static func locate(
    _ design: DesignMatrix, _ coefficients: [Double], _ offset: [Double]?
  ) -> [Double] {
    let linear = design.matrix.times(coefficients.map { $0.isNaN ? 0 : $0 })
    guard let offset else { return linear }
    return linear.indices.map { linear[$0] + offset[$0] }
  }

  /// For each group the weighted mean survival of its rows at each time.
  func means(at times: [Double], groups: [Int32], count: Int, weights: [Double]?) -> [[Double]] {
    var totals = [Double](repeating: 0, count: count)
    for i in groups.indices { totals[Int(groups[i])] += weights?[i] ?? 1 }
    let sums: [[Double]] = Parallel.mapBlocks(times.count) { k in
      var sums = [Double](repeating: 0, count: count)
      let survival = survival(at: times[k])
      for i in groups.indices {
        sums[Int(groups[i])] += (weights?[i] ?? 1) * survival(locations[i])
      }
      return sums
    }
    return (0..<count).map { group in sums.map { $0[group] / totals[group] } }
  }

  /// Survival at one time as a function of the location.
  private func survival(at time: Double) -> @Sendable (Double) -> Double {
    let logTime = logarithm(time)
    switch form {
    case .locationScale(let scale, let logScale):
      let inverse = exponential(-logScale)
      return { Self.survivor(scale, (logTime - $0) * inverse) }
    case .logGamma(let shape, let logScale):
      let (inverse, kernel) = (exponential(-logScale), LogGammaKernel(shape))
      return { exponential(kernel.survivor((logTime - $0) * inverse).value) }
    case .gompertz(let shape):
      let growth = GrowthMoments(time, shape).zeroth
      return { exponential(-exponential($0) * growth) }
    case .spline(let scale, let spline, let coefficients):
      let level = zip([1] + spline.evaluate(logTime).values, coefficients).reduce(0) {
        $0 + $1.0 * $1.1
      }
      return { Self.survivor(scale, level + $0) }
    }
  }

  private static func survivor(_ scale: RoystonParmar.Scale, _ z: Double) -> Double {
    switch scale {
    case .hazard: exponential(ExtremeValueKernel.survivor(z).value)
    case .odds: exponential(LogisticKernel.survivor(z).value)
    case .normal: exponential(NormalKernel.survivor(z).value)
    }
  }
}
