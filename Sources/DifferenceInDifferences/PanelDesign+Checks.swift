internal import Glibc
internal import Statistics

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
    let order = Sorting.order(time)
    var periods: [Double] = []
    var period = [Int32](repeating: 0, count: time.count)
    for row in order {
      let value = time[Int(row)]
      if periods.last != value { periods.append(value) }
      period[Int(row)] = Int32(periods.count - 1)
    }
    guard periods.count > 1 else {
      throw SiblingError(
        .badDesign, "The panel has a single period, so nothing can be compared over time.",
        help: "Give at least one period before and one after treatment begins.")
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
        throw SiblingError(
          .badDesign, "A unit is in two groups: its first treated period differs between rows.",
          help: "The group is a fact of the unit; make it the same in all of its rows.", row: row)
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
          throw SiblingError(
            .duplicateKey, "A unit has two rows in one period.",
            help: "Keep one row for each unit and period, or aggregate them first.",
            row: order[end])
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
    guard alwaysTreated < units else {
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
