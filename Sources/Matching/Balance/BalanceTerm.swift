internal import Statistics

/// A row of the balance table in the making: a covariate, a power of one, or a product of two.
struct BalanceTerm: Sendable {
  let name: String
  let level: String?
  /// The positions of the covariates whose values are multiplied; empty for the score.
  let components: [Int]

  /// The values, made when they are measured: products of many covariates are never all held.
  ///
  /// - Throws: `sizeMismatch`, `missingValue` or `badValue` with the row and the column.
  func values(
    _ covariates: [BalanceCovariate], score: [Double], count: Int
  ) throws(SiblingError) -> [Double] {
    guard let first = components.first else {
      try Inputs.finite(score, expected: count, column: name)
      return score
    }
    var values = covariates[first].values
    if components.count == 1 {
      try Inputs.finite(values, expected: count, column: name)
      return values
    }
    for other in components.dropFirst() {
      let factor = covariates[other].values
      try Inputs.length(values.count, expected: count, of: covariates[first].name)
      try Inputs.length(factor.count, expected: count, of: covariates[other].name)
      for row in values.indices { values[row] *= factor[row] }
    }
    try Inputs.finite(values, expected: count, column: name)
    return values
  }

  /// The terms in the order of the table: score, covariates, their powers, their interactions.
  ///
  /// Powers of a covariate of two values, and products of two levels of one factor, say nothing
  /// new and are left out.
  static func all(
    _ covariates: [BalanceCovariate], hasScore: Bool, powers: [Int], interactions: Bool
  ) -> [BalanceTerm] {
    var terms: [BalanceTerm] = []
    if hasScore {
      terms.append(BalanceTerm(name: Balance.distanceName, level: nil, components: []))
    }
    for (place, covariate) in covariates.enumerated() {
      terms.append(
        BalanceTerm(name: covariate.name, level: covariate.level, components: [place]))
    }
    for power in powers {
      for (place, covariate) in covariates.enumerated()
      where covariate.level == nil && !hasTwoValues(covariate.values) {
        terms.append(
          BalanceTerm(
            name: "\(covariate.name)^\(power)", level: nil,
            components: [Int](repeating: place, count: power)))
      }
    }
    guard interactions else { return terms }
    for (left, one) in covariates.enumerated() {
      for right in covariates.indices.dropFirst(left + 1) {
        let two = covariates[right]
        if one.level != nil, two.level != nil, one.name == two.name { continue }
        let levels = [one.level, two.level].compactMap { $0 }
        terms.append(
          BalanceTerm(
            name: "\(one.name):\(two.name)",
            level: levels.isEmpty ? nil : levels.joined(separator: ":"),
            components: [left, right]))
      }
    }
    return terms
  }

  /// Whether a column has two distinct values or one.
  private static func hasTwoValues(_ values: [Double]) -> Bool {
    guard let first = values.first else { return true }
    var second = first
    for value in values where value != first {
      if second == first { second = value } else if value != second { return false }
    }
    return true
  }
}
