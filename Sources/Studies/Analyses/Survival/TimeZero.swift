internal import Statistics
internal import Survival
internal import Tables

/// When the clock starts and what is known then: landmarks, and treatment that begins later.
///
/// One step on the table before any survival analysis: rows are left out or split, columns are added,
/// and where times change the left side of the formula is written anew. Everything after it is as
/// without it.
struct TimeZero: Sendable {
  /// The column of the time at which treatment began.
  var treatedFrom: String?
  /// The time at which the analysis starts.
  var landmark: Double?
  /// Whether time counts from the landmark.
  var resetsClock: Bool
  /// Whether rows are split where treatment begins.
  var isTimeVarying: Bool

  /// The columns that the step adds.
  enum Added {
    static let treatedByLandmark = "treated_by_landmark"
    static let treatedNow = "treated_now"
    static let start = "followed_from"
    static let stop = "followed_to"
    static let event = "followed_event"
  }

  /// A table and formula ready to be bound, with what was done.
  struct Prepared {
    var table: Table
    var formula: String
    var notes: [String] = []
  }

  /// The rows of an analysis that compares arms.
  struct Sample {
    var times: SurvivalTimes
    var groups: Factor?
    var strata: Factor?
    var weights: [Double]?
    var cluster: Factor?
    var notes: [String]
  }

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` for options that don't go together.
  init(_ options: OptionValues) throws(SiblingError) {
    treatedFrom = options.text(.treatedFrom)
    landmark = try options.number(.landmark, in: 0...Double.greatestFiniteMagnitude)
    resetsClock = try options.flag(.resetClock)
    isTimeVarying = try options.flag(.timeVaryingTreatment)
    if resetsClock, landmark == nil {
      throw options.wrong(.resetClock, "needs --landmark")
    }
    if isTimeVarying, treatedFrom == nil {
      throw options.wrong(.timeVaryingTreatment, "needs --treated-from")
    }
    if isTimeVarying, landmark != nil {
      throw options.wrong(.timeVaryingTreatment, "can't be combined with --landmark")
    }
  }

  /// Prepares and binds a formula of arms, and runs an estimator with its errors located.
  ///
  /// - Throws: what is wrong with the formula or the data, located.
  func withArms<Result>(
    _ formula: String, _ table: Table, _ settings: CommonSettings,
    _ body: (Sample) throws(SiblingError) -> Result
  ) throws(SiblingError) -> Result {
    let start = try prepared(formula, table, settings)
    let bound = try BoundFormula(
      start.formula, to: start.table, settings: settings, purpose: .arms)
    return try bound.locating { () throws(SiblingError) in
      let response = try SurvivalBinding.times(bound.frame)
      return try body(
        Sample(
          times: response.times, groups: bound.frame.groups, strata: bound.frame.strata,
          weights: bound.weights, cluster: try bound.singleCluster(),
          notes: bound.notes + response.notes + start.notes))
    }
  }

  /// The table and formula as the analysis is to see them.
  ///
  /// - Throws: `badDesign` for treatment that begins after time zero without a way to deal with it;
  ///   what is wrong with the left side of the formula or the columns, located.
  func prepared(
    _ formula: String, _ table: Table, _ settings: CommonSettings
  ) throws(SiblingError) -> Prepared {
    guard treatedFrom != nil || landmark != nil else {
      return Prepared(table: table, formula: formula)
    }
    guard let tilde = formula.firstIndex(of: "~"), try Formula(parsing: formula).isSurvival else {
      throw SiblingError(
        .formulaSyntax, "the left side of the formula must be Surv(time, event)",
        help: "for example Surv(weeks, ended) ~ arm")
    }
    let frame = try Formula(parsing: "\(formula[..<tilde])~ 1").bind(to: table, purpose: .arms)
    let response = try SurvivalBinding.times(frame)
    let rows = Rows(frame.rows, response.times, of: table.rowCount)
    var begin: [Double]?
    if let treatedFrom { begin = try table.doubles(treatedFrom) }
    let right = String(formula[formula.index(after: tilde)...])
    if let landmark {
      return try atLandmark(landmark, table, formula, right, rows, begin)
    }
    guard let begin, let column = treatedFrom else {
      return Prepared(table: table, formula: formula)
    }
    if isTimeVarying { return try split(table, right, rows, begin) }
    let guards = SurvivalGuards()
    let found = guards.immortalTime(response.times, treatedFrom: frame.rows.map { begin[$0] })
    if let finding = guards.immortalTime(found) {
      let row = found.firstRow.map { frame.rows[$0] }
      throw SiblingError(
        .badDesign, finding.sentence,
        help: "compare from a landmark (--landmark T with treated_by_landmark as the arm), or let"
          + " treatment change over time (--time-varying-treatment with treated_now as the arm)",
        location: row.flatMap { table.location(row: $0, column: column) }, row: row, column: column)
    }
    return Prepared(table: table, formula: formula)
  }
}
