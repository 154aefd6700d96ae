internal import Cohorts
internal import Contracts
internal import Statistics
internal import Tables

/// Outcomes by month as clients' and jobs' records have them, for contracts that pay a client once.
///
/// An engagement counts in the month of its date; a job start in that of the client's first job; a
/// sustained job on the day on which the first job to last so long is known to have done so, going by
/// its earliest end or, while it lasts, by the last contact. Months that end after the data were cut
/// are not reported.
struct RecordedOutcomes {
  let cohort: Cohort
  /// The contract of each site.
  let contracts: [String: String]
  /// The weeks that a job has to last, by contract.
  let weeks: [String: Double]

  /// The counts of every month from a contract's first to the last whole one.
  ///
  /// - Throws: `badValue` for a day that no calendar has.
  func counts(from first: [String: PlanPeriod]) throws(SiblingError) -> ReachedOutcomes {
    let clients = cohort.clients
    let cut = clients.dataCut.max() ?? missingDay
    var days: [String: [OutcomeStage: [Int32]]] = [:]
    let jobs = jobsByClient()
    for row in 0..<clients.count {
      guard clients.site[row] >= 0,
        let contract = contracts[clients.siteNames[Int(clients.site[row])]]
      else { continue }
      func add(_ stage: OutcomeStage, _ day: Int32) {
        guard day != missingDay, day <= cut else { return }
        days[contract, default: [:]][stage, default: []].append(day)
      }
      add(.engagement, clients.engaged[row])
      add(.jobStart, jobs[row]?.first?.start ?? missingDay)
      add(.sustained, sustained(jobs[row] ?? [], row, weeks[contract] ?? 13) ?? missingDay)
    }
    var rows: [ReachedOutcome] = []
    for contract in first.keys.sorted() {
      guard let start = first[contract] else { continue }
      var months: [PlanPeriod] = []
      var month = try CalendarMonth(
        year: start.quarter.year, month: start.quarter.lastMonth.month - 2)
      while PlanPeriod(month).lastDay <= cut, months.count < 3600 {
        months.append(PlanPeriod(month))
        month = try CalendarMonth(
          year: month.month == 12 ? month.year + 1 : month.year, month: month.month % 12 + 1)
      }
      for stage in OutcomeStage.allCases {
        var counts: [PlanPeriod: Int] = [:]
        for day in days[contract]?[stage] ?? [] {
          counts[try PlanPeriod(monthOf: day), default: 0] += 1
        }
        rows += months.map {
          ReachedOutcome(contract: contract, period: $0, stage: stage, count: counts[$0] ?? 0)
        }
      }
    }
    return try ReachedOutcomes(rows)
  }

  private struct Spell {
    var start: Int32
    /// The last day on which the person is known to have held it.
    var seen: Int32
  }

  /// The jobs of each client, in the order of their starts.
  private func jobsByClient() -> [Int: [Spell]] {
    guard let jobs = cohort.jobs else { return [:] }
    var spells: [Int: [Spell]] = [:]
    for job in 0..<jobs.count {
      let client = Int(jobs.client[job])
      guard client >= 0, jobs.start[job] != missingDay, jobs.isCompetitive[job] != 0 else {
        continue
      }
      let seen =
        jobs.isOngoing[job] == 1
        ? max(cohort.clients.lastContact[client], jobs.lastVerified[job])
        : jobs.endEarliest[job]
      spells[client, default: []].append(Spell(start: jobs.start[job], seen: seen))
    }
    return spells.mapValues { $0.sorted { ($0.start, $0.seen) < ($1.start, $1.seen) } }
  }

  private func sustained(_ spells: [Spell], _ row: Int, _ weeks: Double) -> Int32? {
    let days = Int64((weeks * 7).rounded())
    for spell in spells {
      let reached = Int64(spell.start) + days - 1
      if Int64(spell.seen) >= reached { return Int32(clamping: reached) }
    }
    return nil
  }
}
