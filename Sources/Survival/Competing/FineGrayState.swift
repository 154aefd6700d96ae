internal import Glibc
import LinearAlgebra
import Statistics

/// Everything about a Fine–Gray model at given coefficients that is one number a row or a slot.
///
/// With r = w·exp(η), the sum over the weighted risk set at a slot is Σ r over the rows under
/// observation plus A times Σ r/A(T) over those who left earlier for another cause. A row's expected
/// exits are r times the hazard over its own time and, for those who left for another cause, r/A(T)
/// times Σ A·hazard over later slots. Both are cumulative sums over slots.
final class FineGrayState: @unchecked Sendable {
  let data: FineGrayData
  /// For each position w·exp(η).
  let risk: Shared<Double>
  /// For each slot the sum over the weighted risk set, and the hazard step.
  let total: Shared<Double>
  let hazard: Shared<Double>
  /// For each slot the hazard summed from its stratum's first time up to it.
  let cumulative: Shared<Double>
  /// For each slot A·hazard summed over the slots after its time.
  let later: Shared<Double>
  private(set) var logLikelihood = 0.0
  private(set) var coefficients: [Double] = []

  init(_ data: FineGrayData) {
    self.data = data
    let (n, m) = (data.rows.count, data.slots)
    risk = Shared(count: n)
    (total, hazard) = (Shared(count: m), Shared(count: m))
    (cumulative, later) = (Shared(count: m), Shared(count: m))
  }

  /// Moves the state to other coefficients.
  func update(_ coefficients: [Double]) {
    self.coefficients = coefficients
    let eta = data.x.times(coefficients)
    let blocks = Parallel.ranges(of: eta.count, size: CoxState.rowsPerTask)
    Parallel.forBlocks(blocks.count) { [self] block in
      let risk = risk.pointer
      eta.withUnsafeBufferPointer { eta in
        for i in blocks[block] { risk[i] = exp(eta[i]) }
      }
      if let weights = data.weights {
        weights.withUnsafeBufferPointer { weights in
          for i in blocks[block] { risk[i] *= weights[i] }
        }
      }
    }
    sums(of: { [risk = risk.pointer] i in risk[i] }, into: total.pointer)
    var logs = CompensatedSum()
    for g in 0..<data.slots {
      let d = data.exits[g]
      hazard.pointer[g] = d > 0 ? d / total.pointer[g] : 0
      if d > 0 { logs.add(d * log(total.pointer[g])) }
    }
    logLikelihood = zip(coefficients, data.eventSum).reduce(-logs.value) { $0 + $1.0 * $1.1 }
    accumulate(hazard.pointer, cumulative.pointer, later.pointer)
  }

  /// Sums of a value of each position over the weighted risk set of each slot.
  @inline(__always)
  func sums(of value: (Int) -> Double, into result: UnsafeMutablePointer<Double>) {
    let m = data.slots
    let recalled = Shared<Double>(count: m, repeating: 0)
    let removed = Shared<Double>(count: data.start == nil ? 0 : m, repeating: 0)
    let (back, gone) = (recalled.pointer, removed.pointer)
    data.begin.withUnsafeBufferPointer { begin in
      data.recall.withUnsafeBufferPointer { recall in
        data.stratumBegin.withUnsafeBufferPointer { first in
          if let start = data.start {
            for i in start.indices {
              let slot = Int(start[i])
              if slot < Int(data.stratumEnd[Int(data.stop[i])]) { gone[slot] += value(i) }
            }
          }
          var sum = CompensatedSum()
          for g in 0..<m {
            if Int(first[g]) == g { sum = CompensatedSum() }
            var (own, other) = (0.0, 0.0)
            for i in Int(begin[g])..<Int(begin[g + 1]) {
              let term = value(i)
              own += term
              other += term * recall[i]
            }
            sum.add(own)
            if data.start != nil { sum.add(-gone[g]) }
            result[g] = sum.value
            back[g] = other
          }
          var earlier = 0.0
          for g in stride(from: m - 1, through: 0, by: -1) {
            if data.slotTick[g] < 0 { earlier = 0 }
            result[g] += data.censoring[g] * earlier
            earlier += back[g]
          }
        }
      }
    }
  }

  /// A step summed over each slot's time and those before it, and A times it over those after it.
  func accumulate(
    _ step: UnsafePointer<Double>, _ upTo: UnsafeMutablePointer<Double>,
    _ after: UnsafeMutablePointer<Double>
  ) {
    var running = 0.0
    for g in stride(from: data.slots - 1, through: 0, by: -1) {
      if data.slotTick[g] < 0 { running = 0 }
      running += step[g]
      upTo[g] = running
    }
    for g in 0..<data.slots {
      if Int(data.stratumBegin[g]) == g { running = 0 }
      after[g] = running
      running += data.censoring[g] * step[g]
    }
  }

  /// What a row at a position has of a step: over its own time, and afterwards if it left for
  /// another cause.
  @inline(__always)
  func span(
    _ upTo: UnsafePointer<Double>, _ after: UnsafePointer<Double>, _ i: Int
  ) -> Double {
    let g = Int(data.stop[i])
    var sum = upTo[g]
    if let start = data.start, start[i] < data.stratumEnd[g] { sum -= upTo[Int(start[i])] }
    let recall = data.recall[i]
    return recall > 0 ? sum + recall * after[g] : sum
  }

  /// For each position w times its expected exits, which is also its weight in the information.
  func expectedEvents() -> [Double] {
    [Double](blocked: data.rows.count) { [self] range, result in
      let (risk, upTo, after) = (risk.pointer, cumulative.pointer, later.pointer)
      for i in range { result[i] = risk[i] * Swift.max(0, span(upTo, after, i)) }
    }
  }

  /// Sums of w·exp(η)·x over the weighted risk set of each slot, for one column.
  func riskSetSums(column j: Int, into result: UnsafeMutablePointer<Double>) {
    data.x.storage.withUnsafeBufferPointer { x in
      guard let base = x.baseAddress else { return }
      let column = base + j * data.rows.count
      let risk = risk.pointer
      sums(of: { i in risk[i] * column[i] }, into: result)
    }
  }
}

/// The pseudo-likelihood of a Fine–Gray model with Breslow's ties, for the Newton solver.
///
/// The information is X′diag(v)X − Σ d (mean)(mean)′ over slots, v the expected exits of the rows.
final class FineGrayObjective: SmoothObjective {
  let data: FineGrayData
  let state: FineGrayState
  private let marks: [Double]
  private var remembered: (coefficients: [Double], value: ObjectiveValue)?
  /// The diagonal of X′diag(v)X at the first evaluation, which the solver makes at zero.
  private(set) var uncancelledAtZero: [Double] = []

  init(_ data: FineGrayData) {
    self.data = data
    state = FineGrayState(data)
    marks = CoxData.marks(data.event, data.weights)
  }

  func evaluate(at coefficients: [Double]) -> ObjectiveValue {
    if let remembered, remembered.coefficients == coefficients { return remembered.value }
    state.update(coefficients)
    let p = data.x.columns
    guard state.logLikelihood.isFinite else {
      return ObjectiveValue(
        value: -.infinity, gradient: [Double](repeating: .nan, count: p),
        information: Matrix(rows: p, columns: p))
    }
    let expected = state.expectedEvents()
    let residual = zip(marks, expected).map { $0 - $1 }
    let whole = Gram.product(data.x, weights: expected)
    if uncancelledAtZero.isEmpty { uncancelledAtZero = whole.diagonal }
    let value = ObjectiveValue(
      value: state.logLikelihood, gradient: data.x.transposedTimes(residual),
      information: whole - Gram.product(means(scaled: true)))
    remembered = (coefficients, value)
    return value
  }

  /// For each slot and column the mean over the weighted risk set; `scaled` times √d.
  func means(scaled: Bool) -> Matrix {
    let (m, p) = (data.slots, data.x.columns)
    let result = Shared<Double>(count: m * p)
    Parallel.forBlocks(p) { [state, data] j in
      let column = result.pointer + j * m
      state.riskSetSums(column: j, into: column)
      for g in 0..<m {
        let d = data.exits[g]
        column[g] = d > 0 ? column[g] / state.total.pointer[g] * (scaled ? d.squareRoot() : 1) : 0
      }
    }
    return Matrix(rows: m, columns: p, storage: result.array)
  }
}
