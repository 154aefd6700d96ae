import LinearAlgebra
import Statistics

/// Score residuals by their closed form: O(n + m) a column, whatever the ties.
///
/// With RX and EX the sums of w·exp(η)·x over risk set and deaths and the scalars of `CoxState`, a
/// death is compared with M = (w̄Σ1/D·RX − w̄Σf/D·EX)/W, and every row at risk loses
/// exp(η)(x·Λ − ΣP) with P = w̄Σ1/D²·RX − w̄Σf/D²·EX; a row that dies gets back its spared share.
extension CoxState {
  /// Weighted score residuals of one column, in the order of the risk sets.
  func weightedScoreResiduals(column j: Int, into result: UnsafeMutablePointer<Double>) {
    let sets = data.sets
    let m = sets.count
    let (mean, step) = (Shared<Double>(count: m), Shared<Double>(count: m))
    let sparedStep = Shared<Double>(count: m)
    riskSetMeans(column: j, mean, step, sparedStep)
    accumulate(step.pointer, into: step.pointer)
    let (means, steps, given) = (mean.pointer, step.pointer, sparedStep.pointer)
    let (cumulative, spared, risk) = (cumulative.pointer, spared.pointer, risk.pointer)
    data.x.storage.withUnsafeBufferPointer { x in
      let offset = j * data.x.rows
      for i in sets.rows.indices {
        let group = sets.stopGroup[i]
        let g = Int(group)
        let start = sets.startGroup?[i]
        let value = x[offset + i]
        var hazard = span(cumulative, group, start, sets.stratumEnd[g])
        var expected = span(steps, group, start, sets.stratumEnd[g])
        guard data.event[i] else {
          result[i] = -risk[i] * (value * hazard - expected)
          continue
        }
        hazard -= spared[g]
        expected -= given[g]
        let weight = data.weights?[i] ?? 1
        result[i] = weight * (value - means[g]) - risk[i] * (value * hazard - expected)
      }
    }
  }

  /// For each group the mean that its deaths are compared with, and what rows at risk lose then.
  private func riskSetMeans(
    column j: Int, _ mean: Shared<Double>, _ step: Shared<Double>, _ spared: Shared<Double>
  ) {
    let (means, steps, given) = (mean.pointer, step.pointer, spared.pointer)
    let (a1, b1) = (hazard.pointer, self.spared.pointer)
    let (a2, b2, c2) = (square.pointer, cross.pointer, tiedSquare.pointer)
    riskSetSums(column: j) { g, total, tied in
      means[g] = (a1[g] * total - b1[g] * tied) / data.deathWeight[g]
      steps[g] = a2[g] * total - b2[g] * tied
      given[g] = b2[g] * total - c2[g] * tied
    }
  }

  /// For each group and column the mean that its deaths are compared with.
  func eventMeans() -> Matrix {
    let m = data.sets.count
    let result = Shared<Double>(count: m * data.x.columns)
    Parallel.forBlocks(data.x.columns) { [self] j in
      let mean = Shared<Double>(count: m)
      riskSetMeans(column: j, mean, Shared(count: m), Shared(count: m))
      for g in 0..<m { result.pointer[g + j * m] = mean.pointer[g] }
    }
    return Matrix(rows: m, columns: data.x.columns, storage: result.array)
  }

  /// Sums of weighted score residuals by cluster; `codes` has one for each row of the risk sets.
  func clusterScores(_ codes: [Int32]?, clusters: Int) -> Matrix {
    let (n, p) = (data.sets.rows.count, data.x.columns)
    let count = codes == nil ? n : clusters
    let result = Shared<Double>(count: count * p, repeating: 0)
    Parallel.forBlocks(p) { [self] j in
      let column = result.pointer + j * count
      guard let codes else {
        weightedScoreResiduals(column: j, into: column)
        return
      }
      let residuals = Shared<Double>(count: n)
      weightedScoreResiduals(column: j, into: residuals.pointer)
      for i in 0..<n { column[Int(codes[i])] += residuals.pointer[i] }
    }
    return Matrix(rows: count, columns: p, storage: result.array)
  }
}
