internal import LinearAlgebra
internal import Statistics
internal import Tables

/// Rows of a table with computed columns.
struct MemoryRows {
  let query: RowQuery
  let table: Table

  private static let (rowsPerTask, rowsPerChunk) = (65_536, 2048)

  init(_ query: RowQuery, _ table: Table) throws(SiblingError) {
    self.query = query.pruned
    self.table = table
    try table.require(query.layers.joined().map(\.expression), query.columns, query.keep)
  }

  /// What one task gives: which of its rows are kept, and their numbers, column by column.
  private struct Part: Sendable {
    var rows: [Int] = []
    var numbers: [[Double]]
  }

  /// The columns, named as the query names them: numbers, and text by codes; in the order of the table.
  func columns() throws(SiblingError) -> [Column] {
    let ranges = Parallel.ranges(of: table.rowCount, size: Self.rowsPerTask)
    let parts = Parallel.mapBlocks(ranges.count) { part(ranges[$0]) }
    if StopRequest.isRequested { throw Stopped.error }
    let rows = parts.flatMap(\.rows)
    return query.columns.enumerated().map { index, key in
      switch key.value {
      case .text(let column):
        let factor = table[column].map(MemoryGrouping.factor) ?? Factor([])
        return Column(
          name: key.name,
          values: .text(Factor(codes: rows.map { factor.codes[$0] }, levels: factor.levels)))
      case .number:
        return Column(name: key.name, values: .doubles(parts.flatMap { $0.numbers[index] }))
      }
    }
  }

  /// The columns as an engine hands them on, in the order asked for.
  func values() throws(SiblingError) -> [EngineValues] {
    let values = try columns().map { column -> EngineValues in
      switch column.values {
      case .text(let factor):
        .text(factor.codes.map { $0 < 0 ? nil : factor.levels[Int($0)] })
      case .doubles(let numbers): .numbers(numbers)
      default: .numbers([])
      }
    }
    let names = query.columns.map(\.name)
    let order = query.order.compactMap { name in names.firstIndex(of: name).map { values[$0] } }
    guard let first = order.first else { return values }
    let sorted = Cells(keys: order, counts: Array(0..<first.count), sums: []).counts
    return values.map { $0.selecting(sorted) }
  }

  private func part(_ rows: Range<Int>) -> Part {
    var part = Part(numbers: query.columns.map { _ in [] })
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.rowsPerChunk) {
      if StopRequest.isRequested { break }
      let chunk = start..<min(start + Self.rowsPerChunk, rows.upperBound)
      var evaluator = BlockEvaluator(table, chunk)
      let kept = evaluator.kept(query.keep)
      evaluator.add(query.layers)
      part.rows += kept.map { start + $0 }
      for (index, key) in query.columns.enumerated() {
        guard case .number(let expression) = key.value else { continue }
        let values = evaluator.evaluate(expression)
        if kept.count == values.count {
          part.numbers[index] += values
        } else {
          part.numbers[index] += kept.map { values[$0] }
        }
      }
    }
    return part
  }
}
