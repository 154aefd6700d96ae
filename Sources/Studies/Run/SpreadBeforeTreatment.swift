/// How outcomes of units move around their own level and the common periods before anybody is treated.
///
/// Errors are taken as first-order autoregressive. With units and periods taken out, the slope of an error
/// on the one before is too low by about (1 + ρ)/(m − 1) for m periods (Nickell 1981,
/// doi:10.2307/1911408), and the mean square is A(1 − ρ̄), where ρ̄ is the mean correlation of two periods;
/// both are undone. What results is approximate where periods are few.
struct SpreadBeforeTreatment: Sendable, Equatable {
  /// The standard deviation of an error, √A, in the outcome's unit.
  let deviation: Double
  /// The correlation of errors one period apart, from 0 to 0.95.
  let autocorrelation: Double

  /// The spread of units in rows of one length, a column a period; nil with fewer than three periods or
  /// units, or where nothing moves.
  init?(_ rows: [[Double]]) {
    let (n, m) = (rows.count, rows.first?.count ?? 0)
    guard n > 2, m > 2 else { return nil }
    let periods = (0..<m).map { t in rows.reduce(0) { $0 + $1[t] } / Double(n) }
    let mean = periods.reduce(0, +) / Double(m)
    let errors = rows.map { row in
      let own = row.reduce(0, +) / Double(m)
      return row.indices.map { row[$0] - own - periods[$0] + mean }
    }
    let squares = errors.reduce(0) { $0 + $1.reduce(0) { $0 + $1 * $1 } }
    guard squares > 0 else { return nil }
    var (cross, before) = (0.0, 0.0)
    for row in errors {
      for t in 1..<m {
        cross += row[t] * row[t - 1]
        before += row[t - 1] * row[t - 1]
      }
    }
    let slope = before > 0 ? cross / before : 0
    let corrected = m > 3 ? (slope * Double(m - 1) + 1) / Double(m - 2) : slope
    autocorrelation = min(max(0, corrected), 0.95)
    var pairs = 0.0
    var power = 1.0
    for distance in 1..<m {
      power *= autocorrelation
      pairs += 2 * Double(m - distance) * power
    }
    let common = pairs / Double(m * (m - 1))
    deviation = (squares / Double((n - 1) * (m - 1)) / (1 - common)).squareRoot()
  }
}
