public import Statistics
public import Tables

/// The outcomes that weekly histories give, one entry a person, over everybody.
///
/// - Any job: whether there was a week in work. No work before an exit is no.
/// - Weeks worked: weeks in work among all weeks of follow-up; weeks after an exit count as none.
/// - Weeks to the first job: the week in which it started, or the last week under observation;
///   `started` is the event, an exit before any job the competing one.
/// - The first job, for starters only: weeks it lasted, event = lost, exit a competing end, still
///   held at the end of follow-up censored. Starters are a selection made after treatment, so this
///   describes and does not compare arms causally.
/// - Sustained jobs by each definition.
public struct WeeklyOutcomes: Sendable, Equatable {
  /// Any job: 1, 0, or NaN where unknown weeks leave it open.
  public let anyJob: [Double]
  /// Weeks worked; NaN where a week is unknown.
  public let weeksWorked: [Double]
  /// Weeks worked when unknown weeks are taken as without work.
  public let weeksWorkedLow: [Double]
  /// Weeks worked when unknown weeks are taken as in work.
  public let weeksWorkedHigh: [Double]
  /// Weeks to the first job or to the end of observation.
  public let weeksToFirstJob: [Double]
  /// What ended the wait: 1 a job, 2 an exit, 0 the end of follow-up (censored).
  public let waitCause: [Int]
  /// The first job of each person; nil for those who had none.
  public let firstJobs: [JobSpell?]
  /// The outcome of each sustainment definition, in the order given.
  public let sustained: [SustainmentOutcome]

  /// The outcomes of a history under these definitions.
  ///
  /// - Throws: `duplicateKey` when two definitions have one name, and what scoring throws.
  public init(
    _ history: WeeklyHistory, definitions: [SustainmentDefinition]
  ) throws(SiblingError) {
    var names: Set<String> = []
    for definition in definitions where !names.insert(definition.name).inserted {
      throw SiblingError(
        .duplicateKey, "two sustainment definitions are called '\(definition.name)'",
        help: "give each a name of its own", column: definition.name)
    }
    let firstJobs = history.firstJobs()
    var (low, high) = ([Double](), [Double]())
    var (anyJob, wait, cause) = ([Double](), [Double](), [Int]())
    for person in 0..<history.people {
      let last = history.lastWeek[person]
      var worked = 0
      var unknown = history.exited[person] ? 0 : history.weeks - last
      for week in 1...last {
        switch history.status(person: person, week: week) {
        case .yes: worked += 1
        case .no: break
        case .unknown: unknown += 1
        }
      }
      low.append(Double(worked))
      high.append(Double(worked + unknown))
      anyJob.append(worked > 0 ? 1 : unknown == 0 ? 0 : .nan)
      wait.append(Double(firstJobs[person]?.start ?? last))
      cause.append(firstJobs[person] != nil ? 1 : history.exited[person] ? 2 : 0)
    }
    var sustained: [SustainmentOutcome] = []
    for definition in definitions { sustained.append(try definition.score(history)) }
    self.firstJobs = firstJobs
    self.anyJob = anyJob
    weeksWorkedLow = low
    weeksWorkedHigh = high
    weeksWorked = zip(low, high).map { $0 == $1 ? $0 : .nan }
    weeksToFirstJob = wait
    waitCause = cause
    self.sustained = sustained
  }
}

extension WeeklyOutcomes {
  /// The outcomes as columns to put beside the table that the history came from.
  ///
  /// `any_job`, `weeks_worked`, `weeks_worked_low`, `weeks_worked_high`, `weeks_to_first_job`,
  /// `started_job` (1 event, 0 censored or exit), `wait_cause` (0, 1, 2); for starters
  /// `first_job_start`, `first_job_weeks`, `first_job_lost` (1 event, 0 censored or exit),
  /// `first_job_cause` (0 censored, 1 lost, 2 exit), `first_job_ending` (text), empty for others;
  /// and for each definition its name, then with `_low`, `_high` and `_reason`.
  public func columns() -> [Column] {
    var columns = [
      whole("any_job", anyJob), whole("weeks_worked", weeksWorked),
      whole("weeks_worked_low", weeksWorkedLow), whole("weeks_worked_high", weeksWorkedHigh),
      whole("weeks_to_first_job", weeksToFirstJob),
      Column(name: "started_job", values: .integers(waitCause.map { $0 == 1 ? 1 : 0 })),
      Column(name: "wait_cause", values: .integers(waitCause)),
      ofJob("first_job_start") { $0.start },
      ofJob("first_job_weeks") { $0.weeks },
      ofJob("first_job_lost") { $0.ending == .lost ? 1 : 0 },
      ofJob("first_job_cause") { $0.ending.cause },
      Column(
        name: "first_job_ending", values: .text(Factor(firstJobs.map { $0?.ending.rawValue }))),
    ]
    for outcome in sustained {
      let name = outcome.definition.name
      columns += [
        whole(name, outcome.primary), whole(name + "_low", outcome.low),
        whole(name + "_high", outcome.high),
        Column(name: name + "_reason", values: .text(Factor(outcome.reasons.map(\.rawValue)))),
      ]
    }
    return columns
  }

  private func whole(_ name: String, _ values: [Double]) -> Column {
    Column(name: name, values: .integers(values.map { $0.isNaN ? Int.min : Int($0) }))
  }

  private func ofJob(_ name: String, _ value: (JobSpell) -> Int) -> Column {
    Column(name: name, values: .integers(firstJobs.map { $0.map(value) ?? Int.min }))
  }
}
