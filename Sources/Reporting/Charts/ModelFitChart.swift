public import Statistics

/// Survival curves of parametric models over the Kaplan–Meier steps, a panel an arm, and below them
/// how well the models fit.
public struct ModelFitChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the vertical axis measures, such as `Still employed`.
  public var measure: String
  /// The unit of time, in the plural.
  public var unit: String
  /// Words for arms and models, where their names will not do.
  public var names: [String: String]
  /// The times with ticks; nil chooses them.
  public var ticks: [Double]?

  /// A chart of models against Kaplan–Meier.
  public init(
    title: Prose, subtitle: Prose, measure: String, unit: String = "weeks",
    names: [String: String] = [:], ticks: [Double]? = nil
  ) {
    self.title = title
    self.subtitle = subtitle
    self.measure = measure
    self.unit = unit
    self.names = names
    self.ticks = ticks
  }

  private struct Panel {
    var name: String
    var steps: StepCurve?
    /// The points of each model's line.
    var lines: [[(time: Double, survival: Double)]]
  }

  /// Draws the rows of a table of survival models of one analysis over a survival table of the same
  /// arms.
  ///
  /// Of more than four models the four of the lowest AIC are drawn.
  ///
  /// - Throws: `noRows` without a curve to show, `unknownColumn` when a column is absent,
  ///   `badValue` for more than four models without a comparison, or more arms than can be read.
  public func figure(
    _ models: Released<ResultTable>, survival: Released<ResultTable>,
    comparison: Released<ResultTable>? = nil, name: String = "survival_models"
  ) throws(SiblingError) -> Figure {
    let table = models.value
    try table.requireRows(
      for: "chart of survival models", columns: ["arm", "model", "time", "survival"])
    try comparison?.value.requireRows(
      for: "chart of survival models", columns: ["model", "df", "loglik", "aic", "bic"])
    let drawn = try drawnModels(of: table, comparison?.value)
    let steps = Dictionary(
      uniqueKeysWithValues: survival.value.rows(by: "arm").map { arm, rows in
        (arm, StepCurve(start: 1, table: survival.value, rows: rows, value: "survival"))
      })
    let panels = table.rows(by: "arm").map { arm, rows in
      let lines = table.rows(rows, by: "model")
      return Panel(
        name: named(arm), steps: steps[arm].flatMap { $0.times.isEmpty ? nil : $0 },
        lines: drawn.map { model in
          let rows = lines.first { $0.level == model }?.rows ?? []
          let curve = StepCurve(start: 1, table: table, rows: rows, value: "survival")
          return zip(curve.times, curve.values).map { ($0, $1) }
        })
    }
    guard panels.contains(where: { $0.lines.contains { $0.count > 1 } }) else {
      throw SiblingError(.noRows, "no survival model of the chart can be shown")
    }
    guard panels.count <= PanelGrid.most else {
      throw SiblingError(
        .badValue, "a chart has room for \(PanelGrid.most) panels, not \(panels.count)",
        help: "choose the arms to show")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let end = draw(panels, drawn, &frame)
    frame.canvas.height = end
    if let comparison {
      frame.canvas.height = drawComparison(comparison.value, drawn, &frame.canvas, top: end + 6)
    }
    let total = table.levels("model").count
    frame.noteHeld(
      survival, words: "Steps wait until enough people have left (disclosure control).")
    return frame.figure(
      name: name,
      summary: summary(panels, drawn, comparison?.value)
        + (total > drawn.count ? " \(drawn.count) of \(total) models are drawn." : ""),
      tables: [models, survival] + [comparison].compactMap { $0 })
  }

  private func named(_ text: String) -> String { names[text] ?? text }

  /// The models with a line, in the order of the table.
  private func drawnModels(
    of table: ResultTable, _ comparison: ResultTable?
  ) throws(SiblingError) -> [String] {
    let models = table.levels("model")
    if models.count <= 4 { return models }
    var ranked: [(aic: Double, position: Int)] = []
    for (position, model) in models.enumerated() {
      guard let comparison, let row = comparison.firstRow(where: ["model": .text(model)]),
        let aic = comparison[row, "aic"].number
      else { continue }
      ranked.append((aic, position))
    }
    guard ranked.count >= 4 else {
      throw SiblingError(
        .badValue, "the chart shows four survival models, not \(models.count)",
        help: "give the comparison of the models, so that the chart can choose by AIC")
    }
    let best = ranked.sorted { ($0.aic, $0.position) < ($1.aic, $1.position) }.prefix(4)
    return best.map(\.position).sorted().map { models[$0] }
  }

  /// Draws the panels and returns where they end.
  private func draw(_ panels: [Panel], _ models: [String], _ frame: inout ChartFrame) -> Double {
    var legend = Legend()
    if panels.contains(where: { $0.steps != nil }) {
      legend.entries.append((.line(color: Self.stepColor, dash: nil), "Kaplan–Meier", Palette.ink))
    }
    for (index, model) in models.enumerated() {
      legend.entries.append(
        (
          .line(color: Palette.series[index], dash: Palette.dashes[index]), named(model),
          Palette.seriesText[index]
        ))
    }
    var top = legend.draw(&frame.canvas, top: frame.top + 8) + 6
    frame.canvas.text(measure, x: ChartFrame.margin, y: top + 12, size: 13, bold: true)
    top += 28
    let grid = PanelGrid(names: panels.map(\.name), canvas: frame.canvas.width, axis: 48)
    let ends = panels.flatMap { panel in
      panel.lines.compactMap(\.last?.time) + [panel.steps?.times.last].compactMap { $0 }
    }
    for (index, panel) in panels.enumerated() {
      grid.drawName(index, &frame.canvas, gridTop: top)
      let (left, upper) = (grid.start(index), top + grid.top(index))
      let (right, lower) = (left + grid.width, upper + grid.height)
      let times = TimeAxis.scale(
        last: ends.max() ?? 1, unit: unit, ticks: ticks, start: left, end: right,
        count: grid.columns == 1 ? 6 : grid.columns == 2 ? 5 : 4)
      let shares = Scale(
        low: 0, high: 1, start: lower, end: upper, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], step: 0.2)
      frame.shareAxis(shares, left: left, right: right, isFirst: grid.isFirst(index))
      if let steps = panel.steps {
        frame.canvas.polygon(steps.band(times, shares), fill: Self.stepColor, opacity: 0.16)
        frame.canvas.polyline(steps.corners(times, shares), color: Self.stepColor, width: 3.5)
      }
      for (model, line) in panel.lines.enumerated() {
        let points = line.map {
          (x: times.position($0.time), y: shares.position(shares.clamped($0.survival)))
        }
        frame.canvas.polyline(
          StepCurve.thinned(points), color: Palette.series[model], width: 2,
          dash: Palette.dashes[model])
      }
      frame.horizontalAxis(
        times, style: .decimals(0), top: upper, bottom: lower,
        title: grid.isLowest(index) ? TimeAxis.title(unit) : "", grid: false)
    }
    return top + grid.bottom + 56
  }

  /// The steps are gray and thick, so that a model's line can be seen on them.
  private static let stepColor = Palette.faint

  /// The table of the criteria, the best model first; returns where it ends.
  private func drawComparison(
    _ table: ResultTable, _ drawn: [String], _ canvas: inout Canvas, top: Double
  ) -> Double {
    let heads = ["Parameters", "Log-likelihood", "AIC", "Above the lowest", "BIC"]
    let right = canvas.width - ChartFrame.margin
    let ends = [right - 440, right - 325, right - 240, right - 115, right]
    let aics = table.cells("aic").map(\.number)
    let lowest = aics.compactMap { $0 }.min()
    let order = table.rows.indices.sorted {
      (aics[$0] ?? .infinity, $0) < (aics[$1] ?? .infinity, $1)
    }
    var y = top + 14
    canvas.text("Model", x: ChartFrame.margin, y: y, size: 13, bold: true)
    for (head, end) in zip(heads, ends) {
      canvas.text(head, x: end, y: y, size: 13, anchor: .end, bold: true)
    }
    y += 6
    canvas.line(ChartFrame.margin, y, right, y, color: Palette.axis)
    for row in order {
      y += 19
      let model = table[row, "model"].plainText
      let series = drawn.firstIndex(of: model)
      let width = ends[0] - ChartFrame.margin - 80
      let above = aics[row].flatMap { aic in lowest.map { ResultTable.Cell(aic - $0) } }
      let cells: [(ResultTable.Cell, NumberStyle)] = [
        (table[row, "df"], .integer), (table[row, "loglik"], .decimals(1)),
        (table[row, "aic"], .decimals(1)), (above ?? table[row, "aic"], .decimals(1)),
        (table[row, "bic"], .decimals(1)),
      ]
      for (cell, end) in zip(cells, ends) {
        canvas.text(cell.1.text(cell.0), x: end, y: y, size: 13, anchor: .end)
      }
      let lines = TextWidth.lines(named(model), width: width, size: 13, atMost: 3)
      for (index, line) in lines.enumerated() {
        y += index > 0 ? 16 : 0
        canvas.text(
          line, x: ChartFrame.margin, y: y, size: 13,
          color: series.map { Palette.seriesText[$0] } ?? Palette.ink)
      }
    }
    return y + 16
  }

  private func summary(
    _ panels: [Panel], _ models: [String], _ comparison: ResultTable?
  ) -> String {
    let style = NumberStyle.percent()
    let parts = panels.map { panel -> String in
      var ends = zip(models, panel.lines).compactMap { model, line in
        line.last.map { "\(named(model)) \(style.text($0.survival))" }
      }
      if let steps = panel.steps { ends.insert("Kaplan–Meier \(style.text(steps.last))", at: 0) }
      return "\(panel.name): \(ends.joined(separator: ", "))"
    }
    var text = "Lines of parametric models over the Kaplan–Meier steps. \(measure) at the end: "
    text += parts.joined(separator: "; ") + "."
    if let comparison {
      let aics = comparison.rows.indices.compactMap { row in
        comparison[row, "aic"].number.map { (aic: $0, row: row) }
      }
      if let best = aics.min(by: { ($0.aic, $0.row) < ($1.aic, $1.row) }) {
        text += " \(named(comparison[best.row, "model"].plainText)) has the lowest AIC."
      }
    }
    return text
  }
}
