/// One panel, or two side by side: a covariate before and after adjustment.
struct StagePanels {
  /// The stages that have something to draw, in their order.
  static func stages(of table: ResultTable) -> [String] {
    ["unadjusted", "adjusted"].filter { stage in
      table.rows.indices.contains { table[$0, "stage"] == .text(stage) }
    }
  }

  let width: Double
  private let left: Double
  private let gap: Double

  /// Panels between a left edge and the picture's right margin.
  init(count: Int, left: Double, canvas: Double, gap: Double, widest: Double = .infinity) {
    self.left = left
    self.gap = gap
    let whole = canvas - ChartFrame.margin - left
    width = min(widest, (whole - gap * Double(count - 1)) / Double(max(1, count)))
  }

  /// The left edge of a panel.
  func start(_ index: Int) -> Double { left + Double(index) * (width + gap) }
}
