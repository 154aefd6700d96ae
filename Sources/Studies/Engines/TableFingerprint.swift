internal import Reporting
internal import Statistics
internal import Tables

/// The hash of a table's rows: names, types and values, in order, whatever file or engine they came from.
struct TableFingerprint {
  /// SHA-256 over the hashes of blocks of rows.
  let hash: String
  /// How many bytes were hashed.
  let bytes: Int

  /// Hashes a table: numbers by their bits, text as UTF-8 that ends with 0, missing text as 1 and 0.
  init(_ table: Table) {
    var hashes = table.columns.map { "\($0.name)\t\($0.typeName)\n" }.joined()
    var bytes = hashes.utf8.count
    for start in stride(from: 0, to: table.rowCount, by: 65_536) {
      let rows = start..<min(start + 65_536, table.rowCount)
      var block: [UInt8] = []
      for column in table.columns { Self.append(column, rows, &block) }
      bytes += block.count
      hashes += SHA256.hexadecimal(block)
    }
    hash = SHA256.hexadecimal(Array(hashes.utf8))
    self.bytes = bytes
  }

  private static func append(_ column: Column, _ rows: Range<Int>, _ block: inout [UInt8]) {
    func add(_ bits: UInt64) {
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        block.append(UInt8(truncatingIfNeeded: bits >> shift))
      }
    }
    switch column.values {
    case .integers(let values): for row in rows { add(UInt64(bitPattern: Int64(values[row]))) }
    case .doubles(let values):
      for row in rows { add(values[row].isNaN ? Double.nan.bitPattern : values[row].bitPattern) }
    case .booleans(let values): for row in rows { block.append(UInt8(bitPattern: values[row])) }
    case .dates(let values): for row in rows { add(UInt64(bitPattern: Int64(values[row]))) }
    case .text(let factor):
      for row in rows {
        let code = factor.codes[row]
        block += code < 0 ? [1] : Array(factor.levels[Int(code)].utf8)
        block.append(0)
      }
    }
  }
}
