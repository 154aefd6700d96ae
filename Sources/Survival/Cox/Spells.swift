import Statistics

/// Checks of rows that belong to one person.
enum Spells {
  /// Refuses spells of one person that overlap within a stratum, and notes rows without a start.
  ///
  /// - Throws: `bad-interval` at the row whose spell begins before the person's last one has ended.
  /// - Complexity: that of sorting the starts.
  static func check(
    _ times: SurvivalTimes, _ id: Factor?, strata: Factor?
  ) throws(SiblingError) -> [String] {
    guard let id else { return [] }
    guard let start = times.start else {
      var rows = [Int32](repeating: 0, count: id.levels.count)
      for (row, code) in id.codes.enumerated() {
        rows[Int(code)] += Int32(times.people?.counts[row] ?? 1)
      }
      let several = rows.reduce(0) { $0 + ($1 > 1 ? 1 : 0) }
      if several == 0 || strata != nil { return [] }
      return [
        "\(several) people have several rows that all begin at time zero: give start times if the"
          + " rows are spells one after the other"
      ]
    }
    let byStart = Sorting.order(start)
    let byStratum = GroupedRows(byStart, codes: strata?.codes, levels: strata?.levels.count ?? 1)
    let people = GroupedRows(byStratum.rows, codes: id.codes, levels: id.levels.count)
    for person in id.levels.indices {
      let range = people.begins[person]..<people.begins[person + 1]
      if let counts = times.people?.counts,
        let row = people.rows[range].first(where: { counts[Int($0)] > 1 })
      {
        throw overlap(Int(row))
      }
      guard range.count > 1 else { continue }
      for place in range.dropFirst() {
        let (before, row) = (Int(people.rows[place - 1]), Int(people.rows[place]))
        if let strata, strata.codes[before] != strata.codes[row] { continue }
        if start[row] < times.time[before] {
          throw overlap(row)
        }
      }
    }
    return []
  }

  private static func overlap(_ row: Int) -> SiblingError {
    SiblingError(
      .badInterval, "two spells of one person overlap",
      help:
        "a person can be at risk only once at a time: shorten a spell, or give each kind of"
        + " spell a stratum", row: row, column: "id")
  }
}
