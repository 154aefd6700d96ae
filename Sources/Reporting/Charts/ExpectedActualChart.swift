public import Statistics

/// Expected against actual: for every contract one outcome by quarter and cumulative, the original
/// and the latest plan dashed, what was reached with its exact interval.
public struct ExpectedActualChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// Words for contracts.
  public var names: [String: String]

  /// A chart of outcomes against plans.
  public init(title: Prose, subtitle: Prose, names: [String: String] = [:]) {
    (self.title, self.subtitle, self.names) = (title, subtitle, names)
  }

  private struct Panel {
    var name: String
    var times: [Double] = []
    var original: [Double?] = []
    var latest: [Double?] = []
    var actual: [Double?] = []
    var low: [Double?] = []
    var high: [Double?] = []
    /// Whether what was reached, or its interval, was withheld.
    var isWithheld: [Bool] = []

    var isRevised: Bool { zip(original, latest).contains { $0 != $1 } }
    var values: [Double] { (original + latest + actual + high).compactMap { $0 } }
  }

  private static let height = 118.0

  /// Draws the rows of `performance_quarters` for one outcome, a row of panels a contract.
  ///
  /// - Throws: `noRows` without rows, `unknownColumn` when a column is absent, `badValue` for more
  ///   than twelve contracts.
  public func figure(
    _ released: Released<ResultTable>, name: String = "expected_actual"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    let prefixes = ["", "cumulative_"]
    try table.requireRows(
      for: "chart of plans",
      columns: ["contract", "site", "period"]
        + prefixes.flatMap { prefix in
          ["original", "latest", "actual", "actual.low", "actual.high"].map { prefix + $0 }
        })
    let contracts = table.levels("contract")
    guard contracts.count <= 12 else {
      throw SiblingError(.badValue, "a chart of plans shows at most twelve contracts")
    }
    let rows = contracts.map { contract in
      prefixes.map { panel(contract, $0, table) }
    }
    let times = rows.flatMap { $0[0].times }
    guard let first = times.min(), let last = times.max() else {
      throw SiblingError(.noRows, "no quarter can be read")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let margin = ChartFrame.margin
    let (labelWidth, gap, axis) = (112.0, 26.0, 34.0)
    let width =
      (frame.canvas.width - 2 * margin - labelWidth - gap - 2 * axis) / 2
    let starts = [margin + axis, margin + 2 * axis + width + gap]
    var top = frame.top + 8
    for (column, heading) in ["Number in each quarter", "Number added up"].enumerated() {
      frame.canvas.text(heading, x: starts[column], y: top + 12, size: 13, color: Palette.quiet)
    }
    top += 20
    for row in rows {
      frame.canvas.text(row[0].name, x: margin, y: top + 14, bold: true)
      let plotTop = top + 26
      for (column, panel) in row.enumerated() {
        let vertical = Self.counts(panel.values, start: plotTop + Self.height, end: plotTop)
        let right = starts[column] + width
        let horizontal = Self.years(first, last, start: starts[column], end: right)
        frame.verticalAxis(vertical, style: .integer, x: starts[column], right: right)
        drawYears(&frame.canvas, horizontal, bottom: plotTop + Self.height)
        if column == 0 {
          drawQuarters(panel, &frame.canvas, horizontal, vertical)
        } else {
          drawSums(panel, &frame.canvas, horizontal, vertical, right: right)
        }
      }
      top = plotTop + Self.height + 30
    }
    frame.canvas.height = top
    return frame.figure(name: name, summary: summary(rows.map { $0[1] }), tables: [released])
  }

  private func panel(_ contract: String, _ prefix: String, _ table: ResultTable) -> Panel {
    var panel = Panel(name: names[contract] ?? contract)
    for row in table.rows.indices where table[row, "contract"].plainText == contract {
      guard let time = Self.time(table[row, "period"].plainText) else { continue }
      if names[contract] == nil, let site = table[row, "site"].text { panel.name = site }
      panel.times.append(time)
      panel.original.append(table[row, prefix + "original"].number)
      panel.latest.append(table[row, prefix + "latest"].number)
      panel.actual.append(table[row, prefix + "actual"].number)
      panel.low.append(table[row, prefix + "actual.low"].number)
      panel.high.append(table[row, prefix + "actual.high"].number)
      panel.isWithheld.append(table[row, prefix + "actual"] == .suppressed)
    }
    return panel
  }

  /// The end of a quarter as a year with its fraction.
  private static func time(_ text: String) -> Double? {
    let parts = text.split(separator: "-")
    guard parts.count == 2, let year = Int(parts[0]), parts[1].hasPrefix("Q"),
      let quarter = Int(parts[1].dropFirst()), (1...4).contains(quarter)
    else { return nil }
    return Double(year) + Double(quarter) / 4
  }

  /// An axis of counts, whose ticks are whole.
  private static func counts(_ values: [Double], start: Double, end: Double) -> Scale {
    let scale = Scale(covering: values + [0, 1], start: start, end: end, count: 4)
    return scale.step == scale.step.rounded()
      ? scale : Scale(covering: values + [0, 2], start: start, end: end, count: 2)
  }

  private static func years(
    _ first: Double, _ last: Double, start: Double, end: Double
  ) -> Scale {
    let low = (first - 0.25).rounded(.down)
    let high = max(last, low + 1)
    var step = 1.0
    while (high - low) / step > max(1, (end - start) / 42) { step += 1 }
    return Scale(
      low: low, high: high, start: start, end: end,
      ticks: stride(from: low, through: high, by: step).map { $0 }, step: step)
  }

  private func drawYears(_ canvas: inout Canvas, _ times: Scale, bottom: Double) {
    canvas.line(times.start, bottom, times.end, bottom, color: Palette.axis)
    for tick in times.ticks {
      let x = times.position(tick)
      canvas.line(x, bottom, x, bottom + 4, color: Palette.axis)
      canvas.text(
        FixedText.decimals(tick, 0), x: x, y: bottom + 17, size: 12, anchor: .middle,
        color: Palette.quiet)
    }
  }

  /// The lines through values; one ends where a quarter has none, so that nothing is drawn over it.
  private func lines(
    _ panel: Panel, _ values: [Double?], _ horizontal: Scale, _ vertical: Scale
  ) -> [[(x: Double, y: Double)]] {
    var lines: [[(x: Double, y: Double)]] = [[]]
    for (time, value) in zip(panel.times, values) {
      if let value {
        lines[lines.count - 1].append((horizontal.position(time), vertical.position(value)))
      } else if lines.last?.isEmpty == false {
        lines.append([])
      }
    }
    return lines.filter { !$0.isEmpty }
  }

  /// Says once for each row of quarters that were withheld that they were.
  private func markWithheld(
    _ panel: Panel, _ canvas: inout Canvas, _ horizontal: Scale, bottom: Double
  ) {
    var free = -Double.infinity
    for index in panel.times.indices where panel.isWithheld[index] {
      let isFirst = index == 0 || !panel.isWithheld[index - 1]
      let half = TextWidth.of("[c]", size: 12) / 2
      let x = horizontal.position(panel.times[index])
      guard isFirst, x - half > free else { continue }
      canvas.text("[c]", x: x, y: bottom - 4, size: 12, anchor: .middle, halo: true)
      free = x + half + 2
    }
  }

  private func drawPlans(
    _ panel: Panel, _ canvas: inout Canvas, _ horizontal: Scale, _ vertical: Scale
  ) {
    if panel.isRevised {
      for line in lines(panel, panel.original, horizontal, vertical) {
        canvas.polyline(line, color: Palette.series[2], width: 2, dash: Palette.dashes[2])
      }
    }
    for line in lines(panel, panel.latest, horizontal, vertical) {
      canvas.polyline(line, color: Palette.series[1], width: 2, dash: Palette.dashes[1])
    }
  }

  private func drawQuarters(
    _ panel: Panel, _ canvas: inout Canvas, _ horizontal: Scale, _ vertical: Scale
  ) {
    for (index, time) in panel.times.enumerated() {
      guard let low = panel.low[index], let high = panel.high[index] else { continue }
      let x = horizontal.position(time)
      canvas.line(
        x, vertical.position(low), x, vertical.position(high), color: Palette.series[0])
    }
    drawPlans(panel, &canvas, horizontal, vertical)
    for place in lines(panel, panel.actual, horizontal, vertical).flatMap({ $0 }) {
      canvas.marker(.circle, x: place.x, y: place.y, radius: 2.5, color: Palette.series[0])
    }
    markWithheld(panel, &canvas, horizontal, bottom: vertical.start)
  }

  private func drawSums(
    _ panel: Panel, _ canvas: inout Canvas, _ horizontal: Scale, _ vertical: Scale, right: Double
  ) {
    let bands = zip(
      lines(panel, panel.low, horizontal, vertical), lines(panel, panel.high, horizontal, vertical))
    for (low, high) in bands {
      canvas.polygon(low + high.reversed(), fill: Palette.series[0], opacity: 0.15)
    }
    drawPlans(panel, &canvas, horizontal, vertical)
    for line in lines(panel, panel.actual, horizontal, vertical) {
      canvas.polyline(line, color: Palette.series[0], width: 3)
      if line.count == 1 {
        canvas.marker(.circle, x: line[0].x, y: line[0].y, radius: 4, color: Palette.series[0])
      }
    }
    markWithheld(panel, &canvas, horizontal, bottom: vertical.start)
    var ends: [(values: [Double?], name: String, series: Int, places: Int)] = [
      (panel.actual, "Reached", 0, 0),
      (panel.latest, panel.isRevised ? "Latest plan" : "Plan", 1, 1),
    ]
    if panel.isRevised { ends.append((panel.original, "First plan", 2, 1)) }
    let labels = ends.compactMap { end -> (x: Double, y: Double, text: String, series: Int)? in
      guard let index = end.values.lastIndex(where: { $0 != nil }), let value = end.values[index]
      else { return nil }
      let text = NumberStyle(form: .decimals(end.places)).text(value)
      return (
        horizontal.position(panel.times[index]), vertical.position(value), "\(end.name) \(text)",
        end.series
      )
    }
    let places = Spread.positions(
      labels.map(\.y), gap: 16, low: vertical.end + 2, high: vertical.start - 4)
    // Beside the last quarter of a contract that has ended: a line from there to the edge would
    // read as data.
    let end = min(right, labels.map(\.x).max() ?? right)
    for (label, place) in zip(labels, places) {
      canvas.line(label.x + 2, label.y, end + 5, place, color: Palette.series[label.series])
      canvas.text(
        label.text, x: end + 8, y: place + 4.5, size: 13, bold: label.series == 0,
        color: Palette.seriesText[label.series], halo: true)
    }
  }

  private func summary(_ panels: [Panel]) -> String {
    let parts = panels.compactMap { panel -> String? in
      guard let index = panel.actual.lastIndex(where: { $0 != nil }),
        let actual = panel.actual[index]
      else { return nil }
      var text = "\(panel.name): \(NumberStyle.integer.text(actual)) reached"
      if let plan = panel.latest[index] {
        text += " of \(NumberStyle(form: .decimals(1)).text(plan)) in the latest plan"
      }
      if panel.isRevised, let plan = panel.original[index] {
        text += " and \(NumberStyle(form: .decimals(1)).text(plan)) in the first"
      }
      return text
    }
    return "By quarter and added up, plans dashed, counts with exact 95% intervals. To date: "
      + parts.joined(separator: "; ") + "."
  }
}
