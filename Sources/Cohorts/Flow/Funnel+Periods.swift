public import Statistics
public import Tables

extension Funnel {
  /// The funnel of counts by site and period, where there are no clients' dates.
  ///
  /// Columns are those of `site_periods`: site_id, referrals, accepted, engaged, starts, sustained.
  /// A column that is not there is a stage left out. Counts of one period needn't be the same people's,
  /// so the rates are ratios of totals and a stage may exceed the one before it; it then has no rate and
  /// a note.
  /// - Parameters:
  ///   - table: the table.
  ///   - sites: the sites with their arms; without them everybody is one group.
  ///   - bySite: whether a group is a site, not an arm.
  /// - Returns: the funnel, without exclusions, and what the reader must know.
  /// - Throws: `unknownColumn` without `site_id` or with fewer than two stages, `badValue` for a count that
  ///   is negative or no whole number, located.
  public func count(
    periods table: Table, sites: Sites?, bySite: Bool = false
  ) throws(SiblingError) -> (result: FunnelResult, notes: [String]) {
    let names = [
      ("referrals", "referred"), ("accepted", "accepted"), ("engaged", "engaged"),
      ("starts", "job_start"), ("sustained", "sustained"),
    ].filter { table[$0.0] != nil }
    guard names.count > 1 else {
      throw SiblingError(
        .unknownColumn, "the table of periods has fewer than two stages of a funnel",
        help: "it takes: referrals, accepted, engaged, starts, sustained", column: "referrals")
    }
    let site = try table.factor("site_id")
    let arm = try site.levels.map { name throws(SiblingError) -> Int in
      guard let sites else { return 0 }
      guard let row = sites.ids.firstIndex(of: name) else {
        throw SiblingError(
          .badValue, "a site of the periods is not in the table of sites",
          suggestion: nearestName(to: name, among: sites.ids), column: "site_id", cell: name)
      }
      return Int(sites.arm[row])
    }
    var counts: [[Int]] = []
    var notes: [String] = []
    for (column, _) in names {
      var own = [Int](repeating: 0, count: site.levels.count)
      var missing = 0
      for (row, value) in try table.doubles(column).enumerated() where site.codes[row] >= 0 {
        if value.isNaN {
          missing += 1
          continue
        }
        guard let whole = Int(exactly: value), whole >= 0 else {
          throw SiblingError(
            .badValue, "column '\(column)' must hold whole numbers from nought",
            location: table.location(row: row, column: column), row: row, column: column)
        }
        own[Int(site.codes[row])] += whole
      }
      if missing > 0 { notes.append("\(missing) periods have no number of '\(column)'") }
      counts.append(own)
    }
    let groups: [(name: String, sites: [Int])] =
      bySite
      ? site.levels.indices.map { (site.levels[$0], [$0]) }
      : sites == nil
        ? [("all", Array(site.levels.indices))]
        : SiteArm.allCases.enumerated().map { place, name in
          (name.rawValue, site.levels.indices.filter { arm[$0] == place })
        }
    var rows: [FunnelRow] = []
    for group in groups where !group.sites.isEmpty {
      let totals = counts.map { count in group.sites.reduce(0) { $0 + count[$1] } }
      let base = names.firstIndex { $0.1 == self.base }
      for (place, name) in names.enumerated() {
        let before = place == 0 ? totals[0] : totals[place - 1]
        let excess = max(0, totals[place] - before)
        var cell = Tally.Cell(
          atRisk: before, reached: totals[place] - excess,
          notReached: max(0, before - totals[place]), skipped: excess)
        if let base, place > base { cell.ofBase = (totals[base], totals[place]) }
        var row = FunnelRow(group: group.name, stage: name.1, cell, level: level)
        if place == 0 {
          row.ofPrevious = ShareEstimate(yes: 0, known: 0)
        } else if excess > 0 {
          row.ofPrevious = ShareEstimate(yes: 0, known: 0)
          notes.append(
            "\(group.name): '\(name.1)' exceeds the stage before it, so that it has no rate")
        } else if !bySite, place > 0 {
          row.sites = SiteDifferences(
            group.sites.map { (counts[place][$0], counts[place - 1][$0]) }
              .filter { $0.0 <= $0.1 })
        }
        if let base, place > base, totals[place] > totals[base] { row.ofAccepted = nil }
        rows.append(row)
      }
    }
    return (FunnelResult(rows: rows, exclusions: []), notes)
  }
}
