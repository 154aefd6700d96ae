public import Statistics
public import Tables

/// Outcomes of clients as columns, for the table that effects are estimated on.
///
/// For each definition NAME (1, 0 or missing), NAME_low and NAME_high (0 or 1 under the worst and best
/// reading) and NAME_reason; then what the work within the follow-up was:
///
/// - `mature`: 1 when the follow-up ends by the data cut.
/// - `job_started`, `weeks_to_first_job`: the event and time for survival analysis, from time zero to
///   the end of the day on which the first job begins, else to where the client was last seen, the end
///   of follow-up or death. Immature clients are followed as far as they can be.
/// - `weeks_worked`, `_low`, `_high`: weeks in any work, jobs held at entry included, within the
///   follow-up, of mature clients. Missing where work went unseen; where only dates recorded to an
///   interval leave it open, the middle of the two bounds.
/// - `first_job_weeks`: how long the first job lasted, not cut by the follow-up; `first_job_cause` 0
///   held when last seen or left for another job, 1 lost, 2 the person left the service (or died)
///   while holding it; `first_job_lost` 1 where the cause is 1. `first_job_weeks_low`, `_high`:
///   the interval for interval-censored estimators, the upper end missing where no end is known.
///   Missing without a job.
public enum OutcomeColumns {
  /// The names of the columns that don't come from definitions.
  public static let fixedNames = [
    "mature", "job_started", "weeks_to_first_job", "weeks_worked", "weeks_worked_low",
    "weeks_worked_high", "first_job_weeks", "first_job_cause", "first_job_lost",
    "first_job_weeks_low", "first_job_weeks_high",
  ]

  /// The columns of clients' rows, in their order.
  ///
  /// Definitions without a horizon or last start of their own are followed for `followUpWeeks`.
  /// - Throws: `badValue` for a follow-up below one week, two outcomes of one name or a definition that
  ///   can't be scored; `missingValue` without jobs.
  public static func make(
    _ cohort: Cohort, rows: [Int], definitions: [OutcomeDefinition], followUpWeeks: Int
  ) throws(SiblingError) -> [Column] {
    guard (1...5000).contains(followUpWeeks) else {
      throw SiblingError(.badValue, "the follow-up must be at least one week")
    }
    let scorer = try OutcomeScorer(cohort)
    try scorer.check(rows)
    guard scorer.index.hasJobs else { throw OutcomeScorer.noJobs }
    var columns: [Column] = []
    for definition in definitions {
      let scored = try scorer.score(definition.within(weeks: followUpWeeks), rows: rows)
      columns += self.columns(of: scored)
    }
    columns += scorer.workColumns(rows, weeks: followUpWeeks)
    var names: Set<String> = []
    for column in columns where !names.insert(column.name).inserted {
      throw SiblingError(
        .badValue, "two outcomes would have the column '\(column.name)'",
        help: "give the definitions different names", column: column.name)
    }
    return columns
  }

  /// The columns of a scored outcome.
  public static func columns(of scored: ScoredOutcome) -> [Column] {
    let name = scored.definition.column
    func flags(_ name: String, _ values: [Int8]) -> Column {
      Column(name: name, values: .integers(values.map { $0 < 0 ? .min : Int($0) }))
    }
    let levels = ScoredOutcome.Reason.allCases.map(\.rawValue).sorted()
    var codes: [ScoredOutcome.Reason: Int32] = [:]
    for reason in ScoredOutcome.Reason.allCases {
      codes[reason] = Int32(levels.firstIndex(of: reason.rawValue) ?? -1)
    }
    let reasons = Factor(codes: scored.reasons.map { codes[$0] ?? -1 }, levels: levels)
    return [
      flags(name, scored.value), flags("\(name)_low", scored.low),
      flags("\(name)_high", scored.high),
      Column(name: "\(name)_reason", values: .text(reasons.droppingUnusedLevels())),
    ]
  }
}

extension OutcomeScorer {
  /// The columns about work that need no definition.
  func workColumns(_ rows: [Int], weeks: Int) -> [Column] {
    let days = Int32(weeks * 7)
    var integers = [[Int]](repeating: [Int](repeating: .min, count: rows.count), count: 4)
    var doubles = [[Double]](repeating: [Double](repeating: .nan, count: rows.count), count: 7)
    var stretches: [Stretch] = []
    for (place, row) in rows.enumerated() where cohort.clients.isAccepted(row) {
      let timeZero = timeZero(row, .acceptance)
      let client = index.clients[row]
      guard timeZero != missingDay, client.cut != missingDay else { continue }
      let isMature = timeZero + days <= client.cut
      integers[0][place] = isMature ? 1 : 0
      if isMature {
        let worked = worked(row, timeZero: timeZero, days: days, &stretches)
        doubles[2][place] = Double(worked.low) / 7
        doubles[3][place] = Double(worked.high) / 7
        if worked.isBounded { doubles[1][place] = Double(worked.low + worked.high) / 14 }
      }
      let last = min(timeZero + days - 1, client.cut)
      let job = firstJob(row, timeZero: timeZero)
      if let job, job.start <= last {
        integers[1][place] = 1
        doubles[0][place] = Double(job.start - timeZero + 1) / 7
        integers[2][place] = job.cause.rawValue
        integers[3][place] = job.cause == .lost ? 1 : 0
        doubles[4][place] = job.days / 7
        doubles[5][place] = Double(job.low) / 7
        doubles[6][place] = job.high.map { Double($0) / 7 } ?? .nan
      } else {
        let seen = min(last, client.died == missingDay ? client.observed : client.died)
        if seen >= timeZero {
          integers[1][place] = 0
          doubles[0][place] = Double(seen - timeZero + 1) / 7
        }
      }
    }
    func whole(_ name: String, _ place: Int) -> Column {
      Column(name: name, values: .integers(integers[place]))
    }
    func real(_ name: String, _ place: Int) -> Column {
      Column(name: name, values: .doubles(doubles[place]))
    }
    return [
      whole("mature", 0), whole("job_started", 1), real("weeks_to_first_job", 0),
      real("weeks_worked", 1), real("weeks_worked_low", 2), real("weeks_worked_high", 3),
      real("first_job_weeks", 4), whole("first_job_cause", 2), whole("first_job_lost", 3),
      real("first_job_weeks_low", 5), real("first_job_weeks_high", 6),
    ]
  }
}
