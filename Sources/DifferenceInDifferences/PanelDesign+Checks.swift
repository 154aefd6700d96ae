internal import Glibc
public import Statistics

extension PanelDesign {
  static func requireSizes(
    _ unit: Factor, _ time: [Double], _ group: [Double?]
  ) throws(SiblingError) {
    guard unit.count == time.count, group.count == time.count else {
      throw SiblingError(
        .sizeMismatch,
        "The panel has \(unit.count) units, \(time.count) periods and \(group.count) groups.",
        help: "Give one of each for every row.")
    }
    guard !time.isEmpty else {
      throw SiblingError(
        .noRows, "The panel has no rows.", help: "Check the filter and missing values.")
    }
    if let row = unit.codes.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(
        .missingValue, "A row has no unit.", help: "Drop rows whose unit is missing.", row: row)
    }
    if let row = time.firstIndex(where: { !$0.isFinite }) {
      throw SiblingError(
        .missingValue, "A row has no period.", help: "Drop rows whose period is missing.",
        row: row)
    }
    if let row = group.firstIndex(where: { $0?.isNaN ?? false || $0 == -.infinity }) {
      throw SiblingError(
        .badValue, "A row's group is not a period.",
        help: "The group is the first treated period; leave it empty or 0 for never treated units.",
        row: row)
    }
  }

  static func indexPeriods(
    _ time: [Double]
  ) throws(SiblingError) -> (periods: [Double], period: [Int32]) {
    let (periods, period) = fewPeriods(time) ?? sortedPeriods(time)
    guard periods.count > 1 else {
      throw SiblingError(
        .badDesign, "The panel has a single period, so nothing can be compared over time.",
        help: "Give at least one period before and one after treatment begins.")
    }
    return (periods, period)
  }

  /// Distinct periods by one pass over rows; nil where there are many.
  private static func fewPeriods(_ time: [Double]) -> (periods: [Double], period: [Int32])? {
    let (limit, size) = (1024, 4096)
    var found: [Double] = []
    var place = [Int32](repeating: -1, count: size)
    var period = [Int32](repeating: 0, count: time.count)
    for row in time.indices {
      // Adding zero makes −0 and 0 one period.
      let value = time[row] + 0
      var slot = Int((value.bitPattern &* 0x9E37_79B9_7F4A_7C15) >> 52)
      while place[slot] >= 0, found[Int(place[slot])] != value { slot = (slot + 1) & (size - 1) }
      if place[slot] < 0 {
        guard found.count < limit else { return nil }
        place[slot] = Int32(found.count)
        found.append(value)
      }
      period[row] = place[slot]
    }
    let order = found.indices.sorted { found[$0] < found[$1] }
    var rank = [Int32](repeating: 0, count: found.count)
    for (position, index) in order.enumerated() { rank[index] = Int32(position) }
    for row in period.indices { period[row] = rank[Int(period[row])] }
    return (order.map { found[$0] }, period)
  }

  private static func sortedPeriods(_ time: [Double]) -> (periods: [Double], period: [Int32]) {
    let order = Sorting.order(time)
    var periods: [Double] = []
    var period = [Int32](repeating: 0, count: time.count)
    for row in order {
      let value = time[Int(row)]
      if periods.last != value { periods.append(value) }
      period[Int(row)] = Int32(periods.count - 1)
    }
    return (periods, period)
  }

  static func groupOfUnits(
    _ unit: Factor, _ group: [Double?], last: Double
  ) throws(SiblingError) -> (starts: [Double?], declared: [Double?], later: Int) {
    var starts = [Double?](repeating: nil, count: unit.levels.count)
    var seen = [Bool](repeating: false, count: unit.levels.count)
    for row in group.indices {
      let code = Int(unit.codes[row])
      var start = group[row]
      if start == 0 || start == .infinity { start = nil }
      guard seen[code] else {
        starts[code] = start
        seen[code] = true
        continue
      }
      if starts[code] != start {
        throw twoGroups(row)
      }
    }
    let declared = starts
    var later = 0
    for code in starts.indices where (starts[code] ?? 0) > last {
      starts[code] = nil
      later += 1
    }
    return (starts, declared, later)
  }

  /// Refuses duplicates and counts units without some period and units with a hole.
  static func shape(
    _ unit: Factor, _ period: [Int32], _ periods: Int
  ) throws(SiblingError) -> (incomplete: Int, gaps: Int) {
    let units = unit.levels.count
    let (cells, overflow) = units.multipliedReportingOverflow(by: periods)
    guard !overflow, cells <= 16 * max(1024, period.count) else {
      return try sparseShape(unit, period, periods)
    }
    var seen = [Bool](repeating: false, count: cells)
    for row in period.indices {
      let cell = Int(unit.codes[row]) * periods + Int(period[row])
      if seen[cell] { throw duplicate(row) }
      seen[cell] = true
    }
    if cells == period.count { return (0, 0) }
    var (incomplete, gaps) = (0, 0)
    for own in 0..<units {
      let cells = seen[(own * periods)..<((own + 1) * periods)]
      let count = cells.reduce(0) { $0 + ($1 ? 1 : 0) }
      guard count < periods else { continue }
      incomplete += 1
      guard let first = cells.firstIndex(of: true), let last = cells.lastIndex(of: true) else {
        continue
      }
      if last - first >= count { gaps += 1 }
    }
    return (incomplete, gaps)
  }

  /// The error for a second row of a unit and period, where it is known.
  public static func duplicate(_ row: Int? = nil) -> SiblingError {
    SiblingError(
      .duplicateKey, "A unit has two rows in one period.",
      help: "Keep one row for each unit and period, or aggregate them first.", row: row)
  }

  /// The error for a unit in two groups, at the row where it is seen.
  public static func twoGroups(_ row: Int? = nil) -> SiblingError {
    SiblingError(
      .badDesign, "A unit is in two groups: its first treated period differs between rows.",
      help: "The group is a fact of the unit; make it the same in all of its rows.", row: row)
  }

  /// The same where units and periods are far more than rows.
  private static func sparseShape(
    _ unit: Factor, _ period: [Int32], _ periods: Int
  ) throws(SiblingError) -> (incomplete: Int, gaps: Int) {
    // Rows sorted by unit then period; neighbours tell everything.
    let byPeriod = Sorting.order(codes: period, levels: periods)
    let order = Sorting.order(
      codes: byPeriod.map { unit.codes[Int($0)] }, levels: unit.levels.count
    ).map { Int(byPeriod[Int($0)]) }
    var (incomplete, gaps) = (0, 0)
    var start = 0
    while start < order.count {
      var end = start + 1
      var hole = false
      while end < order.count, unit.codes[order[end]] == unit.codes[order[start]] {
        let step = period[order[end]] - period[order[end - 1]]
        if step == 0 {
          throw duplicate(order[end])
        }
        if step > 1 { hole = true }
        end += 1
      }
      if end - start < periods { incomplete += 1 }
      if hole { gaps += 1 }
      start = end
    }
    return (incomplete, gaps)
  }

  static func cohorts(_ starts: [Double?]) -> [Cohort] {
    var cohorts: [Cohort] = []
    for start in starts.compactMap({ $0 }).sorted() {
      if let last = cohorts.last, last.start == start {
        cohorts[cohorts.count - 1] = Cohort(start: start, units: last.units + 1)
      } else {
        cohorts.append(Cohort(start: start, units: 1))
      }
    }
    return cohorts
  }

  func requireContrast() throws(SiblingError) {
    guard !cohorts.isEmpty else {
      throw SiblingError(
        .constantTreatment, "No unit is treated within the panel.",
        help: "Check the group column: it holds the first treated period of each unit.")
    }
    guard alwaysTreated < treatedUnits + neverTreated else {
      throw SiblingError(
        .constantTreatment, "Every unit is treated in every period.",
        help: "Add periods before treatment, or units that are treated later or never.")
    }
    guard alwaysTreated < treatedUnits else {
      throw SiblingError(
        .badDesign, "Every treated unit is treated from the first period on, so none has a before.",
        help: "Add periods before treatment begins.")
    }
  }

  static func notes(
    never: Int, always: Int, later: Int, incomplete: Int, gaps: Int, noun: String
  ) -> [String] {
    var notes: [String] = []
    if never == 0 {
      notes.append(
        "No \(noun) is never treated; comparisons rest on \(noun)s that are treated later.")
    }
    if always > 0 {
      notes.append(
        "\(counted(always, noun)) treated from the first period on: no before to compare with.")
    }
    if later > 0 {
      notes.append(
        "\(counted(later, noun)) treated only after the last period: untreated in this panel.")
    }
    if incomplete > 0 {
      notes.append(
        "The panel is unbalanced: \(counted(incomplete, "unit")) without a row in some period"
          + (gaps > 0 ? ", \(gaps) of them with a gap in between." : "."))
    }
    return notes
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    count == 1 ? "1 \(noun) is" : "\(count) \(noun)s are"
  }

  static func logChoose(_ n: Int, _ k: Int) -> Double {
    lgamma(Double(n) + 1) - lgamma(Double(k) + 1) - lgamma(Double(n - k) + 1)
  }

  static func exponential(_ x: Double) -> Double { exp(x) }
}
