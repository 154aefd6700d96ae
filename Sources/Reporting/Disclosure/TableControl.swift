import Statistics

/// Disclosure control at work on one table: curves are held or made again, small counts withheld,
/// then whatever would give them away, then the statistics that rest on them; what is left is rounded.
struct TableControl {
  var table: ResultTable
  let profile: DisclosureProfile
  var decisions: [Disclosure.Decision] = []
  /// The table as it was before any cell was withheld, but with its curves held.
  private(set) var original: ResultTable
  /// Whether the table has been made again as a whole, so that nothing of it is left to round.
  private var isReady = false
  /// Every count rounded, withheld ones too, as row × width + column; empty where none is rounded.
  var rounded: [Double?] = []

  init(table: ResultTable, profile: DisclosureProfile) {
    self.table = table
    self.profile = profile
    original = table
  }

  mutating func run() throws(SiblingError) {
    if table.hasRowsOfPeople { return withholdRowsOfPeople() }
    if let curve = table.curve {
      if profile.curves == .midpoint, roundCurves(curve) {
        // A rounded curve tells of no group smaller than a step, and its columns are ready.
        original = table
        isReady = true
        return
      }
      if profile.rounding != .exact || !holdCounts(curve) { holdCurves(curve) }
    }
    if let hold = table.hold { holdRunningCounts(hold) }
    original = table
    let exempt = structuralZeros()
    withholdSmallCounts(exempt: exempt)
    _ = withholdBlocks()
    if let hold = table.hold, hold.kind == .occupancy { withholdWithNeighbours(hold) }
    repeat { try withholdComplements() } while withholdBlocks()
    withholdDerived()
    withholdFewDegreesOfFreedom()
    withholdDominated()
  }

  /// Rounds what is left and makes statistics again; nothing may be withheld for its counts' sake
  /// after this.
  mutating func finish() {
    guard !isReady, !table.hasRowsOfPeople else { return }
    roundCounts()
    remakeStatistics()
  }

  mutating func withhold(row: Int, position: Int, rule: String) {
    guard table.rows[row][position] != .suppressed else { return }
    guard table.rows[row][position] != .missing else { return }
    table.rows[row][position] = .suppressed
    // What is never written needs no line in the log.
    if table.columns[position].role == .hiddenCount { return }
    log(row: row, column: table.columns[position].name, rule: rule, action: "suppressed")
  }

  mutating func log(row: Int, column: String, rule: String, action: String) {
    decisions.append(
      Disclosure.Decision(
        file: table.path, rowKey: table.key(ofRow: row), column: column, rule: rule,
        action: action))
  }

  private func isCount(_ position: Int) -> Bool {
    table.columns[position].role == .count || table.columns[position].role == .hiddenCount
  }

  /// A curve's first row at time zero, where nobody can have left yet, tells nothing by its zeros.
  private func structuralZeros() -> Set<[Int]> {
    let rule = table.curve.map { (time: $0.time, columns: $0.leaving) }
    guard let rule = rule ?? table.hold.map({ (time: $0.time, columns: [$0.count]) }) else {
      return []
    }
    var exempt: Set<[Int]> = []
    for row in table.rows.indices where table[row, rule.time] == .number(0) {
      for column in rule.columns where table[row, column] == .number(0) {
        if let position = table.position(of: column) { exempt.insert([row, position]) }
      }
    }
    return exempt
  }

  private mutating func withholdSmallCounts(exempt: Set<[Int]>) {
    for row in table.rows.indices {
      for position in table.columns.indices where isCount(position) {
        guard let count = table.rows[row][position].number, profile.withholds(count) else {
          continue
        }
        if exempt.contains([row, position]) { continue }
        withhold(row: row, position: position, rule: "minimum count")
      }
    }
    withholdLeaversTogether()
  }

  /// Those at risk at two steps tell how many left between them, so that one withheld kind of
  /// leaver could be had from the other: they go together.
  private mutating func withholdLeaversTogether() {
    guard let curve = table.curve else { return }
    let positions = curve.leaving.compactMap { table.position(of: $0) }
    for row in table.rows.indices {
      guard positions.contains(where: { table.rows[row][$0] == .suppressed }) else { continue }
      for position in positions {
        withhold(row: row, position: position, rule: "secondary suppression")
      }
    }
  }

  mutating func withholdDerived() {
    for (position, column) in table.columns.enumerated() {
      guard case .derived(let counts) = column.role else { continue }
      let sources = counts.compactMap { table.position(of: $0) }
      for row in table.rows.indices {
        let cells = sources.map { table.rows[row][$0] }
        if cells.contains(.suppressed) {
          withhold(row: row, position: position, rule: "derived from a suppressed count")
        } else if cells.allSatisfy({ $0 == .missing }) {
          withhold(row: row, position: position, rule: "count not given")
        }
      }
    }
  }

  private mutating func withholdFewDegreesOfFreedom() {
    guard let rule = table.residual, let bound = profile.minimumResidualDegreesOfFreedom else {
      return
    }
    for row in table.rows.indices {
      guard let df = table[row, rule.column].number, df < Double(bound) else { continue }
      if let unless = rule.unless, table[row, unless] != .missing { continue }
      for (position, column) in table.columns.enumerated() {
        guard case .derived = column.role else { continue }
        withhold(row: row, position: position, rule: "residual degrees of freedom")
      }
    }
  }

  mutating func withholdComplements() throws(SiblingError) {
    let width = table.columns.count
    var values: [Double?] = []
    var hidden: [Bool] = []
    for cells in original.rows {
      values += cells.map(\.number)
    }
    for cells in table.rows { hidden += cells.map { $0 == .suppressed } }
    var audit = SumAudit(
      values: values, suppressed: hidden, relations: relations(),
      threshold: Double(profile.minimumCount ?? 0))
    guard audit.protect() else {
      throw SiblingError(
        .disclosure, "no suppression of \(table.path) is safe: its sums give a small count away",
        help: "merge groups or steps until the small counts are gone")
    }
    for cell in audit.added {
      withhold(row: cell / width, position: cell % width, rule: "secondary suppression")
    }
  }
}
