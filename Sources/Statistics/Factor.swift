/// A categorical variable: a code for each row and the levels that the codes name.
public struct Factor: Sendable, Equatable {
  /// For each row the index of its level, or −1 where it is missing.
  public var codes: [Int32]
  /// The levels, in order; the first is the reference.
  public var levels: [String]

  /// A factor from codes and levels; every code is −1 or an index into `levels`.
  public init(codes: [Int32], levels: [String]) {
    self.codes = codes
    self.levels = levels
  }

  /// A factor whose levels are the distinct strings in code-point order; nil is missing.
  public init(_ values: [String?]) {
    let levels = Set(values.compactMap { $0 }).sorted {
      $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars)
    }
    var index: [String: Int32] = [:]
    for (code, level) in levels.enumerated() { index[level] = Int32(code) }
    self.init(codes: values.map { $0.flatMap { index[$0] } ?? -1 }, levels: levels)
  }

  /// The number of rows.
  public var count: Int { codes.count }

  /// The factor of the named rows; the levels stay as they are.
  public func selecting(_ rows: [Int]) -> Factor {
    Factor(codes: rows.map { codes[$0] }, levels: levels)
  }

  /// The factor without levels that no row has, codes renumbered.
  public func droppingUnusedLevels() -> Factor {
    var used = [Bool](repeating: false, count: levels.count)
    for code in codes where code >= 0 { used[Int(code)] = true }
    if used.allSatisfy({ $0 }) { return self }
    var renumbered = [Int32](repeating: -1, count: levels.count)
    var next: Int32 = 0
    for level in levels.indices where used[level] {
      renumbered[level] = next
      next += 1
    }
    return Factor(
      codes: codes.map { $0 < 0 ? -1 : renumbered[Int($0)] },
      levels: levels.indices.filter { used[$0] }.map { levels[$0] })
  }

  /// Rows crossed with another factor's: one level for each pair that occurs, ordered by both codes.
  public func crossed(with other: Factor, separator: String = ", ") -> Factor {
    let width = max(1, other.levels.count)
    var present = [Bool](repeating: false, count: levels.count * width)
    for (a, b) in zip(codes, other.codes) where a >= 0 && b >= 0 {
      present[Int(a) * width + Int(b)] = true
    }
    var number = [Int32](repeating: -1, count: present.count)
    var names: [String] = []
    for pair in present.indices where present[pair] {
      number[pair] = Int32(names.count)
      names.append(levels[pair / width] + separator + other.levels[pair % width])
    }
    let crossed = zip(codes, other.codes).map { a, b in
      a < 0 || b < 0 ? -1 : number[Int(a) * width + Int(b)]
    }
    return Factor(codes: crossed, levels: names)
  }
}
