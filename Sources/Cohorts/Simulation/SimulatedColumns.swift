internal import LinearAlgebra
internal import Statistics
internal import Tables

/// Columns of the schema from rows of a simulation, computed in fixed blocks.
struct SimulatedColumns<Row: Sendable>: Sendable {
  let rows: [Row]

  private func map<T: Sendable>(_ value: @Sendable (Row) -> T) -> [T] {
    let ranges = Parallel.ranges(of: rows.count, size: 65_536)
    if ranges.count < 2 { return rows.map(value) }
    return Parallel.mapBlocks(ranges.count) { rows[ranges[$0]].map(value) }.flatMap { $0 }
  }

  func dates(_ name: String, _ value: @Sendable (Row) -> Int32) -> Column {
    Column(name: name, values: .dates(map(value)))
  }

  func integers(_ name: String, _ value: @Sendable (Row) -> Int?) -> Column {
    Column(name: name, values: .integers(map { value($0) ?? .min }))
  }

  func doubles(_ name: String, _ value: @Sendable (Row) -> Double) -> Column {
    Column(name: name, values: .doubles(map(value)))
  }

  /// Text by place in a list, −1 where missing; levels are those that occur, in code-point order.
  func text(_ name: String, _ names: [String], _ place: @Sendable (Row) -> Int) -> Column {
    var codes = map { Int32(place($0)) }
    var used = [Bool](repeating: false, count: names.count)
    for code in codes where code >= 0 { used[Int(code)] = true }
    let order = names.indices.filter { used[$0] }.sorted {
      names[$0].unicodeScalars.lexicographicallyPrecedes(names[$1].unicodeScalars)
    }
    var rank = [Int32](repeating: -1, count: names.count)
    for (new, old) in order.enumerated() { rank[old] = Int32(new) }
    for row in codes.indices where codes[row] >= 0 { codes[row] = rank[Int(codes[row])] }
    return Column(name: name, values: .text(Factor(codes: codes, levels: order.map { names[$0] })))
  }

  func category<Category: CaseIterable & RawRepresentable<String> & Equatable & Sendable>(
    _ name: String, _ value: @Sendable (Row) -> Category?
  ) -> Column {
    let cases = Array(Category.allCases)
    return text(name, cases.map(\.rawValue)) { row in
      value(row).flatMap { wanted in cases.firstIndex { $0 == wanted } } ?? -1
    }
  }

  /// Yes or no; nil is missing.
  func flag(_ name: String, _ value: @Sendable (Row) -> Bool?) -> Column {
    text(name, ["n", "y"]) { row in value(row).map { $0 ? 1 : 0 } ?? -1 }
  }

  /// Text of any kind, for small tables.
  func words(_ name: String, _ value: (Row) -> String?) -> Column {
    Column(name: name, values: .text(Factor(rows.map(value))))
  }
}

/// The identifiers of a simulation: a keyed bijection of the number, so that none occurs twice.
struct SimulatedIdentifiers: Sendable {
  private let key: UInt64
  private static let mask: UInt64 = (1 << 48) - 1

  init(seed: UInt64) {
    var stream = RandomStream(seed: seed, name: "simulated-identifier")
    key = stream.next() & Self.mask
  }

  /// 48 bits that look like a keyed hash.
  func bits(_ number: Int) -> UInt64 {
    var value = (UInt64(number) ^ key) & Self.mask
    for factor: UInt64 in [0x9E37_79B9_7F4B, 0xBF58_476D_1CE5] {
      value = (value &* factor) & Self.mask
      value ^= value >> 23
    }
    return value
  }

  /// A letter, twelve hexadecimal digits and what follows: short enough to need no memory of its own.
  static func text(_ letter: UInt8, _ bits: UInt64, _ suffix: UInt8? = nil) -> String {
    let count = suffix == nil ? 13 : 14
    return String(unsafeUninitializedCapacity: count) { buffer in
      buffer[0] = letter
      for digit in 0..<12 {
        let value = UInt8(truncatingIfNeeded: bits >> UInt64(44 - 4 * digit)) & 15
        buffer[digit + 1] = value < 10 ? 48 + value : 87 + value
      }
      if let suffix { buffer[13] = suffix }
      return count
    }
  }
}
