import Statistics

/// The infinitesimal jackknife of state probabilities, in nearly linear time.
///
/// A cluster's influence follows U ← UT + WG from tick to tick (`TickMaps`), plus
/// w p_j/n_j (e_k − e_j) for each of its rows that moves from j to k. The sums over clusters of U′U,
/// W′U and W′W follow the same maps, so that only clusters with a row that starts or ends need be
/// looked up, each through the tree. With few clusters the influences nearly cancel in those sums;
/// each one is then followed by itself.
struct OccupancyJackknife {
  /// Standard errors after each tick, ticks × states.
  private(set) var standardErrors: [Double] = []
  /// Standard errors of the shares at the start.
  private(set) var initialErrors: [Double] = []
  /// The influence of each cluster on the time in each state, clusters × states (row-major).
  private(set) var areas: [Double] = []
  /// Maps applied to single clusters, which is the work done.
  private(set) var operations = 0

  static let oneByOne = 32

  /// `cluster` has one of `0..<clusters` for each row of the arm.
  init(
    _ spells: StateSpells, _ steps: OccupancySteps, weights: [Double]?, cluster: [Int],
    clusters: Int, durations: [Double], oneByOne: Int = Self.oneByOne
  ) {
    var walk = Walk(
      steps, clusters: clusters, durations: durations, single: clusters <= oneByOne)
    walk.start(spells, weights, cluster)
    initialErrors = walk.errors()
    let endings = Places(steps.tick, ticks: steps.times.count)
    let entries = Places(steps.entry, ticks: steps.times.count)
    let base = steps.rows.startIndex
    for k in steps.times.indices {
      walk.pass(k)
      for place in endings[k] {
        let row = Int(steps.rows[base + place])
        walk.end(
          cluster[place], from: Int(spells.held[row]), to: Int(spells.entered[row]),
          weight: weights?[row] ?? 1, tick: k)
      }
      for place in entries[k + 1] {
        let row = Int(steps.rows[base + place])
        walk.enter(
          cluster[place], Int(spells.held[row]), weight: weights?[row] ?? 1, tick: k)
      }
      standardErrors += walk.errors()
    }
    walk.finish()
    areas = walk.areas
    operations = walk.operations
  }

  /// Places by tick.
  private struct Places {
    let order: [Int32]
    var begins: [Int]

    init(_ ticks: [Int32], ticks count: Int) {
      order = Sorting.order(codes: ticks, levels: count + 1)
      begins = [Int](repeating: 0, count: count + 2)
      for tick in ticks { begins[Int(tick) + 1] += 1 }
      for k in 0...count { begins[k + 1] += begins[k] }
    }

    subscript(tick: Int) -> LazyMapSequence<ArraySlice<Int32>, Int> {
      order[begins[tick]..<begins[tick + 1]].lazy.map { Int($0) }
    }
  }
}

/// The clusters' vectors, each as of the tick at which it was last looked up.
private struct Walk {
  let steps: OccupancySteps
  let maps: TickMaps
  let size: Int
  let clusters: Int
  /// Whether each cluster is followed at every tick.
  let single: Bool
  let firstDuration: Double
  /// U, W and A of each cluster.
  private var vectors: [Double]
  /// Ticks passed by each cluster's vector.
  private var passed: [Int32]
  /// Σ U′U, Σ W′U and Σ W′W, size × size each.
  private var uu: [Double]
  private var wu: [Double]
  private var ww: [Double]
  private var scratch: [Double]
  private(set) var operations = 0

  init(_ steps: OccupancySteps, clusters: Int, durations: [Double], single: Bool) {
    self.steps = steps
    self.clusters = clusters
    self.single = single
    size = steps.size
    maps = TickMaps(steps, durations: durations)
    firstDuration = durations[0]
    vectors = [Double](repeating: 0, count: clusters * 3 * size)
    passed = [Int32](repeating: 0, count: clusters)
    uu = [Double](repeating: 0, count: size * size)
    (wu, ww) = (uu, uu)
    scratch = [Double](repeating: 0, count: 6 * size)
  }

  /// The influences on the probabilities at the start, and the rows at risk from it.
  mutating func start(_ spells: StateSpells, _ weights: [Double]?, _ cluster: [Int]) {
    let base = steps.rows.startIndex
    for place in steps.initial {
      let row = Int(steps.rows[base + place])
      let share = (weights?[row] ?? 1) / steps.initialWeight
      let offset = cluster[place] * 3 * size
      for l in 0..<size { vectors[offset + l] -= share * steps.probability[l] }
      vectors[offset + Int(spells.held[row])] += share
    }
    for place in steps.entry.indices where steps.entry[place] == 0 {
      let row = Int(steps.rows[base + place])
      vectors[cluster[place] * 3 * size + size + Int(spells.held[row])] +=
        weights?[row] ?? 1
    }
    for c in 0..<clusters {
      for l in 0..<size {
        let offset = c * 3 * size
        vectors[offset + 2 * size + l] = vectors[offset + l] * firstDuration
      }
      addMoments(c, sign: 1)
    }
  }

  private mutating func addMoments(_ c: Int, sign: Double) {
    guard !single else { return }
    let offset = c * 3 * size
    vectors.withUnsafeBufferPointer { v in
      for j in 0..<size {
        let (u, w) = (sign * v[offset + j], sign * v[offset + size + j])
        for l in 0..<size {
          uu[j * size + l] += u * v[offset + l]
          wu[j * size + l] += w * v[offset + l]
          ww[j * size + l] += w * v[offset + size + l]
        }
      }
    }
  }

  /// Moves the sums, or every cluster, through a tick.
  mutating func pass(_ k: Int) {
    if single {
      for c in 0..<clusters { bring(c, to: k + 1) }
      return
    }
    let s = size
    var t = [Double](repeating: 0, count: s * s)
    var g = t
    for j in 0..<s {
      let n = steps.atRisk[k * s + j]
      let share = n > 0 ? steps.probability[k * s + j] / n : 0
      for l in 0..<s {
        let move = steps.step[(k * s + j) * s + l]
        t[j * s + l] = (j == l ? 1 : 0) + move
        g[j * s + l] = -share * move
      }
    }
    // With V = UT + WG: ΣV′V = T′(ΣU′U)T + G′(ΣW′U)T + its transpose + G′(ΣW′W)G.
    let (ut, wt, wg) = (product(uu, t), product(wu, t), product(ww, g))
    let (a, b, c) = (product(t, ut, true), product(g, wt, true), product(g, wg, true))
    for j in 0..<s {
      for l in 0..<s {
        uu[j * s + l] = a[j * s + l] + b[j * s + l] + b[l * s + j] + c[j * s + l]
        wu[j * s + l] = wt[j * s + l] + wg[j * s + l]
      }
    }
  }

  private func product(_ a: [Double], _ b: [Double], _ transposed: Bool = false) -> [Double] {
    var result = [Double](repeating: 0, count: size * size)
    for j in 0..<size {
      for l in 0..<size {
        var sum = 0.0
        for i in 0..<size {
          sum += (transposed ? a[i * size + j] : a[j * size + i]) * b[i * size + l]
        }
        result[j * size + l] = sum
      }
    }
    return result
  }

  /// Brings a cluster's vector up to date.
  private mutating func bring(_ c: Int, to ticks: Int) {
    let range = Int(passed[c])..<ticks
    passed[c] = Int32(ticks)
    vectors.withUnsafeMutableBufferPointer { vectors in
      scratch.withUnsafeMutableBufferPointer { scratch in
        guard let base = vectors.baseAddress, let room = scratch.baseAddress else { return }
        operations += maps.apply(range, to: base + c * 3 * size, scratch: room)
      }
    }
  }

  /// A row ends at a tick: it moves or not, and is no longer at risk.
  mutating func end(_ c: Int, from: Int, to: Int, weight: Double, tick k: Int) {
    bring(c, to: k + 1)
    addMoments(c, sign: -1)
    let offset = c * 3 * size
    if to >= 0 {
      let n = steps.atRisk[k * size + from]
      let jump = n > 0 ? weight * steps.probability[k * size + from] / n : 0
      let duration = maps.duration(k)
      vectors[offset + to] += jump
      vectors[offset + from] -= jump
      vectors[offset + 2 * size + to] += jump * duration
      vectors[offset + 2 * size + from] -= jump * duration
    }
    vectors[offset + size + from] -= weight
    addMoments(c, sign: 1)
  }

  /// A row comes under observation after a tick.
  mutating func enter(_ c: Int, _ state: Int, weight: Double, tick k: Int) {
    bring(c, to: k + 1)
    addMoments(c, sign: -1)
    vectors[c * 3 * size + size + state] += weight
    addMoments(c, sign: 1)
  }

  /// Brings every cluster to the last tick.
  mutating func finish() {
    for c in 0..<clusters { bring(c, to: steps.times.count) }
  }

  func errors() -> [Double] {
    guard single else {
      return (0..<size).map { Swift.max(0, uu[$0 * size + $0]).squareRoot() }
    }
    var sums = [Double](repeating: 0, count: size)
    for c in 0..<clusters {
      for l in 0..<size {
        let u = vectors[c * 3 * size + l]
        sums[l] += u * u
      }
    }
    return sums.map { $0.squareRoot() }
  }

  var areas: [Double] {
    (0..<clusters).flatMap { c in
      vectors[(c * 3 + 2) * size..<(c * 3 + 3) * size]
    }
  }
}
