public import Statistics
public import Survival
public import Tables

/// Follow-up of an engine's rows as cells of people with the same times, end and whatever else divides them.
///
/// One aggregate answers it. Curves and log-rank tests are computed from such cells exactly as from rows, because
/// all that they ask of the people at one time are sums of weights; errors by cluster from cells by cluster, robust
/// errors of people on their own from sums of squared weights.
public struct SurvivalCells {
  /// The times and ends of the cells, with the number of people behind each.
  public let times: SurvivalTimes
  /// The sums of weights; the numbers of people where there are no weights.
  public let weights: [Double]
  /// The arms, crossed; nil without arms.
  public let groups: Factor?
  /// The strata, crossed; nil without strata.
  public let strata: Factor?
  /// The clusters; nil without clusters.
  public let cluster: Factor?
  /// The people who rows belong to, where they were asked for.
  public let people: Factor?
  /// The values of the further keys.
  public let values: [[Double]]
  /// The further sums.
  public let sums: [[Double]]
  /// The keys of the cells, as the engine answered.
  let keys: [EngineValues]

  /// What divides rows besides their times and ends.
  public struct Division {
    /// Whether by arm.
    public var arms = false
    /// Whether by stratum.
    public var strata = false
    /// Whether by cluster.
    public var clusters = false
    /// By the person of this column, where rows are spells.
    public var id: String?
    /// The level of text arms that stands last.
    public var treated: String?
    /// By these numbers.
    public var values: [RowExpression] = []
    /// What is summed besides weights.
    public var sums: [NamedExpression] = []

    /// By nothing.
    public init() {}
  }

  /// The most cells that are fetched; those of clusters may be ten times as many.
  public static let limit = 200_000

  /// The cells of a survival formula's rows: one query, and for many rows one that counts the distinct times.
  ///
  /// - Throws: `formulaSyntax` when the left side is not `Surv(…)`; `badInterval` for rows that end before they
  ///   start, `badWeight`, `badValue` for infinite times; `badDesign` for more cells than the limit; the engine's
  ///   failures.
  public init(
    _ frame: EngineFrame, by division: Division, most: Int? = nil
  ) throws(SiblingError) {
    guard let time = frame.formula.time, let event = frame.event else {
      throw SiblingError(
        .formulaSyntax, "the left side of the formula must be Surv(time, event)",
        help: "for example Surv(weeks, ended) ~ arm")
    }
    try Self.checkTimes(frame, time)
    var factors: [EngineFactor] = []
    let arms = division.arms ? frame.arms.map { $0.last(division.treated) } : []
    let layers = division.strata ? frame.strata : []
    factors += arms + layers
    if division.clusters { factors += try Self.clusters(frame) }
    var keys = factors.map(\.key)
    if let id = division.id { keys.append(try frame.data.factor(id).key("person")) }
    let first = keys.count
    keys.append(
      GroupKey("event", .number(.chosen(event, then: .constant(1), otherwise: .constant(0)))))
    keys.append(GroupKey("time", .number(time)))
    if let start = frame.formula.start { keys.append(GroupKey("start", .number(start))) }
    for (index, value) in division.values.enumerated() {
      keys.append(GroupKey("value\(index)", .number(value)))
    }
    let own = Self.sums(frame.weights)
    frame.data.progress?("follow-up by cell")
    let cells = try frame.data.aggregate(keys: keys, sums: own + division.sums)
    let most = most ?? Self.limit * (division.clusters || division.id != nil ? 10 : 1)
    guard cells.count <= most else { throw Self.tooMany(cells.count, "cells") }
    let people = try Self.people(cells, isWeighted: frame.weights != nil)
    weights = frame.weights == nil ? people.counts.map(Double.init) : cells.sums[0]
    times = try Self.times(cells, first, hasStart: frame.formula.start != nil, people)
    groups = try Self.crossed(arms, cells, from: 0)
    strata = try Self.crossed(layers, cells, from: arms.count)
    if division.clusters, let factor = factors.last, factors.count > arms.count + layers.count {
      let codes = factor.codes(cells, key: factors.count - 1)
      cluster = Factor(codes: codes.map(Int32.init), levels: factor.levels.names)
    } else {
      cluster = nil
    }
    self.people = division.id == nil ? nil : cells.factor(first - 1)
    let offset = first + 2 + (frame.formula.start == nil ? 0 : 1)
    values = division.values.indices.map { cells.numbers(offset + $0) }
    self.sums = Array(cells.sums[own.count...])
    self.keys = cells.keys
  }

  /// The one column of clusters.
  ///
  /// - Throws: `invalidOption` for two.
  static func clusters(_ frame: EngineFrame) throws(SiblingError) -> [EngineFactor] {
    guard frame.clusters.count > 1 else { return frame.clusters }
    throw SiblingError(
      .invalidOption, "this estimator takes one column of clusters",
      help: "two-way clusters are for regress, event-study and did --method twfe", column: "cluster"
    )
  }

  static func tooMany(_ count: Int, _ what: String) -> SiblingError {
    SiblingError(
      .badDesign, "follow-up falls into \(count) \(what), too many for sums by time",
      help: "round times to whole weeks, such as --derive \"week = floor(days / 7) + 1\"",
      column: "time")
  }

  /// Refuses times so many that all of them would leave the engine.
  static func checkTimes(_ frame: EngineFrame, _ time: RowExpression) throws(SiblingError) {
    guard frame.rowCount > limit else { return }
    var keys = [GroupKey("time", .number(time))]
    if let start = frame.formula.start { keys.append(GroupKey("start", .number(start))) }
    let (data, name) = (frame.data, "sibling_times")
    try data.engine.createTemporary(
      name, .cells(AggregateQuery(data.source, keep: data.keep, keys: keys)))
    defer { data.engine.dropTemporary(name) }
    let count = try data.engine.aggregate(AggregateQuery(.temporary(name))).rowCount
    guard count <= limit else { throw tooMany(count, "distinct times") }
  }

  /// The sums of weights by cell, their squares, and what tells whether weights are sound.
  static func sums(_ weights: RowExpression?) -> [NamedExpression] {
    guard let weights else { return [] }
    let zero = RowExpression.constant(0)
    return [
      NamedExpression("w", weights), NamedExpression("w2", weights * weights),
      NamedExpression("above", .comparison(.greater, weights, zero)),
      NamedExpression("below", .comparison(.less, weights, zero)),
      NamedExpression("part", .comparison(.unequal, weights, .function(.floor, weights))),
    ]
  }

  static func people(_ cells: Cells, isWeighted: Bool) throws(SiblingError) -> SurvivalTimes.People
  {
    guard isWeighted else { return SurvivalTimes.People(counts: cells.counts) }
    guard cells.sums[0].allSatisfy(\.isFinite) else {
      throw SiblingError(.badWeight, "a weight is missing or infinite", column: "weights")
    }
    if cells.sums[3].contains(where: { $0 > 0 }) {
      throw SiblingError(
        .badWeight, "a weight is negative", help: "drop rows that should not count",
        column: "weights")
    }
    return SurvivalTimes.People(
      counts: cells.counts, weighted: cells.sums[2].map { Int($0.rounded()) },
      squares: cells.sums[1],
      isFractional: cells.sums[4].contains { $0 > 0 })
  }

  /// The times of cells whose keys have the end, the time and perhaps the start at `place`.
  static func times(
    _ cells: Cells, _ place: Int, hasStart: Bool, _ people: SurvivalTimes.People
  ) throws(SiblingError) -> SurvivalTimes {
    do throws(SiblingError) {
      return try SurvivalTimes(
        start: hasStart ? cells.numbers(place + 2) : nil, time: cells.numbers(place + 1),
        event: cells.numbers(place).map { $0 == 1 }, people: people)
    } catch {
      throw error.withoutRow
    }
  }

  /// Factors of the keys from `first` on as one, named as a formula's arms and strata are.
  static func crossed(
    _ factors: [EngineFactor], _ cells: Cells, from first: Int
  ) throws(SiblingError) -> Factor? {
    var result: Factor?
    for (index, factor) in factors.enumerated() {
      guard factor.levels.names.count * (result?.levels.count ?? 1) <= 1_000_000 else {
        throw SiblingError(
          .badDesign,
          "`\(factor.label)` has \(factor.levels.names.count) values, too many to divide rows by",
          help: "name a column with a few values, or cut one: \(factor.label) > …")
      }
      let own = Factor(
        codes: factor.codes(cells, key: first + index).map(Int32.init),
        levels: factor.levels.names.map { factor.label + "=" + $0 })
      result = result?.crossed(with: own) ?? own
    }
    return result
  }
}

extension EngineFactor {
  /// The same with a level of text last.
  func last(_ level: String?) -> EngineFactor {
    guard case .text = factor, let level, let place = levels.names.firstIndex(of: level) else {
      return self
    }
    var names = levels.names
    names.append(names.remove(at: place))
    return EngineFactor(label: label, factor: factor, levels: SymbolicLevels(names), name: name)
  }
}

extension SiblingError {
  /// The error of a cell, which is no row of the data.
  var withoutRow: SiblingError {
    var error = self
    error.row = nil
    return error
  }
}
