internal import Statistics
internal import Survival

/// Event times by stratum, and which cells of follow-up are at risk at them.
///
/// A *group* is a distinct event time of a stratum; groups stand stratum after stratum, latest time first, so
/// that sums over risk sets are running sums.
struct CoxGroups {
  /// For each cell the first group in which it is at risk, looking back in time; −1 when in none.
  private(set) var stop: [Int]
  /// For each cell the group from which on it is no longer at risk, looking back; −1 when there is none.
  private(set) var start: [Int]
  /// For each group the cells that come in there, those that go, and those that have the event then.
  private(set) var entering: [[Int]] = []
  private(set) var leaving: [[Int]] = []
  private(set) var dying: [[Int]] = []
  /// For each group the number of events and their weight.
  private(set) var deaths: [Int] = []
  private(set) var deathWeight: [Double] = []
  /// Whether a group is the first of its stratum.
  private(set) var isFirst: [Bool] = []
  /// Whether each cell has the event.
  let event: [Bool]
  let hasStart: Bool

  var count: Int { deaths.count }

  init(_ cells: SurvivalCells) {
    let times = cells.times
    event = times.event
    hasStart = times.start != nil
    stop = [Int](repeating: -1, count: times.count)
    start = stop
    var byStratum = [[Int]](repeating: [], count: cells.strata?.levels.count ?? 1)
    for cell in 0..<times.count {
      byStratum[cells.strata.map { Int($0.codes[cell]) } ?? 0].append(cell)
    }
    let counts = times.people?.counts
    for own in byStratum {
      let ends = Set(own.filter { times.event[$0] }.map { times.time[$0] }).sorted(by: >)
      guard !ends.isEmpty else { continue }
      let base = deaths.count
      let none = [[Int]](repeating: [], count: ends.count)
      (entering, leaving, dying) = (entering + none, leaving + none, dying + none)
      deaths += [Int](repeating: 0, count: ends.count)
      deathWeight += [Double](repeating: 0, count: ends.count)
      isFirst += [true] + [Bool](repeating: false, count: ends.count - 1)
      /// The first group whose time is not after `time`.
      func first(_ time: Double) -> Int {
        var (low, high) = (0, ends.count)
        while low < high {
          let middle = (low + high) / 2
          if ends[middle] <= time { high = middle } else { low = middle + 1 }
        }
        return low
      }
      for cell in own {
        let into = first(times.time[cell])
        let out = times.start.map { first($0[cell]) } ?? ends.count
        guard into < out else { continue }
        stop[cell] = base + into
        entering[base + into].append(cell)
        if out < ends.count {
          start[cell] = base + out
          leaving[base + out].append(cell)
        }
        guard times.event[cell] else { continue }
        dying[base + into].append(cell)
        deaths[base + into] += counts?[cell] ?? 1
        deathWeight[base + into] += cells.weights[cell]
      }
    }
  }

  /// A step summed from each stratum's earliest event time up to each group.
  func accumulated(_ step: [Double]) -> [Double] {
    var result = step
    var running = 0.0
    for g in step.indices.reversed() {
      running += step[g]
      result[g] = running
      if isFirst[g] { running = 0 }
    }
    return result
  }

  /// An accumulated step over the groups in which a cell is at risk.
  func span(_ sum: [Double], _ cell: Int) -> Double {
    guard stop[cell] >= 0 else { return 0 }
    return sum[stop[cell]] - (start[cell] >= 0 ? sum[start[cell]] : 0)
  }

  /// Sums over each risk set of what cells have, and over the deaths of each group.
  func running(_ values: [Double]) -> (total: [Double], tied: [Double]) {
    var total = [Double](repeating: 0, count: count)
    var tied = total
    // Compensated: under late entry small risk sets are differences of large ones.
    var (sum, lost) = (0.0, 0.0)
    func add(_ value: Double) {
      let next = sum + value
      let part = next - sum
      lost += (sum - (next - part)) + (value - part)
      sum = next
    }
    for g in 0..<count {
      if isFirst[g] { (sum, lost) = (0, 0) }
      for cell in entering[g] { add(values[cell]) }
      for cell in leaving[g] { add(-values[cell]) }
      total[g] = sum + lost
      tied[g] = dying[g].reduce(0) { $0 + values[$1] }
    }
    return (total, tied)
  }
}

/// What a Cox model's likelihood needs of each event time, at given coefficients.
///
/// With D_k = R − (k/d)E for R and E the sums of w·exp(η) over the risk set and over the d deaths, and w̄ the
/// deaths' mean weight: w̄Σ1/D, w̄Σf/D, w̄Σ1/D², w̄Σf/D², w̄Σf²/D² with f = k/d for Efron's ties and 0 for
/// Breslow's.
///
/// Efron (1977), doi:10.1080/01621459.1977.10480613.
struct CoxHazards {
  private(set) var hazard: [Double]
  private(set) var spared: [Double]
  private(set) var square: [Double]
  private(set) var cross: [Double]
  private(set) var tiedSquare: [Double]
  /// The hazard summed from the stratum's first event time on.
  private(set) var cumulative: [Double] = []
  /// The sum over events of log D, weighted.
  private(set) var logarithms = 0.0
  /// For each covariate its sums w·exp(η)·x over risk sets and over deaths.
  var sums: [(total: [Double], tied: [Double])]

  init(
    _ groups: CoxGroups, risk: [Double], covariates: [[Double]], isEfron: Bool
  ) {
    let (total, tied) = groups.running(risk)
    sums = covariates.map { groups.running($0) }
    let none = [Double](repeating: 0, count: groups.count)
    (hazard, spared, square, cross, tiedSquare) = (none, none, none, none, none)
    for g in 0..<groups.count {
      let (r, weight, d) = (total[g], groups.deathWeight[g], groups.deaths[g])
      let isSplit = isEfron && d > 1
      let parts = EfronSums(deaths: isSplit ? d : 1, share: isSplit ? tied[g] / r : 0)
      let mean = weight / (isSplit ? Double(d) : 1)
      hazard[g] = mean * parts.inverse / r
      spared[g] = mean * parts.fraction / r
      square[g] = mean * parts.square / r / r
      cross[g] = mean * parts.cross / r / r
      tiedSquare[g] = mean * parts.tiedSquare / r / r
      logarithms += weight * Elementary.log(r) + mean * parts.logarithm
    }
    cumulative = groups.accumulated(hazard)
  }
}

/// Efron's sums over the deaths at one time, in units of the risk set's risk.
private struct EfronSums {
  var inverse = 0.0
  var fraction = 0.0
  var square = 0.0
  var cross = 0.0
  var tiedSquare = 0.0
  var logarithm = 0.0

  init(deaths: Int, share: Double) {
    let d = Double(deaths)
    var product = 1.0
    for k in 0..<deaths {
      let f = Double(k) / d
      let left = 1 - f * share
      let one = 1 / left
      inverse += one
      fraction += f * one
      square += one * one
      cross += f * one * one
      tiedSquare += f * f * one * one
      // One logarithm for sixteen terms, each of which is at least 1/d.
      product *= left
      if k & 15 == 15 || k == deaths - 1 {
        logarithm += Elementary.log(product)
        product = 1
      }
    }
  }
}
