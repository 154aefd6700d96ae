internal import LinearAlgebra

/// Covariance robust to serial correlation up to a stated lag (Newey & West 1987,
/// doi 10.2307/1913610).
///
/// Products of scores l steps apart enter with Bartlett's weight 1 − l/(L + 1), which keeps the
/// covariance positive semidefinite. The lag is the user's; nothing is prewhitened.
public struct NeweyWest: Sendable, Equatable {
  /// The greatest distance L, in periods, at which rows may be correlated; 0 is HC0.
  public var lag: Int
  /// Each row's period; nil where rows are one series in order.
  ///
  /// A step is one to the next period that occurs, so that calendars of uneven length do no harm.
  public var time: [Double]?
  /// Each row's unit, rows of different units being independent; nil for a single series.
  public var unit: Factor?
  /// Whether the covariance is enlarged by n/(n − k).
  public var isAdjusted: Bool

  /// A covariance with a stated lag; adjusted for the number of coefficients unless said otherwise.
  public init(lag: Int, time: [Double]? = nil, unit: Factor? = nil, isAdjusted: Bool = true) {
    self.lag = lag
    self.time = time
    self.unit = unit
    self.isAdjusted = isAdjusted
  }

  /// The same for some of the rows.
  func selecting(_ rows: [Int]) -> NeweyWest {
    var part = self
    part.time = time.map { time in rows.map { time[$0] } }
    part.unit = unit.map { $0.selecting(rows) }
    return part
  }

  /// How the covariance is called, such as `NW, lag 2`.
  var convention: String {
    "NW, lag \(lag)" + (unit == nil ? "" : " within units")
      + (isAdjusted ? ", n/(n − k)" : "")
  }

  /// Σ s₍t₎s₍t₎′ + Σ wₗ Σ (s₍t₎s₍t−l₎′ + s₍t−l₎s₍t₎′) of the standardised scores.
  ///
  /// - Throws: `invalidOption` for a lag that is negative or as long as the longest series,
  ///   `sizeMismatch`, `missingValue`, `duplicateKey` for two rows of one unit and period.
  /// - Complexity: O(n log n + nLp + np²).
  func meat(_ equations: EstimatingEquations) throws(SiblingError) -> Matrix {
    let (n, p) = (equations.design.rows, equations.basis.count)
    let series = try ordered(n)
    let multipliers = equations.basis.multipliers
    let columns: [(scores: [Double], lagged: [Double])] = Parallel.mapBlocks(p) { j in
      let (center, multiplier) = (equations.basis.center[j], multipliers[j])
      let base = equations.basis.columns[j] * n
      var scores = [Double](repeating: 0, count: n)
      var lagged = scores
      equations.design.storage.withUnsafeBufferPointer { x in
        equations.scores.withUnsafeBufferPointer { u in
          for place in 0..<n {
            let row = Int(series.order[place])
            scores[place] = u[row] * ((x[base + row] - center) * multiplier)
          }
        }
      }
      let width = Double(lag + 1)
      for place in 0..<n {
        var sum = 0.0
        var before = place - 1
        while before >= series.start[place] {
          let distance = Int(series.period[place] - series.period[before])
          if distance > lag { break }
          sum += (1 - Double(distance) / width) * scores[before]
          before -= 1
        }
        lagged[place] = sum
      }
      return (scores, lagged)
    }
    let scores = Matrix(rows: n, columns: p, storage: columns.flatMap(\.scores))
    let lagged = Matrix(rows: n, columns: p, storage: columns.flatMap(\.lagged))
    let crossed = Matrix.product(scores, lagged, transposeLeft: true)
    let sum = Gram.product(scores) + crossed + crossed.transposed
    guard isAdjusted else { return sum }
    return sum.scaled(
      by: Double(equations.observations) / Double(equations.residualDegreesOfFreedom))
  }

  private struct Series: Sendable {
    /// The rows by unit, then period.
    var order: [Int32]
    /// For each place the first of its unit.
    var start: [Int]
    /// For each place its period's number.
    var period: [Int32]
  }

  private func ordered(_ n: Int) throws(SiblingError) -> Series {
    guard unit?.count ?? n == n, time?.count ?? n == n else {
      throw SiblingError(
        .sizeMismatch, "The units or periods of the series have not as many rows as the model.")
    }
    if let unit, let row = unit.codes.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(
        .missingValue, "A row has no unit.", help: "Drop rows whose unit is missing.", row: row)
    }
    if let time, let row = time.firstIndex(where: { !$0.isFinite }) {
      throw SiblingError(
        .missingValue, "A row has no period.", help: "Drop rows whose period is missing.", row: row)
    }
    var period = (0..<n).map { Int32($0) }
    var order = period
    if let time {
      order = Sorting.order(time)
      var number: Int32 = -1
      for place in 0..<n {
        let row = Int(order[place])
        if place == 0 || time[Int(order[place - 1])] != time[row] { number += 1 }
        period[row] = number
      }
    } else if let unit {
      // Without periods a unit's rows are its series, in their order.
      var next = [Int32](repeating: 0, count: unit.levels.count)
      for row in 0..<n {
        let code = Int(unit.codes[row])
        period[row] = next[code]
        next[code] += 1
      }
    }
    if let unit {
      let codes = order.map { unit.codes[Int($0)] }
      order = Sorting.order(codes: codes, levels: unit.levels.count).map { order[Int($0)] }
    }
    var start = [Int](repeating: 0, count: n)
    var span = 0
    for place in 1..<max(1, n) {
      let (row, before) = (Int(order[place]), Int(order[place - 1]))
      let isSame = unit.map { $0.codes[row] == $0.codes[before] } ?? true
      start[place] = isSame ? start[place - 1] : place
      if isSame, period[row] == period[before] {
        throw SiblingError(
          .duplicateKey, "Two rows of one series have the same period.",
          help: unit == nil
            ? "Name the units too, or keep one row for each period."
            : "Keep one row for each unit and period.",
          row: row)
      }
      span = max(span, Int(period[row] - period[Int(order[start[place]])]))
    }
    guard lag >= 0, lag <= span else {
      throw SiblingError(
        .invalidOption, "A lag of \(lag) does not fit the longest series, of \(span + 1) periods.",
        help: "Choose a lag from 0 to \(span); a common rule is 4(T/100)^(2/9), rounded down.")
    }
    return Series(order: order, start: start, period: order.map { period[Int($0)] })
  }
}
