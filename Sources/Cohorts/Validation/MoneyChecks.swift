internal import Statistics
internal import Tables

/// Checks of contracts, shares, targets, claims and counts by period.
struct MoneyChecks {
  let tables: [String: CheckedTable]

  func findings() -> [Finding] {
    var found: [Finding] = []
    if let contracts = tables["contracts"] {
      found += ClientChecks.order(contracts, ["effective_from", "effective_to"])
      found += versions(contracts)
    }
    if let shares = tables["payer_shares"] {
      found += ClientChecks.order(shares, ["valid_from", "valid_to"])
      found += sums(shares)
    }
    if let caps = tables["payer_caps"] {
      found += ClientChecks.order(caps, ["valid_from", "valid_to"])
    }
    if let targets = tables["targets"] { found += late(targets) }
    if let periods = tables["site_periods"] {
      found += excess(periods, "starts", over: "engaged", .startsExceedEngagements)
      found += excess(periods, "sustained", over: "starts", .sustainedExceedStarts)
    }
    return found
  }

  /// Versions of a contract follow each other day by day.
  private func versions(_ table: CheckedTable) -> [Finding] {
    guard let classes = KeyClasses(table, ["contract_id"]), let from = table.dates("effective_from")
    else { return [] }
    let to = table.dates("effective_to") ?? [Int32](repeating: missingDay, count: table.count)
    var (overlaps, gaps): ([Int], [Int]) = ([], [])
    for group in classes.groups() {
      let sorted = group.filter { from[$0] != missingDay }.sorted {
        (from[$0], to[$0], $0) < (from[$1], to[$1], $1)
      }
      for (earlier, later) in zip(sorted, sorted.dropFirst()) {
        let end = to[earlier] == missingDay ? Int32.max : to[earlier]
        if from[later] <= end {
          overlaps.append(later)
        } else if from[later] > end + 1 {
          gaps.append(later)
        }
      }
    }
    return [
      Finding(.overlappingVersions, table.name, "effective_from", RowList(overlaps.sorted())),
      Finding(.gapBetweenVersions, table.name, "effective_from", RowList(gaps.sorted())),
    ].compactMap { $0 }
  }

  /// Shares valid on one day sum to 1 for every outcome of a version.
  ///
  /// The sum changes only where a share begins or ends; a wrong one stands at its first valid row.
  private func sums(_ table: CheckedTable) -> [Finding] {
    guard let classes = KeyClasses(table, ["contract_id", "version", "outcome"]),
      let share = table.numbers("share")
    else { return [] }
    let from = table.dates("valid_from") ?? [Int32](repeating: missingDay, count: table.count)
    let to = table.dates("valid_to") ?? [Int32](repeating: missingDay, count: table.count)
    let (starts, rows) = classes.members()
    var wrong: Set<Int> = []
    for place in 0..<classes.count where starts[place] < starts[place + 1] {
      let group = rows[starts[place]..<starts[place + 1]].filter { !share[$0].isNaN }
      func isValid(_ row: Int, on day: Int64) -> Bool {
        Int64(from[row]) <= day && (to[row] == missingDay || Int64(to[row]) >= day)
      }
      var days = Set(group.map { Int64(from[$0]) })
      for row in group where to[row] != missingDay { days.insert(Int64(to[row]) + 1) }
      for day in days.sorted() {
        let valid = group.filter { isValid($0, on: day) }
        let sum = valid.reduce(0) { $0 + share[$1] }
        if let first = valid.min(), abs(sum - 1) > 1e-9 { wrong.insert(first) }
      }
    }
    return [Finding(.sharesNotOne, table.name, "share", RowList(wrong.sorted()))].compactMap { $0 }
  }

  private func late(_ table: CheckedTable) -> [Finding] {
    guard let set = table.dates("set_on"), let periods = table.periods("period") else { return [] }
    let rows = set.indices.lazy.filter { row in
      guard set[row] != missingDay, let period = periods[row] else { return false }
      return set[row] > period.last
    }
    return [Finding(.targetSetLate, table.name, "set_on", RowList(rows))].compactMap { $0 }
  }

  /// Running counts of a site: at the first period through which one exceeds what it rests on.
  private func excess(
    _ table: CheckedTable, _ name: String, over base: String, _ rule: DataRule
  ) -> [Finding] {
    guard let classes = KeyClasses(table, ["site_id"]), let counts = table.numbers(name),
      let bases = table.numbers(base), let periods = table.periods("period")
    else { return [] }
    let (starts, rows) = classes.members()
    var found: [Int] = []
    for place in 0..<classes.count {
      let group = rows[starts[place]..<starts[place + 1]].filter { periods[$0] != nil }.sorted {
        (periods[$0]?.first ?? 0, $0) < (periods[$1]?.first ?? 0, $1)
      }
      var (count, most) = (0.0, 0.0)
      for row in group {
        guard !counts[row].isNaN, !bases[row].isNaN else { break }
        count += counts[row]
        most += bases[row]
        if count > most {
          found.append(row)
          break
        }
      }
    }
    return [Finding(rule, table.name, name, RowList(found.sorted()))].compactMap { $0 }
  }
}
