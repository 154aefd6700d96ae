public import Statistics

/// Jobs by length around a payment threshold: bars for the jobs that ended, a line for those that a
/// smooth law with heaps leads to expect, a panel an arm.
public struct BunchingChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// Words for the arms.
  public var names: [String: String]

  /// A histogram with its counterfactual.
  public init(title: Prose, subtitle: Prose, names: [String: String] = [:]) {
    (self.title, self.subtitle, self.names) = (title, subtitle, names)
  }

  private struct Bar {
    var from, to: Double
    var count, expected: Double?
    var isWithheld, isExcluded: Bool
  }

  /// Draws the rows of a `bunching_histogram` table of one threshold.
  ///
  /// - Throws: `noRows` without a bin to show, `unknownColumn` when a column is absent, `badValue` for
  ///   several thresholds or more arms than panels fit.
  public func figure(
    _ released: Released<ResultTable>, name: String = "bunching"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "histogram of job lengths",
      columns: ["arm", "threshold", "from", "to", "n", "counterfactual", "excluded"])
    let thresholds = Set(table.cells("threshold").compactMap(\.number))
    guard let threshold = thresholds.first, thresholds.count == 1 else {
      throw SiblingError(.badValue, "a histogram of job lengths shows one threshold")
    }
    let arms = table.rows(by: "arm")
    guard arms.count <= 4 else {
      throw SiblingError(.badValue, "a histogram has room for four arms, not \(arms.count)")
    }
    let panels = arms.map { (name: names[$0.0] ?? $0.0, bars: bars(table, $0.1)) }
    guard panels.contains(where: { !$0.bars.isEmpty }) else {
      throw SiblingError(.noRows, "no bin of the histogram can be shown")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    frame.canvas.text(
      "Jobs that ended", x: ChartFrame.margin, y: frame.top + 12, size: 13, bold: true)
    var top = frame.top + 22
    for (index, panel) in panels.enumerated() {
      let isLast = index == panels.count - 1
      top = draw(panel, threshold, isLast: isLast, top, &frame)
    }
    frame.canvas.height = top
    return frame.figure(
      name: name, summary: summary(panels, threshold), tables: [released])
  }

  private func bars(_ table: ResultTable, _ rows: [Int]) -> [Bar] {
    rows.compactMap { row in
      guard let from = table[row, "from"].number, let to = table[row, "to"].number else {
        return nil
      }
      return Bar(
        from: from, to: to, count: table[row, "n"].number,
        expected: table[row, "counterfactual"].number,
        isWithheld: table[row, "n"] == .suppressed,
        isExcluded: table[row, "excluded"] == .flag(true))
    }
  }

  /// Draws an arm and returns where it ends.
  private func draw(
    _ panel: (name: String, bars: [Bar]), _ threshold: Double, isLast: Bool, _ start: Double,
    _ frame: inout ChartFrame
  ) -> Double {
    let (left, right) = (ChartFrame.margin + 44, frame.canvas.width - ChartFrame.margin - 118)
    frame.canvas.text(panel.name, x: left, y: start + 16, bold: true)
    let (top, bottom) = (start + 46, start + 46 + 150)
    let most = panel.bars.flatMap { [$0.count, $0.expected].compactMap { $0 } }.max() ?? 1
    let vertical = Scale(covering: [0, max(most, 1)], start: bottom, end: top, count: 4)
    frame.verticalAxis(vertical, style: .integer, x: left, right: right)
    let across = Scale(
      covering: panel.bars.flatMap { [$0.from, $0.to] }, start: left, end: right, count: 8,
      widen: false)
    let window = panel.bars.filter(\.isExcluded)
    if let low = window.map(\.from).min(), let high = window.map(\.to).max() {
      let (x, end) = (across.position(low), across.position(high))
      frame.canvas.rectangle(
        x: x, y: top, width: end - x, height: bottom - top, fill: Palette.band)
    }
    var line: [(x: Double, y: Double)] = []
    for bar in panel.bars {
      let (x, end) = (across.position(bar.from), across.position(bar.to))
      if let count = bar.count, count > 0 {
        let y = vertical.position(count)
        frame.canvas.rectangle(
          x: x + 1, y: y, width: end - x - 2, height: bottom - y,
          fill: bar.isExcluded && bar.from >= threshold - 1e-9
            ? Palette.series[2] : Palette.series[0], opacity: 0.75)
      } else if bar.isWithheld {
        frame.canvas.text("[c]", x: (x + end) / 2, y: bottom - 4, size: 12, anchor: .middle)
      }
      if let expected = bar.expected {
        line.append((x: (x + end) / 2, y: vertical.position(expected)))
      }
    }
    frame.canvas.polyline(line, color: Palette.paper, width: 5)
    frame.canvas.polyline(line, color: Palette.series[3], width: 2.5, dash: Palette.dashes[1])
    if let end = line.last {
      let y = min(max(end.y - 2, top + 12), bottom - 20)
      for (text, place, series) in [("Expected", y, 3), ("Ended", y + 17, 0)] {
        frame.canvas.text(
          text, x: right + 10, y: place, size: 13, bold: true, color: Palette.seriesText[series])
      }
    }
    let x = across.position(threshold)
    frame.canvas.line(x, top - 6, x, bottom, color: Palette.ink, width: 1.5, dash: "5 4")
    let text = "paid from \(NumberStyle.significant(3).text(threshold)) weeks"
    frame.canvas.text(text, x: x + 6, y: top - 6, size: 13)
    frame.horizontalAxis(
      across, style: .significant(3), top: top, bottom: bottom,
      title: isLast ? "Length of the job, weeks" : "", grid: false)
    return bottom + (isLast ? 56 : 34)
  }

  private func summary(_ panels: [(name: String, bars: [Bar])], _ threshold: Double) -> String {
    let weeks = NumberStyle.significant(3).text(threshold)
    let parts = panels.map { panel -> String in
      let inside = panel.bars.filter { $0.isExcluded && $0.from >= threshold - 1e-9 }
      guard inside.allSatisfy({ !$0.isWithheld && $0.expected != nil }), !inside.isEmpty,
        let low = inside.map(\.from).min(), let high = inside.map(\.to).max()
      else { return "\(panel.name): [c]" }
      let count = inside.compactMap(\.count).reduce(0, +)
      let expected = inside.compactMap(\.expected).reduce(0, +)
      let style = NumberStyle.significant(3)
      return "\(panel.name): \(NumberStyle.integer.text(count)) jobs ended from \(style.text(low))"
        + " up to \(style.text(high)) weeks, where \(style.text(expected)) were expected"
    }
    return "Jobs by length around the payment threshold of \(weeks) weeks, with the number expected"
      + " without it. " + parts.joined(separator: "; ") + "."
  }
}
