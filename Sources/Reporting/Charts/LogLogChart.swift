internal import Glibc
public import Statistics

/// The logarithm of the cumulative hazard, log(−log S), against time on a logarithmic axis: curves
/// of proportional hazards keep the same distance.
public struct LogLogChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// The unit of time, in the plural.
  public var unit: String
  /// Words for the arms, where the arm's name will not do.
  public var names: [String: String]

  /// A log–log chart.
  public init(
    title: Prose, subtitle: Prose, unit: String = "weeks", names: [String: String] = [:]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.unit = unit
    self.names = names
  }

  private struct Arm {
    var name: String
    var points: [(time: Double, value: Double)]
  }

  /// Draws the rows of a survival table of one analysis, at most four arms; only times after zero
  /// with some, but not all surviving have a point.
  ///
  /// - Throws: `noRows` without a point to show, `unknownColumn` when a column is absent,
  ///   `badValue` for more than four arms.
  public func figure(
    _ released: Released<ResultTable>, name: String = "log_log"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(for: "log-log chart", columns: ["arm", "time", "survival"])
    let arms = table.rows(by: "arm").map { key, rows in
      let curve = StepCurve(start: 1, table: table, rows: rows, value: "survival")
      let points = zip(curve.times, curve.values).filter { $0 > 0 && $1 > 0 && $1 < 1 }
      return Arm(
        name: names[key] ?? key, points: points.map { (time: $0, value: log(-log($1))) })
    }
    guard arms.count <= 4 else {
      throw SiblingError(
        .badValue, "a log-log chart shows at most four arms, not \(arms.count)",
        help: "choose the arms to compare, or merge some")
    }
    let points = arms.flatMap(\.points)
    guard !points.isEmpty else {
      throw SiblingError(.noRows, "no arm has a time with some, but not all surviving")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let top = frame.top + 34
    let bottom = top + 300
    let style = NumberStyle.decimals(0)
    let vertical = Scale(covering: points.map(\.value), start: bottom, end: top, count: 6)
    let left = ChartFrame.margin + ChartFrame.width(of: vertical, style: style) + 12
    let widest = arms.map { TextWidth.of($0.name, size: 14, bold: true) }.max() ?? 0
    let label = arms.count > 1 ? min(widest, 170) + 14 : 0
    let right = frame.canvas.width - ChartFrame.margin - label
    let times = TimeAxis.logarithmic(points.map(\.time), start: left, end: right)
    frame.verticalAxis(vertical, style: style, x: left, right: right)
    frame.canvas.text(
      "log(−log S), S the share still surviving", x: ChartFrame.margin, y: top - 14, size: 13,
      bold: true)
    var labels: [EndLabels.Label] = []
    for (index, arm) in arms.enumerated() {
      let corners = corners(arm, times, vertical)
      frame.canvas.polyline(
        corners, color: Palette.series[index], width: 2.5, dash: Palette.dashes[index])
      if arm.points.count == 1, let only = corners.first {
        frame.canvas.marker(
          Palette.markers[index], x: only.x, y: only.y, radius: 4, color: Palette.series[index])
      }
      guard arms.count > 1, let end = corners.last else { continue }
      labels.append(
        EndLabels.Label(
          x: end.x, y: end.y,
          name: TextWidth.lines(arm.name, width: label - 12, size: 14, bold: true, atMost: 3),
          value: "", series: index))
    }
    EndLabels(labels: labels).draw(&frame.canvas, x: right + 8, low: top, high: bottom)
    frame.horizontalAxis(
      times, style: .decimals(0), top: top, bottom: bottom,
      title: "\(TimeAxis.title(unit)) (logarithmic scale)", grid: false)
    frame.canvas.text(
      "Curves that keep the same distance speak for proportional hazards, curves that meet or cross "
        + "against them.", x: ChartFrame.margin, y: bottom + 66, size: 13, color: Palette.quiet)
    frame.canvas.height = bottom + 82
    frame.noteHeld(released)
    return frame.figure(name: name, summary: summary(arms), tables: [released])
  }

  private func corners(
    _ arm: Arm, _ times: Scale, _ vertical: Scale
  ) -> [(x: Double, y: Double)] {
    var corners: [(x: Double, y: Double)] = []
    for point in arm.points {
      let (x, y) = (times.position(point.time), vertical.position(point.value))
      if let last = corners.last, last.y != y { corners.append((x, last.y)) }
      corners.append((x, y))
    }
    return StepCurve.thinned(corners)
  }

  private func summary(_ arms: [Arm]) -> String {
    let style = NumberStyle.decimals(2)
    let parts = arms.map { arm -> String in
      guard let first = arm.points.first, let last = arm.points.last else {
        return "\(arm.name) has no point"
      }
      let times = NumberStyle.significant(4)
      return "\(arm.name) from \(style.text(first.value)) at \(times.text(first.time)) to "
        + "\(style.text(last.value)) at \(times.text(last.time)) \(unit)"
    }
    return "Logarithm of the cumulative hazard against the logarithm of time: "
      + parts.joined(separator: "; ") + "."
  }
}
