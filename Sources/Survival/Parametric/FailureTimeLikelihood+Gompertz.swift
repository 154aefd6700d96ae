import LinearAlgebra

extension FailureTimeLikelihood {
  /// Hazard exp(η + γt), t in units of the mean time and η per unit of time as measured.
  static func gompertz(_ rows: FailureTimeRows, _ shape: Double) -> Body {
    let shift = logarithm(rows.unit)
    return { range, run in
      let (eta, g0, g1) = (run.predictor(0), run.gradient(0), run.gradient(1))
      let (h00, h01) = (run.information(0, 0), run.information(0, 1))
      var (total, corner) = (0.0, 0.0)
      for i in 0..<range.count {
        let row = range.lowerBound + i
        let time = rows.time[row]
        let logRate = eta[i] + (rows.offset?[row] ?? 0) + shift
        let rate = exponential(logRate)
        let weight = rows.weights?[row] ?? 1
        var moments = GrowthMoments(time, shape)
        if let start = rows.start, start[row] > 0 {
          moments = moments.less(GrowthMoments(start[row], shape))
        }
        let died: Double = rows.event[row] ? 1 : 0
        total += weight * (died * (logRate + shape * time) - rate * moments.zeroth)
        g0[i] = weight * (died - rate * moments.zeroth)
        g1[i] = weight * (died * time - rate * moments.first)
        h00[i] = weight * rate * moments.zeroth
        h01[i] = weight * rate * moments.first
        corner += weight * rate * moments.second
      }
      run.corner[0] += corner
      return total
    }
  }
}

/// ∫ uᵏ e^{γu} du from 0 to t for k = 0, 1, 2: the Gompertz cumulative hazard and its derivatives in γ.
struct GrowthMoments {
  var zeroth: Double
  var first: Double
  var second: Double

  init(_ t: Double, _ shape: Double) {
    let x = shape * t
    if x.magnitude > 2 {
      let top = exponential(x)
      let a = exponentialMinusOne(x) / x
      let b = (top - a) / x
      (zeroth, first, second) = (t * a, t * t * b, t * t * t * (top - 2 * b) / x)
      return
    }
    // Σ xʲ / (j! (j + k + 1)): the recursion would cancel.
    var (term, j) = (1.0, 0.0)
    var (a, b, c) = (0.0, 0.0, 0.0)
    while j < 40 {
      a += term / (j + 1)
      b += term / (j + 2)
      c += term / (j + 3)
      j += 1
      term *= x / j
      if term.magnitude < 1e-18 { break }
    }
    (zeroth, first, second) = (t * a, t * t * b, t * t * t * c)
  }

  private init(_ zeroth: Double, _ first: Double, _ second: Double) {
    (self.zeroth, self.first, self.second) = (zeroth, first, second)
  }

  func less(_ other: GrowthMoments) -> GrowthMoments {
    GrowthMoments(zeroth - other.zeroth, first - other.first, second - other.second)
  }
}
