public import Statistics

/// How far people came: the share accepted of those referred, then the shares of the accepted who
/// reached each later stage, a bar a group, with the number of people there.
public struct FunnelChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// Words for groups and stages, where their names will not do.
  public var names: [String: String]
  /// The stage whose people the later shares are of.
  public var base: String

  /// A funnel chart.
  public init(
    title: Prose, subtitle: Prose, names: [String: String] = [:], base: String = "accepted"
  ) {
    (self.title, self.subtitle, self.names, self.base) = (title, subtitle, names, base)
  }

  /// Draws a funnel table of one kind of groups, at most four.
  ///
  /// - Throws: `noRows` without rows or with the first stage only, `unknownColumn` when a column is
  ///   absent, `badValue` for more groups than can be told apart.
  public func figure(
    _ released: Released<ResultTable>, name: String = "funnel"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "funnel chart",
      columns: [
        "group", "stage", "n_reached", "estimate", "conf.low", "conf.high", "of_accepted",
        "of_accepted.low", "of_accepted.high",
      ])
    let groups = table.levels("group")
    guard groups.count <= Palette.series.count else {
      throw SiblingError(
        .badValue, "a funnel chart tells \(Palette.series.count) groups apart, not \(groups.count)",
        help: "choose the groups to show")
    }
    let stages = Array(table.levels("stage").dropFirst())
    guard !stages.isEmpty else {
      throw SiblingError(.noRows, "the funnel has one stage only")
    }
    let hasBase = stages.contains(base)
    let blocks = stages.map { stage -> ShareRows.Block in
      let isOfBase = hasBase && stage != base
      let columns =
        isOfBase
        ? (estimate: "of_accepted", low: "of_accepted.low", high: "of_accepted.high")
        : (estimate: "estimate", low: "conf.low", high: "conf.high")
      let rows = table.rows.indices.filter { table[$0, "stage"] == .text(stage) }
      let of =
        isOfBase
        ? "of \(word(base).lowercased())" : "of \(word(table.levels("stage")[0]).lowercased())"
      return ShareRows.Block(
        heading: "\(word(stage)), \(of)",
        rows: rows.map { row in
          let group = table[row, "group"].plainText
          let people = NumberStyle.integer.text(table[row, "n_reached"])
          return ShareRows.Row(
            label: word(group), estimate: table[row, columns.estimate],
            low: table[row, columns.low].number, high: table[row, columns.high].number,
            text: "\(table.shareText(row, columns)) · \(people)",
            series: groups.firstIndex(of: group) ?? 0)
        })
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let rows = ShareRows(
      blocks: blocks, isBar: true,
      axisTitle: "Share of those of whom it is known, with 95% intervals",
      columnTitle: "Share (interval) · people there")
    rows.draw(&frame)
    return frame.figure(name: name, summary: rows.words, tables: [released])
  }

  private func word(_ text: String) -> String { names[text] ?? text }
}
