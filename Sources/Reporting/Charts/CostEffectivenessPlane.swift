public import Statistics

/// Draws of the difference in effect (across) and in cost (up), with lines at nought.
///
/// The four quarters are named at their corners, so that the reader need not know the convention.
public struct CostEffectivenessPlane: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the horizontal axis measures.
  public var effectTitle: String
  /// What the vertical axis measures.
  public var costTitle: String

  /// A plane.
  public init(
    title: Prose, subtitle: Prose,
    effectTitle: String = "More outcomes among 100 accepted clients",
    costTitle: String = "More pounds for an accepted client"
  ) {
    self.title = title
    self.subtitle = subtitle
    self.effectTitle = effectTitle
    self.costTitle = costTitle
  }

  /// Draws the rows of a `value_plane` table of one perspective.
  ///
  /// - Throws: `noRows` without draws that may be shown, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, name: String = "value_plane"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "cost-effectiveness plane", columns: ["kind", "effect", "cost"])
    var draws: [(x: Double, y: Double)] = []
    var estimate: (x: Double, y: Double)?
    for row in table.rows.indices {
      guard let x = table[row, "effect"].number, let y = table[row, "cost"].number else { continue }
      if table[row, "kind"] == "estimate" { estimate = (x, y) } else { draws.append((x, y)) }
    }
    let isWithheld = table.isSuppressed(anywhereIn: "effect")
    guard !draws.isEmpty || isWithheld else {
      throw SiblingError(.noRows, "there are no draws to show")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    key(&frame.canvas, frame.top)
    frame.canvas.text(
      costTitle, x: ChartFrame.margin, y: frame.top + 38, size: 13, color: Palette.quiet)
    let (top, bottom) = (frame.top + 54, frame.top + 54 + 360)
    let points = draws + [estimate].compactMap { $0 } + [(0, 0)]
    let vertical = Scale(covering: points.map(\.y), start: bottom, end: top, count: 6)
    let left = ChartFrame.margin + ChartFrame.width(of: vertical, style: .pounds()) + 12
    let right = frame.canvas.width - ChartFrame.margin - 10
    let across = Scale(covering: points.map(\.x), start: left, end: right, count: 7)
    frame.verticalAxis(vertical, style: .pounds(), x: left, right: right)
    frame.horizontalAxis(
      across, style: .perHundred(0), top: top, bottom: bottom, title: effectTitle)
    let (x0, y0) = (across.position(0), vertical.position(0))
    frame.canvas.line(x0, top, x0, bottom, color: Palette.ink, width: 1.5)
    frame.canvas.line(left, y0, right, y0, color: Palette.ink, width: 1.5)
    for draw in draws {
      frame.canvas.marker(
        .circle, x: across.position(draw.x), y: vertical.position(draw.y), radius: 2.5,
        color: Palette.series[0], hollow: true)
    }
    if let estimate {
      frame.canvas.marker(
        .diamond, x: across.position(estimate.x), y: vertical.position(estimate.y), radius: 7,
        color: Palette.series[2])
    }
    if !draws.isEmpty { corners(&frame.canvas, left, right, top, bottom, x0, y0) }
    if isWithheld {
      frame.canvas.text("[c]", x: left + 14, y: bottom - 8, size: 12, halo: true)
    }
    frame.canvas.height = bottom + 56
    return frame.figure(name: name, summary: summary(draws, estimate), tables: [released])
  }

  private func key(_ canvas: inout Canvas, _ top: Double) {
    let (x, y) = (ChartFrame.margin + 6, top + 14)
    canvas.marker(.diamond, x: x, y: y - 4.5, radius: 7, color: Palette.series[2])
    canvas.text("Estimate", x: x + 14, y: y, size: 13)
    let next = x + 14 + TextWidth.of("Estimate", size: 13) + 24
    canvas.marker(.circle, x: next, y: y - 4.5, radius: 3, color: Palette.series[0], hollow: true)
    canvas.text("What else the data allow: one draw each", x: next + 12, y: y, size: 13)
  }

  /// Names the quarters that have room for a name.
  private func corners(
    _ canvas: inout Canvas, _ left: Double, _ right: Double, _ top: Double, _ bottom: Double,
    _ x0: Double, _ y0: Double
  ) {
    let quarters: [(text: String, isRight: Bool, isTop: Bool)] = [
      ("More outcomes, dearer", true, true), ("More outcomes, cheaper", true, false),
      ("Fewer outcomes, dearer", false, true), ("Fewer outcomes, cheaper", false, false),
    ]
    for quarter in quarters {
      let width = TextWidth.of(quarter.text, size: 13, bold: true)
      let room = quarter.isRight ? right - x0 : x0 - left
      let height = quarter.isTop ? y0 - top : bottom - y0
      guard room > width + 12, height > 24 else { continue }
      canvas.text(
        quarter.text, x: quarter.isRight ? right - 6 : left + 6,
        y: quarter.isTop ? top + 16 : bottom - 8, size: 13,
        anchor: quarter.isRight ? .end : .start, bold: true, color: Palette.quiet, halo: true)
    }
  }

  private func summary(
    _ draws: [(x: Double, y: Double)], _ estimate: (x: Double, y: Double)?
  ) -> String {
    guard !draws.isEmpty else { return "The draws are withheld: [c]." }
    func share(_ condition: ((x: Double, y: Double)) -> Bool) -> String {
      NumberStyle.percent(0).text(Double(draws.count(where: condition)) / Double(draws.count))
    }
    var text =
      "Across: \(effectTitle.lowercased()). Up: \(costTitle.lowercased()). Of the draws shown"
      + " \(share { $0.x > 0 && $0.y > 0 }) have more outcomes and are dearer,"
      + " \(share { $0.x > 0 && $0.y <= 0 }) more and cheaper,"
      + " \(share { $0.x <= 0 && $0.y > 0 }) fewer and dearer,"
      + " \(share { $0.x <= 0 && $0.y <= 0 }) fewer and cheaper."
    if let estimate {
      text +=
        " The estimate is \(NumberStyle.perHundred(1).signed.text(estimate.x)) and"
        + " \(NumberStyle.pounds().signed.text(estimate.y))."
    }
    return text
  }
}
