internal import Glibc
import Statistics

/// The area under one arm's Kaplan–Meier curve up to a horizon, with its variance.
struct Area {
  let mean: Double
  let variance: Double
  /// The influence of each cluster, when the variance is the jackknife's.
  private let influence: [Double]

  init(_ steps: RiskSteps, tau: Double, robust: Bool, cluster: Factor?, rows: Int) {
    let survival = steps.survival
    let within = steps.times.prefix { $0 <= tau }.count
    // The area that still lies between each time and tau.
    var after = [Double](repeating: 0, count: within)
    var rest = 0.0
    for k in stride(from: within - 1, through: 0, by: -1) {
      let end = k + 1 < within ? steps.times[k + 1] : tau
      rest += survival[k] * (end - steps.times[k])
      after[k] = rest
    }
    mean = rest + (within > 0 ? steps.times[0] : tau)
    guard robust else {
      influence = []
      variance = (0..<within).reduce(0.0) { sum, k in
        let (d, n) = (steps.events[k], steps.atRisk[k])
        guard d > 0, after[k] > 0 else { return sum }
        return sum + after[k] * after[k] * d / (n * (n - d))
      }
      return
    }
    let values = Self.influences(steps, survival, after, cluster, rows)
    influence = values
    variance = values.reduce(0) { $0 + $1 * $1 }
  }

  /// Σ over clusters of both arms' influences, zero where no cluster reaches across.
  func covariance(with other: Area) -> Double {
    zip(influence, other.influence).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// Less mean, more hazard: the area after a time is what an event at it takes away.
  private static func influences(
    _ steps: RiskSteps, _ survival: [Double], _ after: [Double], _ cluster: Factor?, _ rows: Int
  ) -> [Double] {
    var jump = [Double](repeating: 0, count: after.count)
    var loss = jump
    for k in after.indices where steps.events[k] > 0 && survival[k] > 0 {
      let (d, n) = (steps.events[k], steps.atRisk[k])
      jump[k] = -after[k] / (n - d)
      loss[k] = d / n * jump[k]
    }
    return steps.influences(
      jump: jump, loss: loss, through: after.count - 1, cluster: cluster, rows: rows)
  }
}

extension Estimate {
  /// A ratio whose interval and test are made on the logarithmic scale.
  init(
    term: String, ratio: Double, logStandardError: Double?, level: Double, convention: String
  ) {
    let scale = ratio > 0 && ratio.isFinite ? log(ratio) : .nan
    self.init(
      term: term, estimate: scale, standardError: logStandardError, level: level,
      convention: convention + ", SE of the logarithm")
    estimate = ratio
    interval = interval.map {
      ConfidenceInterval(low: exp($0.low), high: exp($0.high), level: $0.level)
    }
  }
}
