public import Statistics

/// The smallest detectable effect by clients of a site, a line for each of up to four plans.
public struct DetectableEffectChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// How effects are written.
  public var style: NumberStyle
  /// What the vertical axis measures.
  public var measure: String
  /// What the horizontal axis counts.
  public var axisTitle: String
  /// Where the study itself stands on the horizontal axis; nil leaves it out.
  public var here: Double?

  /// A chart of detectable effects.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .decimals(2), measure: String,
    axisTitle: String = "Clients of a site", here: Double? = nil
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.measure = measure
    self.axisTitle = axisTitle
    self.here = here
  }

  private struct Line {
    var name: String
    var points: [(x: Double, y: Double)] = []
    var isWithheld = false
  }

  /// Draws the rows of a `planning_curve` table of one outcome.
  ///
  /// - Throws: `noRows` without a detectable effect, `unknownColumn` when a column is absent,
  ///   `badValue` for more lines than can be told apart.
  public func figure(
    _ released: Released<ResultTable>, name: String = "planning"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "chart of detectable effects", columns: ["line", "clients", "detectable"])
    let lines = table.rows(by: "line").map { line(table, $0, $1) }
    guard lines.count <= 4 else {
      throw SiblingError(.badValue, "a chart has room for four lines, not \(lines.count)")
    }
    let points = lines.flatMap(\.points)
    let isWithheld = lines.contains(where: \.isWithheld)
    guard !points.isEmpty || isWithheld else {
      throw SiblingError(.noRows, "no effect of the chart can be found")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    frame.canvas.text(measure, x: ChartFrame.margin, y: frame.top + 12, size: 13, bold: true)
    let (top, bottom) = (frame.top + 40, frame.top + 40 + 300)
    let highest = points.isEmpty ? [1] : points.map(\.y)
    let vertical = Scale(covering: highest + [0], start: bottom, end: top, count: 6)
    let left = ChartFrame.margin + ChartFrame.width(of: vertical, style: style) + 12
    let right = frame.canvas.width - ChartFrame.margin - 150
    frame.verticalAxis(vertical, style: style, x: left, right: right)
    let all = table.cells("clients").compactMap(\.number)
    let across = Scale(covering: all + [0], start: left, end: right, count: 8, widen: true)
    if let here, here > across.low, here < across.high {
      let x = across.position(here)
      frame.canvas.line(x, top, x, bottom, color: Palette.quiet, width: 1.5, dash: "5 4")
      let half = TextWidth.of("This study", size: 13) / 2
      frame.canvas.text(
        "This study", x: min(max(x, left + half), right - half), y: top - 8, size: 13,
        anchor: .middle, color: Palette.quiet)
    }
    var labels: [EndLabels.Label] = []
    for (index, line) in lines.enumerated() {
      let color = Palette.series[index]
      let path = line.points.map { (x: across.position($0.x), y: vertical.position($0.y)) }
      frame.canvas.polyline(path, color: color, width: 2.5, dash: Palette.dashes[index])
      for point in path {
        frame.canvas.marker(
          Palette.markers[index], x: point.x, y: point.y, radius: 4, color: color,
          hollow: index % 2 == 1)
      }
      guard let end = path.last, let last = line.points.last else { continue }
      labels.append(
        .init(
          x: end.x, y: end.y,
          name: TextWidth.lines(line.name, width: 130, size: 14, bold: true, atMost: 2),
          value: style.bare.text(last.y), series: index))
    }
    EndLabels(labels: labels).draw(&frame.canvas, x: right + 14, low: top, high: bottom)
    if isWithheld {
      frame.canvas.text("[c]", x: left + 14, y: bottom - 8, size: 12, halo: true)
    }
    frame.horizontalAxis(
      across, style: .integer, top: top, bottom: bottom, title: axisTitle, grid: false)
    frame.canvas.height = bottom + 56
    return frame.figure(name: name, summary: summary(lines), tables: [released])
  }

  private func line(_ table: ResultTable, _ name: String, _ rows: [Int]) -> Line {
    var line = Line(name: name)
    for row in rows {
      if table[row, "detectable"] == .suppressed { line.isWithheld = true }
      guard let x = table[row, "clients"].number, let y = table[row, "detectable"].number else {
        continue
      }
      line.points.append((x, y))
    }
    line.points.sort { $0.x < $1.x }
    return line
  }

  private func summary(_ lines: [Line]) -> String {
    let parts = lines.map { line -> String in
      guard let first = line.points.first, let last = line.points.last else {
        return "\(line.name): \(line.isWithheld ? "[c]" : "no effect can be found")"
      }
      let count = NumberStyle.integer
      return "\(line.name): \(style.text(first.y)) with \(count.text(first.x)), "
        + "\(style.text(last.y)) with \(count.text(last.x))"
    }
    return "The smallest effect that the design finds, by \(axisTitle.lowercased()). "
      + parts.joined(separator: "; ") + "."
  }
}
