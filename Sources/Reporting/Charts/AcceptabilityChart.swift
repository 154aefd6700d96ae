public import Statistics

/// The probability that an outcome was worth its cost, by what it is worth, a line a perspective.
public struct AcceptabilityChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the horizontal axis counts.
  public var axisTitle: String
  /// Words for the perspectives.
  public var names: [String: String]

  /// A chart.
  public init(
    title: Prose, subtitle: Prose, axisTitle: String = "What one more outcome is worth",
    names: [String: String] = [:]
  ) {
    (self.title, self.subtitle, self.axisTitle, self.names) = (title, subtitle, axisTitle, names)
  }

  /// Draws a `value_acceptability` table.
  ///
  /// - Throws: `noRows` without a probability, `unknownColumn` when a column is absent, `badValue` for
  ///   more lines than can be told apart.
  public func figure(
    _ released: Released<ResultTable>, name: String = "value_acceptability"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "acceptability chart", columns: ["perspective", "willingness", "probability"])
    let groups = table.rows(by: "perspective")
    guard groups.count <= 4 else {
      throw SiblingError(.badValue, "a chart has room for four lines, not \(groups.count)")
    }
    let lines = groups.map { name, rows in
      (
        name: names[name] ?? name,
        points: rows.compactMap { row -> (x: Double, y: Double)? in
          guard let x = table[row, "willingness"].number, let y = table[row, "probability"].number
          else { return nil }
          return (x, y)
        }.sorted { $0.x < $1.x }
      )
    }
    let isWithheld = table.isSuppressed(anywhereIn: "probability")
    guard lines.contains(where: { !$0.points.isEmpty }) || isWithheld else {
      throw SiblingError(.noRows, "no probability of the chart is known")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    frame.canvas.text(
      "Probability that net benefit is above nought", x: ChartFrame.margin, y: frame.top + 12,
      size: 13,
      color: Palette.quiet)
    let (top, bottom) = (frame.top + 34, frame.top + 34 + 300)
    let vertical = Scale(covering: [0, 1], start: bottom, end: top, count: 5)
    let left = ChartFrame.margin + ChartFrame.width(of: vertical, style: .percent()) + 12
    let right = frame.canvas.width - ChartFrame.margin - 160
    frame.verticalAxis(vertical, style: .percent(), x: left, right: right)
    let across = Scale(
      covering: table.cells("willingness").compactMap(\.number) + [0], start: left, end: right,
      count: 6, widen: false)
    let half = vertical.position(0.5)
    frame.canvas.line(left, half, right, half, color: Palette.quiet, width: 1.5, dash: "5 4")
    var labels: [EndLabels.Label] = []
    for (index, line) in lines.enumerated() {
      let path = line.points.map { (x: across.position($0.x), y: vertical.position($0.y)) }
      frame.canvas.polyline(
        path, color: Palette.series[index], width: 2.5, dash: Palette.dashes[index])
      for (place, point) in path.enumerated() where place % 5 == 0 || place == path.count - 1 {
        frame.canvas.marker(
          Palette.markers[index], x: point.x, y: point.y, radius: 4, color: Palette.series[index],
          hollow: index % 2 == 1)
      }
      guard let end = path.last, let last = line.points.last else { continue }
      labels.append(
        .init(
          x: end.x, y: end.y,
          name: TextWidth.lines(line.name, width: 140, size: 14, bold: true, atMost: 2),
          value: NumberStyle.percent().text(last.y), series: index))
    }
    EndLabels(labels: labels).draw(&frame.canvas, x: right + 14, low: top, high: bottom)
    if isWithheld {
      frame.canvas.text("[c]", x: left + 14, y: bottom - 8, size: 12, halo: true)
    }
    frame.horizontalAxis(
      across, style: .pounds(), top: top, bottom: bottom, title: axisTitle, grid: false)
    frame.canvas.height = bottom + 56
    let parts = lines.map { line -> String in
      guard let first = line.points.first, let last = line.points.last else {
        return "\(line.name): [c]"
      }
      let (money, share) = (NumberStyle.pounds(), NumberStyle.percent())
      return
        "\(line.name): \(share.text(first.y)) at \(money.text(first.x)), \(share.text(last.y)) at"
        + " \(money.text(last.x))"
    }
    return frame.figure(
      name: name,
      summary:
        "The probability that net benefit is above nought, by what one more outcome is worth. "
        + parts.joined(separator: "; ") + ".", tables: [released])
  }
}
