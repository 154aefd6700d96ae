public import Statistics

/// How coefficients vary over time: the smooth of the scaled Schoenfeld residuals with its band, the
/// coefficient as fitted, and the residuals where they may be shown; a panel a term.
public struct SchoenfeldChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// The unit of time, in the plural.
  public var unit: String
  /// How the axis of time is scaled, in words, such as `Kaplan–Meier scale`; nil for plain time.
  public var transform: String?
  /// How coefficients are written.
  public var style: NumberStyle
  /// Words for the terms, where their names will not do.
  public var names: [String: String]
  /// The times with ticks; nil chooses them.
  public var ticks: [Double]?

  /// A chart of scaled Schoenfeld residuals.
  public init(
    title: Prose, subtitle: Prose, unit: String = "weeks", transform: String? = nil,
    style: NumberStyle = .decimals(2), names: [String: String] = [:], ticks: [Double]? = nil
  ) {
    self.title = title
    self.subtitle = subtitle
    self.unit = unit
    self.transform = transform
    self.style = style
    self.names = names
    self.ticks = ticks
  }

  private struct Point {
    var time: Double
    var x: Double
    var estimate: Double?
    var low: Double?
    var high: Double?
  }

  private struct Panel {
    var name: String
    var smooth: [Point]
    var coefficient: Double?
    var residuals: [(x: Double, y: Double)]

    var values: [Double] {
      let ends = smooth.flatMap { [$0.estimate, $0.low, $0.high].compactMap { $0 } }
      return ends + [coefficient, 0].compactMap { $0 } + residuals.map(\.y)
    }
  }

  /// Draws the rows of a Schoenfeld-smooth table of one analysis, and the residuals' points when
  /// they are given and were released with rows.
  ///
  /// - Throws: `noRows` without a smooth to show, `unknownColumn` when a column is absent,
  ///   `badValue` for more terms than can be read.
  public func figure(
    _ released: Released<ResultTable>, residuals: Released<ResultTable>? = nil,
    name: String = "schoenfeld"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "Schoenfeld chart",
      columns: ["term", "time", "transformed", "estimate", "conf.low", "conf.high", "coefficient"])
    let points = residuals?.value.rows(by: "term") ?? []
    let most = points.map(\.rows.count).max() ?? 0
    let every = max(1, (most + Self.mostPoints - 1) / Self.mostPoints)
    let panels = table.rows(by: "term").map { term, rows in
      let own = points.first { $0.level == term }?.rows ?? []
      let some = stride(from: 0, to: own.count, by: every).map { own[$0] }
      return panel(term, table, rows, residuals?.value, some)
    }
    guard panels.contains(where: { $0.smooth.contains { $0.estimate != nil } }) else {
      throw SiblingError(.noRows, "no smooth of the Schoenfeld chart can be shown")
    }
    guard panels.count <= PanelGrid.most else {
      throw SiblingError(
        .badValue, "a chart has room for \(PanelGrid.most) panels, not \(panels.count)",
        help: "choose the terms to show")
    }
    let hasPoints = panels.contains { !$0.residuals.isEmpty }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let top = legend(hasPoints, every: every).draw(&frame.canvas, top: frame.top + 8) + 12
    let scales = panels.map { Scale(covering: $0.values, start: 0, end: 1, count: 5) }
    let axis = (scales.map { ChartFrame.width(of: $0, style: style) }.max() ?? 0) + 12
    let grid = PanelGrid(
      names: panels.map(\.name), canvas: frame.canvas.width, axis: axis,
      axisEach: panels.count > 1)
    for (index, panel) in panels.enumerated() {
      grid.drawName(index, &frame.canvas, gridTop: top)
      let (left, upper) = (grid.start(index), top + grid.top(index))
      let (right, lower) = (left + grid.width, upper + grid.height)
      var vertical = scales[index]
      (vertical.start, vertical.end) = (lower, upper)
      let horizontal = timeScale(
        panel, start: left, end: right, count: grid.columns == 1 ? 6 : 4)
      frame.verticalAxis(vertical, style: style, x: left, right: right)
      draw(panel, &frame.canvas, horizontal.scale, vertical)
      drawTimes(
        horizontal, &frame.canvas, bottom: lower,
        title: grid.isLowest(index) ? axisTitle(wide: grid.columns == 1) : "")
    }
    frame.canvas.height = top + grid.bottom + 56
    if let transform, grid.columns > 1 {
      frame.canvas.text(
        "The axis of time has a \(transform).", x: ChartFrame.margin, y: frame.canvas.height + 8,
        size: 13, color: Palette.quiet)
      frame.canvas.height += 22
    }
    return frame.figure(
      name: name, summary: summary(panels, hasPoints),
      tables: [released] + (hasPoints ? [residuals].compactMap { $0 } : []))
  }

  private static let smoothColor = Palette.series[0]
  private static let fittedColor = Palette.series[3]
  private static let pointColor = Palette.faint
  /// As many points of a term as can be told apart.
  private static let mostPoints = 2000

  private func legend(_ hasPoints: Bool, every: Int) -> Legend {
    var legend = Legend(entries: [
      (
        .line(color: Self.smoothColor, dash: nil), "Over time, with its band", Palette.seriesText[0]
      ),
      (
        .line(color: Self.fittedColor, dash: "8 4"), "As fitted, constant", Palette.seriesText[3]
      ),
      (.line(color: Palette.ink, dash: nil), "No association (0)", Palette.ink),
    ])
    if hasPoints {
      let words = every == 1 ? "One event" : "One event in \(every)"
      legend.entries.append((.point(color: Self.pointColor), words, Palette.ink))
    }
    return legend
  }

  private func axisTitle(wide: Bool) -> String {
    guard wide, let transform else { return TimeAxis.title(unit) }
    return "\(TimeAxis.title(unit)) (\(transform))"
  }

  private func panel(
    _ term: String, _ table: ResultTable, _ rows: [Int], _ residuals: ResultTable?, _ some: [Int]
  ) -> Panel {
    func place(_ table: ResultTable, _ row: Int) -> Double? {
      table[row, "transformed"].number ?? table[row, "time"].number
    }
    let smooth = rows.compactMap { row -> Point? in
      guard let time = table[row, "time"].number, let x = place(table, row) else { return nil }
      return Point(
        time: time, x: x, estimate: table[row, "estimate"].number,
        low: table[row, "conf.low"].number, high: table[row, "conf.high"].number)
    }.sorted { ($0.x, $0.time) < ($1.x, $1.time) }
    var points: [(x: Double, y: Double)] = []
    if let residuals {
      for row in some {
        guard let x = place(residuals, row), let y = residuals[row, "residual"].number else {
          continue
        }
        points.append((x, y))
      }
    }
    return Panel(
      name: names[term] ?? term, smooth: smooth,
      coefficient: rows.compactMap { table[$0, "coefficient"].number }.first, residuals: points)
  }

  /// The axis on the transformed scale, with ticks at round times.
  private func timeScale(
    _ panel: Panel, start: Double, end: Double, count: Int
  ) -> (scale: Scale, texts: [String]) {
    let xs = panel.smooth.map(\.x) + panel.residuals.map(\.x)
    var (low, high) = (xs.min() ?? 0, xs.max() ?? 1)
    if low == high { (low, high) = (low - 0.5, high + 0.5) }
    let round = TimeAxis.scale(
      last: panel.smooth.last?.time ?? 1, unit: unit, ticks: ticks, start: 0, end: 1, count: count)
    var places: [Double] = []
    var texts: [String] = []
    for (tick, text) in zip(round.ticks, round.tickTexts(.decimals(0))) {
      guard let x = transformed(tick, panel.smooth), x >= low, x <= high else { continue }
      places.append(x)
      texts.append(text)
    }
    let scale = Scale(low: low, high: high, start: start, end: end, ticks: places, step: 1)
    return (scale, texts)
  }

  /// Where a time stands on the transformed scale, from the grid of the smooth.
  private func transformed(_ time: Double, _ smooth: [Point]) -> Double? {
    guard let after = smooth.firstIndex(where: { $0.time >= time }) else { return nil }
    if smooth[after].time == time { return smooth[after].x }
    guard after > 0 else { return nil }
    let (from, to) = (smooth[after - 1], smooth[after])
    return from.x + (to.x - from.x) * (time - from.time) / (to.time - from.time)
  }

  private func drawTimes(
    _ axis: (scale: Scale, texts: [String]), _ canvas: inout Canvas, bottom: Double, title: String
  ) {
    let scale = axis.scale
    canvas.line(scale.start, bottom, scale.end, bottom, color: Palette.axis)
    var free = -Double.infinity
    for (tick, text) in zip(scale.ticks, axis.texts) {
      let x = scale.position(tick)
      canvas.line(x, bottom, x, bottom + 5, color: Palette.axis)
      let half = TextWidth.of(text, size: 13) / 2
      guard x - half > free + 4 else { continue }
      canvas.text(text, x: x, y: bottom + 20, size: 13, anchor: .middle, color: Palette.quiet)
      free = x + half
    }
    canvas.text(
      title, x: (scale.start + scale.end) / 2, y: bottom + 40, size: 13, anchor: .middle,
      color: Palette.quiet)
  }

  private func draw(_ panel: Panel, _ canvas: inout Canvas, _ times: Scale, _ vertical: Scale) {
    for residual in panel.residuals {
      canvas.marker(
        .circle, x: times.position(residual.x), y: vertical.position(residual.y), radius: 1,
        color: Self.pointColor)
    }
    let zero = vertical.position(0)
    canvas.line(times.start, zero, times.end, zero, color: Palette.ink, width: 1)
    // A withheld stretch has neither band nor line.
    for run in panel.smooth.split(whereSeparator: { $0.estimate == nil }) {
      let limits = run.filter { $0.low != nil && $0.high != nil }
      let upper = limits.map { (x: times.position($0.x), y: vertical.position($0.high ?? 0)) }
      let lower = limits.map { (x: times.position($0.x), y: vertical.position($0.low ?? 0)) }
      canvas.polygon(upper + lower.reversed(), fill: Self.smoothColor, opacity: 0.16)
      canvas.polyline(
        run.map { (times.position($0.x), vertical.position($0.estimate ?? 0)) },
        color: Self.smoothColor, width: 2.5)
    }
    if let coefficient = panel.coefficient {
      let y = vertical.position(coefficient)
      canvas.line(times.start, y, times.end, y, color: Self.fittedColor, width: 2, dash: "8 4")
    }
  }

  private func summary(_ panels: [Panel], _ hasPoints: Bool) -> String {
    let parts = panels.map { panel -> String in
      let shown = panel.smooth.filter { $0.estimate != nil }
      guard let first = shown.first?.estimate, let last = shown.last?.estimate else {
        return "\(panel.name) is withheld"
      }
      var text = "\(panel.name) from \(style.text(first)) to \(style.text(last))"
      if let fitted = panel.coefficient { text += ", fitted \(style.text(fitted))" }
      return text
    }
    return "Coefficients over time, smooths of the scaled Schoenfeld residuals"
      + (hasPoints ? " with a point an event" : "") + ": " + parts.joined(separator: "; ") + "."
  }
}
