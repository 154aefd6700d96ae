internal import LinearAlgebra
internal import Statistics

/// What group-time effects use of a panel: its members in the order of their cohorts.
///
/// A member is a unit of a panel, or a row where rows are compared as repeated cross-sections.
/// Cohorts ascend and the never treated come last, so controls are runs of members.
struct GroupTimeSample: Sendable {
  /// Codes of units, or numbers of rows; by cohort, and rows by period within it.
  var members: [Int]
  /// Where the members of each block lie: one block a cohort, or a cohort and period for rows.
  var blocks: [Range<Int>]
  /// The start of each cohort; nil for the never treated.
  var cohorts: [Double?]
  /// Blocks a cohort: 1, or the number of the panel's periods where members are rows.
  var blocksPerCohort: Int
  /// Cohorts that get effects, by their places in `cohorts`.
  var effectCohorts: [Int]
  /// How many of the panel's periods are used, from the first.
  var periods: Int
  var notes: [String] = []
  /// How many members there are, where `members` stand for many alike.
  private var represented: Int?

  /// How many members there are.
  var memberCount: Int { represented ?? members.count }

  /// Makes blocks as large as the members that they stand for; gives the places of these in each block.
  mutating func represent(_ sizes: [Int]) -> [[Int]] {
    let places = blocks.map { Array(members[$0]) }
    var at = 0
    for (index, own) in places.enumerated() {
      let count = own.reduce(0) { $0 + sizes[$1] }
      blocks[index] = at..<(at + count)
      at += count
    }
    represented = at
    return places
  }

  /// The members of a cohort.
  func range(cohort: Int) -> Range<Int> {
    let first = cohort * blocksPerCohort
    return blocks[first].lowerBound..<blocks[first + blocksPerCohort - 1].upperBound
  }

  /// The sample of a panel; with `sizes` each unit stands for so many in what is said of those left out.
  init(
    _ effects: GroupTimeEffects, _ panel: PanelDesign, table: [Int32], sizes: [Int]? = nil
  ) throws(SiblingError) {
    let count = panel.periods.count
    let usesRows = effects.sampling == .crossSections
    let first = panel.periods[0] + effects.anticipation
    let last = panel.periods[count - 1] + effects.anticipation
    var starts = panel.declaredGroups
    var isUsed = [Bool](repeating: true, count: panel.units)
    var (incomplete, early) = (0, 0)
    for unit in 0..<panel.units {
      if !usesRows, (0..<count).contains(where: { table[unit * count + $0] < 0 }) {
        incomplete += sizes?[unit] ?? 1
        isUsed[unit] = false
        continue
      }
      guard let start = starts[unit] else { continue }
      if start > last { starts[unit] = nil }
      if start <= first {
        early += sizes?[unit] ?? 1
        isUsed[unit] = false
      }
    }
    periods = count
    if incomplete > 0 {
      notes.append(
        "\(incomplete) units without a row in some period were left out;"
          + " `unbalanced` keeps their rows.")
    }
    if early > 0 {
      notes.append(
        "\(early) \(panel.isCrossSections ? "people" : "units") without a period before treatment"
          + " were left out.")
    }
    var distinct = Set<Double>()
    for unit in starts.indices where isUsed[unit] {
      if let start = starts[unit] { distinct.insert(start) }
    }
    var ordered = distinct.sorted()
    guard let latest = ordered.last else {
      throw SiblingError(
        .badDesign, "No treated unit has a period before treatment and a row in every period.",
        help: "Add earlier periods, or check the units that were left out.")
    }
    var withoutEffect: Double?
    if !starts.indices.contains(where: { isUsed[$0] && starts[$0] == nil }) {
      periods = panel.periods.prefix { $0 < latest - effects.anticipation }.count
      withoutEffect = latest
      notes.append(
        "Without never treated units the last cohort (\(PanelDesign.label(latest))) serves as "
          + "controls, over the periods before its treatment.")
      if effects.control == .neverTreated {
        for unit in starts.indices where starts[unit] == latest { starts[unit] = nil }
        ordered.removeLast()
        withoutEffect = nil
      }
    }
    cohorts = ordered.map { $0 }
    effectCohorts = ordered.indices.filter { ordered[$0] != withoutEffect }
    if withoutEffect == nil { cohorts.append(nil) }
    var place: [Double: Int] = [:]
    for (index, start) in ordered.enumerated() { place[start] = index }
    let never = ordered.count
    let cohortOfUnit = starts.indices.map { unit -> Int in
      guard isUsed[unit] else { return -1 }
      return starts[unit].map { place[$0] ?? never } ?? never
    }
    blocksPerCohort = usesRows ? count : 1
    let used = Int32(periods)
    let blockOf: [Int32] =
      usesRows
      ? panel.period.indices.map { row in
        let cohort = cohortOfUnit[Int(panel.unit.codes[row])]
        let period = panel.period[row]
        return cohort < 0 || period >= used ? -1 : Int32(cohort * count) + period
      } : cohortOfUnit.map { Int32($0) }
    (members, blocks) = Self.sorted(blockOf, blocks: cohorts.count * blocksPerCohort)
  }

  /// A counting sort of members by block; those of block −1 are left out.
  private static func sorted(_ blockOf: [Int32], blocks: Int) -> ([Int], [Range<Int>]) {
    var counts = [Int](repeating: 0, count: blocks)
    for block in blockOf where block >= 0 { counts[Int(block)] += 1 }
    var ranges: [Range<Int>] = []
    var at = 0
    for count in counts {
      ranges.append(at..<(at + count))
      at += count
    }
    var members = [Int](repeating: 0, count: at)
    var next = ranges.map(\.lowerBound)
    for (member, block) in blockOf.enumerated() where block >= 0 {
      members[next[Int(block)]] = member
      next[Int(block)] += 1
    }
    return (members, ranges)
  }
}

/// One cell before it is estimated.
struct GroupTimePlan: Sendable {
  var group: Double
  var time: Double
  var base: Double
  var timeIndex: Int
  var baseIndex: Int
  /// The treated cohort's place.
  var cohort: Int
  /// Cohorts from here on, without the treated one, are the controls.
  var firstControl: Int

  var isBase: Bool { timeIndex == baseIndex }
  /// The period whose covariates and weights are used.
  var earlier: Int { min(timeIndex, baseIndex) }
  var term: String { "ATT(\(PanelDesign.label(group)),\(PanelDesign.label(time)))" }
  /// Whether a cohort takes part, as treated or as controls.
  func uses(_ cohort: Int) -> Bool { cohort == self.cohort || cohort >= firstControl }
  /// The places of the controls among a number of cohorts.
  func controls(of cohorts: Int) -> [Int] { (firstControl..<cohorts).filter { $0 != cohort } }
}

extension GroupTimeEffects {
  /// The cells, by group and then period.
  func plans(_ sample: GroupTimeSample, _ periods: [Double]) -> [GroupTimePlan] {
    var plans: [GroupTimePlan] = []
    let never = sample.cohorts.count - (sample.cohorts.last == .some(nil) ? 1 : 0)
    for cohort in sample.effectCohorts {
      guard let group = sample.cohorts[cohort] else { continue }
      let before = periods.indices.last { periods[$0] + anticipation < group }
      for index in 0..<sample.periods {
        let isAfter = periods[index] >= group
        let start = isAfter || base == .universal ? before : index > 0 ? index - 1 : nil
        guard let start, start < sample.periods else { continue }
        var first = never
        if control == .notYetTreated {
          let horizon = max(periods[index], periods[start]) + anticipation
          while first > 0, let other = sample.cohorts[first - 1], other > horizon { first -= 1 }
        }
        plans.append(
          GroupTimePlan(
            group: group, time: periods[index], base: periods[start], timeIndex: index,
            baseIndex: start, cohort: cohort, firstControl: first))
      }
    }
    return plans
  }
}

/// One cell estimated.
struct GroupTimeAnswer: Sendable {
  var effect = Double.nan
  var treated = 0
  var controls = 0
  var problem: String?
  /// Controls without weight because they are too like the treated.
  var trimmed = 0
}
