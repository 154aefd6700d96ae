internal import LinearAlgebra
public import Statistics

/// Sums over the rows of repeated cross-sections by first treated period and period.
///
/// Group-time effects without covariates and weights depend on nothing else; standard errors clustered by
/// something depend on the sums by cluster too.
public struct CrossSectionMoments: Sendable {
  /// Rows of one first treated period and period, and of one cluster where there are clusters.
  public struct Cell: Sendable {
    /// The first treated period; nil, 0 or +∞ for never.
    public var group: Double?
    /// The period.
    public var time: Double
    /// The cluster's place among the names; 0 without clusters.
    public var cluster: Int
    /// How many rows there are.
    public var rows: Int
    /// Σy.
    public var sum: Double
    /// Σy².
    public var squares: Double

    /// A cell.
    public init(
      group: Double?, time: Double, cluster: Int = 0, rows: Int, sum: Double, squares: Double
    ) {
      self.group = group
      self.time = time
      self.cluster = cluster
      self.rows = rows
      self.sum = sum
      self.squares = squares
    }
  }

  /// The cells.
  public let cells: [Cell]
  /// The names of clusters; nil where rows stand for themselves.
  public let clusterNames: [String]?
  /// A row for each cell, checked as repeated cross-sections.
  let panel: PanelDesign

  /// Checks the sums of repeated cross-sections.
  ///
  /// - Throws: what `PanelDesign` finds wrong with cohorts and periods.
  public init(_ cells: [Cell], clusterNames: [String]? = nil) throws(SiblingError) {
    self.cells = cells
    self.clusterNames = clusterNames
    panel = try PanelDesign(
      representatives: Factor(
        codes: cells.indices.map { Int32($0) }, levels: cells.indices.map { "\($0)" }),
      time: cells.map(\.time), group: cells.map(\.group), sizes: cells.map(\.rows),
      isCrossSections: true)
  }

  /// The size of the smallest cohort, in rows.
  public var smallestCohort: Int { panel.smallestCohort }
}

extension GroupTimeEffects {
  /// Estimates every cell from sums of repeated cross-sections: without covariates, weights and bootstrap.
  ///
  /// The result is that of the rows.
  /// - Throws: as ``fit(_:outcome:covariates:weights:clusters:)``; `invalidOption` for the bootstrap and for
  ///   weights that do not sum to one (`ipw`), which need every row.
  public func fit(_ moments: CrossSectionMoments) throws(SiblingError) -> GroupTimeResult {
    try requireSums()
    guard sampling == .crossSections, estimator != .inverseProbability else {
      throw SiblingError(
        .invalidOption, "This comparison needs every row and can't be had from sums.",
        help: "Choose repeated cross-sections and another estimator.")
    }
    let (panel, cells) = (moments.panel, moments.cells)
    let sizes = cells.map(\.rows)
    var sample = try GroupTimeSample(self, panel, table: [], sizes: sizes)
    let places = sample.represent(sizes)
    let plans = self.plans(sample, panel.periods)
    let sums = CrossSectionSums(cells, places, sample, plans)
    let met = places.map { own in Set(own.map { cells[$0].cluster }) }
    let present = met.reduce(into: Set<Int>()) { $0.formUnion($1) }.sorted()
    let clustering = try Clustering(
      clusters: moments.clusterNames.map { names in present.map { names[$0] } }, met: met, sample)
    let n = Double(sample.memberCount)
    var found = Found(
      answers: sums.answers, source: nil,
      shares: sample.cohorts.indices.map { Double(sample.range(cohort: $0).count) / n },
      plans: plans)
    found.gram =
      moments.clusterNames == nil ? sums.gram() : sums.gram(clusters: present, cells)
    return try result(of: found, panel, sample, clustering)
  }
}

/// Means and influence of cross-sections, by block of a cohort and period.
private struct CrossSectionSums {
  let sample: GroupTimeSample
  let plans: [GroupTimePlan]
  let places: [[Int]]
  /// For each block its rows, mean and Σ(y − mean)².
  var counts: [Double] = []
  var means: [Double] = []
  var squares: [Double] = []
  var answers: [GroupTimeAnswer] = []

  init(
    _ cells: [CrossSectionMoments.Cell], _ places: [[Int]], _ sample: GroupTimeSample,
    _ plans: [GroupTimePlan]
  ) {
    (self.sample, self.plans, self.places) = (sample, plans, places)
    for own in places {
      let n = Double(own.reduce(0) { $0 + cells[$1].rows })
      let mean = own.reduce(0) { $0 + cells[$1].sum } / n
      counts.append(n)
      means.append(n > 0 ? mean : 0)
      let squared = own.reduce(0) { $0 + cells[$1].squares }
      squares.append(n > 0 ? max(0, squared - n * mean * mean) : 0)
    }
    answers = plans.map { answer($0) }
  }

  private func block(_ cohort: Int, _ period: Int) -> Int {
    cohort * sample.blocksPerCohort + period
  }

  private func controls(_ plan: GroupTimePlan, _ period: Int) -> [Int] {
    plan.controls(of: sample.cohorts.count).map { block($0, period) }
  }

  /// The rows and the mean of some blocks together.
  private func pooled(_ blocks: [Int]) -> (rows: Double, mean: Double) {
    let n = blocks.reduce(0) { $0 + counts[$1] }
    return (n, blocks.reduce(0) { $0 + counts[$1] * means[$1] } / n)
  }

  private func answer(_ plan: GroupTimePlan) -> GroupTimeAnswer {
    var answer = GroupTimeAnswer()
    for period in plan.isBase ? [plan.timeIndex] : [plan.baseIndex, plan.timeIndex] {
      answer.treated += Int(counts[block(plan.cohort, period)])
      answer.controls += Int(pooled(controls(plan, period)).rows)
    }
    if plan.isBase {
      answer.effect = 0
      return answer
    }
    for (isTreated, name) in [(true, "treated rows"), (false, "controls")] {
      for late in [true, false] {
        let period = late ? plan.timeIndex : plan.baseIndex
        let rows =
          isTreated ? counts[block(plan.cohort, period)] : pooled(controls(plan, period)).rows
        guard rows > 0 else {
          answer.problem =
            "there are no \(name) in \(PanelDesign.label(late ? plan.time : plan.base))."
          return answer
        }
      }
    }
    func gap(_ period: Int) -> Double {
      means[block(plan.cohort, period)] - pooled(controls(plan, period)).mean
    }
    answer.effect = gap(plan.timeIndex) - gap(plan.baseIndex)
    return answer
  }

  private var width: Int { plans.count + sample.cohorts.count + 1 }

  /// For each block the influence columns of one row, as multiples of 1 and of y less the block's mean.
  private func loads() -> [(ones: [Double], values: [Double])] {
    let zeros = [Double](repeating: 0, count: width)
    var loads = counts.map { _ in (ones: zeros, values: zeros) }
    let part = 1 / Double(sample.memberCount)
    for index in counts.indices {
      loads[index].ones[plans.count + index / sample.blocksPerCohort] = part
      loads[index].ones[plans.count + sample.cohorts.count] = part
    }
    for (column, plan) in plans.enumerated()
    where !plan.isBase && answers[column].effect.isFinite {
      for (sign, period) in [(1.0, plan.timeIndex), (-1.0, plan.baseIndex)] {
        let treated = block(plan.cohort, period)
        loads[treated].values[column] += sign / counts[treated]
        let pool = pooled(controls(plan, period))
        for control in controls(plan, period) {
          loads[control].values[column] -= sign / pool.rows
          loads[control].ones[column] -= sign / pool.rows * (means[control] - pool.mean)
        }
      }
    }
    return loads
  }

  /// Sums of products of all influence columns over rows.
  func gram() -> Matrix {
    var total = Matrix(rows: width, columns: width)
    for (index, load) in loads().enumerated() where counts[index] > 0 {
      for j in 0..<width where load.ones[j] != 0 || load.values[j] != 0 {
        for i in 0..<width {
          total[i, j] +=
            counts[index] * load.ones[i] * load.ones[j]
            + squares[index] * load.values[i] * load.values[j]
        }
      }
    }
    return total
  }

  /// Sums of products of all influence columns over clusters' sums.
  func gram(clusters: [Int], _ cells: [CrossSectionMoments.Cell]) -> Matrix {
    var place: [Int: Int] = [:]
    for (index, cluster) in clusters.enumerated() { place[cluster] = index }
    var columns = [[Double]](
      repeating: [Double](repeating: 0, count: clusters.count), count: width)
    for (index, load) in loads().enumerated() {
      for cell in places[index].map({ cells[$0] }) {
        guard let row = place[cell.cluster] else { continue }
        let n = Double(cell.rows)
        let deviation = cell.sum - n * means[index]
        for j in 0..<width { columns[j][row] += n * load.ones[j] + deviation * load.values[j] }
      }
    }
    return Gram.product(Matrix(columns: columns))
  }
}
