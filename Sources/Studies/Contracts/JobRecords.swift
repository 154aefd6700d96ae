internal import Cohorts
internal import Contracts
internal import Statistics
internal import Tables

/// What the records say of jobs, by the jobs' identifiers.
///
/// Rows of one identifier are one job, as where its hours change: it begins with the first of them
/// and ends with the last; its hours are those of the row that began last up to the day asked for.
struct JobRecords {
  private struct Row {
    var start: Int32?
    var endEarliest, endLatest: Int32?
    var hours: Double?
    var isVerified: Bool?
  }

  private var rows: [String: [Row]] = [:]

  /// Evidence that pays: anything that somebody else than the client wrote.
  private static let evidence: Set<String> = ["payslip", "employer", "rti"]

  /// Reads the jobs.
  ///
  /// - Throws: what is wrong with a column, located.
  init(_ table: Table) throws(SiblingError) {
    let columns = ContractColumns(table)
    let ids = columns.texts("job_id")
    let start = try columns.days("start_date")
    let (earliest, latest) = (try columns.days("end_earliest"), try columns.days("end_latest"))
    let seen = try columns.days("last_verified_working")
    let ongoing = columns.texts("ongoing_at_last_contact")
    let hours = try columns.numbers("hours_per_week")
    let verification = columns.texts("verification")
    for row in ids.indices {
      guard let id = ids[row] else { continue }
      var record = Row(
        start: start[row], endEarliest: earliest[row], endLatest: latest[row], hours: hours[row],
        isVerified: verification[row].map { Self.evidence.contains($0) })
      let isOver = ["n", "no", "false", "0"].contains(ongoing[row]?.lowercased() ?? "")
      if record.endEarliest == nil, record.endLatest != nil || isOver {
        // It ended on a day that nobody wrote down: after it was last seen to go on.
        record.endEarliest = seen[row] ?? start[row]
        if let latest = record.endLatest, let early = record.endEarliest {
          record.endEarliest = min(early, latest)
        }
      }
      rows[id, default: []].append(record)
    }
    for (id, own) in rows where own.count > 1 {
      rows[id] = own.sorted { ($0.start ?? .min) < ($1.start ?? .min) }
    }
  }

  /// What the records say of a job on a day; nil for a job that is not in them.
  func facts(of id: String, on day: Int32?) -> OutcomeClaim.JobFacts? {
    guard let own = rows[id], let first = own.first, let last = own.last else { return nil }
    let current =
      own.last { row in (row.start ?? .min) <= (day ?? .max) } ?? first
    return OutcomeClaim.JobFacts(
      start: first.start, endEarliest: last.endEarliest, endLatest: last.endLatest,
      hours: current.hours,
      isVerified: own.contains { $0.isVerified == true }
        ? true : own.contains { $0.isVerified != nil } ? false : nil)
  }
}
