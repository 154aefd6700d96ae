public import DifferenceInDifferences
public import Statistics
internal import Tables

/// Sums of repeated cross-sections by first treated period, period and cluster, asked of an engine: one scan
/// after those that find the complete rows and the periods.
public struct EngineCrossSections {
  /// The sums.
  public let moments: CrossSectionMoments
  /// What was left out and how columns were read.
  public let notes: [String]

  /// Asks for the sums; the columns' unit is not used.
  ///
  /// - Throws: what is wrong with the columns or the panel, as a `PanelDesign` says it, without rows;
  ///   `constantOutcome`; the engine's failures.
  public init(
    _ columns: EnginePanelColumns, in data: EngineData, missingIsError: Bool = false
  ) throws(SiblingError) {
    let rows = try EnginePanelRows(columns, in: data, missingIsError: missingIsError)
    notes = rows.notes
    var keys = try rows.sectionKeys(columns, data)
    var cluster: SymbolicFactor?
    if let name = columns.cluster {
      let factor = try data.factor(name)
      keys.append(factor.key("cluster"))
      cluster = factor
    }
    data.progress?("cross-sections: sums by cohort and period")
    let center = rows.means.reduce(0, +) / Double(max(1, rows.means.count))
    let y = RowExpression.name("y")
    let cells = try rows.frame.data.aggregate(
      layers: [[NamedExpression("y", rows.outcome - .constant(center))]], keys: keys,
      sums: [NamedExpression("sum", y), NamedExpression("squares", y * y)])
    let factor = cluster.map { _ in cells.factor(2) }
    moments = try CrossSectionMoments(
      (0..<cells.count).map { cell in
        let start = cells.numbers(0)[cell]
        return CrossSectionMoments.Cell(
          group: start.isNaN || start == 0 ? nil : start, time: cells.numbers(1)[cell],
          cluster: factor.map { Int($0.codes[cell]) } ?? 0, rows: cells.counts[cell],
          sum: cells.sums[0][cell], squares: cells.sums[1][cell])
      }, clusterNames: factor?.levels)
  }
}
