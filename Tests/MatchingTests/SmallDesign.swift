import LinearAlgebra
import Statistics

@testable import Matching

/// A small made-up design whose best match can be found by trying everything.
struct SmallDesign {
  var treatment: [Bool]
  var columns: [[Double]]
  var exact: Factor?
  var antiExact: [Factor] = []
  var covariate: CovariateCaliper?
  var caliper: Caliper?

  /// Draws points from a grid, so that ties abound, with each kind of rule now and then.
  init(_ stream: inout RandomStream, treated: Int, comparison: Int, dimensions: Int) {
    let n = treated + comparison
    let grid = [3.0, 8, 1000][stream.integer(below: 3)]
    columns = []
    for _ in 0..<dimensions {
      var column: [Double] = []
      for _ in 0..<n { column.append((stream.uniform() * grid).rounded()) }
      columns.append(column)
    }
    treatment = (0..<n).map { $0 < treated }
    func codes(_ levels: Int) -> [Int32] {
      (0..<n).map { _ in Int32(stream.integer(below: levels)) }
    }
    if stream.integer(below: 3) == 0 { exact = Factor(codes: codes(2), levels: ["a", "b"]) }
    if stream.integer(below: 3) == 0 {
      antiExact = [Factor(codes: codes(3), levels: ["x", "y", "z"])]
    }
    if stream.integer(below: 4) == 0 {
      covariate = CovariateCaliper(
        name: "age", values: codes(5).map(Double.init), caliper: Caliper(2, .raw))
    }
    if stream.integer(below: 2) == 0 {
      caliper = Caliper((stream.uniform() - 0.2) * grid * 0.8, .raw)
    }
  }

  var count: Int { treatment.count }
  var calipers: [CovariateCaliper] { covariate.map { [$0] } ?? [] }

  var distance: MatchingDistance {
    columns.count == 1 ? .score(columns[0]) : .coordinates(Matrix(columns: columns))
  }

  func distance(_ one: Int, _ other: Int) -> Double {
    if columns.count == 1 { return (columns[0][one] - columns[0][other]).magnitude }
    return columns.reduce(0) { $0 + ($1[one] - $1[other]) * ($1[one] - $1[other]) }.squareRoot()
  }

  func allows(_ one: Int, _ other: Int, caliper given: Bool = true) -> Bool {
    if let exact, exact.codes[one] != exact.codes[other] { return false }
    for factor in antiExact where factor.codes[one] == factor.codes[other] { return false }
    if let covariate,
      (covariate.values[one] - covariate.values[other]).magnitude > covariate.caliper.width
    {
      return false
    }
    guard given, let caliper else { return true }
    let gap = distance(one, other)
    return caliper.width < 0 ? gap > -caliper.width : gap <= caliper.width
  }

  /// The most pairs and their least total distance, and the smallest caliper for all matches.
  func bestPairs(focal: [Int], pool: [Int], each: Int) -> (pairs: Int, cost: Double, width: Double)
  {
    var best = (pairs: -1, cost: Double.infinity, width: Double.infinity)
    var needs = [Int](repeating: each, count: focal.count)
    func choose(_ place: Int, _ pairs: Int, _ cost: Double) {
      guard place < pool.count else {
        if pairs > best.pairs || (pairs == best.pairs && cost < best.cost) {
          (best.pairs, best.cost) = (pairs, cost)
        }
        return
      }
      choose(place + 1, pairs, cost)
      for (index, row) in focal.enumerated() where needs[index] > 0 && allows(row, pool[place]) {
        needs[index] -= 1
        choose(place + 1, pairs + 1, cost + distance(row, pool[place]))
        needs[index] += 1
      }
    }
    func widen(_ place: Int, _ pairs: Int, _ width: Double) {
      if pairs == focal.count * each { best.width = min(best.width, width) }
      guard place < pool.count, width < best.width else { return }
      widen(place + 1, pairs, width)
      for (index, row) in focal.enumerated()
      where needs[index] > 0 && allows(row, pool[place], caliper: false) {
        needs[index] -= 1
        widen(place + 1, pairs + 1, max(width, distance(row, pool[place])))
        needs[index] += 1
      }
    }
    choose(0, 0, 0)
    widen(0, 0, 0)
    return best
  }

  /// The least total distance of stars that cover everybody who has a partner; +∞ when none does.
  func bestStars(minimum: Double?, maximum: Double?) -> Double {
    var edges: [(one: Int, other: Int)] = []
    for one in 0..<count where treatment[one] {
      for other in 0..<count where !treatment[other] && allows(one, other) {
        edges.append((one, other))
      }
    }
    let usable = Set(edges.flatMap { [$0.one, $0.other] })
    guard !edges.isEmpty else { return .infinity }
    var best = Double.infinity
    for mask in 1..<(1 << edges.count) {
      var degree = [Int](repeating: 0, count: count)
      var cost = 0.0
      let chosen = edges.indices.filter { mask >> $0 & 1 == 1 }
      for index in chosen {
        degree[edges[index].one] += 1
        degree[edges[index].other] += 1
        cost += distance(edges[index].one, edges[index].other)
      }
      guard cost < best, usable.allSatisfy({ degree[$0] > 0 }) else { continue }
      let fits = chosen.allSatisfy { index in
        let (one, other) = (degree[edges[index].one], degree[edges[index].other])
        guard one == 1 || other == 1 else { return false }
        let ratio = Double(one) / Double(other)
        return ratio >= (minimum ?? 0) - 1e-9 && ratio <= (maximum ?? .infinity) + 1e-9
      }
      if fits { best = cost }
    }
    return best
  }
}
