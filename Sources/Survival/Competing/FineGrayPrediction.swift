import LinearAlgebra
import Statistics

/// What a fitted Fine–Gray model keeps for predictions.
struct FineGrayPrediction: Sendable {
  let state: FineGrayState
  let means: Matrix
  let coefficients: [Double]
  let kept: [Int]
  /// For each position what it adds to each coefficient, weighted: positions × terms.
  let influence: Matrix
  let times: SurvivalTimes
  let strata: Factor?
  /// Clusters by position, when the variance is robust.
  let cluster: [Int32]?
  let clusters: Int
  let isRobust: Bool

  private var data: FineGrayData { state.data }

  func stratum(_ name: String?) throws(SiblingError) -> Int {
    guard let strata else { return 0 }
    guard let name, let code = strata.levels.firstIndex(of: name),
      strata.codes.contains(Int32(code))
    else {
      throw SiblingError(
        .unknownLevel,
        name.map { "there is no stratum '\($0)'" } ?? "the model has strata: name one",
        help: "strata are: " + strata.droppingUnusedLevels().levels.joined(separator: ", "))
    }
    return code
  }

  func centre(_ stratum: Int) -> [Double] { data.centres.row(stratum) }

  /// The baseline hazard at a time, what each position adds to it, and the means summed along it.
  struct Baseline {
    var hazard = 0.0
    var means: [Double]
    var influence: [Double]
  }

  /// Nil past the last time of the stratum.
  func baseline(_ stratum: Int, at time: Double) -> Baseline? {
    // A stratum's positions stand together, latest first.
    let positions = data.begins[stratum]..<data.begins[stratum + 1]
    guard let first = positions.first, time <= times.time[Int(data.rows[first])] else { return nil }
    let slot = Int(data.stop[first])
    let slots = Int(data.stratumBegin[slot])..<Int(data.stratumEnd[slot])
    let (m, p) = (data.slots, kept.count)
    var result = Baseline(
      means: [Double](repeating: 0, count: p),
      influence: [Double](repeating: 0, count: data.rows.count))
    let step = Shared<Double>(count: m, repeating: 0)
    for g in slots where data.slotTick[g] >= 0 && data.time(ofSlot: g, times) <= time {
      let hazard = state.hazard.pointer[g]
      result.hazard += hazard
      for j in 0..<p { result.means[j] += hazard * means[g, j] }
      step.pointer[g] = hazard / state.total.pointer[g]
    }
    let (upTo, after) = (Shared<Double>(count: m), Shared<Double>(count: m))
    state.accumulate(step.pointer, upTo.pointer, after.pointer)
    for i in positions {
      var sum = -state.risk.pointer[i] * state.span(upTo.pointer, after.pointer, i)
      let g = Int(data.stop[i])
      if data.event[i], step.pointer[g] > 0 {
        sum += (data.weights?[i] ?? 1) / state.total.pointer[g]
      }
      result.influence[i] = sum
    }
    if data.start == nil { addCensoring(step, &result.influence) }
    return result
  }

  /// What positions add through the estimated censoring distribution, as in `FineGrayInfluence`.
  private func addCensoring(_ step: Shared<Double>, _ result: inout [Double]) {
    let ticks = data.ticks
    var hazard = [Double](repeating: 0, count: ticks.before.count)
    var recalled = hazard
    for g in 0..<data.slots where data.slotTick[g] >= 0 {
      hazard[Int(data.slotTick[g])] = data.censoring[g] * step.pointer[g]
    }
    for i in data.recall.indices where data.recall[i] > 0 {
      recalled[Int(ticks.ofPosition[i])] += state.risk.pointer[i] * data.recall[i]
    }
    ticks.sumFromHereOn(&hazard)
    ticks.sumBefore(&recalled)
    let q = hazard.indices.map { recalled[$0] * hazard[$0] }
    result.withUnsafeMutableBufferPointer { result in
      guard let base = result.baseAddress else { return }
      ticks.addInfluence(of: q, weights: data.weights, to: base)
    }
  }

  /// Influences as they are squared: by cluster, or so that a weight counts equal rows.
  func collected(_ values: [Double]) -> [Double] {
    guard isRobust else {
      guard let weights = data.weights else { return values }
      return zip(values, weights).map { $0 / $1.squareRoot() }
    }
    guard let cluster else { return values }
    var sums = [Double](repeating: 0, count: clusters)
    for (i, value) in values.enumerated() { sums[Int(cluster[i])] += value }
    return sums
  }
}

extension FineGrayData {
  /// The time of a slot.
  func time(ofSlot g: Int, _ times: SurvivalTimes) -> Double {
    // Positions stand latest first, and the last of a slot's leaves at its very time.
    let range = Int(begin[g])..<Int(begin[g + 1])
    return range.last.map { times.time[Int(rows[$0])] } ?? .infinity
  }
}
