/// The rows that a regression with absorbed effects uses.
struct RowSelection {
  /// The rows of the data; nil when all.
  var rows: [Int]?
  /// Rows left out because they were alone in a level.
  var singletons = 0
  /// Rows left out because every outcome of a level is zero.
  var zeros = 0

  /// Selects rows with weight that are not alone in a level nor, given a count as the outcome, in a
  /// level whose outcomes are all zero; leaving some out can leave others alone, and so on.
  ///
  /// - Throws: `missingValue` for a row without level, `tooFewObservations` where none is left.
  init(
    _ factors: [Factor], _ weights: [Double]?, keepsSingletons: Bool,
    counts outcome: [Double]? = nil
  ) throws(SiblingError) {
    let n = factors.first?.count ?? 0
    var isUsed = weights.map { $0.map { $0 > 0 } } ?? [Bool](repeating: true, count: n)
    for factor in factors {
      if let row = factor.codes.indices.first(where: { factor.codes[$0] < 0 && isUsed[$0] }) {
        throw SiblingError(
          .missingValue, "An absorbed column is missing here.",
          help: "Drop rows with missing values.", row: row)
      }
    }
    var counts = factors.map { Self.counts($0, weights == nil ? nil : isUsed) { _ in true } }
    // Levels in which some outcome is above zero, by how many rows.
    var positive = outcome.map { y in
      factors.map { Self.counts($0, weights == nil ? nil : isUsed) { y[$0] > 0 } }
    }
    var used = weights == nil ? n : isUsed.reduce(0) { $0 + ($1 ? 1 : 0) }
    let before = used
    let hasAlone = !keepsSingletons && counts.contains { $0.contains(1) }
    let hasZeros = positive?.contains { $0.contains(0) } ?? false
    var changed = hasAlone || hasZeros
    while changed {
      changed = false
      for row in 0..<n where isUsed[row] {
        let isZero =
          positive?.indices.contains { positive?[$0][Int(factors[$0].codes[row])] == 0 } ?? false
        let isAlone =
          !keepsSingletons
          && factors.indices.contains { counts[$0][Int(factors[$0].codes[row])] == 1 }
        guard isZero || isAlone else { continue }
        isUsed[row] = false
        changed = true
        used -= 1
        if isZero { zeros += 1 }
        for index in factors.indices {
          let level = Int(factors[index].codes[row])
          counts[index][level] -= 1
          if let outcome, outcome[row] > 0 { positive?[index][level] -= 1 }
        }
      }
    }
    guard used > 0 else {
      throw SiblingError(
        .tooFewObservations,
        outcome == nil
          ? "Every row is alone in an absorbed group."
          : "Every row is alone in an absorbed group, or in one whose outcomes are all zero.",
        help: "Absorb coarser groups.")
    }
    singletons = before - used - zeros
    rows = used == n ? nil : (0..<n).filter { isUsed[$0] }
  }

  /// How many of the rows used that fulfil a condition each level has.
  private static func counts(
    _ factor: Factor, _ isUsed: [Bool]?, _ condition: (Int) -> Bool
  ) -> [Int] {
    var counts = [Int](repeating: 0, count: factor.levels.count)
    counts.withUnsafeMutableBufferPointer { counts in
      factor.codes.withUnsafeBufferPointer { codes in
        for row in codes.indices where (isUsed?[row] ?? true) && condition(row) {
          counts[Int(codes[row])] += 1
        }
      }
    }
    return counts
  }
}
