internal import Statistics

/// A month or quarter: its first and last day.
public struct SchemaPeriod: Sendable, Hashable {
  /// The first day, since 1970-01-01.
  public let first: Int32
  /// The last day, since 1970-01-01.
  public let last: Int32

  /// The period that a text means: `2024-04`, `2024-04-01`, `2024Q2` or `2024-Q2`; else nil.
  public init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count >= 6, let year = Int(text.prefix(4)), year >= 1000 else { return nil }
    let rest = String(text.dropFirst(4)).uppercased()
    let quarters = ["Q1", "Q2", "Q3", "Q4"]
    let bare = rest.hasPrefix("-") || rest.hasPrefix(" ") ? String(rest.dropFirst()) : rest
    if let quarter = quarters.firstIndex(of: bare) {
      self.init(year: year, month: quarter * 3 + 1, months: 3)
    } else if rest.hasPrefix("-"), bare.utf8.count == 2, let month = Int(bare) {
      self.init(year: year, month: month, months: 1)
    } else if let day = CivilDate(iso: text)?.components, day.day == 1 {
      self.init(year: day.year, month: day.month, months: 1)
    } else {
      return nil
    }
  }

  private init?(year: Int, month: Int, months: Int) {
    let next = month + months
    guard let start = CivilDate(year: year, month: month, day: 1),
      let end = CivilDate(
        year: next > 12 ? year + 1 : year, month: next > 12 ? next - 12 : next, day: 1)
    else { return nil }
    first = start.days
    last = end.days - 1
  }
}
