import LinearAlgebra
import Statistics

/// The partial log-likelihood of a Cox model, for the Newton solver.
///
/// With v the expected events a row, the gradient is X′(wδ − v) and the information
/// X′diag(v)X − Σ_t (outer products of the risk-set sums). The second part is Z′Z, where each event
/// time gives Z one row and, when Efron splits its ties, a second one. So a step is running sums
/// and two blocked Gram products; with few event times it is one pass (`RiskSegments`).
final class CoxObjective: SmoothObjective {
  let data: CoxData
  let state: CoxState
  /// The rows whose Gram matrix is the second part, as `correction` last left them.
  private(set) var z: Matrix
  /// For each group its second row in Z, or −1.
  let tiedRow: [Int32]
  private lazy var marks = CoxData.marks(data.event, data.weights)
  /// The rows between event times, where these are few.
  private let segments: RiskSegments?
  private var remembered: (coefficients: [Double], value: ObjectiveValue)?
  /// The diagonal of X′diag(v)X at the last evaluation, against which cancellation is judged.
  private(set) var uncancelled: [Double] = []
  /// The same at the first evaluation, which the solver makes at zero.
  private(set) var uncancelledAtZero: [Double] = []

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
    segments = RiskSegments(data)
  }

  func evaluate(at coefficients: [Double]) -> ObjectiveValue {
    if let remembered, remembered.coefficients == coefficients { return remembered.value }
    let value = evaluation(at: coefficients)
    remembered = (coefficients, value)
    return value
  }

  private func evaluation(at coefficients: [Double]) -> ObjectiveValue {
    if let segments { return evaluation(at: coefficients, segments) }
    state.update(coefficients)
    guard state.logLikelihood.isFinite else { return Self.nowhere(data.x.columns) }
    let expected = state.expectedEvents()
    let residual = [Double](blocked: expected.count) { [marks] range, result in
      for i in range { result[i] = marks[i] - expected[i] }
    }
    let whole = Gram.product(data.x, weights: expected)
    remember(whole.diagonal)
    return ObjectiveValue(
      value: state.logLikelihood, gradient: data.x.transposedTimes(residual),
      information: whole - correction(nil))
  }

  /// The same from sums over the rows between event times.
  private func evaluation(
    at coefficients: [Double], _ segments: RiskSegments
  ) -> ObjectiveValue {
    let p = data.x.columns
    let sums = segments.sums(data, at: coefficients, risk: state.risk)
    let running = segments.risk(data, sums)
    for g in 0..<data.sets.count {
      state.hazard.pointer[g] = running.total[g]
      state.spared.pointer[g] = running.tied[g]
    }
    state.turnSumsIntoHazards(coefficients)
    guard state.logLikelihood.isFinite else { return Self.nowhere(p) }
    let (gradient, whole) = segments.expected(sums, state)
    remember(whole.diagonal)
    let scales = ZScales(state, nil)
    let (m, rows) = (data.sets.count, z.rows)
    for j in 0..<p {
      for g in 0..<m {
        let (total, tied) = (running.total[g + (j + 1) * m], running.tied[g + (j + 1) * m])
        let row = Int(tiedRow[g])
        z.storage[g + j * rows] = scales.total.pointer[g] * total - scales.tied.pointer[g] * tied
        if row >= 0 { z.storage[row + j * rows] = scales.second.pointer[g] * tied }
      }
    }
    return ObjectiveValue(
      value: state.logLikelihood, gradient: zip(data.eventSum, gradient).map { $0 - $1 },
      information: whole - Gram.product(z))
  }

  private func remember(_ diagonal: [Double]) {
    uncancelled = diagonal
    if uncancelledAtZero.isEmpty { uncancelledAtZero = diagonal }
  }

  private static func nowhere(_ p: Int) -> ObjectiveValue {
    ObjectiveValue(
      value: -.infinity, gradient: [Double](repeating: .nan, count: p),
      information: Matrix(rows: p, columns: p))
  }

  /// Z′Z, optionally with a weight (zero or more) for each group.
  func correction(_ groupWeights: [Double]?) -> Matrix {
    let (rows, p) = (z.rows, data.x.columns)
    let scales = ZScales(state, groupWeights)
    z.storage.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let buffer = buffer
      Parallel.forBlocks((p + 3) / 4) { [state, tiedRow] block in
        guard let base = buffer.baseAddress else { return }
        // Columns past the last repeat it: they are computed again and stored in its place.
        let out = SIMD4<Int>(0, 1, 2, 3).map4 { Swift.min(block * 4 + $0, p - 1) * rows }
        tiedRow.withUnsafeBufferPointer { tiedRow in
          state.riskSetSums(columns: block * 4) { g, total, tied in
            let row = Int(tiedRow[g])
            guard row >= 0 else {
              let line = scales.total.pointer[g] * total
              for lane in 0..<4 { base[out[lane] + g] = line[lane] }
              return
            }
            let line = scales.total.pointer[g] * total - scales.tied.pointer[g] * tied
            let second = scales.second.pointer[g] * tied
            for lane in 0..<4 {
              base[out[lane] + g] = line[lane]
              base[out[lane] + row] = second[lane]
            }
          }
        }
      }
    }
    return Gram.product(z)
  }
}

/// What turns a risk set's sums into the rows of Z: √a RX − b/√a EX, and √(c − b²/a) EX.
struct ZScales: Sendable {
  let total: Shared<Double>
  let tied: Shared<Double>
  let second: Shared<Double>

  init(_ state: CoxState, _ groupWeights: [Double]?) {
    let m = state.data.sets.count
    (total, tied, second) = (Shared(count: m), Shared(count: m), Shared(count: m))
    let parts = Parallel.ranges(of: m, size: CoxState.groupsPerTask)
    Parallel.forBlocks(parts.count) { [total, tied, second] part in
      for g in parts[part] {
        let weight = groupWeights?[g] ?? 1
        let (a, b) = (state.square.pointer[g], state.cross.pointer[g])
        let root = (weight * a).squareRoot()
        total.pointer[g] = root
        tied.pointer[g] = a > 0 ? root * (b / a) : 0
        let left = state.tiedSquare.pointer[g] - (a > 0 ? b * (b / a) : 0)
        second.pointer[g] = (weight * Swift.max(0, left)).squareRoot()
      }
    }
  }
}

extension SIMD4<Int> {
  /// Each lane transformed.
  func map4(_ body: (Int) -> Int) -> SIMD4<Int> { SIMD4(body(x), body(y), body(z), body(w)) }
}

extension CoxState {
  /// Sums of w·exp(η)·x over each risk set and, for Efron's ties, over its deaths, for four columns.
  ///
  /// Lanes past the last column repeat it. Four sums at once keep the additions from waiting for
  /// each other.
  @inline(__always)
  func riskSetSums(
    columns first: Int,
    _ use: (_ group: Int, _ sum: SIMD4<Double>, _ deaths: SIMD4<Double>) -> Void
  ) {
    let (n, p) = (data.x.rows, data.x.columns)
    data.x.storage.withUnsafeBufferPointer { x in
      guard let base = x.baseAddress else { return }
      let column0 = base + first * n
      let column1 = base + Swift.min(first + 1, p - 1) * n
      let column2 = base + Swift.min(first + 2, p - 1) * n
      let column3 = base + Swift.min(first + 3, p - 1) * n
      let risk = risk.pointer
      data.scanRiskSets(
        { i in risk[i] * SIMD4(column0[i], column1[i], column2[i], column3[i]) }, use)
    }
  }

  /// The same for one column.
  @inline(__always)
  func riskSetSums(
    column j: Int, _ use: (_ group: Int, _ sum: Double, _ deaths: Double) -> Void
  ) {
    data.x.storage.withUnsafeBufferPointer { x in
      guard let base = x.baseAddress else { return }
      let column = base + j * data.x.rows
      let risk = risk.pointer
      data.scanRiskSets(
        { i in SIMD2(risk[i] * column[i], 0) }, { g, sum, tied in use(g, sum.x, tied.x) })
    }
  }
}
