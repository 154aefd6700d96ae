/// Cells of group-time effects that share their units, covariates and weights, so that models are made once.
///
/// Cohorts are known by their places, ascending by the period in which treatment began, the never treated last.
public struct GroupTimeJob: Sendable {
  /// The change of the outcome that a cell compares, by places of periods.
  public struct Change: Sendable, Equatable {
    /// The cell's period.
    public var late: Int
    /// The period that it is measured from.
    public var early: Int
  }

  /// The cells' places among all cells.
  public var places: [Int]
  /// Each cell's change.
  public var changes: [Change]
  /// The treated cohort.
  public var cohort: Int
  /// Cohorts from here on, without the treated one, are the controls.
  public var firstControl: Int
  /// Which values of covariates and weights are used.
  public var version: Int

  /// The places of the controls among a number of cohorts.
  public func controls(of cohorts: Int) -> [Int] {
    (firstControl..<cohorts).filter { $0 != cohort }
  }
}

extension GroupTimeEffects {
  /// The jobs of all cells that can be compared, and answers with numbers of units, and problems for the others.
  ///
  /// `version` says for each period which values of covariates and weights units have then.
  func jobs(
    _ sample: GroupTimeSample, _ plans: [GroupTimePlan], _ version: [Int]
  ) -> (jobs: [GroupTimeJob], answers: [GroupTimeAnswer]) {
    var jobs: [GroupTimeJob] = []
    var answers = [GroupTimeAnswer](repeating: GroupTimeAnswer(), count: plans.count)
    for (place, plan) in plans.enumerated() {
      let controls = plan.controls(of: sample.cohorts.count)
      answers[place].treated = sample.blocks[plan.cohort].count
      answers[place].controls = controls.reduce(0) { $0 + sample.blocks[$1].count }
      if plan.isBase {
        answers[place].effect = 0
      } else if answers[place].controls == 0 {
        answers[place].problem = "there are no controls."
      } else {
        let own = version[plan.earlier]
        let change = GroupTimeJob.Change(late: plan.timeIndex, early: plan.baseIndex)
        let known = jobs.lastIndex {
          $0.cohort == plan.cohort && $0.firstControl == plan.firstControl && $0.version == own
        }
        if let known {
          jobs[known].places.append(place)
          jobs[known].changes.append(change)
        } else {
          jobs.append(
            GroupTimeJob(
              places: [place], changes: [change], cohort: plan.cohort,
              firstControl: plan.firstControl, version: own))
        }
      }
    }
    return (jobs, answers)
  }
}
