public import Statistics

/// Times of an event that are known to an interval only.
///
/// A row's event lies in (low, high]; equal ends are an exact time, an infinite `high` is a row that was
/// still without the event at `low`, and a `low` of −∞ one that had it at some time up to `high`.
public struct IntervalTimes: Sendable {
  /// The last time at which each row is known to be without the event.
  public let low: [Double]
  /// The first time at which each row is known to have had it.
  public let high: [Double]

  /// Validated intervals.
  ///
  /// - Throws: `size-mismatch`, `no-rows`, `missing-value` (NaN) or `bad-interval` (an end before its
  ///   start, or a row of which nothing is known) with the row.
  public init(low: [Double], high: [Double]) throws(SiblingError) {
    guard !low.isEmpty else {
      throw SiblingError(.noRows, "there are no rows with a time", help: "check the row filter")
    }
    guard low.count == high.count, low.count < Int(Int32.max) / 2 else {
      throw SiblingError(.sizeMismatch, "the two ends of the intervals have different lengths")
    }
    for row in low.indices {
      if low[row].isNaN || high[row].isNaN {
        throw SiblingError(
          .missingValue, "an end of an interval is missing",
          help: "an infinite upper end is a row still without the event", row: row)
      }
      if high[row] < low[row] || low[row] == .infinity || high[row] == -.infinity {
        throw SiblingError(
          .badInterval, "an interval ends before it starts",
          help: "the second time must not be earlier than the first", row: row)
      }
    }
    self.low = low
    self.high = high
  }

  /// The number of rows.
  public var count: Int { low.count }

  /// Rows whose time is exact.
  public var exact: Int { low.indices.count { low[$0] == high[$0] } }

  /// Rows without the event at the end of their follow-up.
  public var censored: Int { high.count { $0 == .infinity } }
}
