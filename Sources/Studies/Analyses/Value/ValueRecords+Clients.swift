internal import Cohorts
internal import Contracts
internal import Statistics
internal import Tables

extension ValueRecords {
  /// Counts everybody accepted while costs of their site are recorded, on the day of acceptance.
  ///
  /// An outcome that is not known, or came too recently to tell, is not counted as one.
  /// - Returns: for each client row whether it is counted.
  /// - Throws: what the scoring of outcomes throws.
  mutating func count(
    _ cohort: Cohort, _ settings: FlowSettings
  ) throws(SiblingError) -> Set<Int> {
    var settings = settings
    if cohort.jobs == nil {
      notes.append("without a table of jobs no outcome after engagement is counted (--jobs)")
      settings.definitions = []
    }
    let people = try settings.people(cohort)
    guard let accepted = people["accepted"] else { return [] }
    let later = people.stages.filter { $0.name != "referred" && $0.name != "accepted" }
    stages = ["accepted"] + later.map(\.name)
    var counted: Set<Int> = []
    var (dateless, outside, unknown) = (0, 0, 0)
    for (index, row) in people.rows.enumerated() where accepted.reached[index] == 1 {
      let code = cohort.clients.site[row]
      guard code >= 0, let site = place[cohort.clients.siteNames[Int(code)]] else { continue }
      let day = cohort.clients.accepted[row]
      guard day != missingDay else {
        dateless += 1
        continue
      }
      guard let span = spans[site], span.first <= day, day <= span.last else {
        outside += 1
        continue
      }
      if let last = later.last, last.reached[index] < 0 { unknown += 1 }
      counted.insert(row)
      clients.append(
        ServedClients(
          site: site, first: day, last: day,
          counts: [1] + later.map { $0.reached[index] == 1 ? 1 : 0 }))
    }
    if dateless > 0 {
      notes.append("\(dateless) accepted clients without a date of acceptance are left out")
    }
    if outside > 0 {
      notes.append(
        "\(outside) clients accepted when no costs of their site are recorded are left out")
    }
    if unknown > 0 {
      notes.append(
        "for \(unknown) of the \(counted.count) clients it is not known whether they reached"
          + " '\(stages.last ?? "")', or it is too early to tell; they count as not, so that averages"
          + " are if anything too high")
    }
    return counted
  }

  /// Counts by site and period, as `site_periods` has them.
  ///
  /// - Throws: what is wrong with a cell, located.
  mutating func count(periods table: Table) throws(SiblingError) {
    let names = [
      ("accepted", "accepted"), ("engaged", "engaged"), ("starts", "job_start"),
      ("sustained", "sustained"),
    ].filter { table[$0.0] != nil }
    guard names.first?.0 == "accepted" else {
      throw SiblingError(
        .unknownColumn, "the counts by period have no column 'accepted'",
        help: "it takes: site_id, period, accepted, engaged, starts, sustained", column: "accepted")
    }
    stages = names.map(\.1)
    let ids = try table.strings("site_id")
    let texts = try table.strings("period")
    let columns = try names.map { pair throws(SiblingError) in try table.doubles(pair.0) }
    var outside = 0
    for row in 0..<table.rowCount {
      guard let id = ids[row] else { throw Self.missing(table, row, "site_id") }
      guard let site = place[id] else { continue }
      guard let text = texts[row] else { throw Self.missing(table, row, "period") }
      guard let period = SchemaPeriod(text) else {
        throw Self.bad(
          table, row, "period", text, "a period is a month or quarter: 2024-04 or 2024-Q2")
      }
      var counts: [Int] = []
      for (place, column) in columns.enumerated() {
        let value = column[row]
        guard let whole = Int(exactly: value.isNaN ? 0 : value), (0...10_000_000).contains(whole)
        else {
          throw Self.bad(
            table, row, names[place].0, nil, "counts of clients are whole numbers from zero up")
        }
        counts.append(whole)
      }
      guard let span = spans[site], span.first <= period.first, period.last <= span.last else {
        outside += counts[0]
        continue
      }
      clients.append(
        ServedClients(site: site, first: period.first, last: period.last, counts: counts))
    }
    if outside > 0 {
      notes.append(
        "\(outside) clients accepted when no costs of their site are recorded are left out")
    }
    notes.append(
      "outcomes are counted in the period in which they happened, so that those of the last periods'"
        + " clients are missing")
  }
}
