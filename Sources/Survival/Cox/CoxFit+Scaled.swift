public import LinearAlgebra
import Statistics

extension CoxFit {
  /// Scaled Schoenfeld residuals, one row for each event.
  ///
  /// They are rV·d + β, for residual r, naive variance V and d events, and scatter about the
  /// coefficient as it is at the event's time.
  ///
  /// Grambsch & Therneau (1994), doi:10.1093/biomet/81.3.515.
  public func scaledSchoenfeldResiduals() -> SchoenfeldResiduals {
    let plain = schoenfeldResiduals()
    let residuals = plain.values.selecting(columns: kept)
    var scaled = residuals * covariance.selecting(both: kept)
    for (k, j) in kept.enumerated() {
      for row in 0..<scaled.rows {
        scaled[row, k] = scaled[row, k] * Double(events) + coefficients[j]
      }
    }
    return SchoenfeldResiduals(rows: plain.rows, times: plain.times, values: spread(scaled))
  }

  /// dfbeta in units of the naive standard errors (dfbetas).
  public func standardisedInfluence() -> Matrix {
    var influence = coefficientInfluence()
    for (j, error) in standardErrors.enumerated() {
      for row in 0..<influence.rows { influence[row, j] /= error }
    }
    return influence
  }
}
