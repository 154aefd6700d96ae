public import Statistics

/// An interrupted series: points observed, the segmented fit, and the path it would have kept.
public struct SeriesChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// How outcomes are written.
  public var style: NumberStyle
  /// What the vertical axis measures.
  public var measure: String
  /// What a period is called, such as `Quarter`.
  public var period: String

  /// A chart of interrupted series.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .decimals(2), measure: String,
    period: String = "Period"
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.measure = measure
    self.period = period
  }

  private struct Line {
    var name: String
    var observed: [(Double, Double)] = []
    var fitted: [(Double, Double)] = []
    var counterfactual: [(Double, Double)] = []
    var start: Double?
  }

  /// Draws the rows of a `series` table of one analysis.
  ///
  /// - Throws: `noRows` without a series to show, `unknownColumn` when a column is absent,
  ///   `badValue` for more series than can be told apart.
  public func figure(
    _ released: Released<ResultTable>, name: String = "series"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "chart of a series",
      columns: ["arm", "time", "observed", "fitted", "counterfactual", "after"])
    let lines = table.rows(by: "arm").map { line(table, $0, $1) }
    guard lines.count <= 3 else {
      throw SiblingError(.badValue, "a chart has room for three series, not \(lines.count)")
    }
    let all = lines.flatMap { $0.observed + $0.fitted + $0.counterfactual }
    guard let first = all.map(\.0).min(), let last = all.map(\.0).max() else {
      throw SiblingError(.noRows, "no value of the series can be shown")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    frame.canvas.text(
      measure, x: ChartFrame.margin, y: frame.top + 12, size: 13, bold: true)
    let (top, bottom) = (frame.top + 26, frame.top + 26 + 300)
    let vertical = Scale(covering: all.map(\.1), start: bottom, end: top, count: 6)
    let left = ChartFrame.margin + ChartFrame.width(of: vertical, style: style) + 12
    let right = frame.canvas.width - ChartFrame.margin - 130
    frame.verticalAxis(vertical, style: style, x: left, right: right)
    let times = GroupTimeChart.times(first, last, start: left, end: right, count: 12)
    if let start = lines.compactMap(\.start).min() {
      let earlier = all.map(\.0).filter { $0 < start }.max() ?? start
      let x = times.position((start + earlier) / 2)
      frame.canvas.line(x, top, x, bottom, color: Palette.quiet, width: 1.5, dash: "5 4")
    }
    var labels: [EndLabels.Label] = []
    for (index, line) in lines.enumerated() {
      let color = Palette.series[index]
      func points(_ path: [(Double, Double)]) -> [(x: Double, y: Double)] {
        path.map { (times.position($0.0), vertical.position($0.1)) }
      }
      frame.canvas.polyline(
        points(line.counterfactual), color: color, width: 2, dash: Self.dashesWithout[index])
      // The fit breaks where the interruption comes.
      let start = line.start ?? .infinity
      for part in [line.fitted.filter { $0.0 < start }, line.fitted.filter { $0.0 >= start }] {
        frame.canvas.polyline(points(part), color: color, width: 2.5, dash: Palette.dashes[index])
      }
      for point in points(line.observed) {
        frame.canvas.marker(
          Palette.markers[index], x: point.x, y: point.y, radius: 3.5, color: color,
          hollow: index % 2 == 1)
      }
      for (path, name) in [(line.fitted, line.name), (line.counterfactual, "without change")] {
        guard let end = path.last else { continue }
        labels.append(
          .init(
            x: times.position(end.0), y: vertical.position(end.1),
            name: TextWidth.lines(name, width: 112, size: 14, bold: true, atMost: 2),
            value: style.text(end.1), series: index))
      }
    }
    EndLabels(labels: labels).draw(&frame.canvas, x: right + 14, low: top, high: bottom)
    frame.horizontalAxis(
      times, style: .period, top: top, bottom: bottom, title: period, grid: false)
    frame.canvas.height = bottom + 56
    return frame.figure(name: name, summary: summary(lines), tables: [released])
  }

  /// The line patterns of what would have been without the change, a series each.
  private static let dashesWithout = ["3 4", "2 6", "1 3"]

  private func line(_ table: ResultTable, _ name: String, _ rows: [Int]) -> Line {
    var line = Line(name: name)
    let ordered = rows.compactMap { row in table[row, "time"].number.map { ($0, row) } }
      .sorted { $0.0 < $1.0 }
    for (time, row) in ordered {
      if let value = table[row, "observed"].number { line.observed.append((time, value)) }
      if let value = table[row, "fitted"].number { line.fitted.append((time, value)) }
      let isAfter = table[row, "after"] == .flag(true)
      if isAfter, line.start == nil { line.start = time }
      if isAfter, let value = table[row, "counterfactual"].number {
        line.counterfactual.append((time, value))
      }
    }
    return line
  }

  private func summary(_ lines: [Line]) -> String {
    let parts = lines.map { line -> String in
      var text = "\(line.name): \(line.observed.count) periods"
      if let fit = line.fitted.last, let other = line.counterfactual.last {
        text +=
          ", at the end \(style.text(fit.1)) fitted and \(style.text(other.1)) without the change"
      }
      return text
    }
    return "Observed points, segmented fit and its continuation without the change. "
      + parts.joined(separator: "; ") + "."
  }
}
