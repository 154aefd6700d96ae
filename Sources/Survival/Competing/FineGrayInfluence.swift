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

  init(_ objective: FineGrayObjective) {
    state = objective.state
    data = objective.data
    means = objective.means(scaled: false)
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
    let m = data.slots
    let (step, upTo, after) = (
      Shared<Double>(count: m), Shared<Double>(count: m), Shared<Double>(count: m)
    )
    means.storage.withUnsafeBufferPointer { means in
      for g in 0..<m { step.pointer[g] = means[j * m + g] * state.hazard.pointer[g] }
      state.accumulate(step.pointer, upTo.pointer, after.pointer)
      data.x.storage.withUnsafeBufferPointer { x in
        let (own, later, risk) = (state.cumulative.pointer, state.later.pointer, state.risk.pointer)
        for i in 0..<data.rows.count {
          let value = x[j * data.rows.count + i]
          let lost = value * state.span(own, later, i)
          var sum = -risk[i] * (lost - state.span(upTo.pointer, after.pointer, i))
          if data.event[i] {
            sum += (data.weights?[i] ?? 1) * (value - means[j * m + Int(data.stop[i])])
          }
          result[i] = sum
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
    fromHereOn(&hazard)
    before(&recalled)
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
    for i in 0..<n where data.recall[i] > 0 {
      recalled[Int(ticks.ofPosition[i])] +=
        state.risk.pointer[i] * data.recall[i] * data.x.storage[j * n + i]
    }
    fromHereOn(&hazard)
    before(&recalled)
    // q/n, and the sum of q d/n² up to each tick.
    var share = hazard
    var lost = hazard
    for stratum in 0..<(ticks.begins.count - 1) {
      var running = 0.0
      for k in ticks.begins[stratum]..<ticks.begins[stratum + 1] {
        let n = ticks.atRisk[k]
        let q = recalled[k] * weighting.hazard[k] - weighting.recalled[k] * hazard[k]
        share[k] = n > 0 ? q / n : 0
        if n > 0 { running += share[k] * ticks.censored[k] / n }
        lost[k] = running
      }
    }
    for i in 0..<n {
      let k = Int(ticks.ofPosition[i])
      var sum = -lost[k]
      if ticks.isCensored[i] {
        sum += share[k]
      } else if ticks.convention == .survival {
        // Who has an event is no longer at risk of censoring at that time.
        let n = ticks.atRisk[k]
        if n > 0 { sum += share[k] * ticks.censored[k] / n }
      }
      result[i] += (ticks.convention == .survival ? 1 : data.weights?[i] ?? 1) * sum
    }
  }

  /// Sums within strata over a tick and those after it.
  private func fromHereOn(_ values: inout [Double]) {
    let begins = data.ticks.begins
    for stratum in 0..<(begins.count - 1) {
      var running = 0.0
      for k in (begins[stratum]..<begins[stratum + 1]).reversed() {
        running += values[k]
        values[k] = running
      }
    }
  }

  /// Sums within strata over the ticks before one.
  private func before(_ values: inout [Double]) {
    let begins = data.ticks.begins
    for stratum in 0..<(begins.count - 1) {
      var running = 0.0
      for k in begins[stratum]..<begins[stratum + 1] {
        let value = values[k]
        values[k] = running
        running += value
      }
    }
  }
}
