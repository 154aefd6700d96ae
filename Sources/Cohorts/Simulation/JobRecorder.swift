internal import Glibc
internal import Statistics
internal import Tables

/// Writes a job down as a service would: with heaped hours, inexact dates and what evidence there is.
struct JobRecorder {
  var client: Int32
  var number: Int8
  /// The last contact with the person.
  var contact: Int32
  /// The recorded days may not leave these bounds.
  var notBefore, notAfter: Int32
  var isLost: Bool
  var isShocked: Bool

  /// The record; dates never contradict each other or the jobs beside it.
  func record(
    _ job: SimulatedPath.Job, accepted: Int32, _ stream: RandomStream
  ) -> SimulatedJob {
    var draws = stream
    let (start, end) = (accepted + job.start, accepted + job.end)
    var record = SimulatedJob(
      client: client, number: number, trueStart: start, trueEnd: end, start: start)
    let exactness = draws.uniform()
    let (floor, precision) =
      exactness < 0.06
      ? (Self.firstOfMonth(start), DatePrecision.month)
      : exactness < 0.14 ? (start - Self.weekday(start), .week) : (start, .day)
    if floor >= notBefore { (record.start, record.precision) = (floor, precision) }
    let (isVague, before, after) = (
      draws.uniform() < 0.25, 1 + Int32(14 * draws.uniform()), 1 + Int32(14 * draws.uniform())
    )
    if end <= contact {
      record.endEarliest = isVague ? max(start, end - before) : end
      record.endLatest = isVague ? max(end, min(end + after, contact, notAfter)) : end
      record.endReason = job.reason
    } else {
      record.isOngoing = true
      record.isLost = isLost
    }
    evidence(&record, &draws)
    terms(&record, &draws)
    return record
  }

  private func evidence(_ record: inout SimulatedJob, _ draws: inout RandomStream) {
    let kind = draws.uniform()
    record.verification =
      kind < 0.52
      ? .payslip
      : kind < 0.82 ? .employer : kind < 0.96 ? .rti : kind < 0.99 ? .selfDeclared : .none
    let delay = 5 + Int32(30 * draws.uniform())
    guard record.verification != .none else { return }
    record.lastVerified = record.isOngoing ? contact : record.endEarliest
    record.verificationDate = min(record.trueStart + delay, contact)
  }

  private func terms(_ record: inout SimulatedJob, _ draws: inout RandomStream) {
    let (band, within, whole) = (draws.uniform(), draws.uniform(), draws.uniform() < 0.85)
    let hours =
      switch band {
      case ..<0.33: 4 + 11.5 * within
      case ..<0.53: 16.0
      case ..<0.78: 16.5 + 13 * within
      default: 30 + 10 * within
      }
    // Whole hours near 16 keep their side.
    let rounded = whole ? hours.rounded() : (2 * hours).rounded() / 2
    record.hours = band < 0.33 ? min(rounded, 15.5) : band >= 0.53 ? max(rounded, 16.5) : 16
    if draws.uniform() < 0.02 { record.hours = .nan }
    let year = CivilDate(days: record.trueStart).components.year
    let floor = Self.lowestWage[min(max(year - 2015, 0), Self.lowestWage.count - 1)]
    record.wage = (floor * (1 + 0.16 * draws.exponential()) * 100).rounded() / 100
    if draws.uniform() < 0.05 { record.wage = .nan }
    let form = draws.uniform()
    record.contract = form < 0.45 ? 0 : form < 0.65 ? 1 : form < 0.85 ? 2 : form < 0.95 ? 3 : 4
    if record.endReason == Self.contractEnd, record.contract != 3 { record.contract = 1 }
    let furloughed = draws.uniform() < 0.4
    guard isShocked, furloughed else { return }
    let last = min(record.trueEnd, contact, Self.furloughs.upperBound)
    let first = max(record.trueStart, Self.furloughs.lowerBound)
    record.furlough = max(0, (last - first + 1) / 2)
  }

  private static let furloughs = SimulationModel.day(2020, 3, 23)...SimulationModel.day(2021, 9, 30)
  private static let contractEnd = Int8(
    JobEndReason.allCases.firstIndex(of: .contractEnd) ?? 0)
  /// The adult minimum wage in pounds of April, 2015 to 2024.
  private static let lowestWage = [6.7, 7.2, 7.5, 7.83, 8.21, 8.72, 8.91, 9.5, 10.42, 11.44]

  /// Days since Monday.
  static func weekday(_ day: Int32) -> Int32 { ((day + 3) % 7 + 7) % 7 }

  static func firstOfMonth(_ day: Int32) -> Int32 {
    day - Int32(CivilDate(days: day).components.day) + 1
  }
}
