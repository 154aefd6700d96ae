// Cells as they are kept between runs: every bit of a number, one value a cell.

extension ResultTable.Cell: Codable {
  /// Reads a cell: nothing where there is none, `[]` where it was withheld.
  ///
  /// - Throws: `DecodingError`.
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .missing
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let flag = try? value.decode(Bool.self) {
      self = .flag(flag)
    } else {
      self = .suppressed
    }
  }

  /// Writes the cell.
  ///
  /// - Throws: `EncodingError`.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .suppressed: _ = encoder.unkeyedContainer()
    case .missing:
      var value = encoder.singleValueContainer()
      try value.encodeNil()
    case .number(let number):
      var value = encoder.singleValueContainer()
      try value.encode(number)
    case .text(let text):
      var value = encoder.singleValueContainer()
      try value.encode(text)
    case .flag(let flag):
      var value = encoder.singleValueContainer()
      try value.encode(flag)
    }
  }
}
