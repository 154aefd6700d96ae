import LinearAlgebra
import Statistics

/// What a fitted model's survival is made of.
enum Predictor: Sendable {
  case family(FailureTimeFamily)
  case spline(RoystonParmar.Scale, SplineDesign)
}

/// Survival as a fitted model has it, averaged over rows.
struct PredictedSurvival: Sendable {
  /// How survival depends on a row's location Xβ and on time.
  private enum Form: Sendable {
    /// log T = location + e^{logScale}·W.
    case locationScale(RoystonParmar.Scale, logScale: Double)
    /// The same, W Prentice's log-gamma.
    case logGamma(shape: Double, logScale: Double)
    /// Hazard exp(location + shape·t).
    case gompertz(shape: Double)
    /// g(S) = the baseline's coefficients at log t + location.
    case spline(RoystonParmar.Scale, RestrictedCubicSpline, [Double])
  }

  /// An effect that changes with time: a covariate times functions of log time.
  private struct Changing: Sendable {
    let column: [Double]
    let spline: RestrictedCubicSpline
    let coefficients: [Double]
  }

  private let form: Form
  /// Xβ and offset of each row.
  private let locations: [Double]
  private let changing: [Changing]

  /// Survival at the rows of a design, as it was fitted but for the intercept of a spline's.
  init(
    _ predictor: Predictor, _ coefficients: [Double], _ design: DesignMatrix, offset: [Double]?
  ) {
    let coefficients = coefficients.map { $0.isNaN ? 0 : $0 }
    let p = design.columns
    let last = coefficients.last ?? .nan
    switch predictor {
    case .family(let family):
      form =
        switch family {
        case .weibull: .locationScale(.hazard, logScale: last)
        case .exponential: .locationScale(.hazard, logScale: 0)
        case .loglogistic: .locationScale(.odds, logScale: last)
        case .lognormal: .locationScale(.normal, logScale: last)
        case .gamma: .logGamma(shape: exponential(last), logScale: last)
        case .generalizedGamma:
          .logGamma(shape: coefficients[coefficients.count - 2], logScale: last)
        case .gompertz: .gompertz(shape: last)
        }
      locations = Self.locate(design, Array(coefficients.prefix(p)), offset)
      changing = []
    case .spline(let scale, let shape):
      let width = 1 + shape.baseline.count
      form = .spline(scale, shape.baseline, Array(coefficients.prefix(width)))
      locations = Self.locate(design, Array(coefficients[width..<(width + p)]), offset)
      var at = width + p
      var terms: [Changing] = []
      for term in shape.varying {
        terms.append(
          Changing(
            column: design.matrix.column(term.column), spline: term.spline,
            coefficients: Array(coefficients[at..<(at + term.spline.count)])))
        at += term.spline.count
      }
      changing = terms
    }
  }

  private static func locate(
    _ design: DesignMatrix, _ coefficients: [Double], _ offset: [Double]?
  ) -> [Double] {
    let linear = design.matrix.times(coefficients)
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
      let logTime = logarithm(times[k])
      let slopes = changing.map { term in
        zip(term.spline.evaluate(logTime).values, term.coefficients).reduce(0) { $0 + $1.0 * $1.1 }
      }
      for i in groups.indices {
        var location = locations[i]
        for (term, slope) in zip(changing, slopes) { location += term.column[i] * slope }
        sums[Int(groups[i])] += (weights?[i] ?? 1) * survival(location)
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
