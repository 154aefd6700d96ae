public import Statistics

/// Why a column of text is not a column of numbers although most of its cells look like numbers.
public struct InferenceHint: Sendable, Equatable {
  /// The place of the first cell that stands in the way.
  public var location: SiblingError.Location?
  /// That cell.
  public var cell: String
  /// How many cells are not numbers; 0 when only leading zeros make the column text.
  public var offending: Int
  /// How many cells are not missing.
  public var present: Int

  /// The share of numbers among the cells from which a hint is given.
  static let threshold = 0.9

  /// The hint about a column of text, or nil when it is plainly text.
  init?(_ factor: Factor, name: String, table: Table) {
    var counts = [Int](repeating: 0, count: factor.levels.count)
    var present = 0
    for code in factor.codes where code >= 0 {
      counts[Int(code)] += 1
      present += 1
    }
    var isNumber: [Bool] = []
    var isPadded: [Bool] = []
    var numbers = 0
    for (level, text) in factor.levels.enumerated() {
      let bytes = Array(text.utf8)
      let parsed = bytes.withUnsafeBufferPointer { DecimalText.parse(CSVField.trimmed($0)) }
      switch parsed {
      case .none:
        isNumber.append(false)
        isPadded.append(false)
      case .integer(_, let padded):
        isNumber.append(true)
        isPadded.append(padded)
        numbers += counts[level]
      case .double:
        isNumber.append(true)
        isPadded.append(false)
        numbers += counts[level]
      }
    }
    guard numbers > 0, Double(numbers) >= Self.threshold * Double(present) else { return nil }
    let offending = present - numbers
    let row = factor.codes.firstIndex { code in
      code >= 0 && (offending > 0 ? !isNumber[Int(code)] : isPadded[Int(code)])
    }
    guard let row else { return nil }
    location = table.location(row: row, column: name)
    cell = factor.levels[Int(factor.codes[row])]
    self.offending = offending
    self.present = present
  }
}
