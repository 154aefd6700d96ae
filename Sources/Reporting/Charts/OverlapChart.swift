public import Statistics

/// The propensity scores of the treated above the axis and of the comparisons below it, in bins.
///
/// With both stages in the table there are two panels, before and after adjustment.
public struct OverlapChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the two arms are called.
  public var armNames: (treated: String, comparison: String)
  /// What the two stages are called.
  public var stageNames: (before: String, after: String)

  /// An overlap chart.
  public init(
    title: Prose, subtitle: Prose,
    armNames: (treated: String, comparison: String) = ("Treated", "Comparison"),
    stageNames: (before: String, after: String) = ("Before", "After")
  ) {
    self.title = title
    self.subtitle = subtitle
    self.armNames = armNames
    self.stageNames = stageNames
  }

  private struct Bin {
    var low: Double
    var high: Double
    var share: ResultTable.Cell
  }

  private struct Panel {
    var stage: String
    var treated: [Bin]
    var comparison: [Bin]
    var shares: [Double] { (treated + comparison).compactMap(\.share.number) }
  }

  /// Draws the rows of an overlap table of one analysis.
  ///
  /// - Throws: `noRows` without rows, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, name: String = "overlap"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "overlap chart", columns: ["stage", "arm", "low", "high", "share"])
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let panels = ["unadjusted", "adjusted"].compactMap { panel(table, stage: $0) }
    guard !panels.isEmpty else {
      throw SiblingError(.noRows, "no stage of the overlap chart has bins")
    }
    let limit = axisLimit(panels.flatMap(\.shares))
    let top = frame.top + (panels.count > 1 ? 30 : 12)
    let bottom = top + 300
    let middle = (top + bottom) / 2
    let reach = middle - top
    let step = Scale.niceStep(limit / 3)
    let ticks = stride(from: 0.0, through: limit * 1.0001, by: step).map { $0 }
    let labels = Scale(low: 0, high: limit, start: 0, end: 1, ticks: ticks, step: step)
      .tickTexts(.percent())
    let left = ChartFrame.margin + (labels.map { TextWidth.of($0, size: 13) }.max() ?? 0) + 10
    let gap = 52.0
    let whole = frame.canvas.width - ChartFrame.margin - left
    let width = (whole - gap * Double(panels.count - 1)) / Double(panels.count)
    for (index, panel) in panels.enumerated() {
      let x = left + Double(index) * (width + gap)
      for (tick, label) in zip(ticks, labels) {
        for side in tick == 0 ? [1.0] : [-1.0, 1] {
          let y = middle + side * tick / limit * reach
          frame.canvas.line(x, y, x + width, y, color: Palette.grid)
          guard index == 0 else { continue }
          frame.canvas.text(
            label, x: left - 8, y: y + 4.5, size: 13, anchor: .end, color: Palette.quiet)
        }
      }
      let edges = (panel.treated + panel.comparison).flatMap { [$0.low, $0.high] }
      let scale = Scale(covering: edges, start: x, end: x + width, count: 4, widen: false)
      frame.horizontalAxis(
        scale, style: .decimals(1), top: top, bottom: bottom, title: "Propensity score",
        grid: false)
      draw(panel.treated, &frame.canvas, scale, middle, -reach, limit, color: 0)
      draw(panel.comparison, &frame.canvas, scale, middle, reach, limit, color: 3)
      frame.canvas.line(x, middle, x + width, middle, color: Palette.ink, width: 1.5)
      if panels.count > 1 {
        let stage = panel.stage == "adjusted" ? stageNames.after : stageNames.before
        frame.canvas.text(stage, x: x, y: top - 12, size: 14, bold: true)
      }
      drawNames(panel, &frame.canvas, scale, top: top, bottom: bottom)
    }
    frame.canvas.height = bottom + 56
    return frame.figure(name: name, summary: summary(panels), tables: [released])
  }

  private func panel(_ table: ResultTable, stage: String) -> Panel? {
    var panel = Panel(stage: stage, treated: [], comparison: [])
    for row in table.rows.indices where table[row, "stage"] == .text(stage) {
      guard let low = table[row, "low"].number, let high = table[row, "high"].number else {
        continue
      }
      let bin = Bin(low: low, high: high, share: table[row, "share"])
      if table[row, "arm"] == .text("treated") {
        panel.treated.append(bin)
      } else {
        panel.comparison.append(bin)
      }
    }
    return panel.treated.isEmpty && panel.comparison.isEmpty ? nil : panel
  }

  /// The share at which the axis ends: the largest, unless one bar towers over all others; then it
  /// is broken off and its share written on it.
  private func axisLimit(_ shares: [Double]) -> Double {
    let sorted = shares.sorted(by: >)
    guard let greatest = sorted.first, greatest > 0 else { return 1 }
    let typical = sorted[safe: min(4, sorted.count / 8)] ?? greatest
    let limit = greatest > 2.5 * typical && typical > 0 ? 1.25 * typical : greatest
    let step = Scale.niceStep(limit / 3)
    return (limit / step).rounded(.up) * step
  }

  private func draw(
    _ bins: [Bin], _ canvas: inout Canvas, _ scale: Scale, _ middle: Double, _ reach: Double,
    _ limit: Double, color: Int
  ) {
    for bin in bins {
      let (x, right) = (scale.position(bin.low), scale.position(bin.high))
      let width = max(1, right - x - 1)
      if bin.share == .suppressed {
        let y = middle + (reach < 0 ? -6 : 15)
        canvas.text("[c]", x: x + width / 2, y: y, size: 12, anchor: .middle)
      }
      guard let share = bin.share.number, share > 0 else { continue }
      let length = min(share, limit) / limit * reach
      canvas.rectangle(
        x: x + 0.5, y: min(middle, middle + length), width: width, height: length.magnitude,
        fill: Palette.series[color])
      if share > limit {
        let tip = middle + length
        let cut = middle + length * 0.9
        canvas.polygon(
          [(x - 2, cut + 5), (x + width + 3, cut - 2), (x + width + 3, cut - 7), (x - 2, cut)],
          fill: Palette.paper)
        let isAtRight = x + width + 60 > scale.end
        canvas.text(
          NumberStyle.percent().text(share), x: isAtRight ? x - 4 : x + width + 5,
          y: tip + (reach < 0 ? 11 : -2), size: 13, anchor: isAtRight ? .end : .start, bold: true,
          color: Palette.seriesText[color], halo: true)
      }
    }
  }

  /// The arms' names, in the corner where their bars are lower.
  private func drawNames(
    _ panel: Panel, _ canvas: inout Canvas, _ scale: Scale, top: Double, bottom: Double
  ) {
    let middle = (scale.low + scale.high) / 2
    func leansLeft(_ bins: [Bin]) -> Bool {
      let left = bins.filter { $0.high <= middle }.compactMap(\.share.number).max() ?? 0
      let right = bins.filter { $0.high > middle }.compactMap(\.share.number).max() ?? 0
      return left > right
    }
    for (index, bins) in [panel.treated, panel.comparison].enumerated() {
      let isLeft = leansLeft(bins)
      canvas.text(
        index == 0 ? armNames.treated : armNames.comparison,
        x: isLeft ? scale.end : scale.start + 4,
        y: index == 0 ? top + 14 : bottom - 8, size: 14, anchor: isLeft ? .end : .start, bold: true,
        color: Palette.seriesText[index == 0 ? 0 : 3], halo: true)
    }
  }

  private func summary(_ panels: [Panel]) -> String {
    let parts = panels.map { panel -> String in
      func range(_ bins: [Bin]) -> String {
        let used = bins.filter { ($0.share.number ?? 0) > 0 }
        let low = used.map(\.low).min() ?? 0
        let high = used.map(\.high).max() ?? 0
        return used.isEmpty
          ? "withheld" : "from \(FixedText.decimals(low, 2)) to \(FixedText.decimals(high, 2))"
      }
      let stage = panel.stage == "adjusted" ? stageNames.after : stageNames.before
      return "\(stage): \(armNames.treated) \(range(panel.treated)), "
        + "\(armNames.comparison) \(range(panel.comparison))"
    }
    return "Mirrored histograms of the propensity score, \(armNames.treated) above and "
      + "\(armNames.comparison) below the axis. Scores lie, " + parts.joined(separator: "; ") + "."
  }
}
