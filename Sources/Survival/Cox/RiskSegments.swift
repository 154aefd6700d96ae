internal import Glibc
import LinearAlgebra

/// The rows of a Cox model cut at its event times, for data with many rows to each.
///
/// A row's share in gradient and information is its risk times a hazard that all rows of its group
/// have in common, deaths and others apart. So sums of r, rx and rxx′ by group, made in one pass
/// that needs no hazard, are all that a Newton step asks of the rows.
struct RiskSegments {
  private let runs: [Gram.Run]

  /// Nil with left truncation, where rows are cells, or when sums by group would be large beside the rows themselves.
  init?(_ data: CoxData) {
    let (n, p, m) = (data.x.rows, data.x.columns, data.sets.count)
    let size = (p + 1) * (p + 1)
    guard data.sets.removal.isEmpty, !data.sets.isOfCells, 128 * m <= n, 8 * m * size <= n * p
    else { return nil }
    var runs: [Gram.Run] = []
    func add(_ rows: Range<Int>, _ slot: Int) {
      if !rows.isEmpty { runs.append(Gram.Run(rows: rows, slot: slot)) }
    }
    for g in 0..<m {
      let (begin, tie) = (Int(data.sets.begin[g]), Int(data.sets.tie[g]))
      let (end, last) = (Int(data.sets.end[g]), tie + Int(data.sets.deaths[g]))
      add(begin..<tie, 2 * g)
      add(tie..<last, 2 * g + 1)
      add(last..<end, 2 * g)
    }
    self.runs = runs
  }

  /// For each group the Gram matrix of [1 X] weighted with w·exp(η), of the rows that do not die at
  /// its time and then of those that do; fills `risk`.
  func sums(_ data: CoxData, at coefficients: [Double], risk: Shared<Double>) -> [Double] {
    Gram.products(
      data.x, runs: runs, slots: 2 * data.sets.count, coefficients: coefficients
    ) { range, buffer in
      let risk = risk.pointer + range.lowerBound
      if let offset = data.offset {
        for (k, i) in range.enumerated() { buffer[k] += offset[i] }
      }
      for k in 0..<range.count { risk[k] = exp(buffer[k]) }
      if let weights = data.weights {
        for (k, i) in range.enumerated() { risk[k] *= weights[i] }
      }
      for k in 0..<range.count { buffer[k] = risk[k].squareRoot() }
    }
  }

  /// Sums of w·exp(η)·(1, x) over each risk set and, for Efron's ties, over its deaths: groups ×
  /// (p + 1), column-major.
  func risk(_ data: CoxData, _ sums: [Double]) -> (total: [Double], tied: [Double]) {
    let (m, q) = (data.sets.count, data.x.columns + 1)
    var total = [Double](repeating: 0, count: m * q)
    var tied = total
    for j in 0..<q {
      var running = 0.0
      for g in 0..<m {
        let own = 2 * g * q * q + j * q
        let dying = sums[own + q * q]
        if data.sets.first[g] { running = 0 }
        running += sums[own] + dying
        total[g + j * m] = running
        if data.ties == .efron, data.sets.deaths[g] > 1 { tied[g + j * m] = dying }
      }
    }
    return (total, tied)
  }

  /// X′v and X′diag(v)X for the expected events v of the rows.
  func expected(_ sums: [Double], _ state: CoxState) -> (gradient: [Double], whole: Matrix) {
    let (m, p) = (state.data.sets.count, state.data.x.columns)
    let q = p + 1
    var all = [Double](repeating: 0, count: q * q)
    for g in 0..<m {
      let hazard = state.cumulative.pointer[g]
      let dying = Swift.max(0, hazard - state.spared.pointer[g])
      let own = 2 * g * q * q
      for k in 0..<(q * q) {
        all[k] += Swift.max(0, hazard) * sums[own + k] + dying * sums[own + q * q + k]
      }
    }
    var whole = Matrix(rows: p, columns: p)
    for j in 0..<p {
      for i in 0...j {
        whole[i, j] = all[(i + 1) + (j + 1) * q]
        whole[j, i] = whole[i, j]
      }
    }
    return ((1..<q).map { all[$0 * q] }, whole)
  }
}
