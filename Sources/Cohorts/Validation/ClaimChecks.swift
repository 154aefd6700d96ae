internal import Statistics
internal import Tables

/// Checks of claims against clients and jobs.
struct ClaimChecks {
  let claims: CheckedTable
  let links: PersonLinks?
  let jobs: CheckedTable?

  func findings() -> [Finding] {
    var found: [Finding?] = ClientChecks.order(
      claims, ["event_date", "claimed_date", "paid_date"])
    guard let people = claims.factor("client_id") else { return found.compactMap { $0 } }
    let person = links.map { people.codes(in: $0.people) }
    if let person {
      found.append(
        Finding(
          .claimOfUnknownClient, "claims", "client_id",
          RowList(person.indices.lazy.filter { people.codes[$0] >= 0 && person[$0] < 0 })))
    }
    return found.compactMap { $0 } + spells(people, person)
  }

  private func spells(_ people: Factor, _ person: [Int32]?) -> [Finding] {
    guard let jobs, let known = jobs.factor("job_id"), let owners = jobs.factor("client_id") else {
      return []
    }
    let outcome = claims.codes("outcome", among: ["engagement", "job_start", "sustained"])
    let named = claims.factor("job_id")?.codes(in: known)
    let given = claims.factor("job_id")?.codes
    var rowOfJob = [Int](repeating: -1, count: known.levels.count)
    for (row, code) in known.codes.enumerated() where code >= 0 && rowOfJob[Int(code)] < 0 {
      rowOfJob[Int(code)] = row
    }
    let owner = owners.codes(in: people)
    let event = claims.dates("event_date")
    let (start, end) = (jobs.dates("start_date"), jobs.dates("end_latest"))
    var (unnamed, unknown, others) = (RowList(), RowList(), RowList())
    var (early, late) = (RowList(), RowList())
    for row in 0..<claims.count {
      guard let code = given?[row], code >= 0, let job = named?[row] else {
        // An engagement needs no job.
        if let outcome, outcome[row] > 0 { unnamed.add(row) }
        continue
      }
      guard job >= 0 else {
        unknown.add(row)
        continue
      }
      let spell = rowOfJob[Int(job)]
      if owners.codes[spell] >= 0, people.codes[row] >= 0, owner[spell] != people.codes[row] {
        // A person who is not known is told of already.
        if (person?[row] ?? 0) >= 0 { others.add(row) }
        continue
      }
      guard let day = event?[row], day != missingDay else { continue }
      if let first = start?[spell], first != missingDay, day < first {
        early.add(row)
      } else if let last = end?[spell], last != missingDay, day > last {
        late.add(row)
      }
    }
    return [
      Finding(.claimWithoutJob, "claims", "job_id", other: "none", unnamed),
      Finding(.claimWithoutJob, "claims", "job_id", unknown),
      Finding(.claimForAnothersJob, "claims", "job_id", others),
      Finding(.claimOutsideJob, "claims", "event_date", other: "before", early),
      Finding(.claimOutsideJob, "claims", "event_date", other: "after", late),
    ].compactMap { $0 }
  }
}
