internal import LinearAlgebra

/// Linear inequalities on the bias δ of an event study, of those that involve periods after the
/// reference: row·δ ≤ bound.
///
/// Before the reference they all rest on one and the same combination of biases, which enters each
/// row with a coefficient. Inequalities among periods before the reference alone are left out: they
/// say whether the restriction holds, not what the effect is.
struct TrendRestriction: Equatable {
  /// The rows' coefficients on the biases after the reference, the earliest first.
  var after: [[Double]] = []
  /// The rows' coefficients on the combination of biases before the reference.
  var before: [Double] = []
  /// The bounds.
  var bounds: [Double] = []
  /// The combination: weights on the biases before the reference, the latest first.
  let combination: [Double]

  private let periods: Int

  private init(combination: [Double], periods: Int) {
    self.combination = combination
    self.periods = periods
  }

  private mutating func append(_ after: [Double], before: Double = 0, bound: Double) {
    self.after.append(after)
    self.before.append(before)
    bounds.append(bound)
  }

  /// A unit change between one period and the one before it, the first after the reference at 0.
  private func change(_ period: Int, _ sign: Double) -> [Double] {
    var row = [Double](repeating: 0, count: periods)
    row[period] = sign
    if period > 0 { row[period - 1] = -sign }
    return row
  }

  /// Changes after the reference are at most `magnitude` times the rise (or, with sign −1, the fall)
  /// into one period before it; `step` 0 is the change into the reference itself.
  static func relative(
    to step: Int, sign: Double, magnitude: Double, before: Int, after: Int
  ) -> TrendRestriction {
    var combination = [Double](repeating: 0, count: before)
    // δ at the step's end less δ at its start; the reference's own is 0.
    combination[step] = -sign
    if step > 0 { combination[step - 1] = sign }
    var restriction = TrendRestriction(combination: combination, periods: after)
    for period in 0..<after {
      for direction in [1.0, -1] {
        restriction.append(restriction.change(period, direction), before: -magnitude, bound: 0)
      }
    }
    return restriction
  }

  /// The change from period to period changes by at most `bend`.
  static func smooth(bend: Double, before: Int, after: Int) -> TrendRestriction {
    var combination = [Double](repeating: 0, count: before)
    combination[0] = 1
    var restriction = TrendRestriction(combination: combination, periods: after)
    for period in 0..<after {
      for direction in [1.0, -1] {
        // At the reference: δ₁ − 2·0 + δ₋₁.
        var row = [Double](repeating: 0, count: after)
        row[period] = direction
        if period > 0 { row[period - 1] = -2 * direction }
        if period > 1 { row[period - 2] = direction }
        restriction.append(row, before: period == 0 ? direction : 0, bound: bend)
      }
    }
    return restriction
  }

  /// Also: no bias after the reference is below zero (sign 1), or above (sign −1).
  mutating func restrict(sign: Double) {
    for period in 0..<periods {
      var row = [Double](repeating: 0, count: periods)
      row[period] = -sign
      append(row, bound: 0)
    }
  }

  /// Also: the bias never falls after the reference (direction 1), or never rises (−1).
  mutating func restrict(direction: Double) {
    for period in 0..<periods { append(change(period, -direction), bound: 0) }
  }
}
