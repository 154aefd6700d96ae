internal import Glibc
internal import LinearAlgebra
internal import Statistics
internal import Tables

/// Weighted means of covariates and outcomes by cohort, and products of covariates with both about these means.
struct CohortSums {
  /// One cohort, or some together.
  struct Pool {
    /// Σ w.
    var weight = 0.0
    /// The weighted means of covariates.
    var covariates: [Double]
    /// The weighted means of outcomes, a period each.
    var outcomes: [Double]
    /// Σ w(x − x̄)(x − x̄)′.
    var products: Matrix
    /// Σ w(x − x̄)(y − ȳ)′.
    var cross: Matrix

    init(_ covariates: Int, _ periods: Int) {
      self.covariates = [Double](repeating: 0, count: covariates)
      outcomes = [Double](repeating: 0, count: periods)
      products = Matrix(rows: covariates, columns: covariates)
      cross = Matrix(rows: covariates, columns: periods)
    }
  }

  /// The cohorts.
  private(set) var cohorts: [Pool]

  /// Some cohorts together.
  func pool(_ places: [Int]) -> Pool {
    var total = Pool(cohorts[0].covariates.count, cohorts[0].outcomes.count)
    total.weight = places.reduce(0) { $0 + cohorts[$1].weight }
    guard total.weight > 0 else { return total }
    for place in places {
      let (own, share) = (cohorts[place], cohorts[place].weight / total.weight)
      for k in own.covariates.indices { total.covariates[k] += share * own.covariates[k] }
      for t in own.outcomes.indices { total.outcomes[t] += share * own.outcomes[t] }
    }
    for place in places {
      let own = cohorts[place]
      let gaps = zip(own.covariates, total.covariates).map { $0 - $1 }
      for l in gaps.indices {
        for k in gaps.indices {
          total.products[k, l] += own.products[k, l] + own.weight * gaps[k] * gaps[l]
        }
      }
      for t in own.outcomes.indices {
        let gap = own.outcomes[t] - total.outcomes[t]
        for k in gaps.indices {
          total.cross[k, t] += own.cross[k, t] + own.weight * gaps[k] * gap
        }
      }
    }
    return total
  }

  /// Asks for the sums of each version of covariates and weights: a scan, and one more for each version.
  static func ask(
    _ members: EngineData, cohorts: Int, covariates: [[RowExpression]],
    outcomes: [RowExpression], weights: [RowExpression]
  ) throws(SiblingError) -> [CohortSums] {
    let key = GroupKey("cohort", .number(.column("cohort")))
    var sums: [NamedExpression] = []
    for (v, weight) in weights.enumerated() {
      sums.append(NamedExpression("w\(v)", weight))
      for (k, x) in covariates[v].enumerated() {
        sums.append(NamedExpression("x\(v)_\(k)", weight * x))
      }
      for (t, y) in outcomes.enumerated() {
        sums.append(NamedExpression("y\(v)_\(t)", weight * y))
      }
    }
    members.progress?("group-time effects: means by cohort")
    let cells = try all(members, [], key, sums)
    try require(cells.keys, cohorts)
    var at = 0
    var result: [CohortSums] = []
    for v in weights.indices {
      let (p, periods) = (covariates[v].count, outcomes.count)
      let pools = (0..<cohorts).map { cohort in
        var pool = Pool(p, periods)
        pool.weight = cells.sums[at][cohort]
        guard pool.weight > 0 else { return pool }
        for k in 0..<p { pool.covariates[k] = cells.sums[at + 1 + k][cohort] / pool.weight }
        for t in 0..<periods {
          pool.outcomes[t] = cells.sums[at + 1 + p + t][cohort] / pool.weight
        }
        return pool
      }
      at += 1 + p + periods
      result.append(CohortSums(cohorts: pools))
    }
    for v in weights.indices where !covariates[v].isEmpty {
      members.progress?("group-time effects: products by cohort")
      try result[v].addProducts(members, covariates[v], outcomes, weights[v])
    }
    return result
  }

  private mutating func addProducts(
    _ members: EngineData, _ covariates: [RowExpression], _ outcomes: [RowExpression],
    _ weight: RowExpression
  ) throws(SiblingError) {
    let (p, periods) = (covariates.count, outcomes.count)
    func centre(_ values: [Double]) -> RowExpression {
      var result = RowExpression.constant(values[values.count - 1])
      for (cohort, value) in values.enumerated().dropLast().reversed() {
        let isOwn = RowExpression.comparison(
          .equal, .column("cohort"), .constant(Double(cohort)))
        result = .chosen(isOwn, then: .constant(value), otherwise: result)
      }
      return result
    }
    var layer: [NamedExpression] = []
    for (k, x) in covariates.enumerated() {
      layer.append(NamedExpression("x\(k)", x - centre(cohorts.map { $0.covariates[k] })))
    }
    for (t, y) in outcomes.enumerated() {
      layer.append(NamedExpression("y\(t)", y - centre(cohorts.map { $0.outcomes[t] })))
    }
    let names = (0..<p).map { RowExpression.name("x\($0)") }
    let cross = CrossProduct(names)
    var sums = cross.sums(weight: weight)
    for t in 0..<periods {
      for k in 0..<p {
        sums.append(NamedExpression("c\(k)_\(t)", weight * names[k] * .name("y\(t)")))
      }
    }
    let cells = try Self.all(
      members, [layer], GroupKey("cohort", .number(.column("cohort"))), sums)
    try Self.require(cells.keys, cohorts.count)
    for cohort in cohorts.indices {
      let values = cells.sums.map { $0[cohort] }
      cohorts[cohort].products = cross.matrix(values[..<cross.count])
      var at = cross.count
      for t in 0..<periods {
        for k in 0..<p {
          cohorts[cohort].cross[k, t] = values[at]
          at += 1
        }
      }
    }
  }

  /// Many sums by a key, in as few queries as hold them.
  private static func all(
    _ members: EngineData, _ layers: [[NamedExpression]], _ key: GroupKey,
    _ sums: [NamedExpression]
  ) throws(SiblingError) -> (keys: [Double], sums: [[Double]]) {
    var (keys, values): ([Double], [[Double]]) = ([], [])
    for range in Parallel.ranges(of: sums.count, size: 400) {
      let cells = try members.aggregate(layers: layers, keys: [key], sums: Array(sums[range]))
      keys = cells.numbers(0)
      values += cells.sums
    }
    return (keys, values)
  }

  private static func require(_ keys: [Double], _ cohorts: Int) throws(SiblingError) {
    guard keys == (0..<cohorts).map(Double.init) else {
      throw SiblingError(.engineFailed, "the source's rows changed between two queries")
    }
  }
}
