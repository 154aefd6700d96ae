import LinearAlgebra

extension FailureTimeLikelihood {
  /// log T = η + e^s W(q); `tied` holds q at e^s, which is the gamma distribution.
  static func generalizedGamma(
    _ rows: FailureTimeRows, _ s: Double, _ q: Double, tied: Bool
  ) -> Body {
    let inverse = exponential(-s)
    let kernel = LogGammaKernel(q)
    return { range, run in
      let (eta, g0, h00) = (run.predictor(0), run.gradient(0), run.information(0, 0))
      var corner = (0.0, 0.0, 0.0)
      var total = 0.0
      for i in 0..<range.count {
        let row = range.lowerBound + i
        let location = eta[i] + (rows.offset?[row] ?? 0)
        let weight = rows.weights?[row] ?? 1
        let z = (rows.logTime[row] - location) * inverse
        let died = rows.event[row]
        let own = died ? kernel.density(z) : kernel.survivor(z)
        var d = ScaledDerivatives(own, z, inverse)
        if died {
          d.value -= s + rows.logTime[row]
          d.s -= 1
        }
        if let logStart = rows.logStart, logStart[row] > -.infinity {
          let z0 = (logStart[row] - location) * inverse
          d.subtract(ScaledDerivatives(kernel.survivor(z0), z0, inverse))
        }
        total += weight * d.value
        g0[i] = weight * d.eta
        h00[i] = -weight * d.etaEta
        if tied {
          // q = e^s moves with s.
          run.gradient(1)[i] = weight * (d.s + q * d.q)
          run.information(0, 1)[i] = -weight * (d.etaS + q * d.etaQ)
          corner.0 -= weight * (d.ss + 2 * q * d.sq + q * q * d.qq + q * d.q)
        } else {
          run.gradient(1)[i] = weight * d.s
          run.gradient(2)[i] = weight * d.q
          run.information(0, 1)[i] = -weight * d.etaS
          run.information(0, 2)[i] = -weight * d.etaQ
          corner.0 -= weight * d.ss
          corner.1 -= weight * d.sq
          corner.2 -= weight * d.qq
        }
      }
      run.corner[0] += corner.0
      if !tied {
        // Extra k and l ≥ k stand at k + 2l.
        run.corner[2] += corner.1
        run.corner[3] += corner.2
      }
      return total
    }
  }
}

/// A function of (z, q) with its derivatives.
struct LogGammaDerivatives {
  var value = 0.0
  var z = 0.0
  var zz = 0.0
  var q = 0.0
  var zq = 0.0
  var qq = 0.0
}

/// The same by (η, s, q), for z = (y − η)e^{−s}.
private struct ScaledDerivatives {
  var value: Double
  var eta: Double
  var s: Double
  var q: Double
  var etaEta: Double
  var etaS: Double
  var etaQ: Double
  var ss: Double
  var sq: Double
  var qq: Double

  init(_ d: LogGammaDerivatives, _ z: Double, _ inverse: Double) {
    value = d.value
    eta = -d.z * inverse
    s = -z * d.z
    q = d.q
    etaEta = d.zz * inverse * inverse
    etaS = (d.z + z * d.zz) * inverse
    etaQ = -d.zq * inverse
    ss = z * d.z + z * z * d.zz
    sq = -z * d.zq
    qq = d.qq
  }

  mutating func subtract(_ other: ScaledDerivatives) {
    value -= other.value
    eta -= other.eta
    s -= other.s
    q -= other.q
    etaEta -= other.etaEta
    etaS -= other.etaS
    etaQ -= other.etaQ
    ss -= other.ss
    sq -= other.sq
    qq -= other.qq
  }
}
