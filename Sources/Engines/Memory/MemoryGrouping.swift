internal import LinearAlgebra
internal import Statistics
internal import Tables

/// Groups the rows of a table and sums within groups.
///
/// Tasks of fixed size are worked on any number of threads and added up in order; within one, rows go by in
/// chunks that stay in the cache.
struct MemoryGrouping {
  let query: AggregateQuery
  let table: Table

  /// Rows of a task, and of one evaluation of the expressions.
  private static let (rowsPerTask, rowsPerChunk) = (65_536, 2048)

  init(_ query: AggregateQuery, _ table: Table) throws(SiblingError) {
    self.query = query.pruned
    self.table = table
    try table.require(
      query.layers.joined().map(\.expression) + query.sums.map(\.expression), query.keys, query.keep
    )
  }

  /// Groups found so far, by one key after the other, with their counts and sums.
  private struct Partial: Sendable {
    /// For each key its values beside the groups of the keys before.
    var indexes: [PairIndex]
    var counts: [Int] = []
    /// Group after group, the sums of each.
    var sums: [Double] = []
    let width: Int

    init(keys: Int, width: Int) {
      indexes = [PairIndex](repeating: PairIndex(), count: keys)
      self.width = width
    }

    /// Makes room for groups that have come.
    mutating func grow() {
      let groups = indexes.last?.count ?? 1
      guard groups > counts.count else { return }
      sums += [Double](repeating: 0, count: (groups - counts.count) * width)
      counts += [Int](repeating: 0, count: groups - counts.count)
    }

    /// The keys of a group.
    func codes(_ group: Int) -> [Int] {
      var codes = [Int](repeating: 0, count: indexes.count)
      var place = group
      for key in indexes.indices.reversed() {
        codes[key] = indexes[key].seconds[place]
        place = indexes[key].firsts[place]
      }
      return codes
    }
  }

  /// The cells in order, as an engine gives them.
  func cells() throws(SiblingError) -> Cells {
    let (whole, texts) = try grouped()
    let columns = columns(whole, texts).map { column -> EngineValues in
      switch column {
      case .text(let factor): .text(factor.codes.map { $0 < 0 ? nil : factor.levels[Int($0)] })
      case .doubles(let numbers): .numbers(numbers)
      default: .numbers([])
      }
    }
    return Cells(keys: columns, counts: whole.counts, sums: sums(whole))
  }

  /// The cells as columns of a table: the keys, `n`, and the sums, in no particular order.
  func columns() throws(SiblingError) -> [Column] {
    let (whole, texts) = try grouped()
    return zip(query.keys, columns(whole, texts)).map { Column(name: $0.name, values: $1) }
      + [Column(name: "n", values: .integers(whole.counts))]
      + zip(query.sums, sums(whole)).map { Column(name: $0.name, values: .doubles($1)) }
  }

  private func sums(_ whole: Partial) -> [[Double]] {
    (0..<whole.width).map { k in
      whole.counts.indices.map { whole.sums[$0 * whole.width + k] }
    }
  }

  private func columns(_ whole: Partial, _ texts: [Factor?]) -> [Column.Values] {
    let codes = whole.counts.indices.map { whole.codes($0) }
    return query.keys.indices.map { key in
      if let factor = texts[key] {
        return .text(Factor(codes: codes.map { Int32($0[key]) }, levels: factor.levels))
      }
      return .doubles(codes.map { Double(bitPattern: UInt64(bitPattern: Int64($0[key]))) })
    }
  }

  private func grouped() throws(SiblingError) -> (Partial, [Factor?]) {
    let ranges = Parallel.ranges(of: table.rowCount, size: Self.rowsPerTask)
    // Every key becomes a code first: levels of text, or the bits of a number.
    let texts = query.keys.map { key -> Factor? in
      if case .text(let column) = key.value { return table[column].map(Self.factor) }
      return nil
    }
    let parts = Parallel.mapBlocks(ranges.count) { index in partial(ranges[index], texts) }
    if StopRequest.isRequested { throw Stopped.error }
    let width = query.sums.count
    var whole = Partial(keys: query.keys.count, width: width)
    for part in parts {
      for group in part.counts.indices {
        var cell = 0
        for (key, code) in part.codes(group).enumerated() {
          cell = whole.indexes[key].number(cell, code)
        }
        whole.grow()
        whole.counts[cell] += part.counts[group]
        for k in 0..<width { whole.sums[cell * width + k] += part.sums[group * width + k] }
      }
    }
    if query.keys.isEmpty { whole.grow() }
    return (whole, texts)
  }

  static func factor(_ column: Column) -> Factor {
    if case .text(let factor) = column.values { return factor }
    let text = WrittenColumn(column)
    return Factor((0..<column.count).map { text[$0] })
  }

  private func partial(_ rows: Range<Int>, _ texts: [Factor?]) -> Partial {
    var result = Partial(keys: query.keys.count, width: query.sums.count)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: Self.rowsPerChunk) {
      if StopRequest.isRequested { break }
      add(start..<min(start + Self.rowsPerChunk, rows.upperBound), texts, &result)
    }
    return result
  }

  private func add(_ rows: Range<Int>, _ texts: [Factor?], _ result: inout Partial) {
    var evaluator = BlockEvaluator(table, rows)
    let kept = evaluator.kept(query.keep)
    guard !kept.isEmpty else { return }
    evaluator.add(query.layers)
    var group = [Int](repeating: 0, count: rows.count)
    for (key, factor) in texts.enumerated() {
      if let factor {
        for i in kept {
          group[i] = result.indexes[key].number(group[i], Int(factor.codes[rows.lowerBound + i]))
        }
      } else if case .number(let expression) = query.keys[key].value {
        let values = evaluator.evaluate(expression)
        for i in kept {
          // One bit pattern for every missing value and for both zeros.
          let plain = values[i].isNaN ? Double.nan : values[i] == 0 ? 0 : values[i]
          group[i] = result.indexes[key].number(
            group[i], Int(Int64(bitPattern: plain.bitPattern)))
        }
      }
    }
    result.grow()
    for i in kept { result.counts[group[i]] += 1 }
    let width = query.sums.count
    for (k, sum) in query.sums.enumerated() {
      let values = evaluator.evaluate(sum.expression)
      if texts.isEmpty {
        result.sums[k] += Self.total(values, kept)
      } else {
        for i in kept where !values[i].isNaN { result.sums[group[i] * width + k] += values[i] }
      }
    }
  }

  /// The sum of the values that are not missing, in four interleaved parts.
  private static func total(_ values: [Double], _ kept: [Int]) -> Double {
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    func plain(_ value: Double) -> Double { value.isNaN ? 0 : value }
    guard kept.count == values.count else {
      for i in kept { a += plain(values[i]) }
      return a
    }
    values.withUnsafeBufferPointer { values in
      var i = 0
      while i + 4 <= values.count {
        a += plain(values[i])
        b += plain(values[i + 1])
        c += plain(values[i + 2])
        d += plain(values[i + 3])
        i += 4
      }
      while i < values.count {
        a += plain(values[i])
        i += 1
      }
    }
    return (a + b) + (c + d)
  }
}

extension Table {
  /// Refuses expressions over columns that are not there or are text.
  func require(
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
