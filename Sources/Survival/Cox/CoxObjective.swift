import LinearAlgebra
import Statistics

/// The partial log-likelihood of a Cox model, for the Newton solver.
///
/// With v the expected events a row, the gradient is X′(wδ − v) and the information
/// X′diag(v)X − Σ_t (outer products of the risk-set sums). The second part is Z′Z, where each event
/// time gives Z one row and, when Efron splits its ties, a second one. So a step is running sums
/// and two blocked Gram products.
final class CoxObjective: SmoothObjective {
  let data: CoxData
  let state: CoxState
  private var z: Matrix
  /// For each group its second row in Z, or −1.
  private let tiedRow: [Int32]
  private let marks: [Double]
  private var remembered: (coefficients: [Double], value: ObjectiveValue)?
  /// The diagonal of X′diag(v)X at the last evaluation, against which cancellation is judged.
  private(set) var uncancelled: [Double] = []

  init(_ data: CoxData) {
    self.data = data
    state = CoxState(data)
    var next = Int32(data.sets.count)
    tiedRow = data.sets.deaths.map { deaths in
      guard deaths > 1, data.ties == .efron else { return -1 }
      defer { next += 1 }
      return next
    }
    z = Matrix(rows: Int(next), columns: data.x.columns)
    marks = CoxData.marks(data.event, data.weights)
  }

  func evaluate(at coefficients: [Double]) -> ObjectiveValue {
    if let remembered, remembered.coefficients == coefficients { return remembered.value }
    let value = evaluation(at: coefficients)
    remembered = (coefficients, value)
    return value
  }

  private func evaluation(at coefficients: [Double]) -> ObjectiveValue {
    state.update(coefficients)
    guard state.logLikelihood.isFinite else {
      let p = data.x.columns
      return ObjectiveValue(
        value: -.infinity, gradient: [Double](repeating: .nan, count: p),
        information: Matrix(rows: p, columns: p))
    }
    let expected = state.expectedEvents()
    let residual = [Double](blocked: expected.count) { [marks] range, result in
      for i in range { result[i] = marks[i] - expected[i] }
    }
    let whole = Gram.product(data.x, weights: expected)
    uncancelled = whole.diagonal
    return ObjectiveValue(
      value: state.logLikelihood, gradient: data.x.transposedTimes(residual),
      information: whole - correction(nil))
  }

  /// Z′Z, optionally with a weight (zero or more) for each group.
  func correction(_ groupWeights: [Double]?) -> Matrix {
    let (rows, m) = (z.rows, data.sets.count)
    z.storage.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let buffer = buffer
      Parallel.forBlocks(data.x.columns) { [state, tiedRow] j in
        guard let base = buffer.baseAddress else { return }
        let column = base + j * rows
        state.riskSetSums(column: j) { g, total, tied in
          let a = state.square.pointer[g]
          let row = Int(tiedRow[g])
          if row < 0 {
            column[g] = a.squareRoot() * total
            return
          }
          let (b, c) = (state.cross.pointer[g], state.tiedSquare.pointer[g])
          let root = a.squareRoot()
          column[g] = root * total - b / root * tied
          column[row] = Swift.max(0, c - b * b / a).squareRoot() * tied
        }
        guard let groupWeights else { return }
        for g in 0..<m {
          let root = groupWeights[g].squareRoot()
          column[g] *= root
          if tiedRow[g] >= 0 { column[Int(tiedRow[g])] *= root }
        }
      }
    }
    return Gram.product(z)
  }
}

extension CoxState {
  /// Sums of w·exp(η)·x over each risk set and, for Efron's ties, over its deaths, for one column.
  @inline(__always)
  func riskSetSums(
    column j: Int, _ use: (_ group: Int, _ sum: Double, _ deaths: Double) -> Void
  ) {
    let n = data.x.rows
    data.x.storage.withUnsafeBufferPointer { x in
      guard let base = x.baseAddress else { return }
      let column = base + j * n
      let risk = risk.pointer
      data.scanRiskSets({ i in risk[i] * column[i] }, use)
    }
  }
}
