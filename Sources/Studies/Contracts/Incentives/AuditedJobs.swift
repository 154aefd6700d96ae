internal import Cohorts
internal import Contracts
internal import Statistics
internal import Tables

/// The jobs of a cohort as the audit of incentives reads them.
///
/// A length is counted in days, first and last day included, where both are recorded to the day; a job
/// without a recorded end goes on to the last contact and is censored there. Jobs whose days are known
/// to a week, a month or an interval are left out: a made-up day would heap.
struct AuditedJobs {
  /// Length in days, whether the job ended then, its first day and weekly hours.
  var lengths: [Double] = []
  var ended: [Bool] = []
  var starts: [Int32] = []
  var hours: [Double] = []
  /// The site's place among the clients' sites, and whether a bond funds it (0) or not (1).
  var sites: [Int32] = []
  var arms: [Int32] = []
  /// What became of the jobs that are not here.
  var notes: [String] = []
  private let siteNames: [String]
  /// What contracts pay for.
  let paid: PaidLengths

  /// Reads a cohort's jobs.
  ///
  /// - Throws: what is wrong with the contracts, located.
  init(_ cohort: Cohort) throws(SiblingError) {
    paid = try PaidLengths(cohort)
    siteNames = cohort.clients.siteNames
    guard let jobs = cohort.jobs else { return }
    let sib = SiteArm.allCases.firstIndex(of: .sib).map { Int8($0) }
    var (vague, backward, armless) = (0, 0, 0)
    for job in 0..<jobs.count where jobs.client[job] >= 0 && jobs.start[job] != missingDay {
      let client = Int(jobs.client[job])
      let arm = cohort.clients.arm[client]
      guard arm >= 0 else {
        armless += 1
        continue
      }
      guard jobs.precision[job] == 0,
        let end = Self.end(jobs, job, cohort.clients.lastContact[client])
      else {
        vague += 1
        continue
      }
      let length = Int(end.day) - Int(jobs.start[job]) + 1
      guard length > 0, length <= 36_600 else {
        backward += 1
        continue
      }
      lengths.append(Double(length))
      ended.append(end.isSeen)
      starts.append(jobs.start[job])
      hours.append(jobs.hours[job])
      sites.append(cohort.clients.site[client])
      arms.append(arm == sib ? 0 : 1)
    }
    if vague > 0 {
      notes.append("\(vague) jobs left out: their first or last day is not recorded to the day")
    }
    if backward > 0 { notes.append("\(backward) jobs left out: they end before they start") }
    if armless > 0 { notes.append("\(armless) jobs left out: their site has no arm") }
  }

  /// The last day, if recorded to the day, else the last contact.
  private static func end(
    _ jobs: Jobs, _ job: Int, _ contact: Int32
  ) -> (day: Int32, isSeen: Bool)? {
    let (early, late) = (jobs.endEarliest[job], jobs.endLatest[job])
    if early != missingDay || late != missingDay {
      guard early == missingDay || late == missingDay || early == late else { return nil }
      return (late == missingDay ? early : late, true)
    }
    let last = max(contact, jobs.lastVerified[job])
    return last == missingDay ? nil : (last, false)
  }

  /// The lengths to audit, in days: those asked for, else those of the contracts, else 13 weeks.
  func thresholds(_ asked: [Double]) -> [Double] {
    if !asked.isEmpty { return asked.map { $0 * 7 } }
    // Shorter ones leave no room before them.
    let own = paid.lengths.filter { $0 >= 21 }.map { Double($0) }
    return own.isEmpty ? [91] : own
  }

  /// The jobs of one threshold: those of bond sites whose contract paid for it on the first day, and
  /// all of the comparison sites.
  func rows(_ threshold: Double) -> (rows: [Int], unpaid: Int) {
    guard !paid.versions.isEmpty else { return (Array(lengths.indices), 0) }
    let days = Int32(threshold.rounded())
    var unpaid = 0
    let rows = lengths.indices.filter { row in
      guard arms[row] == 0, sites[row] >= 0 else { return arms[row] == 1 }
      let site = siteNames[Int(sites[row])]
      if paid.version(site: site, on: starts[row])?.lengths.contains(days) ?? false { return true }
      unpaid += 1
      return false
    }
    return (rows, unpaid)
  }

  /// Arms, the paid one first, by the names of the schema.
  func armFactor(_ rows: [Int]) -> Factor {
    let codes = rows.map { arms[$0] }
    let names = [SiteArm.sib.rawValue, SiteArm.nonSIB.rawValue]
    let present = Set(codes)
    // One arm alone is audited by itself.
    guard present.count == 2 else {
      return Factor(codes: codes.map { _ in 0 }, levels: [names[Int(codes.first ?? 0)]])
    }
    return Factor(codes: codes, levels: names)
  }

  /// Sites of some rows.
  func siteFactor(_ rows: [Int]) -> Factor {
    Factor(codes: rows.map { sites[$0] }, levels: siteNames).droppingUnusedLevels()
  }
}
