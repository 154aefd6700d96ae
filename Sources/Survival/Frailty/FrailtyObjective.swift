internal import Glibc
import LinearAlgebra
import Statistics

/// The penalised partial log-likelihood of coefficients and log frailties together.
///
/// The frailties enter as indicators that are never written out: their share in gradient and
/// information are sums by level of the same numbers that the covariates use.
final class FrailtyObjective: SmoothObjective {
  let base: CoxObjective
  let distribution: CoxFrailty.Distribution
  /// The variance of the frailty (gamma) or of its logarithm (Gaussian).
  var variance: Double
  /// For each row of the risk sets its level.
  private let level: [Int32]
  let levels: Int
  /// Events by level.
  let deaths: [Double]
  /// The partial log-likelihood without penalty at the last point.
  private(set) var partial = 0.0

  init(
    _ data: CoxData, level: [Int32], levels: Int, distribution: CoxFrailty.Distribution,
    variance: Double
  ) {
    base = CoxObjective(data)
    self.level = level
    self.levels = levels
    self.distribution = distribution
    self.variance = variance
    var deaths = [Double](repeating: 0, count: levels)
    for i in level.indices where data.event[i] { deaths[Int(level[i])] += 1 }
    self.deaths = deaths
  }

  func evaluate(at point: [Double]) -> ObjectiveValue {
    let data = base.data
    let p = data.x.columns
    let logs = Array(point[p...])
    base.state.shift = level.map { logs[Int($0)] }
    base.state.update(Array(point[..<p]))
    partial = base.state.logLikelihood
    let expected = base.state.expectedEvents()
    var residual = expected
    var (bySite, seen) = ([Double](repeating: 0, count: levels), deaths)
    for i in expected.indices {
      residual[i] = (data.event[i] ? 1 : 0) - expected[i]
      bySite[Int(level[i])] += expected[i]
    }
    let covariates = Gram.product(data.x, weights: expected) - base.correction(nil)
    let (cross, own) = levelBlocks(expected, bySite)
    var block = own
    var value = partial
    for (j, w) in logs.enumerated() {
      let (penalty, slope, curve) = self.penalty(w)
      value -= penalty
      seen[j] -= bySite[j] + slope
      block[j, j] += curve
    }
    var information = Matrix(rows: p + levels, columns: p + levels)
    for j in 0..<p {
      for i in 0..<p { information[i, j] = covariates[i, j] }
      for k in 0..<levels {
        information[j, p + k] = cross[j, k]
        information[p + k, j] = cross[j, k]
      }
    }
    for j in 0..<levels { for i in 0..<levels { information[p + i, p + j] = block[i, j] } }
    return ObjectiveValue(
      value: value.isFinite ? value : -.infinity,
      gradient: data.x.transposedTimes(residual) + seen, information: information)
  }

  /// The penalty of one log frailty, its slope and its curvature.
  private func penalty(_ w: Double) -> (value: Double, slope: Double, curve: Double) {
    switch distribution {
    case .gamma:
      let risk = exp(w)
      // Less its value at zero, so that a small variance loses nothing.
      return ((risk - 1 - w) / variance, (risk - 1) / variance, risk / variance)
    case .gaussian:
      return (w * w / (2 * variance), w / variance, 1 / variance)
    }
  }

  /// The parts of the information that belong to the levels: with the covariates, and by themselves.
  private func levelBlocks(
    _ expected: [Double], _ bySite: [Double]
  ) -> (cross: Matrix, block: Matrix) {
    let data = base.data
    let (sets, p, q) = (data.sets, data.x.columns, levels)
    var cross = Matrix(rows: p, columns: q)
    for j in 0..<p {
      let from = j * data.x.rows
      for i in expected.indices {
        cross.storage[j + Int(level[i]) * p] += expected[i] * data.x.storage[from + i]
      }
    }
    var block = Matrix.diagonal(bySite)
    let scales = ZScales(base.state, nil)
    let risk = base.state.risk.pointer
    var (sum, tied) = ([Double](repeating: 0, count: q), [Double](repeating: 0, count: q))
    let capacity = 128
    var lines = Matrix(rows: capacity, columns: q)
    var covariates = Matrix(rows: capacity, columns: p)
    var used = 0
    func flush() {
      guard used > 0 else { return }
      for k in used..<capacity {
        for j in 0..<q { lines.storage[k + j * capacity] = 0 }
        for j in 0..<p { covariates.storage[k + j * capacity] = 0 }
      }
      block = block - Gram.product(lines)
      cross = cross - covariates.transposed * lines
      used = 0
    }
    func take(_ row: Int) {
      for j in 0..<p { covariates.storage[used + j * capacity] = base.z[row, j] }
      used += 1
      if used == capacity { flush() }
    }
    for g in 0..<sets.count {
      if sets.first[g] { for j in 0..<q { sum[j] = 0 } }
      for i in Int(sets.begin[g])..<Int(sets.end[g]) { sum[Int(level[i])] += risk[i] }
      if !sets.removal.isEmpty {
        for k in Int(sets.removal[g])..<Int(sets.removal[g + 1]) {
          let i = Int(sets.removed[k])
          sum[Int(level[i])] -= risk[i]
        }
      }
      let (total, less) = (scales.total.pointer[g], scales.tied.pointer[g])
      let row = Int(base.tiedRow[g])
      guard row >= 0 else {
        for j in 0..<q { lines.storage[used + j * capacity] = total * sum[j] }
        take(g)
        continue
      }
      for j in 0..<q { tied[j] = 0 }
      for i in Int(sets.tie[g])..<Int(sets.end[g]) where data.event[i] {
        tied[Int(level[i])] += risk[i]
      }
      for j in 0..<q { lines.storage[used + j * capacity] = total * sum[j] - less * tied[j] }
      take(g)
      let second = scales.second.pointer[g]
      for j in 0..<q { lines.storage[used + j * capacity] = second * tied[j] }
      take(row)
    }
    flush()
    return (cross, block)
  }
}
