public import Statistics

/// The conversion that is just enough, by shortfall of referrals: a line for each split.
public struct BreakEvenChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the vertical axis measures.
  public var measure: String

  /// A chart of break-even.
  public init(
    title: Prose, subtitle: Prose,
    measure: String = "Conversion that is just enough, in per cent of the plan"
  ) {
    self.title = title
    self.subtitle = subtitle
    self.measure = measure
  }

  /// The most lines that can be told apart.
  public static let most = 4

  private struct Line {
    var name: String
    var points: [(x: Double, y: Double)] = []
  }

  /// Draws the rows of a `scenario_breakeven` table of one line and vacancy.
  ///
  /// - Throws: `noRows` when no line crosses what was simulated, `unknownColumn` when a column is
  ///   absent, `badValue` for more lines than can be told apart.
  public func figure(
    _ released: Released<ResultTable>, name: String = "scenario_breakeven"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "chart of break-even", columns: ["split", "shortfall", "conversion"])
    let lines = table.rows(by: "split").map { name, rows in
      Line(
        name: ScenarioFanChart.words(name),
        points: rows.compactMap { row in
          guard let x = table[row, "shortfall"].number, let y = table[row, "conversion"].number
          else { return nil }
          return (x, y)
        }.sorted { $0.x < $1.x })
    }.filter { !$0.points.isEmpty }
    guard lines.count <= Self.most else {
      throw SiblingError(.badValue, "a chart has room for four lines, not \(lines.count)")
    }
    guard !lines.isEmpty else {
      throw SiblingError(.noRows, "no line of break-even lies within what was simulated")
    }
    let style = NumberStyle.percent(0)
    var frame = ChartFrame(title: title, subtitle: subtitle)
    frame.canvas.text(measure, x: ChartFrame.margin, y: frame.top + 12, size: 13, bold: true)
    frame.canvas.text(
      "Above a line the service covers its costs, below it does not.", x: ChartFrame.margin,
      y: frame.top + 31, size: 13, color: Palette.quiet)
    let (top, bottom) = (frame.top + 52, frame.top + 52 + 320)
    // A tenth of the plan either side, so that lines that lie close together stay so.
    let heights = lines.flatMap(\.points).map(\.y) + [0.9, 1.1]
    let vertical = Scale(covering: heights, start: bottom, end: top, count: 6)
    let left = ChartFrame.margin + ChartFrame.width(of: vertical, style: style) + 12
    let right = frame.canvas.width - ChartFrame.margin - 170
    frame.verticalAxis(vertical, style: style, x: left, right: right)
    let across = Scale(
      covering: table.cells("shortfall").compactMap(\.number) + [0], start: left + 8, end: right,
      count: 8, widen: false)
    frame.horizontalAxis(
      across, style: style, top: top, bottom: bottom,
      title: "Referrals that do not come, in per cent of the plan", grid: false)
    var labels: [EndLabels.Label] = []
    for (index, line) in lines.enumerated() {
      let path = line.points.map { (x: across.position($0.x), y: vertical.position($0.y)) }
      let color = Palette.series[index]
      frame.canvas.polyline(path, color: color, width: 2.5, dash: Palette.dashes[index])
      for point in path {
        frame.canvas.marker(
          Palette.markers[index], x: point.x, y: point.y, radius: 4, color: color,
          hollow: index % 2 == 1)
      }
      guard let end = path.last else { continue }
      labels.append(
        .init(
          x: end.x, y: end.y,
          name: TextWidth.lines(line.name, width: 156, size: 14, bold: true, atMost: 2), value: "",
          series: index))
    }
    // Grey, as leaders in the colours of the lines read as data.
    EndLabels(labels: labels, leader: Palette.axis).draw(
      &frame.canvas, x: right + 14, low: top, high: bottom)
    drawPlan(&frame.canvas, across, vertical)
    frame.canvas.height = bottom + 56
    return frame.figure(name: name, summary: summary(lines), tables: [released])
  }

  /// Marks the plan itself.
  private func drawPlan(_ canvas: inout Canvas, _ across: Scale, _ vertical: Scale) {
    let (x, y) = (across.position(0), vertical.position(1))
    canvas.marker(.square, x: x, y: y, radius: 6, color: Palette.ink)
    canvas.text("The plan", x: x + 12, y: y + 4.5, size: 13, bold: true, halo: true)
  }

  private func summary(_ lines: [Line]) -> String {
    let style = NumberStyle.percent(0)
    let parts = lines.compactMap { line -> String? in
      guard let first = line.points.first, let last = line.points.last else { return nil }
      return
        "\(line.name): \(style.text(first.y)) of planned conversion with \(style.text(first.x))"
        + " of referrals missing, \(style.text(last.y)) with \(style.text(last.x))"
    }
    return "The conversion at which the service just covers its costs, by shortfall of referrals. "
      + parts.joined(separator: "; ") + "."
  }
}
