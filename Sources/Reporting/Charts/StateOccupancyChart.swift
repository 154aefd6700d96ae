public import Statistics

/// Share in each state over time as areas that add up to one, a panel an arm.
///
/// Of more than four states the three greatest are shown, the others together.
public struct StateOccupancyChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the areas are shares of.
  public var measure: String
  /// The unit of time, in the plural.
  public var unit: String
  /// Words for arms and states, where their names will not do.
  public var names: [String: String]
  /// The times with ticks; nil chooses them.
  public var ticks: [Double]?

  /// A chart of state occupancy.
  public init(
    title: Prose, subtitle: Prose, measure: String = "Share of people", unit: String = "weeks",
    names: [String: String] = [:], ticks: [Double]? = nil
  ) {
    self.title = title
    self.subtitle = subtitle
    self.measure = measure
    self.unit = unit
    self.names = names
    self.ticks = ticks
  }

  /// Draws the rows of a state-occupancy table of one analysis; states lie on each other in the
  /// order of the table, the first at the bottom.
  ///
  /// - Throws: `noRows` without a share to show, `unknownColumn` when a column is absent,
  ///   `badValue` for more arms than can be read.
  public func figure(
    _ released: Released<ResultTable>, name: String = "state_occupancy"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "chart of states", columns: ["arm", "state", "time", "estimate"])
    guard table.cells("estimate").contains(where: { $0.number != nil }) else {
      throw SiblingError(.noRows, "no share of the chart of states can be shown")
    }
    let states = table.levels("state")
    let arms = table.rows(by: "arm").map { (name: names[$0.level] ?? $0.level, rows: $0.rows) }
    guard arms.count <= PanelGrid.most else {
      throw SiblingError(
        .badValue, "a chart has room for \(PanelGrid.most) panels, not \(arms.count)",
        help: "choose the arms to show")
    }
    let greatest = states.map { state in
      table.rows.indices.filter { table[$0, "state"].plainText == state }
        .compactMap { table[$0, "estimate"].number }.max() ?? 0
    }
    let (layer, hasOthers) = StackedShares.merged(greatest)
    var layers = (0..<min(4, states.count)).map { position -> StackedShares.Layer in
      let state = states[layer.firstIndex(of: position) ?? 0]
      let isOthers = hasOthers && position == 3
      return StackedShares.layer(
        isOthers ? "Other states" : names[state] ?? state, series: position)
    }
    layers.append(StackedShares.rest("Withheld [c]", fill: Palette.band))
    let order = Dictionary(uniqueKeysWithValues: states.enumerated().map { ($1, layer[$0]) })
    let panels = arms.map {
      panel($0.name, table, $0.rows, order: order, states: states, layers: layers.count)
    }
    let stack = StackedShares(
      layers: layers, panels: panels, measure: measure, unit: unit, ticks: ticks)
    var frame = ChartFrame(title: title, subtitle: subtitle)
    stack.draw(&frame)
    frame.noteHeld(
      released, words: "Areas step only once enough people have moved (disclosure control).")
    return frame.figure(
      name: name,
      summary: "Areas from the bottom up, a share of one each. \(measure) in each state at the "
        + "last of the \(unit): \(stack.summary).",
      tables: [released])
  }

  /// The areas of an arm: a state without a row at a time keeps its share, one that is withheld
  /// shares what the others leave.
  private func panel(
    _ name: String, _ table: ResultTable, _ rows: [Int], order: [String: Int], states: [String],
    layers: Int
  ) -> StackedShares.Panel {
    let moments = table.rows(rows, by: "time").compactMap { moment in
      table[moment.rows[0], "time"].number.map { (time: $0, rows: moment.rows) }
    }.sorted { $0.time < $1.time }
    var heights = [[Double]](
      repeating: [Double](repeating: 0, count: moments.count), count: layers)
    var shares: [String: ResultTable.Cell] = [:]
    for (index, moment) in moments.enumerated() {
      for row in moment.rows where table[row, "estimate"] != .missing {
        shares[table[row, "state"].plainText] = table[row, "estimate"]
      }
      for state in states {
        heights[order[state] ?? 0][index] += shares[state]?.number ?? 0
      }
      if shares.values.contains(.suppressed) {
        let shown = heights.reduce(0) { $0 + $1[index] }
        heights[layers - 1][index] = max(0, 1 - shown)
      }
    }
    return StackedShares.Panel(name: name, times: moments.map(\.time), heights: heights)
  }
}
