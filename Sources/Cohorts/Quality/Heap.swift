internal import Statistics
internal import Tables

/// A value, or kind of value, that occurs oftener in a column than it would by itself.
///
/// Recorded dates on the first of the month and hours in fives often stand for "about then" and
/// "about so much"; a heap at a contract's threshold may also be of its making.
public struct Heap: Sendable, Equatable {
  /// The table.
  public let table: String
  /// The column, or `tenure` for the length of a job.
  public let column: String
  /// What the values have in common: `on the 1st of the month`.
  public let what: String
  /// The number of such values.
  public let count: Int
  /// The number of values.
  public let total: Int
  /// The share that smooth data would have; nil where there is no telling.
  public let expected: Double?

  /// The share of the values.
  public var share: Double { total > 0 ? Double(count) / Double(total) : .nan }

  /// The heaps that are looked for, in the tables that are there.
  static func all(_ tables: [String: CheckedTable]) -> [Heap] {
    var heaps: [Heap] = []
    if let clients = tables["clients"] {
      for name in ["referral_date", "accept_date", "engagement_date", "exit_date"] {
        heaps += firsts(clients, name, precision: nil)
      }
    }
    guard let jobs = tables["jobs"] else { return heaps }
    let precision = jobs.codes("start_precision", among: DatePrecision.allCases.map(\.rawValue))
    heaps += firsts(jobs, "start_date", precision: precision)
    heaps += firsts(jobs, "end_latest", precision: nil)
    heaps += hours(jobs)
    heaps += tenure(jobs, precision)
    return heaps
  }

  private static func firsts(
    _ table: CheckedTable, _ name: String, precision: [Int8]?
  ) -> [Heap] {
    guard let days = table.dates(name) else { return [] }
    var (count, total) = (0, 0)
    for row in days.indices where days[row] != missingDay && (precision?[row] ?? 0) <= 0 {
      total += 1
      if CivilDate(days: days[row]).components.day == 1 { count += 1 }
    }
    guard total > 0 else { return [] }
    // Twelve days of a year.
    return [
      Heap(
        table: table.name, column: name, what: "on the 1st of the month", count: count,
        total: total, expected: 12 / 365.25)
    ]
  }

  private static func hours(_ jobs: CheckedTable) -> [Heap] {
    guard let hours = jobs.numbers("hours_per_week") else { return [] }
    var (sixteen, fives, eights, total) = (0, 0, 0, 0)
    for value in hours where !value.isNaN && value > 0 {
      total += 1
      if value == 16 { sixteen += 1 }
      if value.truncatingRemainder(dividingBy: 5) == 0 { fives += 1 }
      if value.truncatingRemainder(dividingBy: 8) == 0 { eights += 1 }
    }
    guard total > 0 else { return [] }
    func heap(_ what: String, _ count: Int, _ expected: Double?) -> Heap {
      Heap(
        table: "jobs", column: "hours_per_week", what: what, count: count, total: total,
        expected: expected)
    }
    return [
      heap("at exactly 16", sixteen, nil), heap("multiples of 5", fives, 1 / 5),
      heap("multiples of 8", eights, 1 / 8),
    ]
  }

  /// Lengths of jobs with both days known.
  private static func tenure(_ jobs: CheckedTable, _ precision: [Int8]?) -> [Heap] {
    guard let start = jobs.dates("start_date"), let end = jobs.dates("end_latest") else {
      return []
    }
    let earliest = jobs.dates("end_earliest")
    var (months, quarters, total) = (0, 0, 0)
    for row in start.indices where start[row] != missingDay && end[row] != missingDay {
      guard (precision?[row] ?? 0) <= 0, end[row] > start[row],
        earliest.map({ $0[row] == end[row] || $0[row] == missingDay }) ?? true
      else { continue }
      total += 1
      let (first, last) = (
        CivilDate(days: start[row]).components, CivilDate(days: end[row]).components
      )
      if first.day == last.day { months += 1 }
      if (Int(end[row]) - Int(start[row])) % 91 == 0 { quarters += 1 }
    }
    guard total > 0 else { return [] }
    func heap(_ what: String, _ count: Int, _ expected: Double) -> Heap {
      Heap(
        table: "jobs", column: "tenure", what: what, count: count, total: total, expected: expected)
    }
    return [
      heap("whole months", months, 12 / 365.25), heap("multiples of 13 weeks", quarters, 1 / 91),
    ]
  }
}
