internal import LinearAlgebra
internal import Statistics

/// Checks that every entry of this room shares, so that bad input is refused with one wording.
enum Inputs {
  /// The size of each group.
  struct Groups {
    var treated: Int
    var comparison: Int
  }

  /// Counts the groups.
  ///
  /// - Throws: `noRows`, and `constantTreatment` when one group is empty.
  static func groups(_ treatment: [Bool]) throws(SiblingError) -> Groups {
    guard !treatment.isEmpty else {
      throw SiblingError(.noRows, "there are no rows to compare")
    }
    guard treatment.count < Int(Int32.max) else {
      throw SiblingError(.badValue, "more rows than 32-bit row numbers can name")
    }
    let treated = treatment.reduce(0) { $0 + ($1 ? 1 : 0) }
    guard treated > 0, treated < treatment.count else {
      throw SiblingError(
        .constantTreatment,
        treated == 0 ? "no row is treated" : "every row is treated, so there is no comparison",
        help: "Check the treatment column and the filter: both groups must have rows.")
    }
    return Groups(treated: treated, comparison: treatment.count - treated)
  }

  /// Checks the length of a column.
  ///
  /// - Throws: `sizeMismatch`.
  static func length(
    _ count: Int, expected: Int, of column: String
  ) throws(SiblingError) {
    guard count == expected else {
      throw SiblingError(
        .sizeMismatch, "\(column) has \(count) rows where the treatment has \(expected)",
        column: column)
    }
  }

  /// Checks that a column has the right length and finite numbers.
  ///
  /// - Throws: `sizeMismatch`, `missingValue` or `badValue` with the row.
  static func finite(
    _ values: [Double], expected: Int, column: String
  ) throws(SiblingError) {
    try length(values.count, expected: expected, of: column)
    guard let row = values.firstIndex(where: { !$0.isFinite }) else { return }
    guard values[row].isNaN else {
      throw SiblingError(
        .badValue, "\(column) is infinite in a row",
        help: column == "distance" || column == "propensity"
          ? "An infinite score usually means separation: simplify the score's formula."
          : "Check for overflow or division by zero in how the column was made.",
        row: row, column: column)
    }
    throw SiblingError(
      .missingValue, "\(column) is missing in a row",
      help: "Drop rows with missing values, or impute them first.", row: row, column: column)
  }

  /// Checks coordinates: one row a unit, finite, with distances that don't overflow.
  ///
  /// - Throws: `sizeMismatch`, `badDesign` without columns, `missingValue` or `badValue`.
  static func coordinates(_ matrix: Matrix, expected: Int) throws(SiblingError) {
    try length(matrix.rows, expected: expected, of: "distance")
    guard matrix.columns > 0 else {
      throw SiblingError(.badDesign, "a distance between coordinates needs at least one column")
    }
    var squares = 0.0
    for column in 0..<matrix.columns {
      let values = matrix.column(column)
      try finite(values, expected: expected, column: "distance")
      let range = (values.max() ?? 0) - (values.min() ?? 0)
      squares += range * range
    }
    guard squares.isFinite else {
      throw SiblingError(
        .badValue, "the covariates are too large for distances between them",
        help: "Rescale them, or use a distance that does: mahalanobis or scaled-euclidean.",
        column: "distance")
    }
  }

  /// Checks that a factor has the right length and no missing code.
  ///
  /// - Throws: `sizeMismatch` or `missingValue`.
  static func complete(
    _ factor: Factor, expected: Int, column: String
  ) throws(SiblingError) {
    try length(factor.count, expected: expected, of: column)
    let levels = Int32(factor.levels.count)
    guard let row = factor.codes.firstIndex(where: { $0 < 0 || $0 >= levels }) else { return }
    throw SiblingError(
      .missingValue, "\(column) is missing in a row",
      help: "Drop rows with missing values, or give them a level of their own.",
      row: row, column: column)
  }

  /// Refuses a group in which only one row has weight, for its uncertainty can't be estimated.
  ///
  /// - Throws: `tooFewObservations`.
  static func twoEach(_ weights: [Double], treatment: [Bool]) throws(SiblingError) {
    var counts = (treated: 0, comparison: 0)
    for (row, weight) in weights.enumerated() where weight > 0 {
      if treatment[row] { counts.treated += 1 } else { counts.comparison += 1 }
    }
    guard counts.treated > 1, counts.comparison > 1 else {
      throw SiblingError(
        .tooFewObservations,
        "only one \(counts.treated > 1 ? "comparison" : "treated") row is left, so the uncertainty"
          + " of the effect can't be estimated",
        help: "An effect needs two rows or more in each group.")
    }
  }

  /// Checks weights: finite, not negative, and positive somewhere in each group.
  ///
  /// - Throws: `sizeMismatch`, `badWeight` or `noMatches`.
  static func weights(_ weights: [Double], treatment: [Bool]) throws(SiblingError) {
    try length(weights.count, expected: treatment.count, of: "weights")
    var found = (treated: false, comparison: false)
    for (row, weight) in weights.enumerated() {
      guard weight.isFinite, weight >= 0 else {
        throw SiblingError(
          .badWeight, "a weight is negative or not a number", row: row, column: "weights")
      }
      guard weight > 0 else { continue }
      if treatment[row] { found.treated = true } else { found.comparison = true }
    }
    guard found.treated, found.comparison else {
      throw SiblingError(
        .noMatches, "one group has no row with positive weight",
        help: "Widen the caliper or loosen the exact constraints.")
    }
  }
}
