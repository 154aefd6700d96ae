public import DifferenceInDifferences
internal import LinearAlgebra
public import Statistics
internal import Tables

/// The columns of a panel in an engine.
public struct EnginePanelColumns {
  /// The outcome.
  public var outcome: String
  /// The unit.
  public var unit: String
  /// The period.
  public var time: String
  /// The unit's first treated period; missing, 0 or +∞ for never.
  public var group: String
  /// The column of clusters; nil where units stand for themselves.
  public var cluster: String?
  /// Periods left out as if they had never been observed.
  public var excluded: [Double]
  /// Whether clusters are the units.
  let clustersByUnit: Bool

  /// Columns of a panel.
  public init(
    outcome: String, unit: String, time: String, group: String, cluster: String? = nil,
    excluded: [Double] = []
  ) {
    self.outcome = outcome
    self.unit = unit
    self.time = time
    self.group = group
    self.cluster = cluster == unit ? nil : cluster
    clustersByUnit = cluster == unit
    self.excluded = excluded
  }
}

/// A panel's sums over units, asked of an engine: the rows stay there.
///
/// A temporary table has a row for each unit, with its first treated period, its cluster and its outcome in each
/// period. From it come Σy and Σyy′ by cohort and periods seen, of outcomes about their units' means, and Σy by
/// cluster: three or four scans and T(T + 1)/2 sums, whatever the number of units.
public struct EnginePanel {
  /// The sums.
  public let moments: PanelMoments
  /// What was left out and how columns were read, of rows.
  public let notes: [String]
  /// Units with rows in more than one cluster.
  public let movers: Int

  static let mostPeriods = 200
  static let units = "panel_units"

  /// Asks for the sums.
  ///
  /// - Throws: what is wrong with the columns or the panel, as a `PanelDesign` says it, without rows;
  ///   `constantOutcome`; `badDesign` for more than 200 periods; the engine's failures.
  public init(
    _ columns: EnginePanelColumns, in data: EngineData, missingIsError: Bool = false
  ) throws(SiblingError) {
    defer { data.engine.dropTemporary(Self.units) }
    try self.init(
      columns, try EnginePanelRows(columns, in: data, missingIsError: missingIsError), data)
  }

  /// Asks for the sums of some rows, and leaves the table of units with what `also` adds to it.
  init(
    _ columns: EnginePanelColumns, _ rows: EnginePanelRows, _ data: EngineData,
    also: [NamedExpression] = []
  ) throws(SiblingError) {
    notes = rows.notes
    guard rows.periods.count <= Self.mostPeriods else {
      throw SiblingError(
        .badDesign,
        "The panel has \(rows.periods.count) periods, too many for sums of pairs of them.",
        help: "Use longer periods, or give a file.", column: columns.time)
    }
    data.progress?("panel: one row a unit")
    try rows.createUnits(Self.units, columns, data, also: also)
    var units = try EngineData(data.engine, .temporary(Self.units))
    units.minimumCell = data.minimumCell
    movers = try Self.check(units, columns, data)
    data.progress?("panel: sums by cohort")
    let periods = rows.periods.count
    let layers = Self.layers(periods)
    let keys = [GroupKey("start", .number(.column("start")))] + Self.maskKeys(periods)
    let pairs = (0..<periods).flatMap { j in (j..<periods).map { i in (i, j) } }
    var sums = (0..<periods).map { NamedExpression("s\($0)", .name("v\($0)")) }
    sums += pairs.map { NamedExpression("p\($0)_\($1)", .name("v\($0)") * .name("v\($1)")) }
    var values: [[Double]] = []
    var last: Cells?
    for range in Parallel.ranges(of: sums.count, size: 500) {
      let cells = try units.aggregate(layers: layers, keys: keys, sums: Array(sums[range]))
      values += cells.sums
      last = cells
    }
    guard let cells = last else {
      throw SiblingError(.internalError, "a panel without periods")
    }
    let blocks = (0..<cells.count).map { cell in
      var products = Matrix(rows: periods, columns: periods)
      for (place, (i, j)) in pairs.enumerated() {
        products[i, j] = values[periods + place][cell]
        products[j, i] = products[i, j]
      }
      return PanelMoments.Block(
        group: Self.start(cells.numbers(0)[cell]), isSeen: Self.seen(cells, cell, periods),
        units: cells.counts[cell], sums: (0..<periods).map { values[$0][cell] }, products: products)
    }
    var names: [String]?
    var clusterCells: [PanelMoments.ClusterCell] = []
    if let cluster = columns.cluster {
      data.progress?("panel: sums by cluster")
      let found = try units.aggregate(
        layers: layers, keys: [Self.carried(try data.factor(cluster), "cluster")] + keys,
        sums: Array(sums[..<periods]))
      let factor = found.factor(0)
      names = factor.levels
      var place: [[Double]: Int] = [:]
      let width = keys.count
      for cell in 0..<cells.count { place[(0..<width).map { cells.numbers($0)[cell] }] = cell }
      for cell in 0..<found.count {
        guard let block = place[(0..<width).map { found.numbers($0 + 1)[cell] }] else {
          throw SiblingError(.internalError, "a cluster's units are in no cohort")
        }
        clusterCells.append(
          PanelMoments.ClusterCell(
            cluster: Int(factor.codes[cell]), block: block, units: found.counts[cell],
            sums: (0..<periods).map { found.sums[$0][cell] }))
      }
    }
    var found = try PanelMoments(
      periods: rows.periods, blocks: blocks, clusterNames: names, clusterCells: clusterCells)
    found.clustersByUnit = columns.clustersByUnit
    moments = found
  }

  /// A unit's outcome about its mean in each period, 0 where it is not seen.
  private static func layers(_ periods: Int) -> [[NamedExpression]] {
    let all = 0..<periods
    let seen = RowExpression.sum(all.map { .column("m\($0)") })
    let total = RowExpression.sum(all.map { .column("y\($0)") })
    return [
      [NamedExpression("mean", total / seen)],
      all.map { t in
        NamedExpression(
          "v\(t)",
          .chosen(
            .comparison(.greater, .column("m\(t)"), .constant(0)),
            then: .column("y\(t)") - .name("mean"), otherwise: .constant(0)))
      },
    ]
  }

  private static let bits = 48

  /// Which periods a unit is seen in, as whole numbers of 48 bits.
  private static func maskKeys(_ periods: Int) -> [GroupKey] {
    Parallel.ranges(of: periods, size: bits).enumerated().map { index, range in
      let terms = range.map { t -> RowExpression in
        let power = Double(UInt64(1) << UInt64(t - range.lowerBound))
        return .constant(power) * .column("m\(t)")
      }
      return GroupKey("seen\(index)", .number(.sum(terms)))
    }
  }

  private static func seen(_ cells: Cells, _ cell: Int, _ periods: Int) -> [Bool] {
    (0..<periods).map { t in
      let mask = UInt64(cells.numbers(1 + t / bits)[cell])
      return mask >> UInt64(t % bits) & 1 == 1
    }
  }

  private static func start(_ key: Double) -> Double? { key.isNaN || key == 0 ? nil : key }

  /// A factor's key as a column of a temporary table that has it.
  static func carried(_ factor: SymbolicFactor, _ name: String) -> GroupKey {
    if case .text = factor { return GroupKey(name, .text(column: name)) }
    return GroupKey(name, .number(.column(name)))
  }

  /// Refuses units in two groups and two rows of a unit and period; gives the number of units in more than one
  /// cluster.
  private static func check(
    _ units: EngineData, _ columns: EnginePanelColumns, _ data: EngineData
  ) throws(SiblingError) -> Int {
    let engine = units.engine
    let (once, both) = ("panel_once", "panel_groups")
    let key = carried(try data.factor(columns.unit), "unit")
    let start = GroupKey("start", .number(.column("start")))
    func repeated(_ source: String, _ keys: [GroupKey]) throws(SiblingError) -> Int {
      try engine.createTemporary(once, .cells(AggregateQuery(.temporary(source), keys: keys)))
      defer { engine.dropTemporary(once) }
      return try engine.aggregate(
        AggregateQuery(
          .temporary(once), keep: .comparison(.greater, .column("n"), .constant(1)))
      ).rowCount
    }
    var movers = 0
    if columns.cluster == nil {
      if try repeated(Self.units, [key]) > 0 { throw PanelDesign.twoGroups() }
    } else {
      movers = try repeated(Self.units, [key])
      if movers > 0 {
        try engine.createTemporary(
          both, .cells(AggregateQuery(.temporary(Self.units), keys: [key, start])))
        defer { engine.dropTemporary(both) }
        if try repeated(both, [key]) > 0 { throw PanelDesign.twoGroups() }
      }
    }
    let names = units.names.filter { $0.hasPrefix("m") && Int($0.dropFirst()) != nil }
    let most = names.map { name in
      RowExpression.comparison(.greater, .column(name), .constant(1))
    }
    let any = most.dropFirst().reduce(most[0]) { .either($0, $1) }
    let doubled = try engine.aggregate(AggregateQuery(.temporary(Self.units), keep: any)).rowCount
    if doubled > 0 { throw PanelDesign.duplicate() }
    return movers
  }
}
