public import Statistics

/// The two-by-two comparisons behind two-way fixed effects: estimate against weight (Goodman-Bacon
/// 2021, doi 10.1016/j.jeconom.2021.03.014).
public struct DecompositionChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// How the effects are written.
  public var style: NumberStyle
  /// Words for the types of comparison, where their names will not do.
  public var names: [String: String]

  /// A chart of a decomposition.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .decimals(2), names: [String: String] = [:]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.names = names
  }

  private struct Dyad {
    var type: Int
    var weight: Double
    var estimate: Double
  }

  /// Draws the rows of a `decomposition` table of one analysis.
  ///
  /// - Throws: `noRows` without a comparison to show, `unknownColumn` when a column is absent,
  ///   `badValue` for more types than there are markers.
  public func figure(
    _ released: Released<ResultTable>, name: String = "decomposition"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(for: "decomposition", columns: ["type", "weight", "estimate"])
    let types = table.levels("type")
    guard types.count <= Palette.markers.count else {
      throw SiblingError(
        .badValue, "a chart has room for \(Palette.markers.count) types of comparison")
    }
    let dyads = table.rows.indices.compactMap { row -> Dyad? in
      guard let weight = table[row, "weight"].number, let estimate = table[row, "estimate"].number,
        let type = types.firstIndex(of: table[row, "type"].plainText)
      else { return nil }
      return Dyad(type: type, weight: weight, estimate: estimate)
    }
    guard !dyads.isEmpty else {
      throw SiblingError(.noRows, "no comparison of the decomposition can be shown")
    }
    let whole = dyads.reduce(0) { $0 + $1.weight * $1.estimate }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    var y = frame.top + 12
    for (index, type) in types.enumerated() {
      let own = dyads.filter { $0.type == index }
      let weight = own.reduce(0) { $0 + $1.weight }
      let average = own.reduce(0) { $0 + $1.weight * $1.estimate } / weight
      mark(index, &frame.canvas, x: ChartFrame.margin + 8, y: y - 4)
      frame.canvas.text(
        "\(named(type)): weight \(NumberStyle.decimals(3).text(weight)), average "
          + style.text(average),
        x: ChartFrame.margin + 24, y: y, color: Palette.seriesText[index])
      y += 20
    }
    frame.canvas.line(
      ChartFrame.margin, y - 4, ChartFrame.margin + 18, y - 4, color: Palette.quiet, width: 1.5,
      dash: "6 4")
    frame.canvas.text(
      "their weighted sum, the two-way coefficient: \(style.text(whole))",
      x: ChartFrame.margin + 24, y: y, color: Palette.quiet)
    y += 20
    frame.verticalTitle(
      "Estimate of each comparison", style: style, x: ChartFrame.margin, y: y + 12)
    let (top, bottom) = (y + 26, y + 26 + 300)
    let vertical = Scale(
      covering: dyads.map(\.estimate) + [0, whole], start: bottom, end: top, count: 6)
    let left = ChartFrame.margin + ChartFrame.width(of: vertical, style: style) + 12
    let right = frame.canvas.width - ChartFrame.margin - 10
    frame.verticalAxis(vertical, style: style, x: left, right: right)
    let weights = Scale(
      covering: dyads.map(\.weight) + [0], start: left + 8, end: right, count: 6)
    frame.horizontalAxis(
      weights, style: .decimals(2), top: top, bottom: bottom,
      title: "Weight in the two-way fixed-effects coefficient")
    let zero = vertical.position(0)
    frame.canvas.line(left, zero, right, zero, color: Palette.ink, width: 1.5)
    let level = vertical.position(whole)
    frame.canvas.line(left, level, right, level, color: Palette.quiet, width: 1.5, dash: "6 4")
    for dyad in dyads {
      mark(
        dyad.type, &frame.canvas, x: weights.position(dyad.weight),
        y: vertical.position(dyad.estimate))
    }
    frame.canvas.height = bottom + 56
    return frame.figure(
      name: name, summary: summary(types, dyads, whole), tables: [released])
  }

  private func named(_ text: String) -> String { names[text] ?? text }

  private func mark(_ type: Int, _ canvas: inout Canvas, x: Double, y: Double) {
    canvas.marker(
      Palette.markers[type], x: x, y: y, radius: 5, color: Palette.series[type],
      hollow: type % 2 == 1)
  }

  private func summary(_ types: [String], _ dyads: [Dyad], _ whole: Double) -> String {
    let parts = types.enumerated().map { index, type in
      let own = dyads.filter { $0.type == index }
      let weight = own.reduce(0) { $0 + $1.weight }
      let average = own.reduce(0) { $0 + $1.weight * $1.estimate } / weight
      return "\(named(type)): \(own.count) with weight \(NumberStyle.decimals(3).text(weight)),"
        + " average \(style.text(average))"
    }
    return "Estimates of two-by-two comparisons against their weights. "
      + parts.joined(separator: "; ") + ". Weighted sum \(style.text(whole))."
  }
}
