internal import Statistics

/// The keys of two tables as codes that are equal where the keys are; −1 where one is missing.
struct JoinCodes {
  var own: [Int32]
  var other: [Int32]
  /// Codes are below this.
  var count: Int

  init(own: [Int32], other: [Int32], count: Int) {
    self.own = own
    self.other = other
    self.count = count
  }

  /// The codes of one key.
  ///
  /// - Throws: `unknownColumn`, `wrongType`.
  init(
    _ table: Table, _ name: String, _ second: Table, _ secondName: String
  ) throws(SiblingError) {
    let (left, right) = (try table.column(name), try second.column(secondName))
    switch (left.values, right.values) {
    case (.text(let a), .text(let b)): self.init(a, b)
    case (.dates(let a), .dates(let b)):
      self.init(Self.widened(a, missing: .min), Self.widened(b, missing: .min))
    case (.booleans(let a), .booleans(let b)):
      self.init(Self.widened(a, missing: -1), Self.widened(b, missing: -1))
    case (.integers(let a), .integers(let b)): self.init(a, b)
    case (.integers, .doubles), (.doubles, .integers), (.doubles, .doubles):
      self.init(
        (left.asDoubles ?? []).map(Self.pattern), (right.asDoubles ?? []).map(Self.pattern))
    default:
      // A column without any value has no type to speak of.
      if Self.isEmpty(left) || Self.isEmpty(right) {
        self.init(
          own: [Int32](repeating: -1, count: left.count),
          other: [Int32](repeating: -1, count: right.count), count: 1)
        return
      }
      throw SiblingError(
        .wrongType,
        "the key '\(name)' is \(left.typeName) here and \(right.typeName) in"
          + " \(second.source?.file ?? "the other table")",
        help: "declare one type for both: --types \(name)=text (types: in a study file)",
        location: table.headerLocation(name), column: name)
    }
  }

  private static func isEmpty(_ column: Column) -> Bool {
    (0..<column.count).allSatisfy { column.isMissing($0) }
  }

  private static func widened<T: FixedWidthInteger>(_ values: [T], missing: T) -> [Int] {
    values.map { $0 == missing ? Int.min : Int($0) }
  }

  /// A number's bits; zero and minus zero are one key.
  private static func pattern(_ value: Double) -> Int {
    value.isNaN ? Int.min : Int(bitPattern: UInt(value == 0 ? 0 : value.bitPattern))
  }

  private init(_ a: Factor, _ b: Factor) {
    var index: [String: Int32] = [:]
    index.reserveCapacity(a.levels.count)
    for (code, level) in a.levels.enumerated() { index[level] = Int32(code) }
    var next = Int32(a.levels.count)
    let renumbered = b.levels.map { level in
      if let code = index[level] { return code }
      next += 1
      return next - 1
    }
    self.init(
      own: a.codes, other: b.codes.map { $0 < 0 ? -1 : renumbered[Int($0)] }, count: Int(next))
  }

  /// Codes of whole numbers: by their place in the range where it is narrow, else by a dictionary.
  private init(_ a: [Int], _ b: [Int]) {
    var (low, high) = (Int.max, Int.min)
    for values in [a, b] {
      for value in values where value != Int.min {
        low = min(low, value)
        high = max(high, value)
      }
    }
    let (width, overflow) = high.subtractingReportingOverflow(low)
    guard low <= high else {
      self.init(
        own: a.map { _ in -1 }, other: b.map { _ in -1 }, count: 1)
      return
    }
    if !overflow, width < 4 * (a.count + b.count) + 1024, width < Int(Int32.max) {
      func place(_ value: Int) -> Int32 { value == Int.min ? -1 : Int32(value - low) }
      self.init(own: a.map(place), other: b.map(place), count: width + 1)
      return
    }
    var index: [Int: Int32] = [:]
    index.reserveCapacity(b.count)
    func code(_ value: Int) -> Int32 {
      if value == Int.min { return -1 }
      if let code = index[value] { return code }
      let code = Int32(index.count)
      index[value] = code
      return code
    }
    let other = b.map(code)
    let own = a.map(code)
    self.init(own: own, other: other, count: index.count)
  }

  /// The codes of these keys and others together.
  func crossed(with second: JoinCodes) -> JoinCodes {
    let width = max(1, second.count)
    func combined(_ a: [Int32], _ b: [Int32]) -> [Int] {
      zip(a, b).map { $0 < 0 || $1 < 0 ? Int.min : Int($0) * width + Int($1) }
    }
    return JoinCodes(combined(own, second.own), combined(other, second.other))
  }
}

/// Which row belongs to which.
struct JoinRows {
  /// The rows of the first table; nil when they are all rows as they stand.
  var own: [Int]?
  /// For each of them the row of the second, or −1.
  var other: [Int] = []
  var unmatched = 0
  var unused = 0
  var firstUnmatched: Int?

  init(_ codes: JoinCodes, isOneToMany: Bool, unmatched policy: JoinUnmatched) {
    // The rows of each code, the first in `first`, the others linked behind it.
    var first = [Int](repeating: -1, count: codes.count)
    var next = [Int](repeating: -1, count: isOneToMany ? codes.other.count : 0)
    for row in codes.other.indices.reversed() {
      let code = Int(codes.other[row])
      guard code >= 0 else { continue }
      if isOneToMany { next[row] = first[code] }
      first[code] = row
    }
    var used = [Bool](repeating: false, count: codes.count)
    var rows: [Int] = []
    other.reserveCapacity(codes.own.count)
    rows.reserveCapacity(codes.own.count)
    for (row, code) in codes.own.enumerated() {
      var match = code < 0 ? -1 : first[Int(code)]
      if match < 0 {
        unmatched += 1
        if firstUnmatched == nil { firstUnmatched = row }
        if policy == .drop { continue }
        rows.append(row)
        other.append(-1)
        continue
      }
      used[Int(code)] = true
      repeat {
        rows.append(row)
        other.append(match)
        match = isOneToMany ? next[match] : -1
      } while match >= 0
    }
    unused = codes.other.count { $0 < 0 || !used[Int($0)] }
    own = rows.count == codes.own.count && !isOneToMany ? nil : rows
  }
}
