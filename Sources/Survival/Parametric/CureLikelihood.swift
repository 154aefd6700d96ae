import LinearAlgebra
import Statistics

/// The log-likelihood of a mixture cure model: latency coefficients, incidence coefficients, log σ.
///
/// log S of everyone is log(1 − π + πS). With p = πS/(1 − π + πS), the chance that a censored row is
/// still to have the event, its derivatives are those of log S times p, and p − π by logit π.
struct CureLikelihood: Likelihood {
  let family: MixtureCure.Family
  let rows: FailureTimeRows
  let latency: LikelihoodColumns
  let incidence: LikelihoodColumns

  private var designs: [(matrix: Matrix, basis: ColumnBasis)] {
    [(latency.matrix, latency.basis), (incidence.matrix, incidence.basis)]
  }

  private func split(_ parameters: [Double]) -> (coefficients: [[Double]], s: Double) {
    let p = latency.count
    let last = parameters.count - 1
    return ([Array(parameters[..<p]), Array(parameters[p..<last])], parameters[last])
  }

  func evaluate(at parameters: [Double]) -> ObjectiveValue {
    let (coefficients, s) = split(parameters)
    let sums = Gram.curvature(designs, coefficients: coefficients, extras: 1, body(s))
    return ObjectiveValue(
      value: sums.value, gradient: sums.gradient, information: sums.information)
  }

  func scores(at parameters: [Double]) -> [ScoreChannel] {
    let (coefficients, s) = split(parameters)
    return ScoreChannel.collect(designs, coefficients: coefficients, extras: 1, body(s))
  }

  private func body(_ s: Double) -> FailureTimeLikelihood.Body {
    switch family {
    case .weibull: Self.mixture(ExtremeValueKernel.self, rows, s)
    case .lognormal: Self.mixture(NormalKernel.self, rows, s)
    case .loglogistic: Self.mixture(LogisticKernel.self, rows, s)
    }
  }

  private static func mixture<Kernel: ErrorKernel>(
    _ kernel: Kernel.Type, _ rows: FailureTimeRows, _ s: Double
  ) -> FailureTimeLikelihood.Body {
    let inverse = exponential(-s)
    return { range, run in
      var (total, corner) = (0.0, 0.0)
      for i in 0..<range.count {
        let row = range.lowerBound + i
        let weight = rows.weights?[row] ?? 1
        let location = run.predictor(0)[i] + (rows.offset?[row] ?? 0)
        // log π and log(1 − π) of the log odds.
        let odds = run.predictor(1)[i]
        let never = LogisticKernel.survivor(odds)
        let z = (rows.logTime[row] - location) * inverse
        var part: Part
        if rows.event[row] {
          let own = Kernel.density(z)
          part = Part(own, z, inverse)
          part.value += never.value + odds - s - rows.logTime[row]
          part.s -= 1
          part.zeta = 1 + never.slope
          part.zetaZeta = -never.bend
        } else {
          part = Part(survivor: Kernel.survivor(z), z, inverse, odds, never)
        }
        if let logStart = rows.logStart, logStart[row] > -.infinity {
          let z0 = (logStart[row] - location) * inverse
          part.subtract(Part(survivor: Kernel.survivor(z0), z0, inverse, odds, never))
        }
        total += weight * part.value
        run.gradient(0)[i] = weight * part.eta
        run.gradient(1)[i] = weight * part.zeta
        run.gradient(2)[i] = weight * part.s
        run.information(0, 0)[i] = -weight * part.etaEta
        run.information(0, 1)[i] = -weight * part.etaZeta
        run.information(0, 2)[i] = -weight * part.etaS
        run.information(1, 1)[i] = -weight * part.zetaZeta
        run.information(1, 2)[i] = -weight * part.zetaS
        corner -= weight * part.ss
      }
      run.corner[0] += corner
      return total
    }
  }

  /// One row's part by (η, ζ, s).
  private struct Part {
    var value: Double
    var eta: Double
    var zeta = 0.0
    var s: Double
    var etaEta: Double
    var etaZeta = 0.0
    var etaS: Double
    var zetaZeta = 0.0
    var zetaS = 0.0
    var ss: Double

    /// A function of z alone, seen by η and s.
    @inline(__always)
    init(_ own: ErrorDerivatives, _ z: Double, _ inverse: Double) {
      value = own.value
      eta = -own.slope * inverse
      s = -z * own.slope
      etaEta = -own.bend * inverse * inverse
      etaS = (own.slope - z * own.bend) * inverse
      ss = z * own.slope - z * z * own.bend
    }

    /// log(1 − π + πS).
    @inline(__always)
    init(
      survivor own: ErrorDerivatives, _ z: Double, _ inverse: Double, _ odds: Double,
      _ never: ErrorDerivatives
    ) {
      let plain = Part(own, z, inverse)
      // logit p = logit π + log S.
      let late = LogisticKernel.survivor(odds + own.value)
      let (share, spread) = (-late.slope, late.bend)
      self = plain
      value = never.value - late.value
      eta = share * plain.eta
      s = share * plain.s
      zeta = share + never.slope
      etaEta = share * plain.etaEta + spread * plain.eta * plain.eta
      etaS = share * plain.etaS + spread * plain.eta * plain.s
      ss = share * plain.ss + spread * plain.s * plain.s
      etaZeta = spread * plain.eta
      zetaS = spread * plain.s
      zetaZeta = spread - never.bend
    }

    mutating func subtract(_ other: Part) {
      value -= other.value
      eta -= other.eta
      zeta -= other.zeta
      s -= other.s
      etaEta -= other.etaEta
      etaZeta -= other.etaZeta
      etaS -= other.etaS
      zetaZeta -= other.zetaZeta
      zetaS -= other.zetaS
      ss -= other.ss
    }
  }
}
