internal import Statistics

/// Treated unit-periods sorted into the effects that a method prints.
///
/// One group a cell, event time, cohort or period. The overall average, printed last, is over all
/// unit-periods from the start of treatment on, by their weight.
struct EffectPartition {
  struct Group {
    var term: String
    var cohort: Double?
    var time: Double?
    /// The event time, where the group has one.
    var eventTime: Double?
    var rows = 0
    /// Distinct units among them.
    var units = 0
    var weight = 0.0
    /// Whether it is part of the overall average.
    var isOverall: Bool
    /// Whether it rests on one or two units (or clusters), whose spread can't be estimated.
    var isSmall = false
  }

  private(set) var groups: [Group] = []
  /// For each row of the panel its group, or −1.
  private(set) var group: [Int32]
  /// Whether the overall average is a row of its own.
  let hasOverall: Bool
  /// Units behind the overall average.
  private(set) var overallUnits = 0
  /// How the groups were made; nil for cells.
  let aggregation: GroupTimeResult.Aggregation?

  /// Groups of at most this many clusters have no honest standard error, unless said otherwise.
  static let small = 2

  /// Sorts the rows marked; `balance` keeps, by event time, cohorts seen at least that long after
  /// treatment began, and event times up to it.
  ///
  /// - Throws: `badDesign` where no row is left.
  init(
    _ panel: PanelDesign, isTreated: [Bool], weights: [Double]?,
    by aggregation: GroupTimeResult.Aggregation?, balance: Double? = nil, clusters: Factor,
    small: Int = EffectPartition.small
  ) throws(SiblingError) {
    self.aggregation = aggregation
    hasOverall = aggregation != nil && aggregation != .simple
    group = [Int32](repeating: -1, count: panel.rows)
    let starts = panel.cohorts.map(\.start)
    var cohort: [Double: Int] = [:]
    for (place, start) in starts.enumerated() { cohort[start] = place }
    let last = panel.periods.last ?? 0
    // Cells first: there are few of them, whatever the number of rows.
    let periods = panel.periods.count
    var cell = [Int32](repeating: -1, count: panel.rows)
    var cells = [Group?](repeating: nil, count: starts.count * periods)
    for row in 0..<panel.rows where isTreated[row] {
      guard let start = panel.groups[Int(panel.unit.codes[row])], let place = cohort[start] else {
        continue
      }
      let time = panel.periods[Int(panel.period[row])]
      let event = time - start
      if let balance, aggregation == .dynamic, last - start < balance || event > balance {
        continue
      }
      if event < 0, aggregation == .simple || aggregation == .group || aggregation == .calendar {
        continue
      }
      let code = place * periods + Int(panel.period[row])
      cell[row] = Int32(code)
      var own =
        cells[code]
        ?? Group(
          term: "ATT(\(PanelDesign.label(start)),\(PanelDesign.label(time)))", cohort: start,
          time: time, eventTime: event, isOverall: event >= 0)
      own.rows += 1
      own.weight += weights?[row] ?? 1
      cells[code] = own
    }
    let found = cells.indices.compactMap { code in cells[code].map { (code: code, group: $0) } }
    guard !found.isEmpty else {
      throw SiblingError(
        .badDesign, "No treated unit-period is left whose effect could be estimated.",
        help: "Check cohorts, periods, weights and --balance-e.")
    }
    let keys = found.map { Self.key($0.group, aggregation) }
    let positions = Array(Set(keys)).sorted()
    var number: [Double: Int] = [:]
    for (place, key) in positions.enumerated() { number[key] = place }
    var ofCell = [Int32](repeating: -1, count: cells.count)
    groups = positions.map { Self.named($0, aggregation) }
    if aggregation == nil { groups = found.map(\.group) }
    for (place, (code, own)) in found.enumerated() {
      let target = aggregation == nil ? place : number[keys[place]] ?? 0
      ofCell[code] = Int32(target)
      guard aggregation != nil else { continue }
      groups[target].rows += own.rows
      groups[target].weight += own.weight
    }
    for row in cell.indices where cell[row] >= 0 { group[row] = ofCell[Int(cell[row])] }
    let clusterCounts = distinct(clusters)
    let unitCounts = clusters == panel.unit ? clusterCounts : distinct(panel.unit)
    for place in groups.indices {
      groups[place].units = unitCounts[place]
      groups[place].isSmall = clusterCounts[place] <= small
    }
    overallUnits = overall(panel.unit)
  }

  private static func key(_ cell: Group, _ aggregation: GroupTimeResult.Aggregation?) -> Double {
    switch aggregation {
    case nil, .simple: 0
    case .dynamic: cell.eventTime ?? 0
    case .group: cell.cohort ?? 0
    case .calendar: cell.time ?? 0
    }
  }

  private static func named(
    _ key: Double, _ aggregation: GroupTimeResult.Aggregation?
  ) -> Group {
    let label = PanelDesign.label(key)
    return switch aggregation {
    case nil, .simple: Group(term: "overall", isOverall: true)
    case .dynamic: Group(term: "e=\(label)", eventTime: key, isOverall: key >= 0)
    case .group: Group(term: "g=\(label)", cohort: key, isOverall: true)
    case .calendar: Group(term: "t=\(label)", time: key, isOverall: true)
    }
  }

  /// How many levels of a factor each group has.
  private func distinct(_ factor: Factor) -> [Int] {
    var last = [Int32](repeating: -1, count: groups.count)
    var counts = [Int](repeating: 0, count: groups.count)
    for row in Sorting.order(codes: factor.codes, levels: factor.levels.count) {
      let place = Int(group[Int(row)])
      guard place >= 0, last[place] != factor.codes[Int(row)] else { continue }
      last[place] = factor.codes[Int(row)]
      counts[place] += 1
    }
    return counts
  }

  /// The units behind the overall average.
  private func overall(_ unit: Factor) -> Int {
    var seen = [Bool](repeating: false, count: unit.levels.count)
    for row in group.indices where group[row] >= 0 && groups[Int(group[row])].isOverall {
      seen[Int(unit.codes[row])] = true
    }
    return seen.reduce(0) { $0 + ($1 ? 1 : 0) }
  }

  /// Each group's share of the overall average.
  var shares: [Double] {
    let total = groups.reduce(0) { $0 + ($1.isOverall ? $1.weight : 0) }
    return groups.map { $0.isOverall ? $0.weight / total : 0 }
  }

  /// The name of the average, for conventions.
  var name: String { aggregation.map { "\($0.rawValue) average" } ?? "cell" }

  /// What must be said of the overall row.
  var note: String? {
    hasOverall
      ? "overall averages all treated unit-periods from the start of treatment on" : nil
  }
}
