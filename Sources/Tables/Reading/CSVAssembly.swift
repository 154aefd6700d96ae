internal import LinearAlgebra
internal import Statistics

/// Puts the blocks of a file together into columns.
struct CSVAssembly {
  let parser: CSVBlockParser
  let blocks: [CSVBlock]
  var results: [CSVBlockResult]
  let layout: CSVLayout
  /// The kind of each column over all blocks.
  private let kinds: [CellKind]
  /// The first row of each block.
  private let firstRows: [Int]
  private let rowCount: Int

  init(
    parser: CSVBlockParser, blocks: [CSVBlock], results: [CSVBlockResult], layout: CSVLayout
  ) {
    self.parser = parser
    self.blocks = blocks
    self.results = results
    self.layout = layout
    kinds = layout.names.indices.map { column in
      let joined = results.reduce(CellKind.none) { $0.joined($1.kinds[column]) }
      switch parser.plans[column].declared {
      case nil: return joined == .none ? .double : joined == .mixed ? .text : joined
      case .integer: return .integer
      case .number: return .double
      case .boolean: return .boolean
      case .date: return .date
      case .text: return .text
      }
    }
    var firstRows: [Int] = []
    var rows = 0
    for result in results {
      firstRows.append(rows)
      rows += result.rows
    }
    self.firstRows = firstRows
    rowCount = rows
  }

  /// The columns, in file order.
  mutating func columns() -> [Column] {
    let assembly = self
    let reread = assembly.rereadText()
    return Parallel.mapBlocks(kinds.count) { column in
      Column(name: assembly.layout.names[column], values: assembly.values(column, reread))
    }
  }

  /// The offset and the line of each row.
  func rowPlaces() -> (offsets: [Int], lines: [Int]) {
    let count = kinds.count
    return (gather(count, results) { $0 }, gather(count + 1, results) { $0 })
  }

  /// Blocks read again, where a column is text and a block took its cells for something else.
  private func rereadText() -> [CSVBlockResult?] {
    Parallel.mapBlocks(results.count) { index in
      let found = results[index].kinds
      let again = kinds.indices.map { column in
        kinds[column] == .text && found[column] != .text && found[column] != .none
      }
      guard again.contains(true) else { return nil }
      return parser.parse(blocks[index], kinds: again.map { $0 ? .text : .skip })
    }
  }

  private func values(_ column: Int, _ reread: [CSVBlockResult?]) -> Column.Values {
    switch kinds[column] {
    case .integer: return .integers(gather(column, results) { $0 })
    case .boolean:
      return .booleans(
        gather(column, results) { $0 == Int.min ? -1 : Int8(truncatingIfNeeded: $0) })
    case .date:
      return .dates(
        gather(column, results) { $0 == Int.min ? Int32.min : Int32(truncatingIfNeeded: $0) })
    case .text, .mixed, .skip:
      return .text(
        factor(
          column,
          results.indices.map { reread[$0]?.kinds[column] == .text ? reread[$0] : results[$0] }))
    case .none, .double: return .doubles(doubles(column))
    }
  }

  /// The cells of a column in all blocks, each changed by `change`.
  @inline(__always)
  private func gather<T>(
    _ column: Int, _ results: [CSVBlockResult], _ change: (Int) -> T
  ) -> [T] {
    [T](unsafeUninitializedCapacity: rowCount) { output, initialized in
      for (result, firstRow) in zip(results, firstRows) {
        let cells = result.column(column)
        for row in 0..<cells.count {
          output.initializeElement(at: firstRow + row, to: change(cells[row]))
        }
      }
      initialized = rowCount
    }
  }

  private func doubles(_ column: Int) -> [Double] {
    [Double](unsafeUninitializedCapacity: rowCount) { output, initialized in
      for (result, firstRow) in zip(results, firstRows) {
        let cells = result.column(column)
        if result.kinds[column] == .double {
          for row in 0..<cells.count {
            output[firstRow + row] = Double(bitPattern: UInt64(UInt(bitPattern: cells[row])))
          }
        } else {
          for row in 0..<cells.count {
            output[firstRow + row] = cells[row] == Int.min ? .nan : Double(cells[row])
          }
        }
      }
      initialized = rowCount
    }
  }

  /// One dictionary out of those of the blocks, its levels in code-point order.
  private func factor(_ column: Int, _ results: [CSVBlockResult?]) -> Factor {
    let all = ByteInterner()
    var numbers: [[Int32]] = []
    for result in results {
      var number: [Int32] = []
      if let entries = result?.dictionaries[column]?.entries {
        number.reserveCapacity(entries.count)
        for entry in entries {
          // Code page 1252 has another order than code points: it is decoded before sorting.
          let isPlain = layout.encoding == .utf8
          number.append(all.code(isPlain ? entry : all.keep(layout.encoding.utf8(entry))))
        }
      }
      numbers.append(number)
    }
    let (order, entries) = (all.sortedCodes(), all.entries)
    var rank = [Int32](repeating: 0, count: order.count)
    for (place, code) in order.enumerated() { rank[Int(code)] = Int32(truncatingIfNeeded: place) }
    let levels = order.map { String(decoding: entries[Int($0)], as: UTF8.self) }
    let codes = [Int32](unsafeUninitializedCapacity: rowCount) { output, initialized in
      for index in results.indices {
        guard let result = results[index] else { continue }
        let cells = result.column(column)
        let ranks = numbers[index].map { rank[Int($0)] }
        let firstRow = firstRows[index]
        ranks.withUnsafeBufferPointer { ranks in
          for row in 0..<cells.count {
            let code = cells[row]
            output[firstRow + row] = code < 0 ? -1 : ranks[code]
          }
        }
      }
      initialized = rowCount
    }
    return Factor(codes: codes, levels: levels)
  }

  /// What keeps the inferred text columns from being numbers, where little does.
  func hints(_ table: Table) -> [String: InferenceHint] {
    var hints: [String: InferenceHint] = [:]
    for column in table.columns.indices where parser.plans[column].declared == nil {
      guard case .text(let factor) = table.columns[column].values else { continue }
      let name = table.columns[column].name
      hints[name] = InferenceHint(factor, name: name, table: table)
    }
    return hints
  }
}
