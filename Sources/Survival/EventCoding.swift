public import Statistics

/// How the numbers of an event column were read.
public enum EventCoding: String, Sendable, CaseIterable {
  /// 0 is censored, 1 the event.
  case zeroOne = "0/1"
  /// 1 is censored, 2 the event.
  case oneTwo = "1/2"

  /// Reads event codes by R's rule: {0, 1}, or exactly {1, 2} where 2 is the event.
  ///
  /// A column of nothing but 1 is read as 0/1, so every row is an event; a column of nothing but 2
  /// is read as 1/2.
  /// - Throws: `missing-value` or `bad-value` with the row.
  public static func decode(
    _ codes: [Double]
  ) throws(SiblingError) -> (event: [Bool], coding: EventCoding) {
    let coding: EventCoding = codes.contains(2) ? .oneTwo : .zeroOne
    let censored: Double = coding == .zeroOne ? 0 : 1
    for (row, code) in codes.enumerated() where code != censored && code != censored + 1 {
      if code.isNaN {
        throw SiblingError(.missingValue, "an event code is missing", row: row, column: "event")
      }
      throw SiblingError(
        .badValue, "an event code is neither 0/1 nor 1/2",
        help: "write the event as a comparison, such as `status == 2`", row: row, column: "event")
    }
    return (codes.map { $0 == censored + 1 }, coding)
  }
}
