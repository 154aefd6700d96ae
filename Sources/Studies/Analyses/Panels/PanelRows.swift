internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// A panel's table without excluded periods, and each row's group.
struct PanelRows {
  /// The rows that are left.
  let table: Table
  /// The settings for binding what is left.
  let settings: CommonSettings
  /// For each row the first treated period of its unit; nil for never.
  let groups: [Double?]
  /// What was left out and how groups were had.
  let notes: [String]

  /// Reads groups, from their own column or from treatment, and leaves out excluded periods.
  ///
  /// Groups come first: a unit that starts in an excluded period is treated after it all the same.
  /// - Throws: `unknownColumn`, `wrongType`, `badValue`, `badDesign` where treatment ends, located;
  ///   `invalidOption` for an excluded period that the data do not have.
  init(_ columns: PanelColumns, table: Table, settings: CommonSettings) throws(SiblingError) {
    var notes: [String] = []
    var plain = settings
    var groups: [Double?]
    if let treatment = columns.treatment {
      groups = try Self.groups(columns, treatment, table, settings.treated, &notes)
      plain.treated = nil
    } else {
      let starts = try table.column(columns.group)
      guard let numbers = starts.asDoubles else {
        throw table.wrongType(starts, wanted: "a number (the first treated period)")
      }
      groups = numbers.map { $0.isNaN ? nil : $0 }
    }
    var kept = table
    if !columns.excluded.isEmpty {
      let times = try table.doubles(columns.time)
      try Self.requirePeriods(columns.excluded, among: times)
      let excluded = Set(columns.excluded)
      let rows = times.indices.filter { !excluded.contains(times[$0]) }
      kept = table.rememberingCodes().selecting(rows: rows)
      groups = rows.map { groups[$0] }
      let names = excluded.sorted().map { NumberText.shortest($0) }.joined(separator: ", ")
      notes.append(
        "--exclude-periods leaves out \(names): \(table.rowCount - rows.count) of"
          + " \(table.rowCount) rows, as if they had never been observed; the period before treatment"
          + " is the last one left")
    }
    self.table = kept
    self.settings = plain
    self.groups = groups
    self.notes = notes
  }

  /// Refuses excluded periods that the data do not have.
  ///
  /// - Throws: `invalidOption`.
  static func requirePeriods(_ periods: [Double], among times: [Double]) throws(SiblingError) {
    let known = Set(times)
    guard let absent = periods.first(where: { !known.contains($0) }) else { return }
    let names = known.filter { !$0.isNaN }.sorted().map { NumberText.shortest($0) }
    throw SiblingError(
      .invalidOption, "exclude-periods: \(NumberText.shortest(absent)) is no period of the data",
      help: "the periods are: " + names.prefix(40).joined(separator: ", ")
        + (names.count > 40 ? ", …" : ""),
      column: "exclude-periods")
  }

  /// Groups from treatment, over all rows that have a unit, a period and a treatment.
  private static func groups(
    _ columns: PanelColumns, _ name: String, _ table: Table, _ level: String?,
    _ notes: inout [String]
  ) throws(SiblingError) -> [Double?] {
    let coded = try Treatment.coded(table, column: name, level: level)
    let treatment = try coded.doubles(name)
    let unit = try table.factor(columns.unit)
    let time = try table.doubles(columns.time)
    let rows = treatment.indices.filter {
      unit.codes[$0] >= 0 && !time[$0].isNaN && !treatment[$0].isNaN
    }
    let known: [Double?]
    do throws(SiblingError) {
      known = try PanelDesign.groups(
        unit: unit.selecting(rows), time: rows.map { time[$0] },
        treatment: rows.map { treatment[$0] })
    } catch {
      var error = error
      if error.row != nil { error.column = name }
      throw table.locating(error, rows: rows)
    }
    var start = [Double?](repeating: nil, count: unit.levels.count)
    for (place, row) in rows.enumerated() { start[Int(unit.codes[row])] = known[place] }
    let unknown = treatment.count { $0.isNaN }
    notes.append(
      "groups come from '\(name)': a unit's group is the first period in which it is treated"
        + (unknown > 0 ? "; \(unknown) rows without a treatment follow their unit's others" : ""))
    return unit.codes.map { $0 < 0 ? nil : start[Int($0)] }
  }

  /// Says how many units have rows in more than one cluster; nothing where none has.
  ///
  /// A regression takes such clusters as they are; estimators by unit refuse them.
  static func movers(_ clusters: [Factor], _ units: Factor, _ names: [String]) -> String? {
    // By unit and by period at once, clusters are meant to cross units.
    guard clusters.count == 1, names.count == 1, clusters[0].count == units.count else {
      return nil
    }
    var code = [Int32](repeating: -1, count: units.levels.count)
    var moves = [Bool](repeating: false, count: units.levels.count)
    for (unit, cluster) in zip(units.codes, clusters[0].codes) where unit >= 0 && cluster >= 0 {
      if code[Int(unit)] < 0 { code[Int(unit)] = cluster }
      if code[Int(unit)] != cluster { moves[Int(unit)] = true }
    }
    let count = moves.count { $0 }
    guard count > 0 else { return nil }
    return "\(count) of \(units.levels.count) units have rows in more than one cluster of"
      + " '\(names[0])', whose rows count as independent of each other"
  }
}
