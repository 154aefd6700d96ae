import LinearAlgebra
import Statistics

/// The checks that every estimator of this room makes of what it is given.
enum Checks {
  static func count(
    _ count: Int, is rows: Int, _ what: String
  ) throws(SiblingError) {
    guard count == rows else {
      throw SiblingError(.sizeMismatch, "\(what) has \(count) rows where \(rows) are needed")
    }
  }

  /// Every row has a level, and levels are as many as the codes say.
  static func factor(
    _ factor: Factor?, rows: Int, _ what: String
  ) throws(SiblingError) {
    guard let factor else { return }
    try count(factor.count, is: rows, what)
    let levels = Int32(truncatingIfNeeded: factor.levels.count)
    for (row, code) in factor.codes.enumerated() where code < 0 || code >= levels {
      throw SiblingError(
        .missingValue, "a row has no \(what)", help: "drop the row or fill the value in", row: row,
        column: what)
    }
  }

  static func weights(
    _ weights: [Double]?, rows: Int, allowingZero: Bool
  ) throws(SiblingError) {
    guard let weights else { return }
    try count(weights.count, is: rows, "weights")
    for (row, weight) in weights.enumerated() {
      guard weight.isFinite else {
        throw SiblingError(
          .badWeight, "a weight is missing or infinite", row: row, column: "weights")
      }
      if weight < 0 || (weight == 0 && !allowingZero) {
        throw SiblingError(
          .badWeight, weight < 0 ? "a weight is negative" : "a weight is zero",
          help: "drop rows that should not count", row: row, column: "weights")
      }
    }
    guard weights.contains(where: { $0 > 0 }) else {
      throw SiblingError(.badWeight, "all weights are zero", column: "weights")
    }
  }

  static func finite(_ matrix: Matrix, _ names: [String]) throws(SiblingError) {
    let rows = matrix.rows
    guard !allFinite(matrix.storage), let at = matrix.storage.firstIndex(where: { !$0.isFinite })
    else { return }
    let value = matrix.storage[at]
    throw SiblingError(
      value.isNaN ? .missingValue : .badValue,
      "a covariate is \(value.isNaN ? "missing" : "infinite")",
      help: "drop the row or fill the value in", row: at % rows, column: names[at / rows])
  }

  /// Whether no value is missing or infinite.
  static func allFinite(_ values: [Double]) -> Bool {
    let blocks = Parallel.ranges(of: values.count, size: 65_536)
    let sound = values.withUnsafeBufferPointer { values in
      nonisolated(unsafe) let values = values
      return Parallel.mapBlocks(blocks.count) { block in
        let range = blocks[block]
        // Differences of finite values with themselves are zero, those of others NaN.
        var sums = SIMD8<Double>.zero
        var i = range.lowerBound
        while i + 8 <= range.upperBound {
          let eight = SIMD8(
            values[i], values[i + 1], values[i + 2], values[i + 3], values[i + 4], values[i + 5],
            values[i + 6], values[i + 7])
          sums += eight - eight
          i += 8
        }
        var sum = sums.sum()
        for k in i..<range.upperBound { sum += values[k] - values[k] }
        return sum == 0
      }
    }
    return sound.allSatisfy { $0 }
  }

  static func level(_ level: Double) throws(SiblingError) {
    guard level > 0, level < 1 else {
      throw SiblingError(
        .invalidOption, "the confidence level must lie between 0 and 1", help: "such as 0.95")
    }
  }

  /// Whether weights call for a robust variance: some are not whole numbers.
  static func fractional(_ weights: [Double]?) -> Bool {
    weights?.contains { $0 != $0.rounded() } ?? false
  }
}

/// A sum that carries its own rounding error (Neumaier's compensation).
struct CompensatedSum {
  private var sum = 0.0
  private var lost = 0.0

  @inline(__always)
  mutating func add(_ value: Double) {
    let next = sum + value
    let part = next - sum
    lost += (sum - (next - part)) + (value - part)
    sum = next
  }

  @inline(__always)
  var value: Double { sum + lost }
}

/// Rows brought together by group, keeping their order within each.
struct GroupedRows {
  /// Rows, group after group.
  let rows: [Int32]
  /// Where each group begins in `rows`, and at last their number.
  let begins: [Int]

  init(_ order: [Int32], codes: [Int32]?, levels: Int) {
    guard let codes else {
      rows = order
      begins = [0, order.count]
      return
    }
    var begins = [Int](repeating: 0, count: levels + 1)
    for code in codes { begins[Int(code) + 1] += 1 }
    for level in 0..<levels { begins[level + 1] += begins[level] }
    var next = begins
    rows = [Int32](unsafeUninitializedCapacity: order.count) { output, initialized in
      codes.withUnsafeBufferPointer { codes in
        next.withUnsafeMutableBufferPointer { next in
          for row in order {
            let code = Int(codes[Int(row)])
            output[next[code]] = row
            next[code] += 1
          }
        }
      }
      initialized = order.count
    }
    self.begins = begins
  }
}
