public import Statistics

/// Quantiles of one covariate among the treated against those among the comparisons: on the
/// diagonal both groups have the same distribution.
///
/// With both stages in the table there are two panels, before and after adjustment.
public struct QQChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// How the covariate's values are written.
  public var style: NumberStyle
  /// What the two arms are called.
  public var armNames: (treated: String, comparison: String)
  /// What the two stages are called.
  public var stageNames: (before: String, after: String)

  /// A QQ chart.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .decimals(0),
    armNames: (treated: String, comparison: String) = ("Treated", "Comparison"),
    stageNames: (before: String, after: String) = ("Before", "After")
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.armNames = armNames
    self.stageNames = stageNames
  }

  private struct Panel {
    var stage: String
    var points: [(x: Double, y: Double)]
    var withheld: Int
  }

  /// Draws the rows of a quantile table of one analysis and one covariate.
  ///
  /// - Throws: `noRows` without a quantile to show, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, name: String = "qq"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "QQ chart", columns: ["stage", "quantile_treated", "quantile_comparison"])
    let panels = StagePanels.stages(of: table).map { panel(table, stage: $0) }
    let values = panels.flatMap(\.points).flatMap { [$0.x, $0.y] }
    guard !values.isEmpty else {
      throw SiblingError(.noRows, "no quantile of the QQ chart can be shown")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let top = frame.top + 48
    let probe = Scale(covering: values, start: 0, end: 1, count: 4)
    let widest = ChartFrame.width(of: probe, style: style)
    let left = ChartFrame.margin + widest + 12
    // Half of the last tick's text stands right of its axis.
    let layout = StagePanels(
      count: panels.count, left: left,
      canvas: frame.canvas.width - max(0, widest / 2 + 2 - ChartFrame.margin), gap: 48, widest: 400)
    // Square: the diagonal is a diagonal.
    let bottom = top + layout.width
    let vertical = Scale(covering: values, start: bottom, end: top, count: 4)
    for (index, panel) in panels.enumerated() {
      let x = layout.start(index)
      let horizontal = Scale(covering: values, start: x, end: x + layout.width, count: 4)
      if index == 0 {
        frame.verticalAxis(vertical, style: style, x: x, right: x + layout.width)
      } else {
        for tick in vertical.ticks {
          let y = vertical.position(tick)
          frame.canvas.line(x, y, x + layout.width, y, color: Palette.grid)
        }
      }
      frame.horizontalAxis(
        horizontal, style: style, top: top, bottom: bottom, title: armNames.comparison)
      frame.canvas.line(
        x, bottom, x + layout.width, top, color: Palette.axis, width: 1.5, dash: "6 4")
      for point in panel.points {
        frame.canvas.marker(
          .circle, x: horizontal.position(point.x), y: vertical.position(point.y), radius: 3.2,
          color: Palette.series[0], hollow: panel.stage == "unadjusted")
      }
      if panels.count > 1 {
        frame.canvas.text(stageName(panel), x: x, y: top - 32, size: 14, bold: true)
      }
      if index == 0 {
        frame.canvas.text(
          armNames.treated, x: x, y: top - 12, size: 13, color: Palette.quiet)
      }
    }
    frame.canvas.height = bottom + 56
    let withheld = panels.reduce(0) { $0 + $1.withheld }
    if withheld > 0 {
      frame.canvas.text(
        "\(withheld) quantiles with too few people beyond them: [c]", x: ChartFrame.margin,
        y: bottom + 66, size: 13, color: Palette.quiet)
      frame.canvas.height = bottom + 80
    }
    return frame.figure(name: name, summary: summary(panels), tables: [released])
  }

  private func panel(_ table: ResultTable, stage: String) -> Panel {
    var panel = Panel(stage: stage, points: [], withheld: 0)
    for row in table.rows.indices where table[row, "stage"] == .text(stage) {
      let (treated, comparison) = (
        table[row, "quantile_treated"], table[row, "quantile_comparison"]
      )
      if let y = treated.number, let x = comparison.number {
        // Many people on one value give many equal points; one is drawn.
        if let last = panel.points.last, last == (x, y) { continue }
        panel.points.append((x, y))
      } else if treated == .suppressed || comparison == .suppressed {
        panel.withheld += 1
      }
    }
    return panel
  }

  private func stageName(_ panel: Panel) -> String {
    panel.stage == "adjusted" ? stageNames.after : stageNames.before
  }

  private func summary(_ panels: [Panel]) -> String {
    let parts = panels.map { panel -> String in
      let above = panel.points.count { $0.y > $0.x }
      let below = panel.points.count { $0.y < $0.x }
      return "\(stageName(panel)): of \(panel.points.count) distinct points \(above) lie above"
        + " the diagonal (\(armNames.treated) higher), \(below) below it"
    }
    return "Quantiles of \(armNames.treated) against those of \(armNames.comparison). "
      + parts.joined(separator: "; ") + "."
  }
}
