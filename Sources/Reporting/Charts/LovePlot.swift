public import Statistics

/// Standardised mean differences of every covariate before and after adjustment.
public struct LovePlot: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// The difference up to which a covariate counts as balanced.
  public var threshold: Double
  /// What the two stages are called.
  public var stageNames: (before: String, after: String)
  /// Names for covariates, where the column's name will not do.
  public var names: [String: String]
  /// How many rows are drawn at most: those furthest apart after adjustment, when there are more.
  public var limit: Int

  /// A love plot.
  public init(
    title: Prose, subtitle: Prose, threshold: Double = 0.1,
    stageNames: (before: String, after: String) = ("Before", "After"),
    names: [String: String] = [:],
    limit: Int = 40
  ) {
    self.title = title
    self.subtitle = subtitle
    self.threshold = threshold
    self.stageNames = stageNames
    self.names = names
    self.limit = limit
  }

  private struct Row {
    var label: String
    var before: ResultTable.Cell = .missing
    var after: ResultTable.Cell = .missing
    var lines: [String] = []
  }

  /// Draws the rows of a balance table of one analysis, largest difference before first.
  ///
  /// - Throws: `noRows` when no covariate has a difference.
  public func figure(
    _ released: Released<ResultTable>, name: String = "love_plot"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(for: "love plot", columns: ["covariate", "level", "stage", "smd"])
    let all = self.rows(of: table)
    guard !all.isEmpty else {
      throw SiblingError(.noRows, "no covariate has a standardised difference to draw")
    }
    var rows = furthest(all)
    let margin = ChartFrame.margin
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let longest = rows.map { TextWidth.of($0.label, size: 14) }.max() ?? 0
    let labelWidth = min(longest + 4, 250)
    for index in rows.indices {
      rows[index].lines = TextWidth.lines(rows[index].label, width: labelWidth, size: 14, atMost: 2)
    }
    let heads = [stageNames.before, stageNames.after]
    let headLines = heads.map { TextWidth.lines($0, width: 84, size: 13, bold: true, atMost: 2) }
    let headWidths = headLines.map { lines in
      max(58, (lines.map { TextWidth.of($0, size: 13, bold: true) }.max() ?? 0) + 26)
    }
    let right = frame.canvas.width - margin - headWidths[0] - headWidths[1] - 12
    let values = rows.flatMap { [$0.before.number, $0.after.number].compactMap { $0 } }
    let scale = Scale(
      covering: values + [-1.5 * threshold, 1.5 * threshold], start: margin + labelWidth + 14,
      end: right)
    let headY = frame.top + (headLines.contains { $0.count > 1 } ? 30 : 14)
    let top = headY + 12
    let heights = rows.map { $0.lines.count > 1 ? 38.0 : 25.0 }
    let bottom = top + heights.reduce(0, +) + 6
    drawBand(&frame, scale, top: top, bottom: bottom)
    frame.horizontalAxis(
      scale, style: .decimals(2), top: top, bottom: bottom,
      title: "Standardised mean difference (treated less comparison)")
    let zero = scale.position(0)
    frame.canvas.line(zero, top, zero, bottom, color: Palette.axis, width: 1.5)
    let columns = [right + 12 + headWidths[0], frame.canvas.width - margin]
    for stage in 0..<2 {
      let x = columns[stage]
      for (line, text) in headLines[stage].enumerated() {
        let y = headY - 16 * Double(headLines[stage].count - 1 - line)
        if line == 0 {
          let width = TextWidth.of(text, size: 13, bold: true)
          drawMarker(&frame.canvas, stage: stage, x: x - width - 12, y: y - 4.5)
        }
        frame.canvas.text(
          text, x: x, y: y, size: 13, anchor: .end, bold: true, color: LovePlot.textColors[stage])
      }
    }
    var y = top + 4
    for (row, height) in zip(rows, heights) {
      draw(row, &frame.canvas, scale, middle: y + height / 2, margin: margin, columns: columns)
      y += height
    }
    frame.canvas.height = bottom + 56
    if rows.count < all.count {
      frame.canvas.text(
        "The \(rows.count) of \(all.count) rows that differ most after adjustment", x: margin,
        y: bottom + 66, size: 13, color: Palette.quiet)
      frame.canvas.height = bottom + 80
    }
    return frame.figure(name: name, summary: summary(all), tables: [released])
  }

  private static let colors = [Palette.series[2], Palette.series[0]]
  private static let textColors = [Palette.seriesText[2], Palette.seriesText[0]]

  private func rows(of table: ResultTable) -> [Row] {
    var rows: [Row] = []
    var places: [[String]: Int] = [:]
    for index in table.rows.indices {
      let covariate = table[index, "covariate"].plainText
      let cell = table[index, "smd"]
      if covariate == "ess" || cell == .missing { continue }
      var label = names[covariate] ?? (covariate == "distance" ? "Propensity score" : covariate)
      let level = table[index, "level"].plainText
      if !level.isEmpty { label += ": \(level)" }
      // Rows are told apart by what the table calls them: two columns may have one label.
      let key = [covariate, level]
      let place = places[key] ?? rows.count
      if place == rows.count {
        rows.append(Row(label: label))
        places[key] = place
      }
      if table[index, "stage"].plainText == "adjusted" {
        rows[place].after = cell
      } else {
        rows[place].before = cell
      }
    }
    let order = rows.indices.sorted { left, right in
      let sizes = [left, right].map { rows[$0].before.number?.magnitude ?? -1 }
      return sizes[0] == sizes[1] ? left < right : sizes[0] > sizes[1]
    }
    return order.map { rows[$0] }
  }

  /// The rows that differ most after adjustment (before it, where that is all there is), in the order
  /// given.
  private func furthest(_ rows: [Row]) -> [Row] {
    guard rows.count > limit else { return rows }
    let sizes = rows.map { ($0.after.number ?? $0.before.number)?.magnitude ?? -1 }
    let order = rows.indices.sorted {
      sizes[$0] == sizes[$1] ? $0 < $1 : sizes[$0] > sizes[$1]
    }
    return order.prefix(max(1, limit)).sorted().map { rows[$0] }
  }

  private func drawBand(_ frame: inout ChartFrame, _ scale: Scale, top: Double, bottom: Double) {
    let (low, high) = (scale.position(-threshold), scale.position(threshold))
    frame.canvas.rectangle(
      x: low, y: top, width: high - low, height: bottom - top, fill: Palette.band)
    for x in [low, high] {
      frame.canvas.line(x, top, x, bottom, color: Palette.axis, dash: "4 3")
    }
    frame.canvas.text(
      "balanced within ±\(NumberStyle.significant(3).text(threshold))", x: (low + high) / 2,
      y: top - 7, size: 12, anchor: .middle, color: Palette.quiet)
  }

  private func draw(
    _ row: Row, _ canvas: inout Canvas, _ scale: Scale, middle: Double, margin: Double,
    columns: [Double]
  ) {
    for (line, text) in row.lines.enumerated() {
      let shift = Double(line) * 16 - Double(row.lines.count - 1) * 8
      canvas.text(text, x: margin, y: middle + 5 + shift)
    }
    let style = NumberStyle.decimals(2)
    let cells = [row.before, row.after]
    if let before = row.before.number, let after = row.after.number {
      canvas.line(
        scale.position(before), middle, scale.position(after), middle, color: Palette.axis)
    }
    for stage in 0..<2 {
      if let value = cells[stage].number {
        drawMarker(&canvas, stage: stage, x: scale.position(value), y: middle)
      }
      let text = cells[stage] == .missing ? "–" : style.text(cells[stage])
      canvas.text(text, x: columns[stage], y: middle + 5, size: 14, anchor: .end)
    }
  }

  private func drawMarker(_ canvas: inout Canvas, stage: Int, x: Double, y: Double) {
    let shape = stage == 0 ? Marker.circle : .diamond
    canvas.marker(
      shape, x: x, y: y, radius: stage == 0 ? 5 : 4.5, color: LovePlot.colors[stage],
      hollow: stage == 0)
  }

  private func summary(_ rows: [Row]) -> String {
    func largest(_ values: [Double?]) -> String {
      let greatest = values.compactMap { $0?.magnitude }.max()
      return greatest.map { NumberStyle.decimals(2).text($0) } ?? "withheld or not available"
    }
    let after = rows.map(\.after.number)
    let outside = after.count { ($0?.magnitude ?? 0) > threshold }
    let verdict =
      after.allSatisfy({ $0 == nil })
      ? ""
      : " After adjustment \(outside) of \(rows.count) lie outside ±"
        + "\(NumberStyle.significant(3).text(threshold))."
    return """
      Dot plot of the standardised mean differences of \(rows.count) covariates. The largest is \
      \(largest(rows.map(\.before.number))) before and \(largest(after)) after adjustment.\(verdict)
      """
  }
}
