public import Statistics

/// Shares by group of a profile and arm, as points with intervals.
public struct EquityChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the share is of, for the axis.
  public var axisTitle: String
  /// Words for groups and arms, where their names will not do.
  public var names: [String: String]

  /// An equity chart.
  public init(title: Prose, subtitle: Prose, axisTitle: String, names: [String: String] = [:]) {
    (self.title, self.subtitle, self.axisTitle, self.names) = (title, subtitle, axisTitle, names)
  }

  /// Draws the rows of one measure and profile, a block a group, a row an arm.
  ///
  /// - Throws: `noRows` without rows, `unknownColumn` when a column is absent, `badValue` for more
  ///   arms than can be told apart.
  public func figure(
    _ released: Released<ResultTable>, name: String = "equity"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "equity chart", columns: ["group", "arm", "n", "estimate", "conf.low", "conf.high"])
    let arms = table.levels("arm")
    guard arms.count <= Palette.series.count else {
      throw SiblingError(
        .badValue, "an equity chart tells \(Palette.series.count) arms apart, not \(arms.count)",
        help: "choose the arms to show")
    }
    let columns = (estimate: "estimate", low: "conf.low", high: "conf.high")
    let blocks = table.levels("group").map { group in
      ShareRows.Block(
        heading: names[group] ?? group,
        rows: table.rows.indices.filter { table[$0, "group"].plainText == group }.map { row in
          let arm = table[row, "arm"].plainText
          return ShareRows.Row(
            label: names[arm] ?? arm, estimate: table[row, "estimate"],
            low: table[row, "conf.low"].number, high: table[row, "conf.high"].number,
            text:
              "\(table.shareText(row, columns)) · \(NumberStyle.integer.text(table[row, "n"]))",
            series: arms.firstIndex(of: arm) ?? 0)
        })
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let rows = ShareRows(
      blocks: blocks, isBar: false, axisTitle: axisTitle,
      columnTitle: "Share (interval) · people")
    rows.draw(&frame)
    return frame.figure(name: name, summary: rows.words, tables: [released])
  }
}
