public import Statistics

/// Effects by period relative to the start of treatment, the reference period marked.
public struct EventStudyChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the vertical axis measures, with its unit where the style has none.
  public var measure = "Effect"
  /// How the effects are written.
  public var style: NumberStyle
  /// What a period is called, in the plural: `years`, `quarters`.
  public var unit: String
  /// What happens at time zero.
  public var start: String

  /// An event-study chart.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .decimals(2), unit: String = "periods",
    start: String = "Programme starts"
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.unit = unit
    self.start = start
  }

  /// Draws the rows of an event-study table of one analysis.
  ///
  /// - Throws: `noRows` without rows, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, name: String = "event_study"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "event study",
      columns: ["rel_time", "estimate", "conf.low", "conf.high", "reference"])
    let points = table.rows.indices.compactMap { row -> EffectMark? in
      guard let time = table[row, "rel_time"].number else { return nil }
      return EffectMark(table, row: row, time: time, isBefore: time < 0)
    }.sorted { $0.time < $1.time }
    guard let first = points.first?.time, let last = points.last?.time else {
      throw SiblingError(.noRows, "no period of the event study has a time")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    frame.verticalTitle(measure, style: style, x: ChartFrame.margin, y: frame.top + 12)
    let top = frame.top + 52
    let bottom = top + 300
    let vertical = Scale(
      covering: points.flatMap(\.values) + [0], start: bottom, end: top, count: 6)
    let left = ChartFrame.margin + ChartFrame.width(of: vertical, style: style) + 12
    let right = frame.canvas.width - ChartFrame.margin
    let times = timeScale(first, last, start: left, end: right)
    frame.verticalAxis(vertical, style: style, x: left, right: right)
    let zero = vertical.position(0)
    frame.canvas.line(left, zero, right, zero, color: Palette.ink, width: 1.5)
    drawStart(&frame.canvas, times, first: first, last: last, top: top, bottom: bottom)
    let isDense = points.count > 24
    for point in points {
      point.draw(
        &frame.canvas, x: times.position(point.time), vertical, bottom: bottom,
        radius: isDense ? 3 : 5, caps: !isDense)
    }
    frame.horizontalAxis(
      times, style: .decimals(0), top: top, bottom: bottom,
      title: "\(unit.prefix(1).uppercased())\(unit.dropFirst()) since the start", grid: false)
    frame.canvas.height = bottom + 56
    return frame.figure(name: name, summary: summary(points), tables: [released])
  }

  private func timeScale(_ first: Double, _ last: Double, start: Double, end: Double) -> Scale {
    let span = max(last - first, 1)
    let room = max(1, ((end - start) / 34).rounded(.down))
    let step = max(1, Scale.niceStep(span / room).rounded(.up))
    var ticks: [Double] = []
    var tick = (first / step).rounded(.up) * step
    while tick <= last + 1e-9 {
      ticks.append(tick == 0 ? 0 : tick)
      tick += step
    }
    return Scale(
      low: first - 0.5, high: last + 0.5, start: start, end: end, ticks: ticks, step: step)
  }

  private func drawStart(
    _ canvas: inout Canvas, _ times: Scale, first: Double, last: Double, top: Double,
    bottom: Double
  ) {
    guard first < 0, last >= 0 else { return }
    let x = times.position(-0.5)
    canvas.line(x, top - 8, x, bottom, color: Palette.quiet, width: 1.5, dash: "5 4")
    let width = TextWidth.of(start, size: 13)
    let middle = min(
      max(x, ChartFrame.margin + width / 2), canvas.width - ChartFrame.margin - width / 2)
    canvas.text(start, x: middle, y: top - 14, size: 13, anchor: .middle, color: Palette.quiet)
    let gap = width / 2 + 14
    canvas.text(
      "Before", x: middle - gap, y: top - 14, size: 13, anchor: .end, bold: true,
      color: Palette.seriesText[2])
    canvas.text(
      "After", x: middle + gap, y: top - 14, size: 13, bold: true, color: Palette.seriesText[0])
  }

  private func summary(_ points: [EffectMark]) -> String {
    var parts = points.prefix(16).map { point in
      "\(NumberStyle.decimals(0).text(point.time)): \(point.words(style))"
    }
    if points.count > 16 { parts.append("and \(points.count - 16) more in the data file") }
    let bands =
      points.contains { $0.bandLow != nil } ? " and, dashed, simultaneous bands" : ""
    return "Effects with confidence intervals\(bands) by \(unit) since the start. "
      + parts.joined(separator: "; ") + "."
  }
}
