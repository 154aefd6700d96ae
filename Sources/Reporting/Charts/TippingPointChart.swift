public import Statistics

/// The conclusion over a grid of what might be true of the people whose outcome is unknown, with the
/// lines at which the interval reaches nought and the estimate is nought.
///
/// The enhanced tipping-point display of Liublinska & Rubin (2014, doi:10.1002/sim.6197).
public struct TippingPointChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the horizontal axis is: the comparison's assumption.
  public var comparisonTitle: String
  /// What the vertical axis is: the treated's assumption.
  public var treatedTitle: String
  /// How values on the axes are written.
  public var style: NumberStyle
  /// Whether the axes show rates, on which missing at random has a place of its own.
  public var showsRates: Bool

  /// A tipping-point chart.
  public init(
    title: Prose, subtitle: Prose, comparisonTitle: String, treatedTitle: String,
    style: NumberStyle = .percent(0), showsRates: Bool = true
  ) {
    self.title = title
    self.subtitle = subtitle
    self.comparisonTitle = comparisonTitle
    self.treatedTitle = treatedTitle
    self.style = style
    self.showsRates = showsRates
  }

  /// Draws the grid of a `tipping_point` table of one outcome.
  ///
  /// - Throws: `noRows` when the grid has fewer than two values a side or no estimates.
  public func figure(
    _ released: Released<ResultTable>, name: String = "tipping_point"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "tipping-point chart",
      columns: ["kind", "treated", "comparison", "estimate", "conf.low", "conf.high", "side"])
    guard let field = TippingField(table), field.isDrawable else {
      throw SiblingError(.noRows, "there is no grid of assumptions to draw")
    }
    let margin = ChartFrame.margin
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let start = startPoint(table)
    var bottom = frame.top + 4
    key(&frame.canvas, field, hasStart: start != nil, &bottom)
    bottom += 10
    frame.canvas.text(treatedTitle, x: margin, y: bottom + 8, size: 13, color: Palette.quiet)
    let top = bottom + 26
    let end = top + 380
    let spread = (field.columns.last ?? 1) - (field.columns.first ?? 0)
    let rise = (field.rows.last ?? 1) - (field.rows.first ?? 0)
    var vertical = Scale(
      covering: field.rows, start: end, end: top, count: 5, widen: false)
    vertical.low -= rise * 0.04
    vertical.high += rise * 0.04
    let left = margin + ChartFrame.width(of: vertical, style: style) + 10
    var horizontal = Scale(
      covering: field.columns, start: left, end: frame.canvas.width - margin - 20, count: 6,
      widen: false)
    horizontal.low -= spread * 0.03
    horizontal.high += spread * 0.03
    frame.verticalAxis(vertical, style: style, x: left, right: horizontal.end)
    frame.horizontalAxis(
      horizontal, style: style, top: top, bottom: end, title: comparisonTitle)
    draw(&frame.canvas, field, horizontal, vertical)
    if let start, horizontal.clamped(start.x) == start.x, vertical.clamped(start.y) == start.y {
      frame.canvas.marker(
        .square, x: horizontal.position(start.x), y: vertical.position(start.y), radius: 7,
        color: Palette.ink)
    }
    frame.canvas.height = end + 56
    return frame.figure(
      name: name, summary: summary(table, field, start), tables: [released])
  }

  /// Where outcomes missing at random stand.
  private func startPoint(_ table: ResultTable) -> (x: Double, y: Double)? {
    guard let row = table.firstRow(where: ["kind": "at-random"]) else { return nil }
    guard showsRates else { return (0, 0) }
    guard let x = table[row, "mean_comparison"].number, let y = table[row, "mean_treated"].number
    else { return nil }
    return (x, y)
  }

  private static let looks: [(side: String, marker: Marker, color: String, hollow: Bool)] = [
    ("above 0", .triangle, Palette.series[0], false),
    ("includes 0", .circle, Palette.axis, true),
    ("below 0", .diamond, Palette.series[2], false),
  ]

  /// What markers and lines mean, in rows of words.
  private func key(
    _ canvas: inout Canvas, _ field: TippingField, hasStart: Bool, _ bottom: inout Double
  ) {
    var (x, y) = (ChartFrame.margin + 6, bottom + 10)
    func room(_ text: String, _ symbol: Double, _ canvas: Canvas) {
      let width = symbol + 8 + TextWidth.of(text, size: 13) + 22
      if x + width > canvas.width - ChartFrame.margin + 22, x > ChartFrame.margin + 6 {
        (x, y) = (ChartFrame.margin + 6, y + 21)
      }
    }
    for look in Self.looks where field.sides.contains(look.side) {
      let words = "Interval \(look.side == "includes 0" ? look.side : "lies " + look.side)"
      room(words, 12, canvas)
      canvas.marker(
        look.marker, x: x, y: y - 4.5, radius: 4.5, color: look.color, hollow: look.hollow)
      canvas.text(words, x: x + 12, y: y, size: 13)
      x += 12 + TextWidth.of(words, size: 13) + 22
    }
    var lines: [(String, String?, Double)] = []
    if !field.limits.isEmpty { lines.append(("Interval just reaches 0", nil, 2.5)) }
    if field.zero.count > 1 { lines.append(("Estimate is 0", "8 4", 2)) }
    for (words, dash, width) in lines {
      room(words, 30, canvas)
      canvas.line(x - 5, y - 4.5, x + 23, y - 4.5, color: Palette.ink, width: width, dash: dash)
      canvas.text(words, x: x + 30, y: y, size: 13)
      x += 30 + TextWidth.of(words, size: 13) + 22
    }
    if hasStart {
      let words = "Missing at random"
      room(words, 14, canvas)
      canvas.marker(.square, x: x + 2, y: y - 4.5, radius: 6, color: Palette.ink)
      canvas.text(words, x: x + 16, y: y, size: 13)
    }
    bottom = y + 6
  }

  private func draw(
    _ canvas: inout Canvas, _ field: TippingField, _ horizontal: Scale, _ vertical: Scale
  ) {
    for limit in field.limits {
      canvas.polyline(
        limit.map { (x: horizontal.position($0.x), y: vertical.position($0.y)) },
        color: Palette.ink, width: 2.5)
    }
    canvas.polyline(
      field.zero.map { (x: horizontal.position($0.x), y: vertical.position($0.y)) },
      color: Palette.ink, width: 2, dash: "8 4")
    for point in field.points {
      guard let look = Self.looks.first(where: { $0.side == point.side }) else { continue }
      canvas.marker(
        look.marker, x: horizontal.position(point.x), y: vertical.position(point.y), radius: 4.5,
        color: look.color, hollow: look.hollow)
    }
  }

  private func summary(
    _ table: ResultTable, _ field: TippingField, _ start: (x: Double, y: Double)?
  ) -> String {
    var parts: [String] = []
    for look in Self.looks {
      let count = field.points.count { $0.side == look.side }
      if count > 0 {
        let share = NumberStyle.percent(0).text(Double(count) / Double(field.points.count))
        parts.append(
          "\(parts.isEmpty ? "At" : "at") \(share) of the assumptions shown the interval"
            + " \(words(look.side))")
      }
    }
    var text =
      "Grid of assumptions about people whose outcome is unknown. Across: \(comparisonTitle). Up:"
      + " \(treatedTitle). " + parts.joined(separator: "; ") + "."
    if let start, showsRates {
      text +=
        " If outcomes are missing at random the values are \(style.text(start.x)) and"
        + " \(style.text(start.y))."
    }
    return text
  }

  private func words(_ side: String) -> String {
    side == "includes 0" ? side : "lies " + side
  }
}

/// The grid of assumptions, and the lines on it.
struct TippingField {
  /// The comparison's values, ascending.
  let columns: [Double]
  /// The treated's values, ascending.
  let rows: [Double]
  /// Where the interval lies at each point.
  let points: [(x: Double, y: Double, side: String)]
  /// Lines along which a limit of the interval is nought.
  let limits: [[(x: Double, y: Double)]]
  /// The line along which the estimate is nought.
  let zero: [(x: Double, y: Double)]

  /// Where intervals lie anywhere on the grid.
  var sides: Set<String> { Set(points.map(\.side)) }
  /// Whether every point has an interval.
  var isDrawable: Bool { points.count == columns.count * rows.count }

  /// The grid of a table; nil with fewer than two values a side.
  init?(_ table: ResultTable) {
    let grid = table.rows.indices.filter { table[$0, "kind"] == "grid" }
    func sorted(_ column: String) -> [Double] {
      Set(grid.compactMap { table[$0, column].number }).sorted()
    }
    let (columns, rows) = (sorted("comparison"), sorted("treated"))
    guard columns.count > 1, rows.count > 1 else { return nil }
    var values = ["estimate": [[Double]](), "conf.low": [], "conf.high": []]
    for name in values.keys {
      values[name] = [[Double]](
        repeating: [Double](repeating: .nan, count: rows.count), count: columns.count)
    }
    var points: [(x: Double, y: Double, side: String)] = []
    for row in grid {
      guard let x = table[row, "comparison"].number, let y = table[row, "treated"].number,
        let i = columns.firstIndex(of: x), let j = rows.firstIndex(of: y),
        let side = table[row, "side"].text, table[row, "conf.low"].number != nil
      else { continue }
      points.append((x, y, side))
      for name in ["estimate", "conf.low", "conf.high"] {
        values[name]?[i][j] = table[row, name].number ?? .nan
      }
    }
    (self.columns, self.rows, self.points) = (columns, rows, points)
    func line(_ name: String) -> [(x: Double, y: Double)] {
      Self.crossings(values[name] ?? [], columns, rows)
    }
    limits = [line("conf.low"), line("conf.high")].filter { $0.count > 1 }
    zero = line("estimate")
  }

  /// The points between neighbours at which a value changes its sign, from left to right.
  ///
  /// An effect rises with the treated's value and falls with the comparison's, so the line rises.
  private static func crossings(
    _ values: [[Double]], _ columns: [Double], _ rows: [Double]
  ) -> [(x: Double, y: Double)] {
    func share(_ a: Double, _ b: Double) -> Double? {
      guard a.isFinite, b.isFinite, a != b, a * b <= 0 else { return nil }
      return a / (a - b)
    }
    var points: [(x: Double, y: Double)] = []
    for i in columns.indices {
      for j in 1..<rows.count {
        guard let part = share(values[i][j - 1], values[i][j]) else { continue }
        points.append((columns[i], rows[j - 1] + part * (rows[j] - rows[j - 1])))
      }
    }
    for j in rows.indices {
      for i in 1..<columns.count {
        guard let part = share(values[i - 1][j], values[i][j]) else { continue }
        points.append((columns[i - 1] + part * (columns[i] - columns[i - 1]), rows[j]))
      }
    }
    return points.sorted { $0.x == $1.x ? $0.y < $1.y : $0.x < $1.x }
  }
}
