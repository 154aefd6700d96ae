internal import Engines
internal import Statistics
internal import Tables

extension MatchAnalysis: EngineAnalysis {
  var needsRows: String? { wantsData ? "--data" : design.needsCovariates }

  /// The rows of the verb: scores are fitted from sums, and fetched to be matched in memory.
  ///
  /// With --row-key rows are numbered in its order, and its values stand beside them.
  /// - Throws: what is wrong with the data or the design; the engine's failures.
  func run(on data: EngineData) throws(SiblingError) -> AnalysisOutput {
    if let needsRows { throw NeedsRows.error(needsRows) }
    let streamed = try design.streamed(data, settings, key: rowKey)
    var small = self
    (small.design, small.settings) = (streamed.design, streamed.settings)
    var output = try small.run(streamed.table)
    output.notes = streamed.notes(with: output.notes)
    guard let rowKey else { return output }
    let key = try streamed.table.column(rowKey)
    if wantsPairs {
      for (place, group) in ["treated", "comparison"].enumerated() {
        let rows = Self.rows(output.columns[2 * place])
        var column = key.selecting(rows)
        column.name = "\(group)_\(rowKey)"
        output.columns.insert(column, at: 2 * place + 1)
      }
    } else {
      output.columns.insert(key, at: 1)
    }
    return output
  }

  /// The rows that a column of row numbers names, from 0.
  private static func rows(_ column: Column) -> [Int] {
    guard case .integers(let values) = column.values else { return [] }
    return values.map { $0 - 1 }
  }
}
