/// Shares from 0 to 100% in rows under headings, as bars or points with their intervals.
struct ShareRows {
  /// One share.
  struct Row {
    var label: String
    var estimate: ResultTable.Cell
    var low: Double?
    var high: Double?
    /// What stands at the right.
    var text: String
    /// The place of its color and marker.
    var series: Int
  }

  /// Rows that belong together.
  struct Block {
    var heading: String
    var rows: [Row]
  }

  var blocks: [Block]
  var isBar: Bool
  var axisTitle: String
  /// What stands above the texts at the right.
  var columnTitle: String

  static let rowHeight = 24.0

  /// Draws everything below the titles and sets the picture's height.
  func draw(_ frame: inout ChartFrame) {
    let margin = ChartFrame.margin
    let rows = blocks.flatMap(\.rows)
    let labelWidth = min(rows.map { TextWidth.of($0.label, size: 14) }.max() ?? 0, 200)
    let textWidth = max(
      rows.map { TextWidth.of($0.text, size: 14) }.max() ?? 0,
      TextWidth.of(columnTitle, size: 13, bold: true))
    let right = frame.canvas.width - margin - textWidth - 18
    let reach = rows.flatMap { [$0.high, $0.estimate.number].compactMap { $0 } }.max() ?? 1
    let scale = Scale(
      covering: [0, min(1, max(reach, 0.05))], start: margin + labelWidth + 14, end: right,
      count: 5)
    let heights = blocks.map { headingLines($0, frame).count * 18 + $0.rows.count * 24 + 14 }
    let top = frame.top + 26
    let bottom = top + Double(heights.reduce(0, +)) + 2
    frame.canvas.text(
      columnTitle, x: frame.canvas.width - margin, y: frame.top + 14, size: 13, anchor: .end,
      bold: true)
    frame.horizontalAxis(
      scale, style: .percent(), top: top, bottom: bottom, title: axisTitle)
    var y = top + 4
    for block in blocks {
      for line in headingLines(block, frame) {
        frame.canvas.text(line, x: margin, y: y + 14, bold: true, halo: true)
        y += 18
      }
      for row in block.rows {
        draw(row, &frame.canvas, scale, middle: y + Self.rowHeight / 2)
        y += Self.rowHeight
      }
      y += 14
    }
    frame.canvas.height = bottom + 56
  }

  private func headingLines(_ block: Block, _ frame: ChartFrame) -> [String] {
    TextWidth.lines(
      block.heading, width: frame.canvas.width - 2 * ChartFrame.margin, size: 14, bold: true,
      atMost: 2)
  }

  private func draw(_ row: Row, _ canvas: inout Canvas, _ scale: Scale, middle: Double) {
    let series = row.series % Palette.series.count
    let color = Palette.series[series]
    let label = TextWidth.lines(row.label, width: 200, size: 14, atMost: 1).first ?? ""
    canvas.text(
      label, x: ChartFrame.margin, y: middle + 5, color: Palette.seriesText[series], halo: true)
    canvas.text(
      row.text, x: canvas.width - ChartFrame.margin, y: middle + 5, anchor: .end)
    guard let estimate = row.estimate.number else { return }
    let x = scale.position(estimate)
    if isBar {
      canvas.rectangle(
        x: scale.start, y: middle - 8, width: x - scale.start, height: 16, fill: color,
        stroke: color, opacity: 0.55)
    }
    if let low = row.low, let high = row.high {
      let ends = [low, high].map { scale.position(scale.clamped($0)) }
      let ink = isBar ? Palette.ink : color
      canvas.line(ends[0], middle, ends[1], middle, color: ink, width: isBar ? 1.5 : 2)
      for end in ends { canvas.line(end, middle - 4, end, middle + 4, color: ink, width: 1.5) }
    }
    if !isBar {
      canvas.marker(Palette.markers[series], x: x, y: middle, color: color, hollow: series % 2 == 1)
    }
  }

  /// The rows in words.
  var words: String {
    blocks.map { block in
      let parts = block.rows.map { "\($0.label) \($0.text)" }
      return "\(block.heading): " + parts.joined(separator: "; ")
    }.joined(separator: ". ") + "."
  }
}

extension ResultTable {
  /// A share of a row with its interval as text: `38% (35 to 41)`.
  func shareText(_ row: Int, _ columns: (estimate: String, low: String, high: String)) -> String {
    let style = NumberStyle.percent()
    let cell = self[row, columns.estimate]
    guard let value = cell.number else { return cell == .suppressed ? "[c]" : "not known" }
    guard let low = self[row, columns.low].number, let high = self[row, columns.high].number
    else { return style.text(value) }
    return "\(style.text(value)) (\(style.bare.text(low)) to \(style.bare.text(high)))"
  }
}
