public import Statistics

/// Values of one column of an answer.
public enum EngineValues: Sendable, Equatable {
  /// Numbers; NaN is missing.
  case numbers([Double])
  /// Text; nil is missing.
  case text([String?])

  /// How many there are.
  public var count: Int {
    switch self {
    case .numbers(let values): values.count
    case .text(let values): values.count
    }
  }

  /// The values in another order.
  public func selecting(_ rows: [Int]) -> EngineValues {
    switch self {
    case .numbers(let values): .numbers(rows.map { values[$0] })
    case .text(let values): .text(rows.map { values[$0] })
    }
  }
}

/// The answer to an aggregate query: one entry a cell everywhere.
///
/// Cells are in ascending order of their keys, the first key slowest: numbers by size, text by code point,
/// missing last. The order is made here, never by the engine, so that it is the same for all.
public struct Cells: Sendable, Equatable {
  /// The keys, one column each in the order of the query.
  public let keys: [EngineValues]
  /// How many rows each cell has.
  public let counts: [Int]
  /// The sums, one column each in the order of the query; 0 where no row had a value.
  public let sums: [[Double]]

  /// The number of cells.
  public var count: Int { counts.count }

  /// How many rows there are in all cells.
  public var rowCount: Int { counts.reduce(0, +) }

  /// Cells as an engine gave them, put in order.
  public init(keys: [EngineValues], counts: [Int], sums: [[Double]]) {
    guard !keys.isEmpty else {
      self.keys = keys
      self.counts = counts
      self.sums = sums
      return
    }
    let order = Self.order(keys, count: counts.count)
    self.keys = keys.map { $0.selecting(order) }
    self.counts = order.map { counts[$0] }
    self.sums = sums.map { column in order.map { column[$0] } }
  }

  /// The text of a key; empty where it is a number.
  public func text(_ key: Int) -> [String?] {
    if case .text(let values) = keys[key] { return values }
    return []
  }

  /// The numbers of a key; empty where it is text.
  public func numbers(_ key: Int) -> [Double] {
    if case .numbers(let values) = keys[key] { return values }
    return []
  }

  /// A key as a factor whose levels are its values in order; missing is −1.
  public func factor(_ key: Int) -> Factor {
    switch keys[key] {
    case .text(let values): return Factor(values)
    case .numbers(let values):
      let levels = Set(values.filter { !$0.isNaN }).sorted()
      var place: [Double: Int32] = [:]
      for (index, level) in levels.enumerated() { place[level] = Int32(index) }
      return Factor(
        codes: values.map { place[$0] ?? -1 }, levels: levels.map(numberKeyText))
    }
  }

  private static func order(_ keys: [EngineValues], count: Int) -> [Int] {
    // Ranks first, so that the comparison of cells is one of whole numbers.
    let ranks = keys.map { key -> [Int] in
      switch key {
      case .numbers(let values):
        let sorted = Set(values.filter { !$0.isNaN }).sorted()
        var place: [Double: Int] = [:]
        for (index, value) in sorted.enumerated() { place[value] = index }
        return values.map { place[$0] ?? sorted.count }
      case .text(let values):
        let factor = Factor(values)
        return factor.codes.map { $0 < 0 ? factor.levels.count : Int($0) }
      }
    }
    return (0..<count).sorted { a, b in
      for rank in ranks where rank[a] != rank[b] { return rank[a] < rank[b] }
      return a < b
    }
  }

}

/// The text of a number that is a key: `3` and not `3.0`.
public func numberKeyText(_ value: Double) -> String {
  if value == value.rounded(), value.magnitude < 1e15 { return String(Int(value)) }
  return "\(value)"
}

/// Some rows of a stream, column by column in the order of the query.
public struct RowBlock: Sendable {
  /// The columns.
  public let columns: [EngineValues]
  /// The number of rows.
  public let count: Int

  /// A block of rows.
  public init(columns: [EngineValues]) {
    self.columns = columns
    count = columns.first?.count ?? 0
  }
}

/// A column of a source, as the engine describes it.
public struct EngineColumn: Sendable, Hashable {
  /// The name.
  public let name: String
  /// The type.
  public let type: Kind

  /// The types that matter to a query.
  public enum Kind: String, Sendable, Hashable {
    case integer
    case number
    case text
    case boolean
    case date
    /// A type that can't be used, such as a list.
    case other
  }

  /// A column.
  public init(_ name: String, _ type: Kind) {
    self.name = name
    self.type = type
  }
}
