internal import DifferenceInDifferences
internal import Reporting
internal import Statistics

/// What group-time effects show beyond their average: every cohort, and the path since the start.
extension PanelPhase {
  /// Fills the table of cohorts and periods, and averages by event time.
  ///
  /// - Throws: what is wrong with the design.
  mutating func cohorts(
    _ found: DifferenceAnalysis.GroupTimes, _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard try mayTellCohorts(found.panel) else { return }
    try Self.fillCohorts(found.result, &tables)
  }

  /// Fills the table of cohorts and periods, and averages by event time, with what a result says.
  ///
  /// - Throws: what is wrong with the design.
  static func fillCohorts(
    _ result: GroupTimeResult, _ tables: inout StudyTables
  ) throws(SiblingError) {
    let name = Self.analysisName("callaway-santanna", in: tables.groupTime)
    for cell in result.cells where cell.isBase || cell.isEstimated {
      try tables.groupTime.append([
        "analysis": .text(name), "group": .number(cell.group), "time": .number(cell.time),
        "estimate": .number(cell.estimate.estimate),
        "std.error": Cell(cell.estimate.standardError),
        "conf.low": Cell(cell.estimate.interval?.low),
        "conf.high": Cell(cell.estimate.interval?.high), "reference": .flag(cell.isBase),
        "n_treated": Cell(cell.treatedUnits), "n_comparison": Cell(cell.controlUnits),
      ])
    }
    let cells = result.cells.filter { $0.isBase || $0.isEstimated }
    let averages = try result.aggregate(.dynamic)
    // Averages stand in the order of event time, the overall one last.
    let times = Array(Set(cells.map(\.eventTime))).sorted()
    for (time, row) in zip(times, averages.rows.dropLast()) {
      let behind = cells.filter { $0.eventTime == time }
      let isReference = behind.allSatisfy(\.isBase)
      try tables.eventStudy.append([
        "analysis": .text(name), "rel_time": .number(time), "estimate": .number(row.estimate),
        "std.error": Cell(row.standardError), "conf.low": Cell(row.interval?.low),
        "conf.high": Cell(row.interval?.high), "reference": .flag(isReference),
        "n": Cell(behind.reduce(0) { $0 + $1.treatedUnits }),
      ])
    }
  }

  /// Whether a profile lets effects by cohort out: with the overall one they tell of every cohort.
  ///
  /// - Throws: `invalidOption` for an unknown profile.
  mutating func mayTellCohorts(_ panel: PanelDesign) throws(SiblingError) -> Bool {
    guard let least = study.disclosureProfile.minimumCount,
      panel.smallestCohort < least
    else { return true }
    let note =
      "Effects by cohort and period are not shown: a cohort has so few units that the others and the"
      + " overall effect would tell of it."
    if !notes.contains(note) { notes.append(note) }
    return false
  }

  /// The method's name, numbered where the table has it already.
  static func analysisName(_ method: String, in table: ResultTable) -> String {
    let taken = Set(table.cells("analysis").compactMap(\.text))
    var (name, number) = (method, 1)
    while taken.contains(name) {
      number += 1
      name = "\(method) \(number)"
    }
    return name
  }
}
