public import DifferenceInDifferences
public import LinearAlgebra
public import Statistics
internal import Tables

/// A panel in an engine whose group-time effects are adjusted for covariates, or weighted.
///
/// Temporary tables have a row for each unit: what ``EnginePanel`` has and the covariates and weights of each
/// period; the complete units with their cohorts; and the influence of each unit, or cluster, on each effect. What
/// leaves the engine are sums over cohorts and over all.
public final class EngineAdjustedPanel: GroupTimeSums {
  /// The panel's sums and what was said of its rows.
  public let panel: EnginePanel

  private let rows: EnginePanelRows
  private let units: EngineData
  private let cluster: GroupKey?
  private let names: [String]
  private let isWeighted: Bool
  private var members: EngineData
  /// How many members there are.
  private var count = 0
  /// The period of each version of covariates and weights.
  private var firsts: [Int] = []
  private var sums: [CohortSums] = []
  private var comparisons: [AdjustedComparison] = []

  private static let member = "panel_members"
  private static let influence = "panel_influence"
  /// The most columns that a table may have anywhere.
  private static let mostColumns = 1500
  private static let mostCells = 600

  /// Asks for the panel's sums; `covariates` are the right side of a formula.
  ///
  /// - Throws: as ``EnginePanel/init(_:in:missingIsError:)``; `badWeight`; `needsRows` for more numbers of a unit
  ///   than a table can have columns.
  public init(
    _ columns: EnginePanelColumns, covariates: String?, weights: String?, in data: EngineData,
    missingIsError: Bool = false
  ) throws(SiblingError) {
    let rows = try EnginePanelRows(
      columns, in: data, missingIsError: missingIsError, covariates: covariates,
      weights: weights)
    let design = rows.frame.design.removingIntercept()
    names = covariates == nil ? [] : design.names
    isWeighted = weights != nil
    var also = names.indices.map { NamedExpression("x\($0)", design.columns[$0]) }
    if let weight = rows.frame.weights { also.append(NamedExpression("w", weight)) }
    guard (also.count + 2) * rows.periods.count < Self.mostColumns else {
      throw SiblingError(
        .needsRows, "the panel has too many periods and covariates for a table of units",
        help: "Use longer periods or fewer covariates.")
    }
    if let weight = rows.frame.weights {
      let negative = try rows.frame.data.aggregate(sums: [
        NamedExpression("negative", .comparison(.less, weight, .constant(0)))
      ])
      guard (negative.sums[0].first ?? 0) == 0 else {
        throw SiblingError(
          .badWeight, "A weight is negative, missing or not finite.",
          help: "Weights must be zero or positive numbers.")
      }
    }
    do throws(SiblingError) {
      panel = try EnginePanel(columns, rows, data, also: also)
      var units = try EngineData(data.engine, .temporary(EnginePanel.units))
      units.minimumCell = data.minimumCell
      units.progress = data.progress
      self.units = units
      members = units
      cluster = try columns.cluster.map { column throws(SiblingError) in
        EnginePanel.carried(try data.factor(column), "cluster")
      }
    } catch {
      data.engine.dropTemporary(EnginePanel.units)
      throw error
    }
    self.rows = rows
  }

  /// Forgets the temporary tables.
  public func release() {
    for name in [EnginePanel.units, Self.member, Self.influence] {
      units.engine.dropTemporary(name)
    }
  }

  // MARK: - Units

  /// Keeps the complete units of some cohorts with what the comparisons use of them.
  public func divide(_ cohorts: [[Double]], periods: Int) throws(SiblingError) -> [Int] {
    func isOf(_ starts: [Double]) -> RowExpression {
      let tests = starts.map { start -> RowExpression in
        start.isFinite
          ? .comparison(.equal, .column("start"), .constant(start))
          : .comparison(.greater, .column("start"), .constant(1e300))
      }
      return tests.dropFirst().reduce(tests[0]) { .either($0, $1) }
    }
    let all = rows.periods.count
    let seen = RowExpression.sum((0..<all).map { .column("m\($0)") })
    var used = units
    used.restrict(to: .comparison(.equal, seen, .constant(Double(all))))
    used.restrict(to: isOf(cohorts.flatMap { $0 }))
    let version = try versions(used, periods: periods)
    var cohort = RowExpression.constant(Double(cohorts.count - 1))
    for (place, starts) in cohorts.enumerated().dropLast().reversed() {
      cohort = .chosen(isOf(starts), then: .constant(Double(place)), otherwise: cohort)
    }
    var kept = [GroupKey("cohort", .number(cohort))]
    if let cluster { kept.append(cluster) }
    for t in 0..<periods { kept.append(GroupKey("y\(t)", .number(.column("y\(t)")))) }
    for (v, t) in firsts.enumerated() {
      for k in names.indices {
        kept.append(GroupKey("x\(k)_\(v)", .number(.column("x\(k)_\(t)"))))
      }
      if isWeighted { kept.append(GroupKey("w_\(v)", .number(.column("w_\(t)")))) }
    }
    units.progress?("group-time effects: complete units")
    try units.engine.createTemporary(
      Self.member, .rows(RowQuery(units.source, keep: used.keep, columns: kept)))
    var members = try EngineData(units.engine, .temporary(Self.member))
    members.minimumCell = units.minimumCell
    members.progress = units.progress
    self.members = members
    count = try members.aggregate().rowCount
    sums = try CohortSums.ask(
      members, cohorts: cohorts.count, covariates: firsts.indices.map { covariates($0) },
      outcomes: (0..<periods).map { .column("y\($0)") },
      weights: firsts.indices.map { weight($0) })
    return version
  }

  /// Covariates that stay the same over time give all periods one version.
  private func versions(_ used: EngineData, periods: Int) throws(SiblingError) -> [Int] {
    let values = names.indices.map { "x\($0)" } + (isWeighted ? ["w"] : [])
    firsts = [0]
    guard !values.isEmpty, periods > 1 else { return [Int](repeating: 0, count: periods) }
    let changes = (1..<periods).map { t in
      let tests = values.map { name in
        RowExpression.comparison(
          .unequal, .column("\(name)_\(t)"), .column("\(name)_\(t - 1)"))
      }
      return NamedExpression("d\(t)", tests.dropFirst().reduce(tests[0]) { .either($0, $1) })
    }
    let cells = try used.aggregate(sums: changes)
    var version = [0]
    for t in 1..<periods {
      if cells.sums[t - 1][0] > 0 { firsts.append(t) }
      version.append(firsts.count - 1)
    }
    return version
  }

  private func covariates(_ version: Int) -> [RowExpression] {
    names.indices.map { .column("x\($0)_\(version)") }
  }

  private func weight(_ version: Int) -> RowExpression {
    isWeighted ? .column("w_\(version)") : .constant(1)
  }

  /// Each cohort's sum of the first version's weights.
  public func weights() -> [Double] { sums[0].cohorts.map(\.weight) }

  // MARK: - Comparisons

  /// Estimates the cells of some jobs: sums for all, and for each model of treatment some more.
  public func solve(
    _ jobs: [GroupTimeJob], _ estimator: AdjustmentEstimator
  ) throws(SiblingError) -> [GroupTimeJobAnswer] {
    guard jobs.reduce(0, { $0 + $1.places.count }) <= Self.mostCells else {
      throw SiblingError(
        .needsRows, "there are too many cohorts and periods for sums of pairs of their effects",
        help: "Use longer periods.")
    }
    comparisons = []
    for (place, job) in jobs.enumerated() {
      var own = AdjustedComparison(
        job, "j\(place)_", sums[job.version], names: names, covariates: covariates(job.version),
        weight: weight(job.version), periodMeans: rows.means)
      if let problem = own.problem {
        own.fail(problem)
      } else {
        do throws(SiblingError) {
          if own.needsScore(estimator) {
            own.score =
              estimator == .improvedDoublyRobust ? try own.tilted(members) : try score(own)
          }
          try own.solve(estimator, members)
        } catch {
          guard Self.isOfData(error) else { throw error }
          own.fail(error.message)
        }
      }
      comparisons.append(own)
    }
    return comparisons.map(\.answer)
  }

  /// Whether an error is one of the cell's data, which leaves the other cells.
  private static func isOfData(_ error: SiblingError) -> Bool {
    switch error.code {
    case .rankDeficient, .noOverlap, .separation, .nonConvergence, .tooFewObservations, .badValue,
      .constantOutcome:
      true
    default: false
    }
  }

  /// The coefficients of the log-odds of treatment.
  private func score(_ own: AdjustedComparison) throws(SiblingError) -> [Double] {
    var compared = members
    compared.restrict(to: own.isCompared)
    let design = SymbolicDesign(
      names: ["(Intercept)"] + own.names, assignment: [-1] + own.names.indices, terms: own.names,
      columns: [.constant(1)] + own.standardised)
    var regression = EngineRegression(family: .binomial)
    regression.grouping = .never
    regression.keepsColumns = false
    let fit = try regression.fit(
      rows.frame.with(
        compared, design: design, response: own.isTreated,
        weights: isWeighted ? own.weight : nil))
    defer { fit.release() }
    return fit.coefficients.map { $0.isNaN ? 0 : $0 }
  }

  // MARK: - Errors

  /// Sums of products of the influence of units, or of clusters, which stay in the engine.
  public func gram(cells: Int) throws(SiblingError) -> Matrix {
    var layers = [[NamedExpression]](repeating: [], count: AdjustedComparison.depth)
    var columns: [(place: Int, value: RowExpression)] = []
    for own in comparisons where own.answer.problem == nil {
      for (depth, layer) in own.layers.enumerated() { layers[depth] += layer }
      columns += zip(own.job.places, own.influences).map { (place: $0, value: $1) }
    }
    let cohorts = sums[0].cohorts.count
    let part = RowExpression.constant(1 / Double(count))
    for cohort in 0..<cohorts {
      let isOwn = RowExpression.comparison(.equal, .column("cohort"), .constant(Double(cohort)))
      let share = RowExpression.chosen(isOwn, then: weight(0) * part, otherwise: .constant(0))
      columns.append((cells + cohort, share))
    }
    columns.append((cells + cohorts, part))
    return try gram(columns, layers, width: cells + cohorts + 1)
  }

  private func gram(
    _ columns: [(place: Int, value: RowExpression)], _ layers: [[NamedExpression]], width: Int
  ) throws(SiblingError) -> Matrix {
    let engine = members.engine
    members.progress?("group-time effects: influence of each unit")
    let layers = layers.filter { !$0.isEmpty }
    if let cluster {
      try engine.createTemporary(
        Self.influence,
        .cells(
          AggregateQuery(
            members.source, layers: layers, keys: [cluster],
            sums: columns.map { NamedExpression("i\($0.place)", $0.value) })))
    } else {
      try engine.createTemporary(
        Self.influence,
        .rows(
          RowQuery(
            members.source, layers: layers,
            columns: columns.map { GroupKey("i\($0.place)", .number($0.value)) })))
    }
    defer { engine.dropTemporary(Self.influence) }
    let cross = CrossProduct(columns.map { .column("i\($0.place)") }, prefix: "p")
    let sums = cross.sums()
    var values: [Double] = []
    for range in Parallel.ranges(of: sums.count, size: 400) {
      members.progress?("group-time effects: covariances")
      let cells = try engine.aggregate(
        AggregateQuery(.temporary(Self.influence), sums: Array(sums[range])))
      values += cells.sums.map { $0.first ?? 0 }
    }
    let own = cross.matrix(values)
    var total = Matrix(rows: width, columns: width)
    for (l, right) in columns.enumerated() {
      for (k, left) in columns.enumerated() { total[left.place, right.place] = own[k, l] }
    }
    return total
  }
}
