public import Statistics

/// How often the row with the higher predicted risk has the event first.
///
/// Pairs are compared within strata when the earlier time is an event at which the other row is
/// under observation; pairs tied in time are left out, and censoring at an event time counts as
/// later. Pairs tied in their predictor count a half. The standard error is the infinitesimal
/// jackknife, summed over clusters.
///
/// Harrell et al. (1982), doi:10.1001/jama.1982.03320430047030.
public struct Concordance: Sendable, Equatable {
  /// The share of comparable pairs in which the higher risk comes first.
  public let concordance: Double
  /// Its standard error.
  public let standardError: Double
  /// The weight of pairs in which the higher risk comes first.
  public let concordant: Double
  /// The weight of pairs in which it comes second.
  public let discordant: Double
  /// The weight of pairs with one and the same predictor.
  public let tied: Double
}

extension CoxFit {
  /// The concordance of the model's linear predictor with the order of events.
  ///
  /// - Complexity: O(n log n).
  public func concordance() -> Concordance {
    Concordance(
      data.sets, times, predictor: linearPredictors, weights: weights, cluster: cluster)
  }
}

extension Concordance {
  /// The concordance of any score with the order of events.
  ///
  /// - Complexity: O(n log n).
  public init(
    _ times: SurvivalTimes, predictor: [Double], strata: Factor? = nil, weights: [Double]? = nil,
    cluster: Factor? = nil
  ) {
    self.init(
      RiskSets(times, strata: strata), times, predictor: predictor, weights: weights,
      cluster: cluster)
  }

  fileprivate init(
    _ sets: RiskSets, _ times: SurvivalTimes, predictor: [Double], weights: [Double]?,
    cluster: Factor?
  ) {
    let own = weights.map { weights in sets.rows.map { weights[Int($0)] } }
    var counter = PairCounter(
      sets, event: sets.rows.map { times.event[Int($0)] }, weights: own,
      predictor: sets.rows.map { predictor[Int($0)] })
    counter.count()
    let total = counter.concordant + counter.discordant + counter.tied
    let surplus = counter.concordant - counter.discordant
    var influence = [Double](
      repeating: 0, count: cluster?.levels.count ?? sets.rows.count)
    let scale = cluster == nil ? times.influenceScale(weights) : nil
    for (i, row) in sets.rows.enumerated() {
      let slope = counter.surplus[i] / total - surplus * counter.pairs[i] / (total * total)
      let weight = (own?[i] ?? 1) * (scale?[Int(row)] ?? 1)
      influence[cluster.map { Int($0.codes[Int(row)]) } ?? i] += weight * slope / 2
    }
    self.init(
      concordance: (surplus / total + 1) / 2,
      standardError: influence.reduce(0) { $0 + $1 * $1 }.squareRoot(),
      concordant: counter.concordant, discordant: counter.discordant, tied: counter.tied)
  }
}

/// Counts comparable pairs with binary indexed trees over the ranks of the predictor.
private struct PairCounter {
  let sets: RiskSets
  let event: [Bool]
  let weights: [Double]?
  /// Ranks of the predictor within the stratum, from zero.
  let rank: [Int32]
  var concordant = 0.0
  var discordant = 0.0
  var tied = 0.0
  /// For each row, concordant less discordant partners.
  var surplus: [Double]
  /// For each row its comparable partners.
  var pairs: [Double]

  init(_ sets: RiskSets, event: [Bool], weights: [Double]?, predictor: [Double]) {
    self.sets = sets
    self.event = event
    self.weights = weights
    rank = Self.ranks(sets, predictor)
    surplus = [Double](repeating: 0, count: predictor.count)
    pairs = surplus
  }

  /// Ranks by stratum; predictors that differ only by rounding are tied.
  private static func ranks(_ sets: RiskSets, _ predictor: [Double]) -> [Int32] {
    var stratum = [Int32](repeating: 0, count: predictor.count)
    let ranges = sets.strataRanges
    for (s, groups) in ranges.enumerated() {
      for i in sets.positions(of: groups) { stratum[i] = Int32(s) }
    }
    let order = GroupedRows(Sorting.order(predictor), codes: stratum, levels: ranges.count)
    let size = predictor.reduce(0) { Swift.max($0, $1.magnitude) }
    var result = [Int32](repeating: 0, count: predictor.count)
    for s in ranges.indices {
      var next: Int32 = 0
      for position in order.begins[s]..<order.begins[s + 1] {
        let row = Int(order.rows[position])
        if position > order.begins[s] {
          let gap = predictor[row] - predictor[Int(order.rows[position - 1])]
          if gap > 1e-13 * size { next += 1 }
        }
        result[row] = next
      }
    }
    return result
  }

  mutating func count() {
    for groups in sets.strataRanges {
      let size = sets.positions(of: groups).count
      countLater(groups, size)
      countEarlier(groups, size)
    }
  }

  /// Each event against the rows that outlive it, latest event time first.
  private mutating func countLater(_ groups: Range<Int>, _ size: Int) {
    var tree = WeightTree(size)
    for g in groups {
      let added = Int(sets.begin[g])..<Int(sets.end[g])
      for i in added where !event[i] { tree.add(rank[i], weight(i)) }
      if !sets.removal.isEmpty {
        for k in Int(sets.removal[g])..<Int(sets.removal[g + 1]) {
          let i = Int(sets.removed[k])
          tree.add(rank[i], -weight(i))
        }
      }
      let deaths = Int(sets.tie[g])..<Int(sets.end[g])
      for i in deaths where event[i] {
        let (below, equal) = tree.below(rank[i])
        let above = tree.total - below - equal
        concordant += weight(i) * below
        discordant += weight(i) * above
        tied += weight(i) * equal
        surplus[i] += below - above
        pairs[i] += below + equal + above
      }
      for i in deaths where event[i] { tree.add(rank[i], weight(i)) }
    }
  }

  /// Each row against the events that it outlives, earliest event time first.
  private mutating func countEarlier(_ groups: Range<Int>, _ size: Int) {
    var tree = WeightTree(size)
    for g in groups.reversed() {
      let added = Int(sets.begin[g])..<Int(sets.end[g])
      for i in added where event[i] { meet(i, tree, 1) }
      for i in Int(sets.tie[g])..<Int(sets.end[g]) where event[i] { tree.add(rank[i], weight(i)) }
      for i in added where !event[i] { meet(i, tree, 1) }
      guard !sets.removal.isEmpty else { continue }
      for k in Int(sets.removal[g])..<Int(sets.removal[g + 1]) {
        meet(Int(sets.removed[k]), tree, -1)
      }
    }
  }

  /// Credits a row with the events seen so far, or takes those before its start off again.
  private mutating func meet(_ i: Int, _ tree: WeightTree, _ sign: Double) {
    let (below, equal) = tree.below(rank[i])
    let above = tree.total - below - equal
    surplus[i] += sign * (above - below)
    pairs[i] += sign * tree.total
  }

  @inline(__always)
  private func weight(_ i: Int) -> Double { weights?[i] ?? 1 }
}

/// Weights by rank with sums below a rank in logarithmic time (Fenwick's tree).
private struct WeightTree {
  private var sums: [Double]
  private var own: [Double]
  private(set) var total = 0.0

  init(_ size: Int) {
    sums = [Double](repeating: 0, count: size + 1)
    own = [Double](repeating: 0, count: size)
  }

  mutating func add(_ rank: Int32, _ weight: Double) {
    total += weight
    own[Int(rank)] += weight
    var node = Int(rank) + 1
    while node < sums.count {
      sums[node] += weight
      node += node & -node
    }
  }

  /// The weight of lower ranks, and of this rank.
  func below(_ rank: Int32) -> (below: Double, equal: Double) {
    var sum = 0.0
    var node = Int(rank)
    while node > 0 {
      sum += sums[node]
      node -= node & -node
    }
    return (sum, own[Int(rank)])
  }
}
