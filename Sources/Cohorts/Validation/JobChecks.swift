internal import Statistics
internal import Tables

/// Checks of jobs by themselves and against their clients.
struct JobChecks {
  let jobs: CheckedTable
  let links: PersonLinks?
  /// The person of each job, a code among the clients' identifiers; −1 where unknown.
  let person: [Int32]
  /// The row of each job among the clients; −1 where unknown.
  let client: [Int]

  init(_ jobs: CheckedTable, _ links: PersonLinks?) {
    self.jobs = jobs
    self.links = links
    if let links, let own = jobs.factor("client_id") {
      let people = own.codes(in: links.people)
      let episodes = PersonLinks.episodes(jobs)
      person = people
      client = people.indices.map { links.row(person: people[$0], episode: episodes[$0]) }
    } else {
      person = [Int32](repeating: -1, count: jobs.count)
      client = [Int](repeating: -1, count: jobs.count)
    }
  }

  func findings() -> [Finding] {
    var found = ClientChecks.order(jobs, ["start_date", "end_earliest", "end_latest"])
    found += ClientChecks.order(jobs, ["start_date", "last_verified_working"])
    if let hours = jobs.numbers("hours_per_week") {
      let rows = RowList(hours.indices.lazy.filter { hours[$0] == 16 })
      found += [Finding(.hoursAtBoundary, "jobs", "hours_per_week", rows)].compactMap { $0 }
    }
    found += owners()
    found += repeats()
    if let links {
      if let cut = links.clients.dates("data_cut_date") {
        for name in ["start_date", "end_earliest", "last_verified_working", "verification_date"] {
          found += [ClientChecks.after(cut, jobs, name) { client[$0] }].compactMap { $0 }
        }
      }
      found += [beforeReferral(links), unengaged(links)].compactMap { $0 }
    }
    return found
  }

  /// Jobs of people or episodes that the clients' table does not have.
  private func owners() -> [Finding] {
    guard let own = jobs.factor("client_id"), links != nil else { return [] }
    let known = person.count { $0 >= 0 }
    if known == 0, own.codes.contains(where: { $0 >= 0 }) {
      return [Finding(.noJobMatches, "jobs", wholeTable: "client_id")]
    }
    let strangers = own.codes.indices.lazy.filter { own.codes[$0] >= 0 && person[$0] < 0 }
    let episodes = person.indices.lazy.filter { person[$0] >= 0 && client[$0] < 0 }
    return [
      Finding(.unknownClient, "jobs", "client_id", RowList(strangers)),
      Finding(.unknownEpisode, "jobs", "episode_no", RowList(episodes)),
    ].compactMap { $0 }
  }

  private func beforeReferral(_ links: PersonLinks) -> Finding? {
    guard let start = jobs.dates("start_date"), let referral = links.clients.dates("referral_date")
    else { return nil }
    let precision = jobs.codes("start_precision", among: DatePrecision.allCases.map(\.rawValue))
    var rows = RowList()
    for row in start.indices where start[row] != missingDay && client[row] >= 0 {
      // A start known to the week or month may lie anywhere in it.
      let slack: Int32 =
        switch precision?[row] {
        case 1: 6
        case 2: 30
        default: 0
        }
      let referred = referral[client[row]]
      if referred != missingDay, start[row] + slack < referred { rows.add(row) }
    }
    return Finding(.jobBeforeReferral, "jobs", "start_date", rows)
  }

  /// The same job twice, and two jobs at once.
  private func repeats() -> [Finding] {
    guard let own = jobs.factor("client_id"), let start = jobs.dates("start_date") else {
      return []
    }
    func dates(_ name: String) -> [Int32] {
      jobs.dates(name) ?? [Int32](repeating: missingDay, count: jobs.count)
    }
    let (earliest, latest) = (dates("end_earliest"), dates("end_latest"))
    let hours = jobs.numbers("hours_per_week")
    let isOngoing = jobs.flags("ongoing_at_last_contact")
    func same(_ a: Int, _ b: Int) -> Bool {
      start[a] == start[b] && earliest[a] == earliest[b] && latest[a] == latest[b]
        && (hours.map { $0[a] == $0[b] || ($0[a].isNaN && $0[b].isNaN) } ?? true)
    }
    var (twice, overlapping): ([Int], [Int]) = ([], [])
    for group in KeyClasses(own).groups() {
      let sorted = group.filter { start[$0] != missingDay }.sorted {
        (start[$0], $0) < (start[$1], $1)
      }
      var kept: [(start: Int32, end: Int32, row: Int)] = []
      for (place, row) in sorted.enumerated() {
        // Rows of one start stand together, so that a look back ends at the first other start.
        var before = place - 1
        var isRepeat = false
        while before >= 0, start[sorted[before]] == start[row], !isRepeat {
          isRepeat = same(sorted[before], row)
          before -= 1
        }
        if isRepeat {
          twice.append(row)
          continue
        }
        let end =
          earliest[row] != missingDay
          ? earliest[row]
          : latest[row] != missingDay ? latest[row] : isOngoing?[row] == 1 ? Int32.max : start[row]
        kept.append((start[row], max(start[row], end), row))
      }
      overlapping += ClientChecks.overlapping(kept)
    }
    return [
      Finding(.sameJobTwice, "jobs", "start_date", RowList(twice.sorted())),
      Finding(.overlappingJobs, "jobs", "start_date", RowList(overlapping.sorted())),
    ].compactMap { $0 }
  }

  /// Sites at which more clients started a job than engaged, at the first client who did not.
  private func unengaged(_ links: PersonLinks) -> Finding? {
    let clients = links.clients
    guard let engaged = clients.dates("engagement_date"), let site = clients.factor("site_id"),
      let start = jobs.dates("start_date")
    else { return nil }
    var hasJob = [Bool](repeating: false, count: clients.count)
    for (row, owner) in client.enumerated() where owner >= 0 && start[row] != missingDay {
      hasJob[owner] = true
    }
    var balance = [Int](repeating: 0, count: site.levels.count)
    var first = [Int](repeating: -1, count: site.levels.count)
    for (row, code) in site.codes.enumerated() where code >= 0 {
      if engaged[row] != missingDay { balance[Int(code)] += 1 }
      if hasJob[row] {
        balance[Int(code)] -= 1
        if engaged[row] == missingDay, first[Int(code)] < 0 { first[Int(code)] = row }
      }
    }
    let rows = balance.indices.filter { balance[$0] < 0 && first[$0] >= 0 }.map { first[$0] }
    return Finding(
      .startsExceedEngagements, "clients", "engagement_date", other: "people",
      RowList(rows.sorted()))
  }
}
