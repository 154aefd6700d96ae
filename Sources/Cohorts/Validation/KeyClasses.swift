internal import Statistics
internal import Tables

/// Rows put into classes by the columns of a key, and the rows of each class.
struct KeyClasses {
  /// For each row its class; −1 where a part of the key that every row needs is missing.
  private(set) var codes: [Int32]
  /// The number of classes.
  private(set) var count: Int

  /// The classes of one column.
  init(_ factor: Factor) {
    codes = factor.codes
    count = factor.levels.count
  }

  /// The classes by some columns; a missing value is a value of its own, except in the first column.
  init?(_ table: CheckedTable, _ names: [String]) {
    let present = names.filter { table.table[$0] != nil }
    guard let first = present.first, first == names.first, let factor = table.factor(first) else {
      return nil
    }
    self.init(factor)
    for name in present.dropFirst() {
      guard let next = table.factor(name) else { continue }
      refine(next)
    }
  }

  /// Divides classes of more than one row by another column.
  private mutating func refine(_ factor: Factor) {
    var sizes = [Int32](repeating: 0, count: count)
    for code in codes where code >= 0 { sizes[Int(code)] += 1 }
    var places: [UInt64: Int32] = [:]
    var next = Int32(truncatingIfNeeded: count)
    for row in codes.indices where codes[row] >= 0 && sizes[Int(codes[row])] > 1 {
      let pair = UInt64(UInt32(codes[row])) << 32 | UInt64(UInt32(bitPattern: factor.codes[row]))
      let place = places[pair] ?? next
      if place == next {
        places[pair] = place
        next += 1
      }
      codes[row] = place
    }
    count = Int(next)
  }

  /// The rows whose class an earlier row has.
  func repeated() -> RowList {
    var seen = [Bool](repeating: false, count: count)
    var rows = RowList()
    for (row, code) in codes.enumerated() where code >= 0 {
      if seen[Int(code)] { rows.add(row) }
      seen[Int(code)] = true
    }
    return rows
  }

  /// The rows of each class: class `c` has `rows[starts[c]..<starts[c + 1]]`, ascending.
  func members() -> (starts: [Int], rows: [Int]) {
    var starts = [Int](repeating: 0, count: count + 1)
    for code in codes where code >= 0 { starts[Int(code) + 1] += 1 }
    for place in 0..<count { starts[place + 1] += starts[place] }
    var rows = [Int](repeating: 0, count: starts[count])
    var next = starts
    for (row, code) in codes.enumerated() where code >= 0 {
      rows[next[Int(code)]] = row
      next[Int(code)] += 1
    }
    return (starts, rows)
  }

  /// The classes of more than one row, each as its rows in ascending order.
  func groups() -> [ArraySlice<Int>] {
    let (starts, rows) = members()
    return (0..<count).filter { starts[$0 + 1] - starts[$0] > 1 }.map {
      rows[starts[$0]..<starts[$0 + 1]]
    }
  }
}

extension Factor {
  /// For each level its place among another factor's levels, −1 where it is none of them.
  ///
  /// - Complexity: O(levels of both) where both stand in code-point order, as the reader leaves them.
  func places(in other: Factor) -> [Int32] {
    if Self.isAscending(levels), Self.isAscending(other.levels) {
      var result = [Int32](repeating: -1, count: levels.count)
      var place = 0
      for (code, level) in levels.enumerated() {
        while place < other.levels.count, Self.precedes(other.levels[place], level) { place += 1 }
        if place < other.levels.count, other.levels[place] == level {
          result[code] = Int32(truncatingIfNeeded: place)
        }
      }
      return result
    }
    var index: [String: Int32] = [:]
    for (place, level) in other.levels.enumerated() {
      index[level] = Int32(truncatingIfNeeded: place)
    }
    return levels.map { index[$0] ?? -1 }
  }

  /// For each row its code among another factor's levels.
  func codes(in other: Factor) -> [Int32] {
    let places = places(in: other)
    return codes.map { $0 < 0 ? -1 : places[Int($0)] }
  }

  private static func precedes(_ a: String, _ b: String) -> Bool {
    a.utf8.lexicographicallyPrecedes(b.utf8)
  }

  private static func isAscending(_ levels: [String]) -> Bool {
    levels.indices.dropFirst().allSatisfy { precedes(levels[$0 - 1], levels[$0]) }
  }
}
