public import Statistics

/// The mean index of the people accepted, by arm and calendar quarter, with intervals as bands.
public struct CreamingChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// Words for the arms, where their names will not do.
  public var names: [String: String]
  /// Quarters in which a contract began, such as `2019 Q2`.
  public var launches: [String]

  /// A creaming chart.
  public init(
    title: Prose, subtitle: Prose, names: [String: String] = [:], launches: [String] = []
  ) {
    (self.title, self.subtitle, self.names, self.launches) = (title, subtitle, names, launches)
  }

  private struct Point {
    var quarter: Int
    var estimate: Double?
    var low: Double?
    var high: Double?
    var isWithheld: Bool
  }

  /// Draws the rows of a creaming table that are means by quarter.
  ///
  /// - Throws: `noRows` without such rows, `unknownColumn` when a column is absent, `badValue` for more
  ///   arms than can be told apart.
  public func figure(
    _ released: Released<ResultTable>, name: String = "creaming"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "creaming chart", columns: ["arm", "period", "estimate", "conf.low", "conf.high"])
    let arms = table.levels("arm")
    guard arms.count <= Palette.series.count else {
      throw SiblingError(.badValue, "a creaming chart has room for four arms, not \(arms.count)")
    }
    let lines = arms.map { arm in
      table.rows.indices.filter { table[$0, "arm"].plainText == arm }.compactMap { row -> Point? in
        guard let quarter = Self.quarter(table[row, "period"].plainText) else { return nil }
        return Point(
          quarter: quarter, estimate: table[row, "estimate"].number,
          low: table[row, "conf.low"].number, high: table[row, "conf.high"].number,
          isWithheld: table[row, "estimate"] == .suppressed)
      }.sorted { $0.quarter < $1.quarter }
    }
    let quarters = lines.flatMap { $0.map(\.quarter) }
    guard let first = quarters.min(), let last = quarters.max() else {
      throw SiblingError(.noRows, "no row of the creaming table is a quarter's mean")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let top = frame.top + 26
    let bottom = top + 290
    let labels = arms.map { names[$0] ?? $0 }
    let labelWidth = min(labels.map { TextWidth.of($0, size: 14, bold: true) }.max() ?? 0, 190)
    let vertical = Scale(
      covering: lines.flatMap { $0.flatMap { [$0.estimate, $0.low, $0.high].compactMap { $0 } } },
      start: bottom, end: top, count: 5)
    let left = ChartFrame.margin + ChartFrame.width(of: vertical, style: .percent()) + 12
    let right = frame.canvas.width - ChartFrame.margin - labelWidth - 14
    func x(_ quarter: Int) -> Double {
      let span = Double(max(last - first, 1))
      let share = last == first ? 0.5 : Double(quarter - first) / span
      return left + 10 + share * (right - left - 20)
    }
    frame.verticalAxis(vertical, style: .percent(), x: left, right: right)
    frame.canvas.line(left, bottom, right, bottom, color: Palette.axis)
    drawYears(&frame.canvas, first, last, x, bottom)
    drawLaunches(&frame.canvas, first, last, x, top: top, bottom: bottom)
    for (series, points) in lines.enumerated() {
      draw(points, series, &frame.canvas, x, vertical, bottom: bottom)
    }
    drawLabels(&frame.canvas, labels, lines, vertical, x: right + 12, width: labelWidth)
    frame.canvas.height = bottom + 44
    return frame.figure(name: name, summary: summary(labels, lines), tables: [released])
  }

  /// Quarters since year nought; nil for another text.
  static func quarter(_ text: String) -> Int? {
    let parts = text.split(separator: " Q")
    guard parts.count == 2, let year = Int(parts[0]), let quarter = Int(parts[1]),
      (1...4).contains(quarter)
    else { return nil }
    return year * 4 + quarter - 1
  }

  private func drawYears(
    _ canvas: inout Canvas, _ first: Int, _ last: Int, _ x: (Int) -> Double, _ bottom: Double
  ) {
    var free = -Double.infinity
    let isShort = last - first < 6
    for quarter in first...last where isShort || quarter % 4 == 0 {
      let text = isShort ? "\(quarter / 4) Q\(quarter % 4 + 1)" : "\(quarter / 4)"
      canvas.line(x(quarter), bottom, x(quarter), bottom + 5, color: Palette.axis)
      let half = TextWidth.of(text, size: 13) / 2
      guard x(quarter) - half > free + 6 else { continue }
      canvas.text(
        text, x: x(quarter), y: bottom + 20, size: 13, anchor: .middle, color: Palette.quiet)
      free = x(quarter) + half
    }
  }

  private func drawLaunches(
    _ canvas: inout Canvas, _ first: Int, _ last: Int, _ x: (Int) -> Double, top: Double,
    bottom: Double
  ) {
    let quarters = Set(launches.compactMap { Self.quarter($0) }).sorted()
      .filter { (first...last).contains($0) }
    for quarter in quarters {
      canvas.line(
        x(quarter), top - 6, x(quarter), bottom, color: Palette.quiet, width: 1.5, dash: "5 4")
    }
    guard let quarter = quarters.first else { return }
    let words = quarters.count > 1 ? "Contracts begin" : "Contract begins"
    let width = TextWidth.of(words, size: 13)
    let place = min(
      max(x(quarter), ChartFrame.margin + width / 2), canvas.width - ChartFrame.margin - width / 2)
    canvas.text(words, x: place, y: top - 10, size: 13, anchor: .middle, color: Palette.quiet)
  }

  private func draw(
    _ points: [Point], _ series: Int, _ canvas: inout Canvas, _ x: (Int) -> Double,
    _ vertical: Scale, bottom: Double
  ) {
    let color = Palette.series[series]
    // A quarter without a number breaks the line.
    var run: [Point] = []
    func flush() {
      let band = run.filter { $0.low != nil && $0.high != nil }
      if band.count == run.count, band.count > 1 {
        let upper = band.map { (x: x($0.quarter), y: vertical.position($0.high ?? 0)) }
        let lower = band.reversed().map { (x: x($0.quarter), y: vertical.position($0.low ?? 0)) }
        canvas.polygon(upper + lower, fill: color, opacity: 0.14)
      } else {
        for point in band {
          canvas.line(
            x(point.quarter), vertical.position(point.low ?? 0), x(point.quarter),
            vertical.position(point.high ?? 0), color: color, width: 1.5)
        }
      }
      canvas.polyline(
        run.map { (x: x($0.quarter), y: vertical.position($0.estimate ?? 0)) }, color: color,
        dash: Palette.dashes[series])
      run = []
    }
    for point in points {
      if point.estimate == nil || run.last.map({ point.quarter > $0.quarter + 1 }) ?? false {
        flush()
      }
      if point.estimate != nil { run.append(point) }
      if point.isWithheld {
        canvas.text(
          "[c]", x: x(point.quarter), y: bottom - 8 - 14 * Double(series), size: 12,
          anchor: .middle, color: Palette.seriesText[series], halo: true)
      }
    }
    flush()
    let isDense = points.count > 24
    for point in points {
      guard let estimate = point.estimate else { continue }
      canvas.marker(
        Palette.markers[series], x: x(point.quarter), y: vertical.position(estimate),
        radius: isDense ? 2.5 : 4, color: color, hollow: series % 2 == 1)
    }
  }

  /// The arms' names at the ends of their lines, moved apart.
  private func drawLabels(
    _ canvas: inout Canvas, _ labels: [String], _ lines: [[Point]], _ vertical: Scale, x: Double,
    width: Double
  ) {
    var ends: [(y: Double, series: Int)] = []
    for (series, points) in lines.enumerated() {
      guard let last = points.last(where: { $0.estimate != nil })?.estimate else { continue }
      ends.append((vertical.position(last), series))
    }
    ends.sort { $0.y < $1.y }
    var free = -Double.infinity
    for end in ends {
      let texts = TextWidth.lines(labels[end.series], width: width, size: 14, bold: true, atMost: 3)
      var y = max(end.y + 5, free)
      for text in texts {
        canvas.text(
          text, x: x, y: y, bold: true, color: Palette.seriesText[end.series])
        y += 17
      }
      free = y + 3
    }
  }

  private func summary(_ labels: [String], _ lines: [[Point]]) -> String {
    let style = NumberStyle.percent()
    let parts = zip(labels, lines).map { label, points -> String in
      let known = points.filter { $0.estimate != nil }
      guard let first = known.first, let last = known.last else { return "\(label): withheld" }
      func words(_ point: Point) -> String {
        "\(style.text(point.estimate ?? 0)) in \(point.quarter / 4) Q\(point.quarter % 4 + 1)"
      }
      return "\(label): from \(words(first)) to \(words(last)), \(known.count) quarters"
    }
    return "Mean index of accepted people by calendar quarter. " + parts.joined(separator: "; ")
      + "."
  }
}
