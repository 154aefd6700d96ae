public import LinearAlgebra
public import Statistics

/// What group-time effects with covariates or weights ask of units that are elsewhere.
public protocol GroupTimeSums {
  /// Divides the complete units into cohorts by their first treated period, 0 for never, and forgets the others.
  ///
  /// Only the first `periods` periods are used. Gives for each of these the place of its version of covariates and
  /// weights, which is the period before's where no unit's change.
  func divide(_ cohorts: [[Double]], periods: Int) throws(SiblingError) -> [Int]

  /// Estimates the cells of some jobs.
  func solve(
    _ jobs: [GroupTimeJob], _ estimator: AdjustmentEstimator
  ) throws(SiblingError) -> [GroupTimeJobAnswer]

  /// Each cohort's sum of the first version's weights.
  func weights() throws(SiblingError) -> [Double]

  /// Sums over units, or clusters of them, of products of influence columns.
  ///
  /// Columns are `cells` cells, then the cohorts' shares of weight, then the number of members.
  func gram(cells: Int) throws(SiblingError) -> Matrix
}

/// What was found for the cells of a job.
public struct GroupTimeJobAnswer: Sendable {
  /// The effects, in the order of the job's cells; empty where the comparison failed.
  public var effects: [Double] = []
  /// Why the comparison failed.
  public var problem: String?
  /// Controls without weight because they are too like the treated.
  public var trimmed = 0

  /// Effects of the cells.
  public init(effects: [Double], trimmed: Int = 0) {
    self.effects = effects
    self.trimmed = trimmed
  }

  /// A comparison that failed.
  public init(problem: String) { self.problem = problem }
}

extension GroupTimeEffects {
  /// Estimates every cell with covariates or weights from sums over units: without bootstrap.
  ///
  /// The result is that of the panel's rows.
  /// - Throws: as ``fit(_:)``, and what `sums` throws.
  public func fit(
    _ moments: PanelMoments, adjusting sums: some GroupTimeSums
  ) throws(SiblingError) -> GroupTimeResult {
    let summed = try SummedPanel(self, moments)
    let (sample, plans) = (summed.sample, summed.plans)
    let starts = summed.places.map { places in
      Set(places.map { moments.blocks[$0].group ?? 0 }).sorted()
    }
    let version = try sums.divide(starts, periods: sample.periods)
    let (jobs, counted) = self.jobs(sample, plans, version)
    var answers = counted
    let solved = try sums.solve(jobs, estimator)
    for (job, found) in zip(jobs, solved) {
      for (index, place) in job.places.enumerated() {
        answers[place].problem = found.problem
        answers[place].trimmed = found.trimmed
        if found.problem == nil { answers[place].effect = found.effects[index] }
      }
    }
    var found = Found(
      answers: answers, source: nil,
      shares: try sums.weights().map { $0 / Double(sample.memberCount) }, plans: plans)
    found.gram = try sums.gram(cells: plans.count)
    return try result(of: found, moments.panel, sample, summed.clustering)
  }
}

/// The sample of a panel that is known by its sums.
struct SummedPanel {
  var sample: GroupTimeSample
  var plans: [GroupTimePlan]
  /// The blocks of each cohort.
  var places: [[Int]]
  /// Each block's cohort; −1 for those left out.
  var cohortOfBlock: [Int]
  /// The clusters' cells that are used.
  var cells: [PanelMoments.ClusterCell]
  /// The clusters that are met, ascending.
  var present: [Int]
  var clustering: GroupTimeEffects.Clustering

  /// Checks what sums can give, and divides the panel's blocks.
  init(_ effects: GroupTimeEffects, _ moments: PanelMoments) throws(SiblingError) {
    try effects.requireSums()
    guard effects.sampling == .completeUnits else {
      throw SiblingError(
        .invalidOption, "Comparisons of rows can't be had from sums over complete units.",
        help: "Give the sums of repeated cross-sections.")
    }
    let panel = moments.panel
    let sizes = moments.blocks.map(\.units)
    sample = try GroupTimeSample(effects, panel, table: panel.rowTable(), sizes: sizes)
    let places = sample.represent(sizes)
    plans = effects.plans(sample, panel.periods)
    var cohortOfBlock = [Int](repeating: -1, count: sizes.count)
    for (cohort, own) in places.enumerated() { for block in own { cohortOfBlock[block] = cohort } }
    cells = moments.clusterCells.filter { cohortOfBlock[$0.block] >= 0 && $0.units > 0 }
    var met = [Set<Int>](repeating: [], count: places.count)
    for cell in cells { met[cohortOfBlock[cell.block]].insert(cell.cluster) }
    let present = met.reduce(into: Set<Int>()) { $0.formUnion($1) }.sorted()
    clustering = try GroupTimeEffects.Clustering(
      clusters: moments.clusterNames.map { names in present.map { names[$0] } }, met: met, sample,
      byUnit: moments.clustersByUnit)
    (self.places, self.cohortOfBlock, self.present) = (places, cohortOfBlock, present)
  }
}
