internal import Glibc
import LinearAlgebra
import Statistics

/// Observed and expected events by group and the covariance of their difference.
struct GroupSums {
  var observed: [Double]
  var expected: [Double]
  var variance: Matrix

  private static let rowsPerBuffer = 4096

  init(
    _ test: LogRank, _ times: SurvivalTimes, _ sets: RiskSets, _ group: Factor,
    _ weights: [Double]?, robust: Bool, cluster: Factor?
  ) {
    let levels = group.levels.count
    var scores = robust ? GroupScores(sets, levels: levels) : nil
    observed = [Double](repeating: 0, count: levels)
    expected = [Double](repeating: 0, count: levels)
    variance = Matrix(rows: levels, columns: levels)
    // With shares s of the risk set, V = Σ v (diag(s) − s s′); both parts are summed here.
    var shares = [Double](repeating: 0, count: levels)
    var buffer = Matrix(rows: Self.rowsPerBuffer, columns: levels)
    var filled = 0
    var counts = GroupCounts(times, sets, group, weights)
    for stratum in sets.strataRanges {
      let curve = test.isPlain ? nil : test.weights(counts.totals(stratum))
      counts.reset()
      for g in stratum {
        let (n, d) = counts.advance(to: g)
        let omega = curve?[g - stratum.lowerBound] ?? 1
        let v = n > 1 ? omega * omega * d * Swift.max(0, n - d) / (n - 1) : 0
        let root = v.squareRoot()
        scores?.append(omega: omega, events: d, atRisk: counts.current, total: n)
        counts.withGroups { atRisk, died in
          // Rows of weight zero may stand alone at a time.
          for k in 0..<levels where n > 0 {
            let share = atRisk[k] / n
            observed[k] += omega * died[k]
            expected[k] += omega * d * share
            shares[k] += v * share
            buffer.storage[filled + k * Self.rowsPerBuffer] = root * share
          }
        }
        filled += 1
        if filled == Self.rowsPerBuffer {
          variance = variance - Gram.product(buffer)
          filled = 0
        }
      }
    }
    if filled > 0 {
      for k in 0..<levels {
        for i in filled..<Self.rowsPerBuffer { buffer[i, k] = 0 }
      }
      variance = variance - Gram.product(buffer)
    }
    variance = variance + Matrix.diagonal(shares)
    if let scores {
      let roots = cluster == nil ? times.rootWeights : nil
      variance = scores.variance(
        counts.codes, counts.events,
        roots.map { roots in sets.rows.map { roots[Int($0)] } } ?? counts.rowWeights,
        cluster)
    }
  }
}

extension LogRank {
  /// Whether every event time has weight one.
  var isPlain: Bool { rho == 0 && gamma == 0 }

  /// S(t−)^ρ (1 − S(t−))^γ at each group of a stratum, whose latest time comes first.
  func weights(_ totals: [(atRisk: Double, events: Double)]) -> [Double] {
    var result = [Double](repeating: 1, count: totals.count)
    var survival = 1.0
    for g in totals.indices.reversed() {
      result[g] = pow(survival, rho) * pow(1 - survival, gamma)
      survival *= RiskSteps.surviving(totals[g].atRisk, totals[g].events)
    }
    return result
  }
}

/// Running numbers at risk by group.
private struct GroupCounts {
  let sets: RiskSets
  let codes: [Int32]
  let events: [Bool]
  let rowWeights: [Double]?
  private var atRisk: [Double]
  private var lost: [Double]
  private var died: [Double]

  init(_ times: SurvivalTimes, _ sets: RiskSets, _ group: Factor, _ weights: [Double]?) {
    self.sets = sets
    // In the order of the sets, so that the passes below read straight on.
    codes = sets.rows.map { group.codes[Int($0)] }
    events = sets.rows.map { times.event[Int($0)] }
    rowWeights = weights.map { weights in sets.rows.map { weights[Int($0)] } }
    atRisk = [Double](repeating: 0, count: group.levels.count)
    lost = atRisk
    died = atRisk
  }

  mutating func reset() {
    for k in atRisk.indices { (atRisk[k], lost[k]) = (0, 0) }
  }

  /// The numbers at risk and events of all groups together at each group of a stratum.
  mutating func totals(_ stratum: Range<Int>) -> [(atRisk: Double, events: Double)] {
    reset()
    return stratum.map { advance(to: $0) }
  }

  /// Moves on to an event time and returns its number at risk and of events.
  mutating func advance(to g: Int) -> (atRisk: Double, events: Double) {
    for k in died.indices { died[k] = 0 }
    for position in Int(sets.begin[g])..<Int(sets.end[g]) {
      add(position, sign: 1)
    }
    for position in Int(sets.tie[g])..<Int(sets.end[g]) where events[position] {
      died[Int(codes[position])] += rowWeights.map { $0[position] } ?? 1
    }
    if !sets.removal.isEmpty {
      for index in Int(sets.removal[g])..<Int(sets.removal[g + 1]) {
        add(Int(sets.removed[index]), sign: -1)
      }
    }
    var n = 0.0
    var d = 0.0
    for k in atRisk.indices {
      n += atRisk[k] + lost[k]
      d += died[k]
    }
    return (n, d)
  }

  /// Adds or removes a row, with compensation against the rounding of large sums.
  @inline(__always)
  private mutating func add(_ position: Int, sign: Double) {
    let k = Int(codes[position])
    let weight = sign * (rowWeights.map { $0[position] } ?? 1)
    let next = atRisk[k] + weight
    let part = next - atRisk[k]
    lost[k] += (atRisk[k] - (next - part)) + (weight - part)
    atRisk[k] = next
  }

  /// The numbers at risk by group.
  var current: [Double] { zip(atRisk, lost).map { $0 + $1 } }

  func withGroups(_ body: ([Double], [Double]) -> Void) {
    body(atRisk, died)
  }
}
