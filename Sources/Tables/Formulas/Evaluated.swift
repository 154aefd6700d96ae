internal import Statistics

/// The value of an expression: one entry a row, or a single one that stands for every row.
struct Evaluated: Sendable {
  enum Values: Sendable {
    /// NaN is missing; `invalid` marks an entry that could not be computed.
    case numbers([Double])
    /// 0, 1, −1 for missing and −2 for an entry that could not be computed.
    case logicals([Int8])
    case text(Factor)
    case dates([Int32])
  }

  var values: Values
  /// Whether a single entry stands for every row.
  var isConstant: Bool

  init(_ values: Values, constant: Bool = false) {
    self.values = values
    isConstant = constant
  }

  /// The mark of a number that could not be computed, such as the logarithm of −1.
  ///
  /// It is a NaN with a payload of its own, so that it stays apart from a missing value and is
  /// refused at the end, unless `ifelse` or `&` has left it out.
  static let invalid = Double(bitPattern: 0x7FF8_0000_0000_1DAD)

  /// Whether a number is the mark of a failed computation.
  @inline(__always)
  static func isInvalid(_ value: Double) -> Bool {
    value.bitPattern & 0x7FFF_FFFF_FFFF_FFFF == 0x7FF8_0000_0000_1DAD
  }

  var count: Int {
    switch values {
    case .numbers(let values): values.count
    case .logicals(let values): values.count
    case .text(let factor): factor.count
    case .dates(let values): values.count
    }
  }

  /// The literal NA, which takes the type of whatever it meets.
  var isNA: Bool {
    guard isConstant, case .logicals(let values) = values else { return false }
    return values == [-1]
  }

  var typeName: String {
    switch values {
    case .numbers: "number"
    case .logicals: "boolean"
    case .text: "text"
    case .dates: "date"
    }
  }

  /// The first row that could not be computed.
  var firstInvalid: Int? {
    switch values {
    case .numbers(let values): values.firstIndex { Self.isInvalid($0) }
    case .logicals(let values): values.firstIndex(of: -2)
    case .text, .dates: nil
    }
  }

  /// The value with an entry for each of `rows` rows.
  func expanded(to rows: Int) -> Evaluated {
    guard isConstant else { return self }
    switch values {
    case .numbers(let values):
      return Evaluated(.numbers([Double](repeating: values[0], count: rows)))
    case .logicals(let values):
      return Evaluated(.logicals([Int8](repeating: values[0], count: rows)))
    case .text(let factor):
      return Evaluated(
        .text(
          Factor(
            codes: [Int32](repeating: factor.codes[0], count: rows), levels: factor.levels)))
    case .dates(let values):
      return Evaluated(.dates([Int32](repeating: values[0], count: rows)))
    }
  }

  /// The value of a table's column.
  init(_ column: Column) {
    switch column.values {
    case .integers(let values):
      self.init(.numbers(Evaluated.doubles(values)))
    case .doubles(let values): self.init(.numbers(values))
    case .text(let factor): self.init(.text(factor))
    case .booleans(let values): self.init(.logicals(values))
    case .dates(let values): self.init(.dates(values))
    }
  }

  static func doubles(_ values: [Int]) -> [Double] {
    values.map { $0 == Int.min ? .nan : Double($0) }
  }
}

extension Factor {
  /// The levels in code-point order, codes renumbered; text columns keep this order.
  func sortedByCodePoint() -> Factor {
    let order = levels.indices.sorted { Self.precedes(levels[$0], levels[$1]) }
    if order == Array(levels.indices) { return self }
    var place = [Int32](repeating: 0, count: levels.count)
    for (new, old) in order.enumerated() { place[old] = Int32(new) }
    return Factor(
      codes: codes.map { $0 < 0 ? -1 : place[Int($0)] }, levels: order.map { levels[$0] })
  }

  /// Code-point order, which is the order of UTF-8 bytes.
  static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  /// A factor whose levels are the distinct numbers, ascending and written as R writes them.
  init(numbers: [Double]) {
    var index: [UInt64: Int32] = [:]
    var distinct: [Double] = []
    var codes = [Int32](repeating: -1, count: numbers.count)
    for (row, value) in numbers.enumerated() where !value.isNaN {
      let key = (value == 0 ? 0 : value).bitPattern
      if let code = index[key] {
        codes[row] = code
      } else {
        let code = Int32(distinct.count)
        index[key] = code
        distinct.append(value)
        codes[row] = code
      }
    }
    self.init(codes: codes, distinct: distinct, text: numberText)
  }

  /// A factor whose levels are the distinct whole numbers, ascending.
  init(integers: [Int]) {
    var index: [Int: Int32] = [:]
    var distinct: [Int] = []
    var codes = [Int32](repeating: -1, count: integers.count)
    var last = Int.min
    var lastCode: Int32 = -1
    for (row, value) in integers.enumerated() where value != Int.min {
      // Panels repeat a unit from row to row.
      if value != last {
        last = value
        if let code = index[value] {
          lastCode = code
        } else {
          lastCode = Int32(distinct.count)
          index[value] = lastCode
          distinct.append(value)
        }
      }
      codes[row] = lastCode
    }
    self.init(codes: codes, distinct: distinct, text: { String($0) })
  }

  /// Sorts the distinct values and merges those that are written alike.
  private init<T: Comparable>(codes: [Int32], distinct: [T], text: (T) -> String) {
    let order = distinct.indices.sorted { distinct[$0] < distinct[$1] }
    var place = [Int32](repeating: 0, count: distinct.count)
    var levels: [String] = []
    for old in order {
      let written = text(distinct[old])
      if levels.last != written { levels.append(written) }
      place[old] = Int32(levels.count - 1)
    }
    self.init(codes: codes.map { $0 < 0 ? -1 : place[Int($0)] }, levels: levels)
  }

  /// A factor of truth values, with levels FALSE and TRUE.
  init(booleans: [Int8]) {
    self.init(codes: booleans.map { $0 < 0 ? -1 : Int32($0) }, levels: ["FALSE", "TRUE"])
  }

  /// A factor of dates, ascending and written as ISO 8601.
  init(dates: [Int32]) {
    let factor = Factor(integers: dates.map { $0 == Int32.min ? Int.min : Int($0) })
    self.init(
      codes: factor.codes, levels: factor.levels.map { CivilDate(days: Int32($0) ?? 0).isoText })
  }

  /// The factor of a column's values, whatever its type.
  init(_ column: Column) {
    switch column.values {
    case .integers(let values): self.init(integers: values)
    case .doubles(let values): self.init(numbers: values)
    case .text(let factor): self = factor
    case .booleans(let values): self.init(booleans: values)
    case .dates(let values): self.init(dates: values)
    }
  }
}
