public import Statistics

/// Intervals of an effect as trends are allowed to differ more and more (Rambachan & Roth 2023,
/// doi 10.1093/restud/rdad018).
public struct TrendBoundsChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the vertical axis measures, with its unit where the style has none.
  public var measure = "Effect"
  /// How the effects are written.
  public var style: NumberStyle
  /// What is allowed, by kind: the title of the horizontal axis.
  public var axisTitle: String

  /// A chart of intervals under violations of parallel trends.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .decimals(2), axisTitle: String
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.axisTitle = axisTitle
  }

  private struct Bar {
    /// Nil for the original interval.
    var m: Double?
    var low: Double?
    var high: Double?
    var isWithheld: Bool
  }

  /// Draws the rows of a `trend_bounds` table of one analysis and kind, the original interval first.
  ///
  /// - Throws: `noRows` without rows, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, name: String = "trend_bounds"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "chart of trend bounds", columns: ["kind", "m", "conf.low", "conf.high"])
    let bars = table.rows.indices.map { row in
      Bar(
        m: table[row, "m"].number, low: table[row, "conf.low"].number,
        high: table[row, "conf.high"].number, isWithheld: table[row, "conf.low"] == .suppressed)
    }
    let finite = bars.flatMap { [$0.low, $0.high].compactMap { $0 } }
    guard !finite.isEmpty || bars.contains(where: \.isWithheld) else {
      throw SiblingError(.noRows, "no interval of the chart is bounded")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    frame.verticalTitle(measure, style: style, x: ChartFrame.margin, y: frame.top + 12)
    let (top, bottom) = (frame.top + 34, frame.top + 34 + 290)
    let vertical = Scale(covering: finite + [0], start: bottom, end: top, count: 6)
    let left = ChartFrame.margin + ChartFrame.width(of: vertical, style: style) + 12
    let right = frame.canvas.width - ChartFrame.margin
    frame.verticalAxis(vertical, style: style, x: left, right: right)
    let zero = vertical.position(0)
    frame.canvas.line(left, zero, right, zero, color: Palette.ink, width: 1.5)
    let pitch = (right - left) / Double(bars.count)
    for (index, bar) in bars.enumerated() {
      let x = left + (Double(index) + 0.5) * pitch
      draw(bar, &frame.canvas, x: x, vertical, bottom: bottom)
    }
    frame.canvas.line(left, bottom, right, bottom, color: Palette.axis)
    frame.canvas.text(
      axisTitle, x: (left + right) / 2, y: bottom + 42, size: 13, anchor: .middle,
      color: Palette.quiet)
    frame.canvas.height = bottom + 58
    return frame.figure(name: name, summary: summary(bars), tables: [released])
  }

  private func label(_ bar: Bar) -> String {
    bar.m.map { NumberStyle.significant(3).text($0) } ?? "none: as assumed"
  }

  private func draw(
    _ bar: Bar, _ canvas: inout Canvas, x: Double, _ vertical: Scale, bottom: Double
  ) {
    canvas.text(label(bar), x: x, y: bottom + 20, size: 13, anchor: .middle, color: Palette.quiet)
    if bar.isWithheld {
      canvas.text("[c]", x: x, y: bottom - 8, size: 12, anchor: .middle, halo: true)
    }
    guard !bar.isWithheld else { return }
    // An end that is not there is open: the interval has no bound on that side.
    let color = bar.m == nil ? Palette.series[2] : Palette.series[0]
    let ends = [bar.low ?? vertical.low, bar.high ?? vertical.high].map { vertical.position($0) }
    canvas.line(
      x, ends[0], x, ends[1], color: color, width: 3, dash: bar.m == nil ? "6 3" : nil)
    for (end, isClosed) in zip(ends, [bar.low != nil, bar.high != nil]) where isClosed {
      canvas.line(x - 7, end, x + 7, end, color: color, width: 2.5)
    }
    let words = bar.m == nil ? Palette.seriesText[2] : Palette.seriesText[0]
    if let high = bar.high {
      canvas.text(
        style.text(high), x: x, y: max(ends[1] - 7, 12), size: 12, anchor: .middle, color: words,
        halo: true)
    }
    if let low = bar.low {
      canvas.text(
        style.text(low), x: x, y: ends[0] + 16, size: 12, anchor: .middle, color: words, halo: true)
    }
  }

  private func summary(_ bars: [Bar]) -> String {
    let parts = bars.map { bar -> String in
      guard !bar.isWithheld else { return "\(label(bar)): [c]" }
      let low = bar.low.map(style.text) ?? "no lower bound"
      let high = bar.high.map(style.text) ?? "no upper bound"
      return "\(label(bar)): \(low) to \(high)"
    }
    return "Intervals of the effect by how far trends may differ. "
      + parts.joined(separator: "; ") + "."
  }
}
