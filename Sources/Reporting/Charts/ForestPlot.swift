public import Statistics

/// Estimates with their intervals, one row each: across estimators, subgroups or sensitivities.
public struct ForestPlot: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// How the numbers are written.
  public var style: NumberStyle
  /// What the horizontal axis measures.
  public var axisTitle: String
  /// The columns whose texts name a row.
  public var labels: [String]
  /// The column whose changes start a new group of rows with a heading; nil for no groups.
  public var group: String?
  /// The value that means no difference.
  public var null: Double
  /// Whether the axis is logarithmic, for ratios.
  public var isLogarithmic: Bool
  /// What values below and above the null value favour; nil for no such words.
  public var directions: (below: String, above: String)?
  /// A released value to compare with, and what it is called.
  public var benchmark: (cell: ReleasedCell, label: String)?
  /// Words for the texts of the label columns, where the text itself will not do.
  public var names: [String: String]

  /// A forest plot.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .decimals(2), axisTitle: String,
    labels: [String] = ["estimator"], group: String? = nil, null: Double = 0,
    isLogarithmic: Bool = false, directions: (below: String, above: String)? = nil,
    benchmark: (cell: ReleasedCell, label: String)? = nil, names: [String: String] = [:]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.axisTitle = axisTitle
    self.labels = labels
    self.group = group
    self.null = null
    self.isLogarithmic = isLogarithmic
    self.directions = directions
    self.benchmark = benchmark
    self.names = names
  }

  private struct Row {
    var heading: String?
    var label: [String]
    var estimate: ResultTable.Cell
    var low: Double?
    var high: Double?
    var text: String
  }

  /// Draws the rows of a table with the columns `estimate`, `conf.low` and `conf.high`, in order.
  ///
  /// - Throws: `noRows` without rows, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, name: String = "forest"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "forest plot",
      columns: ["estimate", "conf.low", "conf.high"] + labels + [group].compactMap { $0 })
    let margin = ChartFrame.margin
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let (rows, labelWidth) = self.rows(of: table)
    let textWidth = rows.map { TextWidth.of($0.text, size: 14) }.max() ?? 0
    let right = frame.canvas.width - margin - textWidth - 18
    let scale = self.scale(rows, start: margin + labelWidth + 16, end: right)
    let headings = Double(rows.count { $0.heading != nil })
    let heights = rows.map { Double($0.label.count) * 17 + 15 }
    let level = table.cells("conf.level").compactMap(\.number).first ?? 0.95
    let intervalName = "\(NumberStyle.percent().text(level)) interval"
    let columnHead = "Estimate (\(intervalName))"
    let top = frame.top + 28
    frame.canvas.text(
      columnHead, x: frame.canvas.width - margin, y: frame.top + 16, size: 13, anchor: .end,
      bold: true)
    let bottom = top + heights.reduce(0, +) + headings * 28 + 4
    var below = bottom
    frame.horizontalAxis(scale, style: style, top: top, bottom: bottom, title: axisTitle)
    let nullX = scale.position(scale.clamped(null))
    frame.canvas.line(nullX, top, nullX, bottom, color: Palette.ink, width: 1.5)
    below += 46
    if let directions {
      let y = below + 14
      let space = 10.0
      let words = ["← " + directions.below, directions.above + " →"]
      let widths = words.map { TextWidth.of($0, size: 13) }
      let ends = max(nullX - space, margin + widths[0])
      let starts = min(nullX + space, frame.canvas.width - margin - widths[1])
      frame.canvas.text(words[0], x: ends, y: y, size: 13, anchor: .end)
      frame.canvas.text(words[1], x: starts, y: y, size: 13)
      below += 22
    }
    drawBenchmark(&frame, scale, top: top, bottom: bottom)
    var y = top + 4
    for (row, height) in zip(rows, heights) {
      if let heading = row.heading {
        frame.canvas.text(heading, x: margin, y: y + 19, size: 14, bold: true, halo: true)
        y += 28
      }
      draw(row, &frame.canvas, scale, middle: y + height / 2, margin: margin)
      y += height
    }
    frame.canvas.height = below + 10
    var claims: [Prose.Claim] = []
    if let benchmark {
      let text = style.text(benchmark.cell.cell)
      claims.append(
        Prose.Claim(sentence: "\(benchmark.label) \(text)", text: text, cell: benchmark.cell))
    }
    return frame.figure(
      name: name, summary: summary(rows, intervalName), tables: [released], claims: claims)
  }

  private func rows(of table: ResultTable) -> (rows: [Row], labelWidth: Double) {
    func named(_ text: String) -> String { names[text] ?? text }
    var last: String?
    var texts: [String] = []
    for row in table.rows.indices {
      let parts = labels.map { named(table[row, $0].plainText) }.filter { !$0.isEmpty }
      texts.append(parts.joined(separator: ", "))
    }
    // A heading stands on one line, and no line of data may run through it.
    let headings = group.map {
      table.levels($0).map { TextWidth.of(named($0), size: 14, bold: true) }
    }
    let widest = min(texts.map { TextWidth.of($0, size: 14) }.max() ?? 0, 210)
    let width = max(widest, headings?.max() ?? 0) + 2
    var rows: [Row] = []
    for row in table.rows.indices {
      let heading = group.map { named(table[row, $0].plainText) }
      let estimate = table[row, "estimate"]
      let (low, high) = (table[row, "conf.low"], table[row, "conf.high"])
      var text = style.text(estimate)
      if let from = low.number, let to = high.number {
        let short = style.suffix == "%" ? style : style.bare
        let range = "(\(short.text(from: from, to: to)))"
        // Bounds have limits and nothing between them.
        text = estimate == .missing ? range : "\(short.text(estimate)) \(range)"
      } else if estimate != .missing, estimate != .suppressed {
        text += low == .suppressed ? " ([c])" : " (no interval)"
      }
      rows.append(
        Row(
          heading: heading == last ? nil : heading,
          label: TextWidth.lines(texts[row], width: width, size: 14, atMost: 3),
          estimate: estimate, low: low.number, high: high.number, text: text))
      last = heading
    }
    return (rows, width)
  }

  /// The axis: everything, unless a few intervals are so wide that the others would be crushed;
  /// those leave the picture with an arrow.
  private func scale(_ rows: [Row], start: Double, end: Double) -> Scale {
    var values = rows.compactMap(\.estimate.number) + [null]
    if let value = benchmark?.cell.number { values.append(value) }
    let spans = rows.compactMap { row in row.low.flatMap { low in row.high.map { $0 - low } } }
    let median = spans.sorted()[safe: spans.count / 2] ?? 0
    for row in rows {
      guard let low = row.low, let high = row.high, let middle = row.estimate.number else {
        continue
      }
      if isLogarithmic {
        values += [max(low, middle / 20), min(high, middle * 20)]
      } else {
        values += [max(low, middle - 4 * median), min(high, middle + 4 * median)]
      }
    }
    return isLogarithmic
      ? Scale(logCovering: values, start: start, end: end)
      : Scale(covering: values, start: start, end: end, count: 5)
  }

  private func draw(
    _ row: Row, _ canvas: inout Canvas, _ scale: Scale, middle: Double, margin: Double
  ) {
    for (line, text) in row.label.enumerated() {
      let shift = Double(line) * 17 - Double(row.label.count - 1) * 8.5
      canvas.text(text, x: margin, y: middle + 5 + shift)
    }
    let color = Palette.series[0]
    if let low = row.low, let high = row.high {
      let ends = [low, high].map { scale.position(scale.clamped($0)) }
      canvas.line(ends[0], middle, ends[1], middle, color: color, width: 2.5)
      for (end, value) in zip(ends, [low, high]) {
        if scale.clamped(value) == value {
          canvas.line(end, middle - 5, end, middle + 5, color: color, width: 2)
        } else {
          let back = value < scale.low ? 9.0 : -9.0
          canvas.polygon(
            [(end, middle), (end + back, middle - 5), (end + back, middle + 5)], fill: color)
        }
      }
    }
    if let value = row.estimate.number {
      let x = scale.position(scale.clamped(value))
      canvas.marker(.square, x: x, y: middle, radius: 5, color: color)
    }
    canvas.text(
      row.text, x: canvas.width - ChartFrame.margin, y: middle + 5, size: 14, anchor: .end)
  }

  private func drawBenchmark(
    _ frame: inout ChartFrame, _ scale: Scale, top: Double, bottom: Double
  ) {
    guard let benchmark, let value = benchmark.cell.number else { return }
    let x = scale.position(value)
    frame.canvas.line(x, top - 4, x, bottom, color: Palette.series[2], width: 2, dash: "6 4")
    let label = "\(benchmark.label) \(style.text(value))"
    let half = TextWidth.of(label, size: 13, bold: true) / 2
    let headStart =
      frame.canvas.width - ChartFrame.margin
      - TextWidth.of("Estimate (95% interval)", size: 13, bold: true) - 12
    let middle = min(max(x, ChartFrame.margin + half), headStart - half)
    frame.canvas.text(
      label, x: middle, y: top - 11, size: 13, anchor: .middle, bold: true,
      color: Palette.seriesText[2])
  }

  private func summary(_ rows: [Row], _ intervalName: String) -> String {
    var parts = rows.prefix(12).map { row in
      let name = ([row.heading].compactMap { $0 } + [row.label.joined(separator: " ")])
        .joined(separator: ", ")
      return "\(name): \(row.text)"
    }
    if rows.count > 12 { parts.append("and \(rows.count - 12) more in the data file") }
    var text = "Forest plot of estimates with their \(intervalName)s. "
    text += parts.joined(separator: "; ") + "."
    if let benchmark, let value = benchmark.cell.number {
      text += " \(benchmark.label): \(style.text(value))."
    }
    return text
  }
}

extension Array {
  /// The element, or nil outside the bounds.
  subscript(safe index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
