import Statistics

/// State occupation in one arm: probabilities, areas and what clusters add to both.
struct ArmOccupancy: Sendable {
  let times: [Double]
  let size: Int
  /// The time in each state up to the horizon.
  let areas: [Double]
  private let probability: [Double]
  private let atRisk: [Double]
  private let moves: [Double]
  private let censored: [Double]
  private let errors: [Double]
  private let firstErrors: [Double]
  /// The arm's clusters, ascending, and what each adds to the times, clusters × states.
  private let clusters: [Int32]
  private let influence: [Double]
  /// Maps that the jackknife applied.
  let operations: Int

  init(
    _ spells: StateSpells, _ rows: ArraySlice<Int32>, _ weights: [Double]?, _ cluster: Factor,
    origin: Double, tau: Double
  ) {
    let steps = OccupancySteps(spells, rows, weights)
    let durations = steps.durations(from: origin, to: tau)
    clusters = Set(rows.map { cluster.codes[Int($0)] }).sorted()
    let places = Dictionary(
      uniqueKeysWithValues: clusters.enumerated().map { ($0.element, $0.offset) })
    let jackknife = OccupancyJackknife(
      spells, steps, weights: weights, cluster: rows.map { places[cluster.codes[Int($0)]] ?? 0 },
      clusters: clusters.count, durations: durations)
    let s = steps.size
    size = s
    times = steps.times
    areas = (0..<s).map { l in
      (0...steps.times.count).reduce(0.0) { $0 + steps.probability[$1 * s + l] * durations[$1] }
    }
    (probability, atRisk) = (steps.probability, steps.atRisk)
    (moves, censored) = (steps.moves, steps.censored)
    errors = jackknife.standardErrors
    influence = jackknife.areas
    operations = jackknife.operations
    firstErrors = jackknife.initialErrors
  }

  /// The variance of the time in a state.
  func spread(_ state: Int) -> Double { covariance(state, with: self) }

  /// The covariance of both arms' times in a state, through clusters that reach across.
  func covariance(_ state: Int, with other: ArmOccupancy) -> Double {
    var sum = 0.0
    var (i, j) = (0, 0)
    while i < clusters.count, j < other.clusters.count {
      if clusters[i] == other.clusters[j] {
        sum += influence[i * size + state] * other.influence[j * size + state]
      }
      let (mine, theirs) = (clusters[i], other.clusters[j])
      if mine <= theirs { i += 1 }
      if theirs <= mine { j += 1 }
    }
    return sum
  }

  /// Whether the last shares are held before a horizon.
  func isHeld(at tau: Double) -> Bool {
    guard let last = times.last, last < tau else { return false }
    // Nobody is left to move when all are in states that nobody leaves.
    return censored.suffix(size).contains { $0 > 0 }
  }

  func curves(
    _ arm: String, _ states: [String], _ interval: CurveInterval, _ level: Double
  ) -> [OccupancyCurve] {
    // A time at which spells are only cut tells nothing.
    let shown = times.indices.filter { k in
      (0..<size).contains { moves[k * size + $0] > 0 || censored[k * size + $0] > 0 }
    }
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    return states.indices.map { l in
      func column(_ values: [Double], from first: Int = 0) -> [Double] {
        shown.map { values[($0 + first) * size + l] }
      }
      let (estimate, error) = (column(probability, from: 1), column(errors))
      let limits = interval.limits(estimate, error, reach: reach)
      return OccupancyCurve(
        state: states[l], initial: .init(estimate: probability[l], error: firstErrors[l]),
        curve: Curve(
          arm: arm, times: shown.map { times[$0] }, atRisk: column(atRisk), events: column(moves),
          censored: column(censored), estimate: estimate, standardError: error, low: limits.low,
          high: limits.high, level: level,
          convention: "share in state, \(interval.rawValue) interval, infinitesimal jackknife"))
    }
  }
}
