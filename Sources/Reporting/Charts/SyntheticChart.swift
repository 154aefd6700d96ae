public import Statistics

/// The treated beside their synthetic control over time, and below it the gap among placebo gaps.
public struct SyntheticChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// How outcomes are written.
  public var style: NumberStyle
  /// What the vertical axis of the upper picture measures.
  public var measure: String
  /// What a period is called, such as `Year`.
  public var period: String
  /// What the treated are called.
  public var treated: String

  /// A chart of a synthetic control.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .decimals(2), measure: String,
    period: String = "Period", treated: String = "Treated"
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.measure = measure
    self.period = period
    self.treated = treated
  }

  private typealias Point = (time: Double, value: Double)

  /// Draws the rows of a `synthetic` table of one analysis.
  ///
  /// - Throws: `noRows` without a path to show, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, name: String = "synthetic"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "chart of a synthetic control", columns: ["series", "unit", "time", "value", "after"])
    let series = Dictionary(
      uniqueKeysWithValues: table.rows(by: "series").map { ($0, $1) })
    func path(_ rows: [Int]) -> [Point] {
      rows.compactMap { row in
        guard let time = table[row, "time"].number, let value = table[row, "value"].number else {
          return nil
        }
        return (time, value)
      }.sorted { $0.time < $1.time }
    }
    let treatedPath = path(series["treated"] ?? [])
    let synthetic = path(series["synthetic"] ?? [])
    let gap = path(series["gap"] ?? [])
    let placebos = table.rows(series["placebo"] ?? [], by: "unit").map { path($0.rows) }
    guard let first = treatedPath.first?.time, let last = treatedPath.last?.time,
      !synthetic.isEmpty
    else {
      throw SiblingError(.noRows, "no path of the synthetic control can be shown")
    }
    let after = table.rows.indices.filter { table[$0, "after"] == .flag(true) }
    let start = after.compactMap { table[$0, "time"].number }.min()
    let lastBefore = treatedPath.last { point in start.map { point.time < $0 } ?? true }?.time
    let middle = start.flatMap { start in lastBefore.map { (start + $0) / 2 } }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let levels = treatedPath.map(\.value) + synthetic.map(\.value)
    let gaps = (gap + placebos.flatMap { $0 }).map(\.value) + [0]
    let axis = max(
      ChartFrame.width(of: Scale(covering: levels, start: 1, end: 0, count: 5), style: style),
      ChartFrame.width(of: Scale(covering: gaps, start: 1, end: 0, count: 5), style: style))
    let left = ChartFrame.margin + axis + 12
    let right = frame.canvas.width - ChartFrame.margin - 120
    let times = GroupTimeChart.times(first, last, start: left, end: right, count: 12)
    var top = frame.top + 12
    func heading(_ text: String) {
      frame.canvas.text(text, x: ChartFrame.margin, y: top, size: 13, bold: true)
      top += 14
    }
    heading(measure)
    var bottom = top + 200
    var vertical = Scale(covering: levels, start: bottom, end: top, count: 5)
    frame.verticalAxis(vertical, style: style, x: left, right: right)
    drawStart(&frame.canvas, times, middle, top: top, bottom: bottom)
    draw(treatedPath, &frame.canvas, times, vertical, color: Palette.series[0], width: 2.5)
    draw(
      synthetic, &frame.canvas, times, vertical, color: Palette.series[3], width: 2.5, dash: "8 4")
    label(
      [(treated, treatedPath, 0), ("Synthetic control", synthetic, 3)], &frame.canvas, vertical,
      x: right + 8, low: top, high: bottom)
    frame.horizontalAxis(
      times, style: .period, top: top, bottom: bottom, title: gap.isEmpty ? period : "",
      grid: false)
    if !gap.isEmpty {
      top = bottom + 52
      heading(
        "Gap: \(treated) less synthetic control"
          + (placebos.isEmpty ? "" : "; thin lines are \(placebos.count) placebos"))
      bottom = top + 200
      vertical = Scale(covering: gaps, start: bottom, end: top, count: 5)
      frame.verticalAxis(vertical, style: style, x: left, right: right)
      let zero = vertical.position(0)
      frame.canvas.line(left, zero, right, zero, color: Palette.ink, width: 1.5)
      drawStart(&frame.canvas, times, middle, top: top, bottom: bottom)
      for placebo in placebos {
        draw(placebo, &frame.canvas, times, vertical, color: Palette.faint, width: 1)
      }
      draw(gap, &frame.canvas, times, vertical, color: Palette.series[0], width: 3)
      label([(treated, gap, 0)], &frame.canvas, vertical, x: right + 8, low: top, high: bottom)
      frame.horizontalAxis(
        times, style: .period, top: top, bottom: bottom, title: period, grid: false)
    }
    frame.canvas.height = bottom + 56
    return frame.figure(
      name: name, summary: summary(treatedPath, synthetic, gap, placebos.count),
      tables: [released])
  }

  private func draw(
    _ path: [Point], _ canvas: inout Canvas, _ times: Scale, _ vertical: Scale, color: String,
    width: Double, dash: String? = nil
  ) {
    canvas.polyline(
      path.map { (times.position($0.time), vertical.position($0.value)) }, color: color,
      width: width, dash: dash)
  }

  private func drawStart(
    _ canvas: inout Canvas, _ times: Scale, _ middle: Double?, top: Double, bottom: Double
  ) {
    guard let middle else { return }
    let x = times.position(middle)
    canvas.line(x, top, x, bottom, color: Palette.quiet, width: 1.5, dash: "5 4")
  }

  private func label(
    _ lines: [(String, [Point], Int)], _ canvas: inout Canvas, _ vertical: Scale, x: Double,
    low: Double, high: Double
  ) {
    let labels = lines.compactMap { name, path, series -> EndLabels.Label? in
      guard let end = path.last else { return nil }
      return EndLabels.Label(
        x: x - 8, y: vertical.position(end.value),
        name: TextWidth.lines(name, width: 110, size: 14, bold: true, atMost: 2),
        value: style.text(end.value), series: series)
    }
    EndLabels(labels: labels).draw(&canvas, x: x + 4, low: low, high: high)
  }

  private func summary(
    _ treatedPath: [Point], _ synthetic: [Point], _ gap: [Point], _ placebos: Int
  ) -> String {
    var text = "Outcomes over time."
    if let own = treatedPath.last, let other = synthetic.last {
      text +=
        " In \(NumberStyle.period.text(own.time)): \(treated)"
        + " \(style.text(own.value)), synthetic control \(style.text(other.value))."
    }
    if let last = gap.last { text += " The gap ends at \(style.text(last.value))" }
    if !gap.isEmpty { text += placebos > 0 ? ", among \(placebos) placebo gaps." : "." }
    return text
  }
}
