internal import Glibc
internal import Statistics
internal import Tables

/// A calendar quarter, counted from the first of 2014.
struct SimulatedQuarter: Hashable, Comparable, Sendable {
  var number: Int

  init(number: Int) { self.number = number }

  init(day: Int32) {
    let (year, month, _) = CivilDate(days: day).components
    number = (year - 2014) * 4 + (month - 1) / 3
  }

  var text: String { "\(2014 + number / 4)-Q\(number % 4 + 1)" }
  var year: Int { 2014 + number / 4 }
  var firstDay: Int32 { SimulationModel.day(year, number % 4 * 3 + 1, 1) }
  var lastDay: Int32 { SimulatedQuarter(number: number + 1).firstDay - 1 }

  static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

/// What a site did in a quarter, as recorded.
struct SimulatedPeriod: Sendable {
  var site: Int
  var quarter: SimulatedQuarter
  var referrals = 0
  var accepted = 0
  var engaged = 0
  var starts = 0
  var sustained = 0
}

/// The first job of a client that counts towards a payment, and the day on which it does.
struct PayableEvent: Sendable {
  var client: Int32
  /// The place among the jobs; −1 for an engagement.
  var job: Int32
  /// 0 engagement, 1 job start, 2 sustained.
  var kind: Int
  var day: Int32
}

extension SimulatedCohort {
  /// Engagements, first job starts and first sustained jobs as recorded, in the order of clients.
  func payableEvents() -> [PayableEvent] {
    var events: [PayableEvent] = []
    events.reserveCapacity(clients.count + jobs.count)
    var job = 0
    for (row, client) in clients.enumerated() {
      if client.engaged != missingDay {
        events.append(PayableEvent(client: Int32(row), job: -1, kind: 0, day: client.engaged))
      }
      var (isStarted, isSustained) = (false, false)
      while job < jobs.count, Int(jobs[job].client) == row {
        let record = jobs[job]
        if !isStarted {
          events.append(
            PayableEvent(client: Int32(row), job: Int32(job), kind: 1, day: record.start))
          isStarted = true
        }
        let reached = record.start + SimulationModel.thirteenWeeks - 1
        let seen = record.isOngoing ? client.lastContact : record.endEarliest
        if !isSustained, seen >= reached {
          events.append(PayableEvent(client: Int32(row), job: Int32(job), kind: 2, day: reached))
          isSustained = true
        }
        job += 1
      }
    }
    return events
  }

  /// Every site's quarters from its opening to the cut of the data.
  func periods(_ events: [PayableEvent]) -> [SimulatedPeriod] {
    let last = SimulatedQuarter(day: SimulationModel.dataCut)
    var rows: [SimulatedPeriod] = []
    var offset: [Int] = []
    for (number, site) in sites.enumerated() {
      let first = SimulatedQuarter(day: site.opens)
      offset.append(rows.count - first.number)
      for quarter in first.number...last.number {
        rows.append(SimulatedPeriod(site: number, quarter: SimulatedQuarter(number: quarter)))
      }
    }
    func place(_ site: Int32, _ day: Int32) -> Int {
      offset[Int(site)] + SimulatedQuarter(day: min(day, SimulationModel.dataCut)).number
    }
    for client in clients {
      rows[place(client.site, client.referral)].referrals += 1
      if client.isAccepted { rows[place(client.site, client.accepted)].accepted += 1 }
    }
    for event in events {
      let row = place(clients[Int(event.client)].site, event.day)
      switch event.kind {
      case 0: rows[row].engaged += 1
      case 1: rows[row].starts += 1
      default: rows[row].sustained += 1
      }
    }
    return rows
  }

  func sitePeriodsTable(_ rows: [SimulatedPeriod]) -> Table {
    let columns = SimulatedColumns(rows: rows)
    let posts = specialists()
    let base = RandomStream(seed: simulation.seed, name: "simulated-period")
    let draws = rows.map { row -> (vacancy: Double, contacts: Int) in
      var stream = base.substream(UInt64(row.site)).substream(UInt64(row.quarter.number))
      let empty = stream.uniform() < 0.25 ? 0.2 + 0.3 * stream.uniform() : 0
      let contacts = (sites[row.site].arm == .sib ? 6 : 2) + stream.integer(below: 4)
      return ((posts[row.site] * empty * 10).rounded() / 10, contacts)
    }
    let isShocked = simulation.world.settings.hiringShock > 0
    return table([
      columns.words("site_id") { sites[$0.site].id }, columns.words("period") { $0.quarter.text },
      columns.integers("referrals") { $0.referrals }, columns.integers("accepted") { $0.accepted },
      columns.integers("engaged") { $0.engaged }, columns.integers("starts") { $0.starts },
      columns.integers("sustained") { $0.sustained },
      columns.doubles("fte_es") { posts[$0.site] },
      Column(name: "vacancy_fte", values: .doubles(draws.map(\.vacancy))),
      Column(name: "management_contacts", values: .integers(draws.map(\.contacts))),
      columns.integers("restriction_days") { row in
        guard isShocked else { return 0 }
        let first = max(row.quarter.firstDay, SimulationModel.shock.lowerBound)
        return Int(max(0, min(row.quarter.lastDay, SimulationModel.shock.upperBound) - first + 1))
      },
    ])
  }
}
