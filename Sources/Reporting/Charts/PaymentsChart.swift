public import Statistics

/// Cumulative payments by quarter: first plan, latest plan and actual, one small panel a contract.
public struct PaymentsChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// How the money is written.
  public var style: NumberStyle
  /// Words for the contracts.
  public var names: [String: String]
  /// The columns drawn and what each line is called, at most four.
  public var lines: [(column: String, name: String)]

  /// A chart of payments.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .pounds(), names: [String: String] = [:],
    lines: [(column: String, name: String)] = [
      ("actual_total", "Paid"), ("latest_plan_total", "Latest plan"),
      ("first_plan_total", "First plan"),
    ]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.names = names
    self.lines = lines
  }

  private struct Series {
    var column: Int
    var points: [(x: Double, y: Double)] = []
  }

  private struct Panel {
    var contract: String
    var series: [Series]
  }

  /// Draws the rows of a payments table; all panels share both axes.
  ///
  /// - Throws: `noRows` without payments, `unknownColumn` when a column is absent, `badValue` for
  ///   more than four lines.
  public func figure(
    _ released: Released<ResultTable>, name: String = "payments"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "chart of payments", columns: ["contract", "quarter_end"] + lines.map(\.column))
    guard lines.count <= 4 else {
      throw SiblingError(.badValue, "a chart of payments shows at most four lines a panel")
    }
    let panels = self.panels(of: table)
    let all = panels.flatMap { $0.series.flatMap(\.points) }
    guard let first = all.map(\.x).min(), let last = all.map(\.x).max() else {
      throw SiblingError(.noRows, "no payment has a quarter and an amount")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let margin = ChartFrame.margin
    let columns = panels.count == 1 ? 1 : 2
    let height = panels.count == 1 ? 300.0 : 190.0
    // Where nothing was paid or planned there is still an axis.
    let greatest = all.map(\.y).max() ?? 0
    let amounts = Scale(
      covering: all.map(\.y) + [0, greatest > 0 ? greatest : 1], start: height, end: 0, count: 4)
    let axisWidth = ChartFrame.width(of: amounts, style: style) + 8
    let nameWidth = lines.map { TextWidth.of($0.name, size: 13, bold: true) }.max() ?? 0
    let gap = 18.0
    let room =
      (frame.canvas.width - 2 * margin - gap * Double(columns - 1)) / Double(columns)
    var y = frame.top + 8
    for (index, panel) in panels.enumerated() {
      let x = margin + Double(index % columns) * (room + gap)
      let heading = TextWidth.lines(
        names[panel.contract] ?? panel.contract, width: room - 4, size: 14, bold: true, atMost: 1)
      frame.canvas.text(heading.first ?? "", x: x, y: y + 16, bold: true)
      let top = y + 32
      var vertical = amounts
      (vertical.start, vertical.end) = (top + height, top)
      let right = x + room - nameWidth - 10
      let times = yearScale(first, last, start: x + axisWidth, end: right)
      frame.verticalAxis(vertical, style: style, x: x + axisWidth, right: right)
      drawYears(&frame.canvas, times, bottom: top + height)
      draw(panel, &frame.canvas, times, vertical, nameX: right + 8)
      if index % columns == columns - 1 || index == panels.count - 1 { y = top + height + 40 }
    }
    frame.canvas.height = y + 4
    return frame.figure(name: name, summary: summary(panels), tables: [released])
  }

  /// A quarter's last month, `YYYY-MM` or a full date, as a year with its fraction.
  private static func year(_ text: String) -> Double? {
    let parts = text.split(separator: "-")
    guard parts.count >= 2, let year = Int(parts[0]), let month = Int(parts[1]),
      (1...12).contains(month)
    else { return nil }
    return Double(year) + Double(month) / 12
  }

  private func panels(of table: ResultTable) -> [Panel] {
    table.levels("contract").map { contract in
      var panel = Panel(contract: contract, series: lines.indices.map { Series(column: $0) })
      for row in table.rows.indices where table[row, "contract"].plainText == contract {
        guard let x = PaymentsChart.year(table[row, "quarter_end"].plainText) else { continue }
        for (index, line) in lines.enumerated() {
          if let amount = table[row, line.column].number {
            panel.series[index].points.append((x, amount))
          }
        }
      }
      for index in panel.series.indices { panel.series[index].points.sort { $0.x < $1.x } }
      return panel
    }
  }

  private func yearScale(_ first: Double, _ last: Double, start: Double, end: Double) -> Scale {
    let low = (first - 0.25).rounded(.down)
    let high = max(last, low + 1)
    var step = 1.0
    while (high - low) / step > max(1, (end - start) / 44) { step += 1 }
    let ticks = stride(from: low, through: high, by: step).map { $0 }
    return Scale(low: low, high: high, start: start, end: end, ticks: ticks, step: step)
  }

  private func drawYears(_ canvas: inout Canvas, _ times: Scale, bottom: Double) {
    canvas.line(times.start, bottom, times.end, bottom, color: Palette.axis)
    for tick in times.ticks {
      let x = times.position(tick)
      canvas.line(x, bottom, x, bottom + 5, color: Palette.axis)
      canvas.text(
        FixedText.decimals(tick, 0), x: x, y: bottom + 20, size: 13, anchor: .middle,
        color: Palette.quiet)
    }
  }

  private func draw(
    _ panel: Panel, _ canvas: inout Canvas, _ times: Scale, _ amounts: Scale, nameX: Double
  ) {
    for series in panel.series.reversed() {
      let points = series.points.map { (x: times.position($0.x), y: amounts.position($0.y)) }
      let isFirst = series.column == 0
      canvas.polyline(
        points, color: Palette.series[series.column], width: isFirst ? 3 : 2,
        dash: Palette.dashes[series.column])
      if points.count == 1 {
        canvas.marker(
          Palette.markers[series.column], x: points[0].x, y: points[0].y, radius: 4,
          color: Palette.series[series.column])
      }
    }
    let drawn = panel.series.filter { !$0.points.isEmpty }
    let wanted = drawn.map { amounts.position($0.points.last?.y ?? 0) }
    let places = Spread.positions(
      wanted, gap: 34, low: amounts.end - 6, high: amounts.start - 14)
    for (index, series) in drawn.enumerated() {
      let last = series.points.last ?? (times.low, 0)
      canvas.line(
        times.position(last.x) + 3, wanted[index], nameX - 2, places[index],
        color: Palette.series[series.column], width: 1)
      let color = Palette.seriesText[series.column]
      canvas.text(
        lines[series.column].name, x: nameX, y: places[index] + 4, size: 13, bold: true,
        color: color)
      canvas.text(short(last.y), x: nameX, y: places[index] + 19, size: 13, color: color)
    }
  }

  private func short(_ amount: Double) -> String {
    var style = style
    let greatest = amount.magnitude
    if greatest >= 999_500 {
      style.factor /= 1_000_000
      style.suffix = "m"
      style.form = .decimals(2)
    } else if greatest >= 9_995 {
      style.factor /= 1000
      style.suffix = "k"
      style.form = .decimals(0)
    }
    return style.text(amount)
  }

  private func summary(_ panels: [Panel]) -> String {
    let parts = panels.map { panel -> String in
      let totals = panel.series.compactMap { series in
        series.points.last.map { "\(lines[series.column].name) \(style.text($0.y))" }
      }
      return "\(names[panel.contract] ?? panel.contract): " + totals.joined(separator: ", ")
    }
    return "Cumulative payments by quarter, one panel a contract. Totals: "
      + parts.joined(separator: "; ") + "."
  }
}
