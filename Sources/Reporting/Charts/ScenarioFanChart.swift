public import Statistics

/// Cash by quarter over simulated futures, a panel for each split of a contract.
public struct ScenarioFanChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// How amounts are written.
  public var style: NumberStyle

  /// A fan chart.
  public init(title: Prose, subtitle: Prose, style: NumberStyle = .pounds()) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
  }

  private struct Panel {
    var name: String
    /// Quarter, then the five quantiles.
    var points: [(quarter: Double, values: [Double])]
  }

  private static let columns = ["q05", "q25", "q50", "q75", "q95"]
  private static let wide = "#D5DEE8"
  private static let narrow = "#93A8BF"

  /// Draws the rows of a `scenario_paths` table of one scenario.
  ///
  /// - Throws: `noRows` without a path, `unknownColumn` when a column is absent, `badValue` for more
  ///   splits than there is room for.
  public func figure(
    _ released: Released<ResultTable>, name: String = "scenario_fan"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "fan of cash", columns: ["split", "quarter"] + Self.columns)
    let panels = table.rows(by: "split").map { name, rows in
      Panel(
        name: Self.words(name),
        points: rows.compactMap { row in
          let values = Self.columns.compactMap { table[row, $0].number }
          guard let quarter = table[row, "quarter"].number, values.count == 5 else { return nil }
          return (quarter, values)
        }.sorted { $0.quarter < $1.quarter })
    }
    guard panels.count <= PanelGrid.most else {
      throw SiblingError(
        .badValue, "a chart has room for \(PanelGrid.most) splits, not \(panels.count)")
    }
    let all = panels.flatMap(\.points)
    guard panels.allSatisfy({ $0.points.count > 1 }) else {
      throw SiblingError(.noRows, "there is no cash of two quarters to draw")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let blue = Palette.series[0]
    let bottom = Legend(entries: [
      (.line(color: blue, dash: nil), "Middle of the futures", Palette.ink),
      (.area(fill: Self.narrow), "Half of the futures", Palette.ink),
      (.area(fill: Self.wide), "Nine in ten futures", Palette.ink),
    ]).draw(&frame.canvas, top: frame.top + 2)
    let top = bottom + 12
    let values = all.flatMap(\.values) + [0]
    let probe = Scale(covering: values, start: 1, end: 0, count: 5)
    let axis = ChartFrame.width(of: probe, style: style) + 12
    let grid = PanelGrid(names: panels.map(\.name), canvas: frame.canvas.width, axis: axis)
    // Quarters are whole.
    let ticks = min(grid.columns == 1 ? 12 : 5, Int(all.map(\.quarter).max() ?? 1))
    for (index, panel) in panels.enumerated() {
      grid.drawName(index, &frame.canvas, gridTop: top)
      let (left, upper) = (grid.start(index), top + grid.top(index))
      let (right, lower) = (left + grid.width, upper + grid.height)
      let vertical = Scale(covering: values, start: lower, end: upper, count: 5)
      let across = Scale(
        covering: all.map(\.quarter), start: left, end: right, count: ticks, widen: false)
      if grid.isFirst(index) {
        frame.verticalAxis(vertical, style: style, x: left, right: right)
      } else {
        for tick in vertical.ticks {
          let y = vertical.position(tick)
          frame.canvas.line(left, y, right, y, color: Palette.grid)
        }
      }
      draw(&frame.canvas, panel, across, vertical)
      let zero = vertical.position(0)
      frame.canvas.line(left, zero, right, zero, color: Palette.ink, width: 1.5)
      frame.horizontalAxis(
        across, style: .integer, top: upper, bottom: lower,
        title: grid.isLowest(index) ? "Quarters from the start" : "", grid: false)
    }
    frame.canvas.height = top + grid.bottom + 56
    return frame.figure(name: name, summary: summary(panels), tables: [released])
  }

  private func draw(_ canvas: inout Canvas, _ panel: Panel, _ across: Scale, _ vertical: Scale) {
    func line(_ index: Int) -> [(x: Double, y: Double)] {
      panel.points.map { (across.position($0.quarter), vertical.position($0.values[index])) }
    }
    for (low, high, fill, dash) in [(0, 4, Self.wide, "3 3"), (1, 3, Self.narrow, nil)] {
      let edges = [line(low), line(high)]
      canvas.polygon(edges[0] + edges[1].reversed(), fill: fill)
      for edge in edges {
        canvas.polyline(edge, color: Palette.series[0], width: 1, dash: dash)
      }
    }
    canvas.polyline(line(2), color: Palette.series[0], width: 2.5)
  }

  /// What a split is called.
  static func words(_ split: String) -> String {
    let parts = split.split(separator: ":")
    guard parts.count == 2 else { return split }
    if parts[0] == "0" { return "All by outcomes" }
    if parts[1] == "0" { return "All as block" }
    return "\(parts[0])% block, \(parts[1])% outcomes"
  }

  private func summary(_ panels: [Panel]) -> String {
    let parts = panels.compactMap { panel -> String? in
      guard let end = panel.points.last?.values else { return nil }
      let least = panel.points.map { $0.values[0] }.min() ?? 0
      return "\(panel.name): at the end \(style.text(end[2])) in the middle, nine in ten between"
        + " \(style.text(end[0])) and \(style.text(end[4])); the lower edge of the band"
        + " reaches \(style.text(least)) on the way"
    }
    return "Cash by quarter over simulated futures, without investors' money. "
      + parts.joined(separator: ". ") + "."
  }
}
