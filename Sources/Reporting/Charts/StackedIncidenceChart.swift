public import Statistics

/// Cumulative incidence of competing causes as areas that lie on each other, a panel an arm; what
/// is left to one has not ended.
///
/// Of more than four causes the three greatest are shown, the others together.
public struct StackedIncidenceChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the areas are shares of.
  public var measure: String
  /// What those are called who have not ended.
  public var remaining: String
  /// The unit of time, in the plural.
  public var unit: String
  /// Words for arms and causes, where their names will not do.
  public var names: [String: String]
  /// The times with ticks; nil chooses them.
  public var ticks: [Double]?

  /// A chart of stacked incidences.
  public init(
    title: Prose, subtitle: Prose, measure: String = "Share of all who started",
    remaining: String = "Still in", unit: String = "weeks", names: [String: String] = [:],
    ticks: [Double]? = nil
  ) {
    self.title = title
    self.subtitle = subtitle
    self.measure = measure
    self.remaining = remaining
    self.unit = unit
    self.names = names
    self.ticks = ticks
  }

  /// Draws the rows of a cumulative-incidence table of one analysis.
  ///
  /// - Throws: `noRows` without a curve to show, `unknownColumn` when a column is absent,
  ///   `badValue` for more arms than can be read.
  public func figure(
    _ released: Released<ResultTable>, name: String = "stacked_incidence"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "chart of stacked incidences", columns: ["arm", "cause", "time", "estimate"])
    let causes = table.levels("cause")
    let arms = table.rows(by: "arm").map { arm, rows in
      let curves = table.rows(rows, by: "cause")
      return (
        name: names[arm] ?? arm,
        curves: causes.map { cause in
          StepCurve(
            start: 0, table: table, rows: curves.first { $0.level == cause }?.rows ?? [],
            value: "estimate")
        }
      )
    }
    guard arms.contains(where: { $0.curves.contains { !$0.times.isEmpty } }) else {
      throw SiblingError(.noRows, "no cumulative incidence of the chart can be shown")
    }
    guard arms.count <= PanelGrid.most else {
      throw SiblingError(
        .badValue, "a chart has room for \(PanelGrid.most) panels, not \(arms.count)",
        help: "choose the arms to show")
    }
    let greatest = causes.indices.map { cause in arms.map { $0.curves[cause].last }.max() ?? 0 }
    let (layer, hasOthers) = StackedShares.merged(greatest)
    var layers = (0..<min(4, causes.count)).map { position -> StackedShares.Layer in
      let cause = causes[layer.firstIndex(of: position) ?? 0]
      let isOthers = hasOthers && position == 3
      return StackedShares.layer(isOthers ? "Other" : names[cause] ?? cause, series: position)
    }
    layers.append(StackedShares.rest(remaining))
    let panels = arms.map { arm -> StackedShares.Panel in
      let times = [0] + Set(arm.curves.flatMap(\.times)).subtracting([0]).sorted()
      var heights = layers.map { _ in times.map { _ in 0.0 } }
      for (index, time) in times.enumerated() {
        for (cause, curve) in arm.curves.enumerated() {
          heights[layer[cause]][index] += curve.value(at: time)
        }
        let ended = heights.dropLast().reduce(0) { $0 + $1[index] }
        heights[layers.count - 1][index] = max(0, 1 - ended)
      }
      return StackedShares.Panel(name: arm.name, times: times, heights: heights)
    }
    let stack = StackedShares(
      layers: layers, panels: panels, measure: measure, unit: unit, ticks: ticks)
    var frame = ChartFrame(title: title, subtitle: subtitle)
    stack.draw(&frame)
    frame.noteHeld(
      released,
      words:
        "Areas step only once enough more have ended (disclosure control). Ends since then are "
        + "in “\(remaining)”.")
    return frame.figure(
      name: name,
      summary: "Areas from the bottom up, a share of one each. \(measure) by the last of the "
        + "\(unit): \(stack.summary).",
      tables: [released])
  }
}
