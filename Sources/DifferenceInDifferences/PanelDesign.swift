public import Statistics

/// A panel of units over periods with the period in which each unit's treatment begins, checked.
///
/// Rows may come in any order. Treatment is absorbing: a unit of the group g is treated in every
/// period t ≥ g.
public struct PanelDesign: Sendable, Equatable {
  /// Each row's unit, with unused levels dropped.
  public let unit: Factor
  /// The distinct periods, ascending.
  public let periods: [Double]
  /// For each row the index of its period in `periods`.
  public let period: [Int32]
  /// For each unit (by code) the period in which its treatment begins; nil for never.
  ///
  /// A unit whose treatment begins after the last period is never treated here.
  public let groups: [Double?]
  /// For each unit its group as given, also where treatment begins after the last period.
  public let declaredGroups: [Double?]
  /// Units by the period in which their treatment begins, ascending.
  public let cohorts: [Cohort]
  /// Units never treated within the panel.
  public let neverTreated: Int
  /// Units treated from the first period on: they have no before.
  public let alwaysTreated: Int
  /// Units whose treatment begins only after the last period, counted among the never treated.
  public let treatedLater: Int
  /// Units without a row in some period.
  public let incompleteUnits: Int
  /// Units with a hole between their first and their last period.
  public let unitsWithGaps: Int
  /// Whether each row is a unit of its own: people seen once, in repeated cross-sections.
  public let isCrossSections: Bool
  /// What the reader must know of the panel's shape, in plain words.
  public let notes: [String]

  /// Units whose treatment begins in the same period.
  public struct Cohort: Sendable, Equatable {
    /// The period in which treatment begins.
    public let start: Double
    /// The number of units.
    public let units: Int
  }

  /// Checks a panel: one unit, period and group a row; nil, 0 and +∞ mean never treated.
  ///
  /// Always treated units, units without some period, and the absence of never treated units are
  /// noted, not refused.
  /// - Throws: `sizeMismatch`; `noRows`; `missingValue` for a row without unit or period;
  ///   `badValue` for a group that is not a number; `duplicateKey` for a second row of one unit and
  ///   period; `badDesign` for a unit in two groups, for a single period, and where every
  ///   treated unit is treated from the first period on; `constantTreatment` where no unit is
  ///   ever treated, or all rows are. The row is named where there is one.
  /// - Complexity: O(n log n) for the distinct periods, else linear.
  public init(unit: Factor, time: [Double], group: [Double?]) throws(SiblingError) {
    try self.init(unit: unit, time: time, group: group, isCrossSections: false)
  }

  /// Checks repeated cross-sections: a row is a person seen once, and the group is that of the
  /// person's site or region.
  ///
  /// - Throws: as for units, which every row is here.
  public init(crossSections time: [Double], group: [Double?]) throws(SiblingError) {
    let rows = Factor(
      codes: time.indices.map { Int32(truncatingIfNeeded: $0) },
      levels: [String](repeating: "", count: time.count))
    try self.init(unit: rows, time: time, group: group, isCrossSections: true)
  }

  private init(
    unit: Factor, time: [Double], group: [Double?], isCrossSections: Bool
  ) throws(SiblingError) {
    try Self.requireSizes(unit, time, group)
    let unit = unit.droppingUnusedLevels()
    let indexed = try Self.indexPeriods(time)
    let groups = try Self.groupOfUnits(unit, group, last: indexed.periods.last ?? 0)
    let shape = try Self.shape(unit, indexed.period, indexed.periods.count)
    self.unit = unit
    periods = indexed.periods
    period = indexed.period
    self.groups = groups.starts
    declaredGroups = groups.declared
    treatedLater = groups.later
    self.isCrossSections = isCrossSections
    incompleteUnits = isCrossSections ? 0 : shape.incomplete
    unitsWithGaps = shape.gaps
    let first = indexed.periods[0]
    neverTreated = groups.starts.filter { $0 == nil }.count
    alwaysTreated = groups.starts.filter { ($0 ?? .infinity) <= first }.count
    cohorts = Self.cohorts(groups.starts)
    notes = Self.notes(
      never: neverTreated, always: alwaysTreated, later: groups.later,
      incomplete: incompleteUnits, gaps: shape.gaps, noun: isCrossSections ? "row" : "unit")
    try requireContrast()
  }

  /// Units that stand for many alike: each counts `sizes` times in cohorts, counts and notes.
  ///
  /// `unit`, `groups` and `units` are of the representatives.
  init(
    representatives unit: Factor, time: [Double], group: [Double?], sizes: [Int],
    isCrossSections: Bool
  ) throws(SiblingError) {
    try Self.requireSizes(unit, time, group)
    let indexed = try Self.indexPeriods(time)
    let groups = try Self.groupOfUnits(unit, group, last: indexed.periods.last ?? 0)
    var seen = sizes.map { _ in (first: Int32.max, last: Int32(-1), count: 0) }
    for row in unit.codes.indices {
      let (code, period) = (Int(unit.codes[row]), indexed.period[row])
      seen[code].first = min(seen[code].first, period)
      seen[code].last = max(seen[code].last, period)
      seen[code].count += 1
    }
    func counted(_ isCounted: (Int) -> Bool) -> Int {
      sizes.indices.reduce(0) { $0 + (isCounted($1) ? sizes[$1] : 0) }
    }
    let (first, last) = (indexed.periods[0], indexed.periods[indexed.periods.count - 1])
    let width = indexed.periods.count
    self.unit = unit
    periods = indexed.periods
    period = indexed.period
    self.groups = groups.starts
    declaredGroups = groups.declared
    self.isCrossSections = isCrossSections
    treatedLater = counted { (groups.declared[$0] ?? 0) > last }
    incompleteUnits = isCrossSections ? 0 : counted { seen[$0].count < width }
    unitsWithGaps =
      isCrossSections ? 0 : counted { Int(seen[$0].last - seen[$0].first) >= seen[$0].count }
    neverTreated = counted { groups.starts[$0] == nil }
    alwaysTreated = counted { (groups.starts[$0] ?? .infinity) <= first }
    var units: [Double: Int] = [:]
    for (place, start) in groups.starts.enumerated() {
      if let start { units[start, default: 0] += sizes[place] }
    }
    cohorts = units.keys.sorted().map { Cohort(start: $0, units: units[$0] ?? 0) }
    notes = Self.notes(
      never: neverTreated, always: alwaysTreated, later: treatedLater,
      incomplete: incompleteUnits, gaps: unitsWithGaps, noun: isCrossSections ? "row" : "unit")
    try requireContrast()
  }

  /// The same rows with other launches, one a unit; nil for never.
  init(_ panel: PanelDesign, launches: [Double?]) {
    unit = panel.unit
    periods = panel.periods
    period = panel.period
    let last = panel.periods.last ?? 0
    declaredGroups = launches
    groups = launches.map { start in start.flatMap { $0 > last ? nil : $0 } }
    treatedLater = launches.count { ($0 ?? -.infinity) > last }
    isCrossSections = panel.isCrossSections
    incompleteUnits = panel.incompleteUnits
    unitsWithGaps = panel.unitsWithGaps
    neverTreated = groups.count { $0 == nil }
    let first = panel.periods.first ?? 0
    alwaysTreated = groups.count { ($0 ?? .infinity) <= first }
    cohorts = Self.cohorts(groups)
    notes = panel.notes
  }

  /// The number of rows.
  public var rows: Int { period.count }
  /// The number of units.
  public var units: Int { groups.count }
  /// Units treated at some time within the panel.
  public var treatedUnits: Int { cohorts.reduce(0) { $0 + $1.units } }
  /// Whether every unit has a row in every period.
  public var isBalanced: Bool { incompleteUnits == 0 }
  /// The size of the smallest cohort.
  public var smallestCohort: Int { cohorts.map(\.units).min() ?? 0 }

  /// Each row's period as a number.
  public var times: [Double] { period.map { periods[Int($0)] } }

  /// For each row 1 where its unit is treated in its period, else 0.
  public var treatment: [Double] {
    rowValues { time, start in time >= (start ?? .infinity) ? 1 : 0 }
  }

  /// For each row its period less the period in which its unit's treatment begins; nil for never.
  public var eventTimes: [Double?] {
    rowValues { time, start in start.map { time - $0 } }
  }

  private func rowValues<T>(_ value: (Double, Double?) -> T) -> [T] {
    period.indices.map { row in
      value(periods[Int(period[row])], groups[Int(unit.codes[row])])
    }
  }

  /// The smallest two-sided p-value that permuting treatment between units can give.
  ///
  /// It is one over the number of ways to choose which units are in which cohort; with few treated
  /// units no evidence in the data can be stronger than this.
  public var attainablePValue: Double {
    var (left, logWays) = (units, 0.0)
    for cohort in cohorts {
      logWays += Self.logChoose(left, cohort.units)
      left -= cohort.units
    }
    return Self.exponential(-logWays)
  }

  /// The smallest two-sided p-value that flipping the signs of treated units' effects can give.
  ///
  /// 2/2ᵏ for k treated units: five give 2/32.
  public var attainableSignFlipPValue: Double {
    min(1, Self.exponential(-Double(treatedUnits - 1) * 0.6931471805599453))
  }
}
