public import Statistics

/// The specification curve: estimates of many combinations of choices in ascending order, and below them
/// which options each combination took.
public struct SpecificationChart: Sendable {
  /// A choice: the column of its options, and what it is called.
  public struct Choice: Sendable {
    /// The column.
    public var column: String
    /// What it is called.
    public var title: String

    /// A choice.
    public init(column: String, title: String) {
      self.column = column
      self.title = title
    }
  }

  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// The choices from top to bottom.
  public var choices: [Choice]
  /// How estimates are written.
  public var style: NumberStyle
  /// What the vertical axis measures.
  public var measure: String
  /// The value that means no difference.
  public var null: Double

  /// A specification curve.
  public init(
    title: Prose, subtitle: Prose, choices: [Choice], style: NumberStyle = .decimals(2),
    measure: String, null: Double = 0
  ) {
    self.title = title
    self.subtitle = subtitle
    self.choices = choices
    self.style = style
    self.measure = measure
    self.null = null
  }

  private struct Point {
    var row: Int
    var estimate: Double
    var low, high: Double?
    var isConclusive: Bool
    var isMain: Bool
    var isOther: Bool
  }

  /// Draws the rows of `specifications` that were estimated.
  ///
  /// - Throws: `noRows` when no row was estimated, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, name: String = "specification_curve"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "specification curve",
      columns: ["estimate", "conf.low", "conf.high", "status"] + choices.map(\.column))
    let rows = table.rows.indices.filter { table[$0, "status"] == "estimated" }
    let points = points(table, rows)
    let withheld = rows.count - points.count
    guard !points.isEmpty || withheld > 0 else {
      throw SiblingError(.noRows, "no combination of the choices gave an estimate to draw")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let margin = ChartFrame.margin
    let options = choices.map { table.levels($0.column) }
    let texts = options.flatMap { $0 }
    let labelWidth = min(texts.map { TextWidth.of($0, size: 13) }.max() ?? 0, 220) + 16
    let top = frame.top + 74
    let bottom = top + 230
    let heights = points.flatMap { [$0.estimate, $0.low, $0.high].compactMap { $0 } }
    let vertical = Scale(covering: heights + [null], start: bottom, end: top, count: 5)
    let left = margin + max(labelWidth, ChartFrame.width(of: vertical, style: style) + 12)
    let right = frame.canvas.width - margin
    frame.canvas.text(measure, x: margin, y: frame.top + 12, size: 13, bold: true)
    legend(&frame.canvas, y: frame.top + 36, points)
    frame.verticalAxis(vertical, style: style, x: left, right: right)
    let zero = vertical.position(vertical.clamped(null))
    frame.canvas.line(left, zero, right, zero, color: Palette.ink, width: 1.5)
    let step = (right - left) / Double(max(1, points.count))
    let radius = max(1.5, min(5, step * 0.32))
    for (place, point) in points.enumerated() {
      draw(point, &frame.canvas, x: left + (Double(place) + 0.5) * step, vertical, radius)
    }
    if withheld > 0 {
      frame.canvas.text("\(withheld) combinations: [c]", x: left + 6, y: top + 14, halo: true)
    }
    let end = matrix(
      &frame.canvas, table, points, options, top: bottom + 26, left: left, right: right,
      labelWidth: labelWidth, step: step)
    frame.canvas.height = end + 12
    return frame.figure(
      name: name, summary: summary(points, withheld, options), tables: [released])
  }

  private func points(_ table: ResultTable, _ rows: [Int]) -> [Point] {
    let found = rows.compactMap { row -> Point? in
      guard let estimate = table[row, "estimate"].number else { return nil }
      let (low, high) = (table[row, "conf.low"].number, table[row, "conf.high"].number)
      return Point(
        row: row, estimate: estimate, low: low, high: high,
        isConclusive: (low ?? null) > null || (high ?? null) < null,
        isMain: table[row, "as_reported"] == true, isOther: table[row, "same_question"] == false)
    }
    // Equal estimates keep the order of the table.
    return found.sorted { ($0.estimate, $0.row) < ($1.estimate, $1.row) }
  }

  /// How a point looks: its shape tells it from others without its colour.
  private func look(_ point: Point) -> (marker: Marker, color: String, hollow: Bool) {
    if point.isOther { return (.triangle, Palette.series[2], !point.isConclusive) }
    return (.circle, Palette.series[0], !point.isConclusive)
  }

  private func draw(
    _ point: Point, _ canvas: inout Canvas, x: Double, _ scale: Scale, _ radius: Double
  ) {
    let (marker, color, hollow) = look(point)
    if let low = point.low, let high = point.high {
      canvas.line(
        x, scale.position(scale.clamped(low)), x, scale.position(scale.clamped(high)),
        color: point.isConclusive ? color : Palette.faint, width: max(1, min(2, radius * 0.5)))
    }
    let y = scale.position(point.estimate)
    if point.isMain {
      canvas.marker(.diamond, x: x, y: y, radius: max(5, radius), color: Palette.series[3])
    } else {
      canvas.marker(marker, x: x, y: y, radius: radius, color: color, hollow: hollow)
    }
  }

  private func legend(_ canvas: inout Canvas, y: Double, _ points: [Point]) {
    var items: [(Marker, String, Bool, String)] = [
      (.circle, Palette.series[0], false, "interval conclusive"),
      (.circle, Palette.series[0], true, "interval inconclusive"),
    ]
    if points.contains(where: \.isMain) {
      items.append((.diamond, Palette.series[3], false, "every choice as reported"))
    }
    if points.contains(where: \.isOther) {
      items.append((.triangle, Palette.series[2], false, "another question"))
    }
    var x = ChartFrame.margin + 6
    var y = y
    for (marker, color, hollow, text) in items {
      let width = TextWidth.of(text, size: 13) + 34
      if x + width > canvas.width - ChartFrame.margin, x > ChartFrame.margin + 6 {
        x = ChartFrame.margin + 6
        y += 20
      }
      canvas.marker(marker, x: x, y: y - 4, radius: 5, color: color, hollow: hollow)
      canvas.text(text, x: x + 12, y: y, size: 13)
      x += width
    }
  }

  /// The rows of options with a mark where a combination took them; the last line's height.
  private func matrix(
    _ canvas: inout Canvas, _ table: ResultTable, _ points: [Point], _ options: [[String]],
    top: Double, left: Double, right: Double, labelWidth: Double, step: Double
  ) -> Double {
    var y = top
    let size = max(2, min(9, step * 0.6))
    for (choice, names) in zip(choices, options) {
      canvas.text(choice.title, x: ChartFrame.margin, y: y + 4, size: 13, bold: true)
      y += 20
      for name in names {
        let lines = TextWidth.lines(name, width: labelWidth - 12, size: 13, atMost: 2)
        let height = Double(lines.count) * 16 + 3
        canvas.line(left, y, right, y, color: Palette.grid)
        for (line, text) in lines.enumerated() {
          let shift = Double(line) * 16 - Double(lines.count - 1) * 8
          canvas.text(text, x: ChartFrame.margin + 8, y: y + 4.5 + shift, size: 13)
        }
        for (place, point) in points.enumerated()
        where table[point.row, choice.column].plainText == name {
          let x = left + (Double(place) + 0.5) * step
          canvas.rectangle(
            x: x - size / 2, y: y - 5, width: size, height: 10,
            fill: point.isMain ? Palette.series[3] : Palette.ink)
        }
        y += height
      }
      y += 10
    }
    return y
  }

  private func summary(_ points: [Point], _ withheld: Int, _ options: [[String]]) -> String {
    var text = "Estimates of \(points.count) combinations in ascending order with their intervals"
    if let first = points.first, let last = points.last {
      text += ", from \(style.text(first.estimate)) to \(style.text(last.estimate))"
    }
    text += "; \(points.count { $0.isConclusive }) intervals are conclusive."
    if let main = points.firstIndex(where: \.isMain) {
      text +=
        " The one with every choice as reported is number \(main + 1),"
        + " \(style.text(points[main].estimate))."
    }
    if withheld > 0 { text += " \(withheld) combinations are withheld [c]." }
    let listed = zip(choices, options).map { choice, names in
      "\(choice.title): \(names.joined(separator: ", "))"
    }
    return text + " Below stand the options that each took. " + listed.joined(separator: "; ") + "."
  }
}
