internal import Statistics
internal import Survival
internal import Tables

/// `milestones`: survival at chosen times by arm, and the differences between arms.
struct MilestonesAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var estimator: Milestones
  var timeZero: TimeZero

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(time, event) ~ arm")
    settings = try CommonSettings(options)
    let times = try options.numbers(.times)
    estimator = Milestones(
      times: times,
      quantity: Milestones.Quantity(rawValue: try options.choice(.quantity)) ?? .survival,
      interval: CurveInterval(rawValue: try options.choice(.confidence)) ?? .log,
      differenceInterval: Milestones.DifferenceInterval(
        rawValue: try options.choice(.differenceInterval)) ?? .plain,
      level: settings.level, robust: try options.flag(.robust) ? true : nil,
      estimator: CurveEstimator(rawValue: try options.choice(.curveEstimator)) ?? .kaplanMeier)
    timeZero = try TimeZero(options)
    _ = try options.required(.times)
    if let time = times.first(where: { $0 < 0 }) {
      throw options.wrong(.times, "takes times from zero up; \(time) is below")
    }
  }

  /// Estimates the milestones.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(_ table: Table) throws(SiblingError) -> (fit: MilestonesFit, notes: [String]) {
    try timeZero.withArms(formula, table, settings) { (sample) throws(SiblingError) in
      try estimate(sample)
    }
  }

  /// Estimates the milestones of a sample, whose rows may be cells of people.
  ///
  /// - Throws: what is wrong with the data.
  func estimate(
    _ sample: TimeZero.Sample
  ) throws(SiblingError) -> (fit: MilestonesFit, notes: [String]) {
    let fit = try estimator.fit(
      sample.times, by: sample.groups, weights: sample.weights, cluster: sample.cluster)
    var notes = sample.notes + fit.notes
    let guards = SurvivalGuards()
    for milestone in fit.milestones {
      let beyond = Set(
        milestone.arms.filter { $0.estimate.estimate.isNaN }.map(\.name))
      let few = try guards.immatureCohorts(
        sample.times, by: sample.groups, at: milestone.time)
      // Of an arm that is not followed so far the estimator has already spoken.
      notes += few.map(\.sentence).filter { sentence in
        !beyond.contains { sentence.hasPrefix($0 + ":") }
      }
    }
    if let groups = sample.groups, groups.levels.count > 1 {
      let finding = try guards.informativeFollowUp(
        sample.times, by: groups, strata: sample.strata)
      notes += [finding].compactMap(\.?.sentence)
    }
    return (fit, notes)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (fit, notes) = try fit(table)
    return output(fit, notes)
  }

  /// The rows of a fit.
  func output(_ fit: MilestonesFit, _ notes: [String]) -> AnalysisOutput {
    var rows: [Estimate] = []
    var (times, atRisk, events): ([Double], [Double?], [Double?]) = ([], [], [])
    func add(_ term: String, _ estimate: Estimate, _ time: Double, _ arm: Milestone.Arm?) {
      var row = estimate
      row.term = term
      rows.append(row)
      times.append(time)
      atRisk.append(arm?.atRisk)
      events.append(arm?.events)
    }
    for milestone in fit.milestones {
      let at = "@\(Int(exactly: milestone.time).map(String.init) ?? "\(milestone.time)")"
      for arm in milestone.arms { add(arm.name + at, arm.estimate, milestone.time, arm) }
      for contrast in milestone.contrasts {
        let pair =
          milestone.contrasts.count > 1 ? ": \(contrast.arm) against \(contrast.reference)" : ""
        add("difference\(at)\(pair)", contrast.difference, milestone.time, nil)
        add("ratio\(at)\(pair)", contrast.ratio, milestone.time, nil)
      }
    }
    var columns = EstimateTable(rows: rows, observations: fit.observations).columns()
    columns[1] = .numbers("estimate", rows.map { $0.estimate.isFinite ? $0.estimate : nil })
    columns.insert(.numbers("time", times), at: 1)
    columns += [.numbers("n_risk", atRisk), .numbers("n_event", events)]
    return AnalysisOutput(columns: columns, notes: notes, observations: fit.observations)
  }
}
