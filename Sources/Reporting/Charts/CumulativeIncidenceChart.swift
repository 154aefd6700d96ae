public import Statistics

/// Cumulative incidence of competing causes as steps with their bands: a panel an arm with a line a
/// cause, or a panel a cause with a line an arm.
public struct CumulativeIncidenceChart: Sendable {
  /// What a panel shows.
  public enum Panels: Sendable {
    /// One arm, all its causes.
    case arms
    /// One cause, all arms.
    case causes
  }

  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the vertical axis measures.
  public var measure: String
  /// The unit of time, in the plural.
  public var unit: String
  /// What a panel shows; nil is an arm, unless there are more than four causes.
  public var panels: Panels?
  /// Words for arms and causes, where their names will not do.
  public var names: [String: String]
  /// The times with ticks; nil chooses them.
  public var ticks: [Double]?

  /// A chart of cumulative incidences.
  public init(
    title: Prose, subtitle: Prose, measure: String = "Share that has ended", unit: String = "weeks",
    panels: Panels? = nil, names: [String: String] = [:], ticks: [Double]? = nil
  ) {
    self.title = title
    self.subtitle = subtitle
    self.measure = measure
    self.unit = unit
    self.panels = panels
    self.names = names
    self.ticks = ticks
  }

  private struct Panel {
    var name: String
    var curves: [(series: Int, curve: StepCurve)]
  }

  /// Draws the rows of a cumulative-incidence table of one analysis, at most four lines a panel.
  ///
  /// - Throws: `noRows` without a curve to show, `unknownColumn` when a column is absent,
  ///   `badValue` for more lines or panels than can be read.
  public func figure(
    _ released: Released<ResultTable>, name: String = "cumulative_incidence"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "chart of cumulative incidences",
      columns: ["arm", "cause", "time", "estimate", "conf.low", "conf.high"])
    let isByCause = (panels ?? (table.levels("cause").count > 4 ? .causes : .arms)) == .causes
    let (outer, inner) = isByCause ? ("cause", "arm") : ("arm", "cause")
    let lines = table.levels(inner)
    guard lines.count <= 4 else {
      throw SiblingError(
        .badValue,
        "a chart of cumulative incidences shows at most four lines a panel, not \(lines.count)",
        help: isByCause ? "choose four arms, or merge some" : "choose 'panels: .causes'")
    }
    let panels = table.rows(by: outer).map { key, rows in
      Panel(
        name: named(key),
        curves: table.rows(rows, by: inner).compactMap { line, rows in
          let curve = StepCurve(start: 0, table: table, rows: rows, value: "estimate")
          guard !curve.times.isEmpty, let series = lines.firstIndex(of: line) else { return nil }
          return (series, curve)
        })
    }
    guard panels.contains(where: { !$0.curves.isEmpty }) else {
      throw SiblingError(.noRows, "no cumulative incidence of the chart can be shown")
    }
    guard panels.count <= PanelGrid.most else {
      throw SiblingError(
        .badValue, "a chart has room for \(PanelGrid.most) panels, not \(panels.count)",
        help: "choose the \(outer)s to show")
    }
    return draw(panels, lines.map { named($0) }, released, name: name)
  }

  private func named(_ text: String) -> String { names[text] ?? text }

  private func draw(
    _ panels: [Panel], _ lines: [String], _ released: Released<ResultTable>, name: String
  ) -> Figure {
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let curves = panels.flatMap(\.curves).map(\.curve)
    let isAlone = panels.count == 1
    var top = frame.top + 8
    let hasNames = !lines.allSatisfy(\.isEmpty)
    if !isAlone, hasNames {
      top = legend(lines).draw(&frame.canvas, top: top) + 6
    }
    frame.canvas.text(measure, x: ChartFrame.margin, y: top + 12, size: 13, bold: true)
    top += 28
    let highest = curves.flatMap { $0.values + $0.high.compactMap { $0 } }.max() ?? 1
    var shares = Scale(covering: [0, min(1, highest)], start: 0, end: 1, count: 5)
    if shares.high > 1 {
      shares = Scale(low: 0, high: 1, start: 0, end: 1, ticks: [0, 0.25, 0.5, 0.75, 1], step: 0.25)
    }
    let axis = ChartFrame.width(of: shares, style: .percent()) + 10
    let widest = lines.map { TextWidth.of($0, size: 14, bold: true) }.max() ?? 0
    let label = isAlone && hasNames ? min(max(widest, 40), 170) + 12 : 42
    let grid = PanelGrid(
      names: panels.map(\.name), canvas: frame.canvas.width, axis: axis, label: label)
    let last = curves.compactMap(\.times.last).max() ?? 1
    for (index, panel) in panels.enumerated() {
      grid.drawName(index, &frame.canvas, gridTop: top)
      let (left, upper) = (grid.start(index), top + grid.top(index))
      let (right, lower) = (left + grid.width, upper + grid.height)
      let times = TimeAxis.scale(
        last: last, unit: unit, ticks: ticks, start: left, end: right,
        count: grid.columns == 1 ? 6 : grid.columns == 2 ? 5 : 4)
      (shares.start, shares.end) = (lower, upper)
      frame.shareAxis(shares, left: left, right: right, isFirst: grid.isFirst(index))
      for (series, curve) in panel.curves {
        frame.canvas.polygon(
          curve.band(times, shares), fill: Palette.series[series], opacity: 0.14)
      }
      for (series, curve) in panel.curves {
        frame.canvas.polyline(
          curve.corners(times, shares), color: Palette.series[series], width: 2.5,
          dash: Palette.dashes[series])
      }
      let labels = panel.curves.map { series, curve in
        EndLabels.Label(
          x: times.position(curve.times.last ?? 0), y: shares.position(curve.last),
          name: isAlone && hasNames
            ? TextWidth.lines(lines[series], width: label - 10, size: 14, bold: true, atMost: 3)
            : [],
          value: NumberStyle.percent().text(curve.last), series: series)
      }
      EndLabels(labels: labels).draw(&frame.canvas, x: right + 7, low: upper, high: lower)
      frame.horizontalAxis(
        times, style: .decimals(0), top: upper, bottom: lower,
        title: grid.isLowest(index) ? TimeAxis.title(unit) : "", grid: false)
    }
    frame.canvas.height = top + grid.bottom + 56
    frame.noteHeld(
      released, words: "Curves step only once enough more have ended (disclosure control).")
    return frame.figure(name: name, summary: summary(panels, lines), tables: [released])
  }

  private func legend(_ lines: [String]) -> Legend {
    Legend(
      entries: lines.enumerated().map { index, line in
        (
          .line(color: Palette.series[index], dash: Palette.dashes[index]), line,
          Palette.seriesText[index]
        )
      })
  }

  private func summary(_ panels: [Panel], _ lines: [String]) -> String {
    let style = NumberStyle.percent()
    let parts = panels.map { panel -> String in
      let ends = panel.curves.map { series, curve -> String in
        var text = "\(lines[series]) \(style.text(curve.last))"
        if let low = curve.low.last ?? nil, let high = curve.high.last ?? nil {
          text += " (\(style.text(from: low, to: high)))"
        }
        return text
      }
      let words = ends.isEmpty ? "withheld" : ends.joined(separator: ", ")
      return panels.count == 1 && panel.name.isEmpty ? words : "\(panel.name): \(words)"
    }
    return "Cumulative incidence as steps with confidence bands. \(measure) by the last of the "
      + "\(unit): " + parts.joined(separator: "; ") + "."
  }
}

extension ChartFrame {
  /// The grid lines of a share's axis, its texts only left of a first panel.
  mutating func shareAxis(_ shares: Scale, left: Double, right: Double, isFirst: Bool) {
    if isFirst {
      verticalAxis(shares, style: .percent(), x: left, right: right)
    } else {
      for tick in shares.ticks {
        let y = shares.position(tick)
        canvas.line(left, y, right, y, color: Palette.grid)
      }
    }
  }
}
