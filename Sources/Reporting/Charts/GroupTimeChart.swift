public import Statistics

/// Effects by period, a panel a cohort, the start of treatment marked.
public struct GroupTimeChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the vertical axis measures, with its unit where the style has none.
  public var measure = "Effect"
  /// How the effects are written.
  public var style: NumberStyle
  /// What a period is called, such as `Year`.
  public var period: String

  /// A chart of effects by cohort and period.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .decimals(2), period: String = "Period"
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.period = period
  }

  private struct Panel {
    var group: Double
    var marks: [EffectMark]
    var name: String
  }

  /// Draws the rows of a `group_time` table of one analysis.
  ///
  /// - Throws: `noRows` without rows, `unknownColumn` when a column is absent, `badValue` for more
  ///   cohorts than can be read.
  public func figure(
    _ released: Released<ResultTable>, name: String = "group_time"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "chart of group-time effects",
      columns: ["group", "time", "estimate", "conf.low", "conf.high", "reference", "n_treated"])
    let panels = table.rows(by: "group").compactMap { _, rows in panel(table, rows) }
    guard panels.count <= PanelGrid.most else {
      throw SiblingError(
        .badValue, "a chart has room for \(PanelGrid.most) cohorts, not \(panels.count)",
        help: "show averages by event time instead")
    }
    let marks = panels.flatMap(\.marks)
    guard let first = marks.map(\.time).min(), let last = marks.map(\.time).max() else {
      throw SiblingError(.noRows, "no effect of the chart has a period")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    frame.verticalTitle(measure, style: style, x: ChartFrame.margin, y: frame.top + 12)
    let top = frame.top + 32
    let values = marks.flatMap(\.values) + [0]
    let probe = Scale(covering: values, start: 1, end: 0, count: 5)
    let axis = ChartFrame.width(of: probe, style: style) + 12
    let grid = PanelGrid(names: panels.map(\.name), canvas: frame.canvas.width, axis: axis)
    for (index, panel) in panels.enumerated() {
      grid.drawName(index, &frame.canvas, gridTop: top)
      let (left, upper) = (grid.start(index), top + grid.top(index))
      let (right, lower) = (left + grid.width, upper + grid.height)
      let vertical = Scale(covering: values, start: lower, end: upper, count: 5)
      let times = Self.times(
        first, last, start: left, end: right, count: grid.columns == 1 ? 12 : 5)
      if grid.isFirst(index) {
        frame.verticalAxis(vertical, style: style, x: left, right: right)
      } else {
        for tick in vertical.ticks {
          let y = vertical.position(tick)
          frame.canvas.line(left, y, right, y, color: Palette.grid)
        }
      }
      let zero = vertical.position(0)
      frame.canvas.line(left, zero, right, zero, color: Palette.ink, width: 1.5)
      let before = panel.marks.filter(\.isBefore).map(\.time).max()
      let after = panel.marks.filter { !$0.isBefore }.map(\.time).min()
      if let before, let after {
        let x = times.position((before + after) / 2)
        frame.canvas.line(x, upper, x, lower, color: Palette.quiet, width: 1.5, dash: "5 4")
      }
      let isDense = panel.marks.count > (grid.columns == 1 ? 24 : 10)
      for mark in panel.marks {
        mark.draw(
          &frame.canvas, x: times.position(mark.time), vertical, bottom: lower,
          radius: isDense ? 3 : 4.5, caps: !isDense, words: false)
      }
      frame.horizontalAxis(
        times, style: .period, top: upper, bottom: lower,
        title: grid.isLowest(index) ? period : "", grid: false)
    }
    frame.canvas.height = top + grid.bottom + 56
    return frame.figure(name: name, summary: summary(panels), tables: [released])
  }

  private func panel(_ table: ResultTable, _ rows: [Int]) -> Panel? {
    guard let first = rows.first, let group = table[first, "group"].number else { return nil }
    let marks = rows.compactMap { row -> EffectMark? in
      guard let time = table[row, "time"].number else { return nil }
      return EffectMark(table, row: row, time: time, isBefore: time < group)
    }.sorted { $0.time < $1.time }
    let size = NumberStyle.integer.text(table[first, "n_treated"])
    let noun = table[first, "n_treated"] == .number(1) ? "unit" : "units"
    return Panel(
      group: group, marks: marks,
      name: "Start \(NumberStyle.period.text(group)): \(size) \(noun)")
  }

  /// An axis of whole periods with half a step of room at both ends.
  static func times(
    _ first: Double, _ last: Double, start: Double, end: Double, count: Int
  ) -> Scale {
    let step = max(1, Scale.niceStep(max(last - first, 1) / Double(count)).rounded(.up))
    var ticks: [Double] = []
    var tick = (first / step).rounded(.up) * step
    while tick <= last + 1e-9 {
      ticks.append(tick == 0 ? 0 : tick)
      tick += step
    }
    return Scale(
      low: first - 0.5, high: last + 0.5, start: start, end: end, ticks: ticks, step: step)
  }

  private func summary(_ panels: [Panel]) -> String {
    let parts = panels.map { panel in
      let marks = panel.marks.filter { !$0.isBefore }.prefix(8).map { mark in
        "\(NumberStyle.period.text(mark.time)): \(mark.words(style))"
      }
      return "\(panel.name): " + marks.joined(separator: ", ")
    }
    return
      "Effects with intervals by period, a panel a cohort, before the start as hollow circles. "
      + "From the start on: " + parts.joined(separator: "; ") + "."
  }
}
