import LinearAlgebra
import Statistics

/// The robust variance of observed − expected: squared sums of each cluster's influences.
///
/// A row of group k adds ω(1 − s_k) at its event and −s_j to every other group j, and at every event
/// time at which it is at risk it loses the same differences times ω d/n, with s the groups' shares of
/// the risk set. Running sums over event times give each row its part in O(groups).
struct GroupScores {
  private let sets: RiskSets
  private let levels: Int
  /// For each event time the weight of the test, and that times d/n.
  private var omega: [Double] = []
  private var step: [Double] = []
  /// For each event time the groups' shares, levels after levels.
  private var shares: [Double] = []

  init(_ sets: RiskSets, levels: Int) {
    self.sets = sets
    self.levels = levels
    omega.reserveCapacity(sets.count)
    step.reserveCapacity(sets.count)
    shares.reserveCapacity(sets.count * levels)
  }

  /// Adds the next event time.
  mutating func append(omega: Double, events: Double, atRisk: [Double], total: Double) {
    self.omega.append(omega)
    step.append(total > 0 ? omega * events / total : 0)
    for count in atRisk { shares.append(total > 0 ? count / total : 0) }
  }

  /// Σ over clusters of the outer products of their scores.
  func variance(
    _ codes: [Int32], _ events: [Bool], _ weights: [Double]?, _ cluster: Factor?
  ) -> Matrix {
    let total = accumulated { g in step[g] }
    let count = cluster?.levels.count ?? codes.count
    var scores = Matrix(rows: count, columns: levels)
    for k in 0..<levels {
      let lost = accumulated { g in step[g] * shares[g * levels + k] }
      for i in codes.indices {
        let g = Int(sets.stopGroup[i])
        var mine = codes[i] == k ? span(total, i) : 0
        mine = span(lost, i) - mine
        if events[i] { mine += omega[g] * ((codes[i] == k ? 1 : 0) - shares[g * levels + k]) }
        let row = cluster.map { Int($0.codes[Int(sets.rows[i])]) } ?? i
        scores.storage[row + k * count] += (weights?[i] ?? 1) * mine
      }
    }
    return Gram.product(scores)
  }

  /// A step summed from each stratum's earliest event time up to each one.
  private func accumulated(_ step: (Int) -> Double) -> [Double] {
    var result = [Double](repeating: 0, count: sets.count)
    var running = 0.0
    for g in stride(from: sets.count - 1, through: 0, by: -1) {
      running += step(g)
      result[g] = running
      if sets.first[g] { running = 0 }
    }
    return result
  }

  /// A sum over the event times at which a row is at risk.
  private func span(_ sums: [Double], _ i: Int) -> Double {
    let g = Int(sets.stopGroup[i])
    guard let start = sets.startGroup?[i], start < sets.stratumEnd[g] else { return sums[g] }
    return sums[g] - sums[Int(start)]
  }
}
