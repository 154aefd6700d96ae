internal import Glibc
public import LinearAlgebra
public import Statistics

extension CoxFit {
  /// Martingale residuals: events seen less events expected, one for each row.
  public func martingaleResiduals() -> [Double] {
    let expected = state.expectedEvents()
    // A row that is at risk at no event time has no events expected of it.
    var result = [Double](repeating: 0, count: times.count)
    for (i, row) in data.sets.rows.enumerated() {
      result[Int(row)] = (data.event[i] ? 1 : 0) - expected[i] / (data.weights?[i] ?? 1)
    }
    return result
  }

  /// Deviance residuals: martingale residuals made nearly symmetric about zero.
  public func devianceResiduals() -> [Double] {
    let martingale = martingaleResiduals()
    return martingale.indices.map { row in
      let m = martingale[row]
      let part = times.event[row] ? log(Swift.max(1 - m, .leastNormalMagnitude)) : 0
      let size = Swift.max(0, -2 * (m + part)).squareRoot()
      return m < 0 ? -size : size
    }
  }

  /// Score residuals, rows × coefficients: each row's part of the score, unweighted.
  ///
  /// Weighted by the case weights, they sum to zero. Columns of terms left out are NaN.
  public func scoreResiduals() -> Matrix {
    let sorted = state.clusterScores(nil, clusters: 0)
    var result = Matrix(rows: times.count, columns: kept.count)
    for j in 0..<kept.count {
      for (i, row) in data.sets.rows.enumerated() {
        result[Int(row), j] = sorted[i, j] / (data.weights?[i] ?? 1)
      }
    }
    return spread(result)
  }

  /// The change of each coefficient that a row is answerable for, to first order (dfbeta).
  ///
  /// Score residual times case weight times naive variance: what is lost when the row is left out.
  public func coefficientInfluence() -> Matrix {
    var scores = scoreResiduals().selecting(columns: kept)
    if let weights {
      for j in 0..<kept.count { for row in 0..<times.count { scores[row, j] *= weights[row] } }
    }
    return spread(scores * covariance.selecting(both: kept))
  }

  /// Schoenfeld residuals, one row for each event: its covariates less their mean in the risk set.
  ///
  /// Rows stand by stratum, then time, then data order.
  public func schoenfeldResiduals() -> SchoenfeldResiduals {
    let sets = data.sets
    let means = state.eventMeans()
    let positions = data.event.indices.filter { data.event[$0] }.sorted {
      let (g, h) = (sets.stopGroup[$0], sets.stopGroup[$1])
      let (s, t) = (sets.stratum[Int(g)], sets.stratum[Int(h)])
      if s != t { return s < t }
      return g == h ? sets.rows[$0] < sets.rows[$1] : g > h
    }
    var values = Matrix(rows: positions.count, columns: kept.count)
    for j in 0..<kept.count {
      for (k, i) in positions.enumerated() {
        values[k, j] = data.x[i, j] - means[Int(sets.stopGroup[i]), j]
      }
    }
    let rows = positions.map { Int(sets.rows[$0]) }
    return SchoenfeldResiduals(
      rows: rows, times: rows.map { times.time[$0] }, values: spread(values))
  }

  func spread(_ matrix: Matrix) -> Matrix {
    guard kept.count < names.count else { return matrix }
    var result = Matrix(
      rows: matrix.rows, columns: names.count,
      storage: [Double](repeating: .nan, count: matrix.rows * names.count))
    for (k, j) in kept.enumerated() {
      for i in 0..<matrix.rows { result[i, j] = matrix[i, k] }
    }
    return result
  }
}

/// Schoenfeld residuals with the events that they belong to.
public struct SchoenfeldResiduals: Sendable, Equatable {
  /// The row of each event.
  public let rows: [Int]
  /// Its time.
  public let times: [Double]
  /// Events × coefficients.
  public let values: Matrix
}

/// The cumulative hazard of one stratum at given covariates.
public struct BaselineHazard: Sendable, Equatable {
  /// The stratum, when there are strata.
  public let stratum: String?
  /// Event times, ascending.
  public let times: [Double]
  /// The cumulative hazard just after each time.
  public let hazard: [Double]
}

extension CoxFit {
  /// The cumulative hazard by stratum at given covariates, by default all zero, and offset zero.
  ///
  /// Ties are split as in the fit. The survival curve is exp(−hazard).
  /// - Throws: `size-mismatch` when the covariates are not as many as the coefficients.
  public func baselineHazard(
    at covariates: [Double]? = nil
  ) throws(SiblingError) -> [BaselineHazard] {
    let point = covariates ?? [Double](repeating: 0, count: names.count)
    try Checks.count(point.count, is: names.count, "the list of covariates")
    let sets = data.sets
    return sets.strataRanges.map { groups in
      let code = Int(sets.stratum[groups.lowerBound])
      var shift = -data.offsetLevel
      for (k, j) in kept.enumerated() {
        shift += (point[j] - data.centres[code, k]) * coefficients[j]
      }
      let scale = exp(shift)
      let order = groups.reversed()
      return BaselineHazard(
        stratum: strata?.levels[code],
        times: order.map { times.distinct[Int(sets.time[$0])] },
        hazard: order.map { state.cumulative.pointer[$0] * scale })
    }
  }
}
