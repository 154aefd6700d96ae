internal import Statistics

/// What the cells of a column have been in a block.
enum CellKind: UInt8, Sendable {
  /// Nothing but missing cells so far.
  case none = 0
  case integer = 1
  case double = 2
  case boolean = 3
  case date = 4
  case text = 5
  /// Kinds that only text can hold together; the block has to be read again as text.
  case mixed = 6
  /// Not wanted.
  case skip = 7

  /// The kind of the cells of two stretches together.
  func joined(_ other: CellKind) -> CellKind {
    if self == other || other == .none { return self }
    if self == .none { return other }
    if max(rawValue, other.rawValue) <= CellKind.double.rawValue { return .double }
    return .text
  }
}

/// What is known about a column before its cells are read.
struct ColumnPlan: Sendable {
  /// The declared type; nil to infer it.
  var declared: ColumnType?
  /// How its dates are written, when not as yyyy-mm-dd.
  var dateFormat: DateFormat?
}

/// Why a block could not be read, at an offset of the file.
struct CSVFailure: Sendable {
  enum Reason: Sendable {
    case tooFew(Int)
    case tooMany
    case textAfterQuote
    case unterminated
    case badCell
  }
  var reason: Reason
  var offset: Int
  var column: Int
  /// The offsets between which the offending cell stands.
  var cell: ClosedRange<Int>?
}

/// The cells of a block, column by column, as 64-bit patterns.
///
/// Integers, booleans (0 and 1), dates (days) and text (codes of the block's own dictionary) are
/// stored as `Int` with `Int.min` for missing; doubles as their bits with NaN for missing.
final class CSVBlockResult: @unchecked Sendable {
  let capacity: Int
  let columnCount: Int
  /// Columns one after another, `capacity` cells each; then row offsets and row lines.
  let cells: UnsafeMutablePointer<Int>
  var kinds: [CellKind]
  var dictionaries: [ByteInterner?]
  var rows = 0
  var failure: CSVFailure?

  init(columnCount: Int, capacity: Int, kinds: [CellKind]) {
    self.columnCount = columnCount
    self.capacity = capacity
    self.kinds = kinds
    cells = .allocate(capacity: max(1, (columnCount + 2) * capacity))
    dictionaries = kinds.map { $0 == .text ? ByteInterner() : nil }
  }

  deinit { cells.deallocate() }

  func column(_ index: Int) -> UnsafeBufferPointer<Int> {
    UnsafeBufferPointer(start: cells + index * capacity, count: rows)
  }
}

/// Reads the rows of blocks; the same for every block of a file.
struct CSVBlockParser: Sendable {
  let source: ByteSource
  let separator: UInt8
  let plans: [ColumnPlan]
  let missing: MissingWords

  /// Reads the rows of a block, starting from the kinds that its columns are thought to be.
  func parse(_ block: CSVBlock, kinds: [CellKind]) -> CSVBlockResult {
    let count = plans.count
    let result = CSVBlockResult(columnCount: count, capacity: block.rows, kinds: kinds)
    result.kinds.withUnsafeMutableBufferPointer { kinds in
      parse(block, result, kinds)
    }
    return result
  }

  private func parse(
    _ block: CSVBlock, _ result: CSVBlockResult, _ kinds: UnsafeMutableBufferPointer<CellKind>
  ) {
    let base = source.base
    let (count, capacity, separator) = (plans.count, block.rows, separator)
    let (cells, powers) = (result.cells, DecimalText.powers)
    let fastest = missing.hasNumbers ? CellKind.none.rawValue : CellKind.double.rawValue
    var cursor = Cursor(position: base + block.start, line: block.line)
    var row = 0
    for _ in 0..<block.rows {
      let rowStart = cursor.position
      let first = rowStart.pointee
      if count > 1, first == 10 || first == 13 {
        cursor.passLineEnd()
        continue
      }
      cells[count * capacity + row] = rowStart - base
      cells[(count + 1) * capacity + row] = cursor.line
      var column = 0
      while true {
        let kind = kinds[column]
        let place = column * capacity + row
        var done = false
        if kind != .none, kind.rawValue <= fastest {
          // Plain decimals of up to 19 digits, read where they stand. All else goes the long way.
          var p = cursor.position
          let negative = p.pointee == 0x2D
          if negative { p += 1 }
          let digitsStart = p
          var mantissa: UInt64 = 0
          var digit = UInt64(p.pointee) &- 48
          while digit < 10 {
            mantissa = mantissa &* 10 &+ digit
            p += 1
            digit = UInt64(p.pointee) &- 48
          }
          var digits = p - digitsStart
          var fraction = 0
          let dotted = p.pointee == 0x2E
          if dotted {
            p += 1
            let fractionStart = p
            digit = UInt64(p.pointee) &- 48
            while digit < 10 {
              mantissa = mantissa &* 10 &+ digit
              p += 1
              digit = UInt64(p.pointee) &- 48
            }
            fraction = p - fractionStart
            digits += fraction
          }
          let next = p.pointee
          let ended = next == separator || next == 10 || next == 13 || next == 0
          if ended, digits > 0, digits <= 19 {
            if !dotted, kind != .double {
              let padded = digits > 1 && digitsStart.pointee == 48
              if digits <= 18, !padded, kind == .integer {
                cells[place] = negative ? -Int(mantissa) : Int(mantissa)
                cursor.position = p
                done = true
              }
            } else if kind == .double, dotted || digits == 1 || digitsStart.pointee != 48 {
              var value: Double?
              if mantissa <= 1 << 53 {
                value = Double(mantissa) / powers[fraction]
              } else {
                value = DecimalText.decimal(mantissa, -fraction)
              }
              if let value {
                let bits = value.bitPattern | (negative ? 1 << 63 : 0)
                cells[place] = Int(bitPattern: UInt(bits))
                cursor.position = p
                done = true
              }
            }
          }
        }
        if !done {
          let failure = readField(&cursor, result, kinds, column, row)
          if let failure {
            result.failure = failure
            result.rows = row
            return
          }
        }
        column += 1
        if cursor.position.pointee == separator {
          cursor.position += 1
          if column == count {
            result.failure = failure(.tooMany, cursor, column)
            result.rows = row
            return
          }
        } else if column == count {
          break
        } else {
          result.failure = failure(.tooFew(column), cursor, column)
          result.rows = row
          return
        }
      }
      cursor.passLineEnd()
      row += 1
    }
    result.rows = row
  }

  func failure(_ reason: CSVFailure.Reason, _ cursor: Cursor, _ column: Int) -> CSVFailure {
    CSVFailure(reason: reason, offset: cursor.position - source.base, column: column)
  }
}

/// A place in the bytes, with the line it is on.
struct Cursor {
  var position: UnsafePointer<UInt8>
  var line: Int

  /// Steps over a line end, if one stands here.
  @inline(__always)
  mutating func passLineEnd() {
    let byte = position.pointee
    if byte == 0 { return }
    position += byte == 13 && position[1] == 10 ? 2 : 1
    line += 1
  }
}
