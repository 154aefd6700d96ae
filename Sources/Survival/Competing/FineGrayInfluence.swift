import LinearAlgebra
import Statistics

/// What each row adds to the score, the estimated censoring distribution included.
///
/// The first part is Σ over slots of (x − mean) times what the row leaves less what was expected of
/// it. The second is what the row adds through Ĝ: with q(u) the sum over those who left before u for
/// another cause of (x − mean) times their expected exits from u on, a row censored at u adds
/// q(u)/n(u), and every row at risk of it loses q(u) d(u)/n(u)² (Fine & Gray 1999). With left
/// truncation the weights are taken as known, and the second part is left out.
struct FineGrayInfluence {
  private let state: FineGrayState
  private let data: FineGrayData
  private let means: Matrix
  /// For each position w times its expected exits.
  private let expected: [Double]

  init(_ objective: FineGrayObjective) {
    state = objective.state
    data = objective.data
    means = objective.means(scaled: false)
    expected = objective.state.expectedEvents()
  }

  /// Weighted influences on the score: positions × terms.
  func scores() -> Matrix {
    let (n, p) = (data.rows.count, data.x.columns)
    let result = Shared<Double>(count: n * p)
    let weighting = data.start == nil ? censoringHazard() : nil
    Parallel.forBlocks(p) { [self] j in
      let column = result.pointer + j * n
      residuals(j, into: column)
      if let weighting { addCensoring(j, weighting, to: column) }
    }
    return Matrix(rows: n, columns: p, storage: result.array)
  }

  /// Score residuals as if the weights were known.
  private func residuals(_ j: Int, into result: UnsafeMutablePointer<Double>) {
    let (n, m) = (data.rows.count, data.slots)
    let (step, upTo, after) = (
      Shared<Double>(count: m), Shared<Double>(count: m), Shared<Double>(count: m)
    )
    let (mine, later) = (upTo.pointer, after.pointer)
    for g in 0..<m {
      step.pointer[g] = means.storage[j * m + g] * state.hazard.pointer[g]
    }
    state.accumulate(step.pointer, mine, later)
    let risk = state.risk.pointer
    expected.withUnsafeBufferPointer { expected in
      data.x.storage.withUnsafeBufferPointer { x in
        data.stop.withUnsafeBufferPointer { stop in
          data.recall.withUnsafeBufferPointer { recall in
            for i in 0..<n {
              let g = Int(stop[i])
              let sum = mine[g] + (recall[i] > 0 ? recall[i] * later[g] : 0)
              result[i] = risk[i] * sum - x[j * n + i] * expected[i]
            }
            if let start = data.start {
              for i in 0..<n where start[i] < data.stratumEnd[Int(stop[i])] {
                result[i] -= risk[i] * mine[Int(start[i])]
              }
            }
            data.event.withUnsafeBufferPointer { event in
              for i in 0..<n where event[i] {
                let weight = data.weights?[i] ?? 1
                result[i] += weight * (x[j * n + i] - means.storage[j * m + Int(stop[i])])
              }
            }
          }
        }
      }
    }
  }

  /// For each tick A·hazard from it on, and Σ r/A(T) of those who left before it for other causes.
  private struct Weighting {
    var hazard: [Double]
    var recalled: [Double]
  }

  private func censoringHazard() -> Weighting {
    let count = data.ticks.before.count
    var hazard = [Double](repeating: 0, count: count)
    var recalled = hazard
    for g in 0..<data.slots where data.slotTick[g] >= 0 {
      hazard[Int(data.slotTick[g])] = data.censoring[g] * state.hazard.pointer[g]
    }
    for i in data.recall.indices where data.recall[i] > 0 {
      recalled[Int(data.ticks.ofPosition[i])] += state.risk.pointer[i] * data.recall[i]
    }
    data.ticks.sumFromHereOn(&hazard)
    data.ticks.sumBefore(&recalled)
    return Weighting(hazard: hazard, recalled: recalled)
  }

  private func addCensoring(
    _ j: Int, _ weighting: Weighting, to result: UnsafeMutablePointer<Double>
  ) {
    let (n, m, ticks) = (data.rows.count, data.slots, data.ticks)
    var hazard = [Double](repeating: 0, count: ticks.before.count)
    var recalled = hazard
    for g in 0..<m where data.slotTick[g] >= 0 {
      hazard[Int(data.slotTick[g])] =
        data.censoring[g] * state.hazard.pointer[g] * means.storage[j * m + g]
    }
    data.x.storage.withUnsafeBufferPointer { x in
      data.recall.withUnsafeBufferPointer { recall in
        ticks.ofPosition.withUnsafeBufferPointer { place in
          let risk = state.risk.pointer
          for i in 0..<n where recall[i] > 0 {
            recalled[Int(place[i])] += risk[i] * recall[i] * x[j * n + i]
          }
        }
      }
    }
    ticks.sumFromHereOn(&hazard)
    ticks.sumBefore(&recalled)
    let q = hazard.indices.map { k in
      recalled[k] * weighting.hazard[k] - weighting.recalled[k] * hazard[k]
    }
    ticks.addInfluence(of: q, weights: data.weights, to: result)
  }
}
