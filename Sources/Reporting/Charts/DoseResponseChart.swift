public import Statistics

/// Effects of sites with their intervals against what the sites differ in; a line with its band where
/// there are sites enough for one.
public struct DoseResponseChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// How effects and doses are written.
  public var style, doseStyle: NumberStyle
  /// What the vertical axis measures.
  public var measure: String
  /// What the horizontal axis measures.
  public var axisTitle: String
  /// Words for sites, where their names will not do.
  public var names: [String: String]

  /// A chart of effects by dose.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .decimals(2),
    doseStyle: NumberStyle = .decimals(1), measure: String, axisTitle: String,
    names: [String: String] = [:]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.doseStyle = doseStyle
    self.measure = measure
    self.axisTitle = axisTitle
    self.names = names
  }

  private struct Point {
    var name: String
    var x: Double
    var y, low, high: Double?
    var text: String
  }

  /// Draws rows of `dose_response` and of `dose_response_line`, of one outcome and dose.
  ///
  /// - Throws: `noRows` when no site has a dose, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, line: Released<ResultTable>? = nil,
    name: String = "dose_response"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "dose-response chart",
      columns: ["site", "dose_value", "estimate", "conf.low", "conf.high"])
    let points = table.rows.indices.compactMap { point(table, $0) }
    let withheld = table.rows.indices.count {
      table[$0, "dose_value"] == .suppressed || table[$0, "estimate"] == .suppressed
    }
    guard !points.isEmpty || withheld > 0 else {
      throw SiblingError(.noRows, "no site of the chart has a dose")
    }
    let path = line.map { steps($0.value) } ?? []
    var frame = ChartFrame(title: title, subtitle: subtitle)
    frame.canvas.text(measure, x: ChartFrame.margin, y: frame.top + 12, size: 13, bold: true)
    let (top, bottom) = (frame.top + 34, frame.top + 34 + 330)
    let heights = points.flatMap { [$0.y, $0.low, $0.high].compactMap { $0 } }
    let vertical = Scale(covering: heights + [0], start: bottom, end: top, count: 6)
    let left = ChartFrame.margin + ChartFrame.width(of: vertical, style: style) + 12
    let right = frame.canvas.width - ChartFrame.margin - 20
    frame.verticalAxis(vertical, style: style, x: left, right: right)
    let across = Scale(
      covering: points.isEmpty ? [0, 1] : points.map(\.x), start: left + 30, end: right - 30,
      count: 6)
    let zero = vertical.position(0)
    band(path, &frame.canvas, across, vertical)
    frame.canvas.line(left, zero, right, zero, color: Palette.ink, width: 1.2)
    draw(points, path, &frame.canvas, across, vertical, left: left, right: right)
    if withheld > 0 {
      frame.canvas.text(
        "\(withheld) sites: [c]", x: left + 6, y: top + 14, size: 13, halo: true)
    }
    frame.horizontalAxis(
      across, style: doseStyle, top: top, bottom: bottom, title: axisTitle, grid: false)
    frame.canvas.height = bottom + 56
    return frame.figure(
      name: name, summary: summary(points, path, withheld),
      tables: [released] + [line].compactMap { $0 })
  }

  private func point(_ table: ResultTable, _ row: Int) -> Point? {
    guard let x = table[row, "dose_value"].number else { return nil }
    let site = table[row, "site"].plainText
    let (low, high) = (table[row, "conf.low"].number, table[row, "conf.high"].number)
    var text = style.text(table[row, "estimate"])
    if let low, let high {
      text = "\(style.bare.text(table[row, "estimate"])) (\(style.bare.text(from: low, to: high)))"
    }
    return Point(
      name: names[site] ?? site, x: x, y: table[row, "estimate"].number, low: low, high: high,
      text: text)
  }

  private typealias Step = (x: Double, y: Double, low: Double, high: Double)

  private func steps(_ table: ResultTable) -> [Step] {
    table.rows.indices.compactMap { row -> Step? in
      guard let x = table[row, "dose_value"].number, let y = table[row, "estimate"].number,
        let low = table[row, "conf.low"].number, let high = table[row, "conf.high"].number
      else { return nil }
      return (x, y, low, high)
    }
  }

  /// The line and its band, cut where they leave the picture.
  private func band(_ path: [Step], _ canvas: inout Canvas, _ across: Scale, _ vertical: Scale) {
    guard path.count > 1 else { return }
    let upper = path.map { at($0.x, $0.high, across, vertical) }
    let lower = path.reversed().map { at($0.x, $0.low, across, vertical) }
    canvas.polygon((upper + lower).map { ($0.x, $0.y) }, fill: Palette.band)
    canvas.polyline(
      path.map { at($0.x, $0.y, across, vertical) }, color: Palette.series[2], width: 2.5,
      dash: "8 4")
  }

  private func draw(
    _ points: [Point], _ path: [Step], _ canvas: inout Canvas, _ across: Scale,
    _ vertical: Scale, left: Double, right: Double
  ) {
    let color = Palette.series[0]
    var labels = PointLabels(
      bounds: .init(
        x: left + 2, y: vertical.end - 4, width: right + 16 - left,
        height: vertical.start - vertical.end + 4))
    labels.avoid([(left, vertical.position(0)), (right, vertical.position(0))])
    labels.avoid(path.map { at($0.x, $0.y, across, vertical) })
    for point in points {
      let x = across.position(point.x)
      if let low = point.low, let high = point.high {
        let (from, to) = (vertical.position(low), vertical.position(high))
        canvas.line(x, from, x, to, color: color, width: 2)
        for end in [from, to] { canvas.line(x - 5, end, x + 5, end, color: color, width: 2) }
        labels.avoid([(x, from), (x, to)])
      }
      guard let y = point.y.map(vertical.position) else { continue }
      canvas.marker(.circle, x: x, y: y, radius: 5, color: color)
      labels.avoid(x: x, y: y, radius: 7)
    }
    for point in points {
      guard let y = point.y.map(vertical.position) else { continue }
      labels.write(point.name, x: across.position(point.x), y: y, &canvas)
    }
  }

  /// A place of the line, moved to the edge where it leaves the picture.
  private func at(
    _ x: Double, _ y: Double, _ across: Scale, _ vertical: Scale
  ) -> (x: Double, y: Double) {
    (across.position(across.clamped(x)), vertical.position(vertical.clamped(y)))
  }

  private func summary(_ points: [Point], _ path: [Step], _ withheld: Int) -> String {
    var parts = points.prefix(12).map { "\($0.name): \(doseStyle.text($0.x)), \($0.text)" }
    if points.count > 12 { parts.append("and \(points.count - 12) more in the data file") }
    if withheld > 0 { parts.append("\(withheld) sites [c]") }
    var text =
      "Effect of each site by \(axisTitle.lowercased()). " + parts.joined(separator: "; ") + "."
    if let first = path.first, let last = path.last {
      text += " A line runs from \(style.text(first.y)) to \(style.text(last.y))."
    }
    return text
  }
}
