public import Statistics

/// The estimate as it would be with an omitted variable, by how much of treatment and outcome the
/// variable explains, with observed covariates as benchmarks.
public struct SensitivityContourChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// How estimates are written.
  public var style: NumberStyle
  /// Names for covariates, where the column's name will not do.
  public var names: [String: String]

  /// A contour chart.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .significant(3),
    names: [String: String] = [:]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.names = names
  }

  /// Draws the rows of a `hidden_bias_contour` table, and on them those of a `hidden_bias` table that
  /// have both shares.
  ///
  /// - Throws: `noRows` when the grid has fewer than two values a side or no estimates.
  public func figure(
    _ released: Released<ResultTable>, benchmarks: Released<ResultTable>? = nil,
    name: String = "sensitivity_contour"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    let columns = ["r2_treatment", "r2_outcome", "estimate"]
    try table.requireRows(for: "contour chart", columns: columns)
    guard let field = ContourField(table), field.isDrawable else {
      throw SiblingError(.noRows, "there is no grid of estimates to draw contours of")
    }
    let points = try benchmarks.map { released throws(SiblingError) in
      try released.value.requireRows(
        for: "contour chart", columns: ["item", "setting", "r2_treatment", "r2_outcome"])
      return self.points(of: released.value)
    }
    let margin = ChartFrame.margin
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let levels = self.levels(field)
    let texts = levels.texts.enumerated().map { index, text in
      levels.values[index] == 0 ? text + ": nothing left" : text
    }
    let edge = (texts.map { TextWidth.of($0, size: 13, bold: true) }.max() ?? 0) + 14
    frame.canvas.text(
      "Share of the outcome’s residual variance that it explains", x: margin, y: frame.top + 10,
      size: 13, color: Palette.quiet)
    let (top, height) = (frame.top + 26, 360.0)
    let bottom = top + height
    let vertical = Scale(
      low: 0, high: field.heights.last ?? 1, start: bottom, end: top,
      ticks: Self.ticks(field.heights.last ?? 1), step: Self.step(field.heights.last ?? 1))
    let left = margin + ChartFrame.width(of: vertical, style: .percent(0)) + 10
    let right = frame.canvas.width - margin - edge
    let horizontal = Scale(
      low: 0, high: field.widths.last ?? 1, start: left, end: right,
      ticks: Self.ticks(field.widths.last ?? 1), step: Self.step(field.widths.last ?? 1))
    frame.verticalAxis(vertical, style: .percent(0), x: left, right: right)
    frame.horizontalAxis(
      horizontal, style: .percent(0), top: top, bottom: bottom,
      title: "Share of the treatment’s residual variance that the omitted variable explains")
    drawContours(&frame.canvas, field, levels.values, texts, horizontal, vertical)
    drawPoints(&frame.canvas, points ?? [], field, horizontal, vertical)
    frame.canvas.height = bottom + 56
    return frame.figure(
      name: name, summary: summary(field, points ?? []),
      tables: [released] + (benchmarks.map { [$0] } ?? []))
  }

  /// A covariate that an omitted variable is compared with.
  private struct Point {
    var label: String
    var x: Double
    var y: Double
    var estimate: ResultTable.Cell
  }

  private func points(of table: ResultTable) -> [Point] {
    table.rows.indices.compactMap { row in
      guard let x = table[row, "r2_treatment"].number, let y = table[row, "r2_outcome"].number
      else { return nil }
      let item = table[row, "item"].plainText
      let multiple = NumberStyle.significant(3).text(table[row, "setting"])
      let label = "\(multiple)× \(names[item] ?? item)"
      return Point(
        label: TextWidth.lines(label, width: 190, size: 13, atMost: 1).first ?? label, x: x, y: y,
        estimate: table[row, "estimate"])
    }
  }

  private static func step(_ top: Double) -> Double { Scale.niceStep(top / 6) }

  private static func ticks(_ top: Double) -> [Double] {
    let step = step(top)
    var ticks: [Double] = []
    var index = 0.0
    while index * step <= top * (1 + 1e-9), ticks.count < 50 {
      ticks.append(index * step)
      index += 1
    }
    return ticks
  }

  /// The estimates whose lines are drawn: round ones, nought among them.
  private func levels(_ field: ContourField) -> (values: [Double], texts: [String]) {
    let scale = Scale(covering: [field.least, field.most, 0], start: 0, end: 1, count: 6)
    let texts = scale.tickTexts(style)
    let inside = scale.ticks.indices.filter {
      scale.ticks[$0] > field.least && scale.ticks[$0] < field.most
    }
    return (inside.map { scale.ticks[$0] }, inside.map { texts[$0] })
  }

  private func drawContours(
    _ canvas: inout Canvas, _ field: ContourField, _ levels: [Double], _ texts: [String],
    _ horizontal: Scale, _ vertical: Scale
  ) {
    var ends: [(level: Int, y: Double)] = []
    for (index, level) in levels.enumerated() {
      let line = field.line(at: level)
      guard let last = line.last, line.count > 1 else { continue }
      let isNought = level == 0
      canvas.polyline(
        line.map { (x: horizontal.position($0.x), y: vertical.position($0.y)) },
        color: isNought ? Palette.series[2] : Palette.series[0], width: isNought ? 3 : 1.25,
        dash: isNought ? "8 4" : nil)
      ends.append((index, vertical.position(last.y)))
    }
    let places = Spread.positions(
      ends.map(\.y), gap: 16, low: vertical.end + 6, high: vertical.start - 2)
    for (end, place) in zip(ends, places) {
      let isNought = levels[end.level] == 0
      canvas.text(
        texts[end.level], x: horizontal.end + 8, y: place + 4.5, size: 13, bold: isNought,
        color: isNought ? Palette.seriesText[2] : Palette.seriesText[0])
    }
  }

  private func drawPoints(
    _ canvas: inout Canvas, _ points: [Point], _ field: ContourField, _ horizontal: Scale,
    _ vertical: Scale
  ) {
    let (left, right) = (horizontal.start, horizontal.end)
    let (bottom, top) = (vertical.start, vertical.end)
    let base = "As estimated: \(style.text(.number(field.base)))"
    var labels = LabelRoom(left: left + 2, right: right - 2, top: top + 2, bottom: bottom - 2)
    let inside = points.filter {
      $0.x <= horizontal.high * (1 + 1e-9) && $0.y <= vertical.high * (1 + 1e-9)
    }
    let places = inside.map { (x: horizontal.position($0.x), y: vertical.position($0.y)) }
    for place in places { labels.block(x: place.x, y: place.y, reach: 7) }
    labels.block(x: left, y: bottom, reach: 7)
    var texts: [(text: String, x: Double, y: Double, markerX: Double, markerY: Double)] = []
    for (text, place) in [(base, (x: left, y: bottom))] + zip(inside.map(\.label), places) {
      guard let spot = labels.place(TextWidth.of(text, size: 13), beside: place.x, place.y) else {
        continue
      }
      texts.append((text, spot.x, spot.y, place.x, place.y))
    }
    for text in texts where (text.y - 4.5 - text.markerY).magnitude > 12 {
      let isRight = text.x > text.markerX
      let end = isRight ? text.x - 2 : text.x + TextWidth.of(text.text, size: 13) + 2
      canvas.line(text.markerX, text.markerY, end, text.y - 4.5, color: Palette.axis)
    }
    canvas.marker(.circle, x: left, y: bottom, radius: 5, color: Palette.ink)
    for place in places {
      canvas.marker(.diamond, x: place.x, y: place.y, radius: 4.5, color: Palette.series[3])
    }
    for text in texts { canvas.text(text.text, x: text.x, y: text.y, size: 13, halo: true) }
  }

  private func summary(_ field: ContourField, _ points: [Point]) -> String {
    let percent = NumberStyle.percent(1)
    let parts = points.map { point in
      "\(point.label) (\(percent.text(point.x)) of treatment, \(percent.text(point.y)) of outcome)"
        + " would leave \(style.text(point.estimate))"
    }
    let tail =
      parts.isEmpty ? "" : " A variable as strong as " + parts.joined(separator: "; ") + "."
    return
      "Contour plot of the estimate by how much of the treatment's and of the outcome's residual"
      + " variance an omitted variable explains. Without one the estimate is"
      + " \(style.text(.number(field.base)))."
      + (field.reachesNought
        ? " The dashed line marks the strengths at which nothing is left of it."
        : " No strength shown leaves nothing of it.") + tail
  }
}
