internal import LinearAlgebra
internal import Statistics
internal import Tables

/// Groups the rows of a table and sums within groups.
struct MemoryGrouping {
  let query: AggregateQuery
  let table: Table

  init(_ query: AggregateQuery, _ table: Table) throws(SiblingError) {
    self.query = query
    self.table = table
    try table.require(
      query.layers.joined().map(\.expression) + query.sums.map(\.expression), query.keys, query.keep
    )
  }

  /// One block's groups: keys as codes, counts and sums.
  private struct Partial: Sendable {
    var codes: [[Int]] = []
    var counts: [Int] = []
    /// Group after group, the sums of each.
    var sums: [Double] = []
  }

  func cells() throws(SiblingError) -> Cells {
    let ranges = Parallel.ranges(of: table.rowCount, size: MemoryEngine.blockSize)
    // Every key becomes a code first: levels of text, or the bits of a number.
    let texts = query.keys.map { key -> Factor? in
      if case .text(let column) = key.value { return table[column].map(Self.factor) }
      return nil
    }
    let parts = Parallel.mapBlocks(ranges.count) { index in partial(ranges[index], texts) }
    if StopRequest.isRequested { throw Stopped.error }
    let width = query.sums.count
    var place: [[Int]: Int] = [:]
    var keys: [[Int]] = []
    var counts: [Int] = []
    var sums: [Double] = []
    for part in parts {
      for (group, codes) in part.codes.enumerated() {
        let cell: Int
        if let known = place[codes] {
          cell = known
        } else {
          cell = keys.count
          place[codes] = cell
          keys.append(codes)
          counts.append(0)
          sums += [Double](repeating: 0, count: width)
        }
        counts[cell] += part.counts[group]
        for k in 0..<width { sums[cell * width + k] += part.sums[group * width + k] }
      }
    }
    if query.keys.isEmpty, keys.isEmpty {
      keys = [[]]
      counts = [0]
      sums = [Double](repeating: 0, count: width)
    }
    let columns = query.keys.indices.map { key -> EngineValues in
      if let factor = texts[key] {
        return .text(keys.map { $0[key] < 0 ? nil : factor.levels[$0[key]] })
      }
      return .numbers(keys.map { Double(bitPattern: UInt64(bitPattern: Int64($0[key]))) })
    }
    return Cells(
      keys: columns, counts: counts,
      sums: (0..<width).map { k in counts.indices.map { sums[$0 * width + k] } })
  }

  static func factor(_ column: Column) -> Factor {
    if case .text(let factor) = column.values { return factor }
    let text = WrittenColumn(column)
    return Factor((0..<column.count).map { text[$0] })
  }

  private func partial(_ rows: Range<Int>, _ texts: [Factor?]) -> Partial {
    var evaluator = BlockEvaluator(table, rows)
    evaluator.add(query.layers)
    let kept: [Int]
    if let keep = query.keep {
      let test = evaluator.evaluate(keep)
      kept = test.indices.filter { test[$0] != 0 && !test[$0].isNaN }
    } else {
      kept = Array(0..<rows.count)
    }
    let keys = query.keys.enumerated().map { index, key -> [Int] in
      if let factor = texts[index] { return rows.map { Int(factor.codes[$0]) } }
      guard case .number(let expression) = key.value else { return [] }
      return evaluator.evaluate(expression).map { value in
        // One bit pattern for every missing value and for both zeros.
        let plain = value.isNaN ? Double.nan : value == 0 ? 0 : value
        return Int(Int64(bitPattern: plain.bitPattern))
      }
    }
    var result = Partial()
    var group = [Int](repeating: 0, count: rows.count)
    if keys.isEmpty {
      guard !kept.isEmpty else { return result }
      result.codes = [[]]
    } else if keys.count == 1 {
      var place: [Int: Int] = [:]
      for i in kept {
        let code = keys[0][i]
        if let known = place[code] {
          group[i] = known
        } else {
          group[i] = result.codes.count
          place[code] = group[i]
          result.codes.append([code])
        }
      }
    } else {
      var place: [[Int]: Int] = [:]
      for i in kept {
        let codes = keys.map { $0[i] }
        if let known = place[codes] {
          group[i] = known
        } else {
          group[i] = result.codes.count
          place[codes] = group[i]
          result.codes.append(codes)
        }
      }
    }
    let width = query.sums.count
    result.counts = [Int](repeating: 0, count: result.codes.count)
    result.sums = [Double](repeating: 0, count: result.codes.count * width)
    for i in kept { result.counts[group[i]] += 1 }
    for (k, sum) in query.sums.enumerated() {
      let values = evaluator.evaluate(sum.expression)
      for i in kept where !values[i].isNaN { result.sums[group[i] * width + k] += values[i] }
    }
    return result
  }
}

/// Rows of a table with computed columns, in order.
struct MemoryRows {
  let query: RowQuery
  let table: Table

  init(_ query: RowQuery, _ table: Table) throws(SiblingError) {
    self.query = query
    self.table = table
    try table.require(query.layers.joined().map(\.expression), query.columns, query.keep)
  }

  func columns() throws(SiblingError) -> [EngineValues] {
    var evaluator = BlockEvaluator(table, 0..<table.rowCount)
    evaluator.add(query.layers)
    var kept = Array(0..<table.rowCount)
    if let keep = query.keep {
      let test = evaluator.evaluate(keep)
      kept = kept.filter { test[$0] != 0 && !test[$0].isNaN }
    }
    let values = query.columns.map { key -> EngineValues in
      switch key.value {
      case .text(let column):
        guard let column = table[column] else { return .text([]) }
        let text = WrittenColumn(column)
        return .text(kept.map { text[$0] })
      case .number(let expression):
        let values = evaluator.evaluate(expression)
        return .numbers(kept.map { values[$0] })
      }
    }
    let names = query.columns.map(\.name)
    let order = query.order.compactMap { name in names.firstIndex(of: name).map { values[$0] } }
    guard !order.isEmpty else { return values }
    let sorted = Cells(
      keys: order, counts: Array(0..<kept.count), sums: []
    ).counts
    return values.map { $0.selecting(sorted) }
  }
}

extension Table {
  /// Refuses expressions over columns that are not there or are text.
  fileprivate func require(
    _ expressions: [RowExpression], _ keys: [GroupKey], _ keep: RowExpression?
  ) throws(SiblingError) {
    var all = expressions + (keep.map { [$0] } ?? [])
    for key in keys {
      switch key.value {
      case .text(let name): _ = try column(name)
      case .number(let expression): all.append(expression)
      }
    }
    for expression in all { try require(expression) }
  }

  private func require(_ expression: RowExpression) throws(SiblingError) {
    switch expression {
    case .column(let name):
      if case .text = try column(name).values {
        throw SiblingError(
          .wrongType, "column '\(name)' is text where a number is needed", column: name)
      }
    case .level(_, let name), .isAbsent(let name): _ = try column(name)
    default: for part in expression.parts { try require(part) }
    }
  }
}
