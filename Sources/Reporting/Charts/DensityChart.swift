public import Statistics

/// Kernel densities of the score or of a covariate in both groups, on one axis.
///
/// With both stages in the table there are two panels, before and after adjustment.
public struct DensityChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What stands below the axis.
  public var axisTitle: String
  /// How the covariate's values are written.
  public var style: NumberStyle
  /// What the two arms are called.
  public var armNames: (treated: String, comparison: String)
  /// What the two stages are called.
  public var stageNames: (before: String, after: String)

  /// A density chart.
  public init(
    title: Prose, subtitle: Prose, axisTitle: String, style: NumberStyle = .decimals(0),
    armNames: (treated: String, comparison: String) = ("Treated", "Comparison"),
    stageNames: (before: String, after: String) = ("Before", "After")
  ) {
    self.title = title
    self.subtitle = subtitle
    self.axisTitle = axisTitle
    self.style = style
    self.armNames = armNames
    self.stageNames = stageNames
  }

  private struct Curve {
    var values: [Double] = []
    /// Nil where the density is withheld.
    var heights: [Double?] = []
    var greatest: Double { heights.compactMap { $0 }.max() ?? 0 }
    /// Where the curve is highest.
    var mode: Double? {
      zip(values, heights).compactMap { value, height in height.map { (value, $0) } }
        .max { $0.1 < $1.1 }?.0
    }
  }

  private struct Panel {
    var stage: String
    var curves: [Curve]
  }

  /// Draws the rows of a density table of one analysis and one covariate.
  ///
  /// - Throws: `noRows` without a density to show, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, name: String = "density"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(for: "density chart", columns: ["stage", "arm", "value", "density"])
    let panels = StagePanels.stages(of: table).map { panel(table, stage: $0) }
    let greatest = panels.flatMap(\.curves).map(\.greatest).max() ?? 0
    guard greatest > 0 else {
      throw SiblingError(.noRows, "no density of the density chart can be shown")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    drawLegend(&frame)
    let top = frame.top + (panels.count > 1 ? 58 : 36)
    let bottom = top + 260
    let layout = StagePanels(
      count: panels.count, left: ChartFrame.margin + 4, canvas: frame.canvas.width, gap: 44)
    let vertical = Scale(
      low: 0, high: greatest * 1.04, start: bottom, end: top, ticks: [], step: greatest)
    var hasGap = false
    for (index, panel) in panels.enumerated() {
      let x = layout.start(index)
      let values = panels.flatMap(\.curves).flatMap(\.values)
      let horizontal = Scale(
        covering: values, start: x, end: x + layout.width, count: 5, widen: false)
      frame.horizontalAxis(
        horizontal, style: style, top: top, bottom: bottom, title: axisTitle)
      for (arm, curve) in panel.curves.enumerated() {
        for run in runs(curve) {
          frame.canvas.polyline(
            run.map { (horizontal.position($0.x), vertical.position($0.y)) },
            color: DensityChart.colors[arm], width: 2.5, dash: DensityChart.dashes[arm])
        }
        hasGap = hasGap || curve.heights.contains { $0 == nil }
      }
      if panels.count > 1 {
        frame.canvas.text(stageName(panel), x: x, y: top - 10, size: 14, bold: true)
      }
    }
    frame.canvas.height = bottom + 56
    if hasGap {
      frame.canvas.text(
        "No curve where too few people are near: [c]", x: ChartFrame.margin, y: bottom + 66,
        size: 13, color: Palette.quiet)
      frame.canvas.height = bottom + 80
    }
    return frame.figure(name: name, summary: summary(panels), tables: [released])
  }

  private static let colors = [Palette.series[0], Palette.series[3]]
  private static let textColors = [Palette.seriesText[0], Palette.seriesText[3]]
  private static let dashes: [String?] = [nil, "8 4"]

  /// The arms' names beside a stretch of their lines, once for both panels: curves that lie on each
  /// other leave no room for names beside them.
  private func drawLegend(_ frame: inout ChartFrame) {
    var x = ChartFrame.margin + 4
    for (arm, text) in [armNames.treated, armNames.comparison].enumerated() {
      let y = frame.top + 12
      frame.canvas.line(
        x, y, x + 34, y, color: DensityChart.colors[arm], width: 2.5,
        dash: DensityChart.dashes[arm])
      frame.canvas.text(
        text, x: x + 42, y: y + 5, size: 14, bold: true, color: DensityChart.textColors[arm])
      x += 42 + TextWidth.of(text, size: 14, bold: true) + 28
    }
  }

  private func panel(_ table: ResultTable, stage: String) -> Panel {
    var curves = [Curve(), Curve()]
    for row in table.rows.indices where table[row, "stage"] == .text(stage) {
      guard let value = table[row, "value"].number else { continue }
      let arm = table[row, "arm"] == .text("treated") ? 0 : 1
      curves[arm].values.append(value)
      curves[arm].heights.append(table[row, "density"].number)
    }
    return Panel(stage: stage, curves: curves)
  }

  /// The stretches of a curve without a gap.
  private func runs(_ curve: Curve) -> [[(x: Double, y: Double)]] {
    var runs: [[(x: Double, y: Double)]] = [[]]
    for (value, height) in zip(curve.values, curve.heights) {
      if let height {
        runs[runs.count - 1].append((value, height))
      } else if !runs[runs.count - 1].isEmpty {
        runs.append([])
      }
    }
    return runs.filter { $0.count > 1 }
  }

  private func stageName(_ panel: Panel) -> String {
    panel.stage == "adjusted" ? stageNames.after : stageNames.before
  }

  private func summary(_ panels: [Panel]) -> String {
    let parts = panels.map { panel -> String in
      let peaks = zip([armNames.treated, armNames.comparison], panel.curves).map { name, curve in
        curve.mode.map { "\(name) is densest at \(style.text($0))" } ?? "\(name) is withheld"
      }
      return "\(stageName(panel)): " + peaks.joined(separator: ", ")
    }
    return "Curves of the densities of both groups. " + parts.joined(separator: "; ") + "."
  }
}
