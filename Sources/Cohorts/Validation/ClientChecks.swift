internal import LinearAlgebra
internal import Statistics
internal import Tables

/// Checks of clients and their episodes.
struct ClientChecks {
  let links: PersonLinks
  private var clients: CheckedTable { links.clients }

  func findings() -> [Finding] {
    var found = Self.order(
      clients, ["referral_date", "accept_date", "engagement_date", "exit_date"])
    found += Self.order(clients, ["referral_date", "last_contact_date"])
    if let cut = clients.dates("data_cut_date") {
      let names = [
        "referral_date", "accept_date", "engagement_date", "exit_date", "last_contact_date",
      ]
      found += names.compactMap { Self.after(cut, clients, $0) { $0 } }
    }
    if let overlapping = overlappingEpisodes() { found.append(overlapping) }
    return found
  }

  /// Dates of which each is on or after the last one before it that is known.
  ///
  /// One finding for each pair of columns.
  static func order(_ table: CheckedTable, _ names: [String]) -> [Finding] {
    var known: [(name: String, days: [Int32])] = []
    for name in names {
      if let days = table.dates(name) { known.append((name, days)) }
    }
    var found: [Finding?] = []
    for later in known.indices.dropFirst() {
      var rows = [RowList](repeating: RowList(), count: later)
      let days = known[later].days
      for row in days.indices where days[row] != missingDay {
        guard let earlier = (0..<later).last(where: { known[$0].days[row] != missingDay }) else {
          continue
        }
        if days[row] < known[earlier].days[row] { rows[earlier].add(row) }
      }
      for earlier in 0..<later {
        found.append(
          Finding(
            .datesOutOfOrder, table.name, known[later].name, other: known[earlier].name,
            rows[earlier]))
      }
    }
    return found.compactMap { $0 }
  }

  /// Dates after the day on which the data of their client were cut.
  static func after(
    _ cut: [Int32], _ table: CheckedTable, _ name: String, _ client: (Int) -> Int
  ) -> Finding? {
    guard let days = table.dates(name) else { return nil }
    var rows = RowList()
    for row in days.indices where days[row] != missingDay {
      let own = client(row)
      if own >= 0, cut[own] != missingDay, days[row] > cut[own] { rows.add(row) }
    }
    return Finding(.afterDataCut, table.name, name, rows)
  }

  /// Episodes that begin before an earlier one of the person ends.
  ///
  /// An episode runs from referral to exit, without an exit for good; a referral that was not
  /// accepted is over on its day.
  private func overlappingEpisodes() -> Finding? {
    func dates(_ name: String) -> [Int32] {
      clients.dates(name) ?? [Int32](repeating: missingDay, count: clients.count)
    }
    let (referral, accepted, engaged, exit) = (
      dates("referral_date"), dates("accept_date"), dates("engagement_date"), dates("exit_date")
    )
    let decision = clients.codes(
      "referral_decision", among: ReferralDecision.allCases.map(\.rawValue))
    var rows: [Int] = []
    for person in links.peopleOfSeveralRows() {
      var episodes: [(start: Int32, end: Int32, row: Int)] = []
      for row in person {
        guard
          let start = [referral[row], accepted[row], engaged[row]].first(where: { $0 != missingDay }
          )
        else { continue }
        let isAccepted = decision.map { $0[row] <= 0 } ?? true
        let isOpen = isAccepted && (accepted[row] != missingDay || engaged[row] != missingDay)
        let end = exit[row] != missingDay ? exit[row] : isOpen ? Int32.max : start
        episodes.append((start, max(start, end), row))
      }
      rows += Self.overlapping(episodes)
    }
    return Finding(.overlappingEpisodes, "clients", "referral_date", RowList(rows.sorted()))
  }

  /// The rows of intervals that begin before an earlier one ends.
  static func overlapping(_ intervals: [(start: Int32, end: Int32, row: Int)]) -> [Int] {
    var rows: [Int] = []
    var end = Int32.min
    for interval in intervals.sorted(by: { ($0.start, $0.end, $0.row) < ($1.start, $1.end, $1.row) }
    ) {
      if interval.start < end { rows.append(interval.row) }
      end = max(end, interval.end)
    }
    return rows
  }
}
