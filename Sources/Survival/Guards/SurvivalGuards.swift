internal import LinearAlgebra
public import Statistics

/// What speaks against reading survival results at face value, as values with plain sentences.
///
/// Nothing here changes an estimate: each check says what it found, and a reader or a report decides.
/// Counts are of people (rows), never of weights.
public struct SurvivalGuards: Sendable, Equatable {
  /// The fewest people at risk on whom a reading of a curve may rest.
  public var minimumAtRisk: Int
  /// The fewest events a parameter of a model.
  public var eventsPerParameter: Int
  /// The level of the tests that give a warning.
  public var level: Double

  /// Guards with their thresholds.
  public init(minimumAtRisk: Int = 10, eventsPerParameter: Int = 10, level: Double = 0.05) {
    self.minimumAtRisk = minimumAtRisk
    self.eventsPerParameter = eventsPerParameter
    self.level = level
  }
}

/// What a guard has to say.
public struct GuardFinding: Sendable, Equatable {
  /// The guards.
  public enum Kind: String, Sendable, CaseIterable {
    /// The arms' curves cross, so that one ratio or test hides a difference.
    case crossingCurves = "crossing-curves"
    /// Too few people are followed as far as a result reaches.
    case immatureCohort = "immature-cohort"
    /// Follow-up ends differently in the arms, so that its end may tell of the event.
    case informativeFollowUp = "informative-follow-up"
    /// Too few events for the parameters.
    case fewEvents = "few-events"
    /// Treatment is known only after time zero.
    case immortalTime = "immortal-time"
  }

  /// Which guard speaks.
  public let kind: Kind
  /// What it found, in a plain sentence.
  public let sentence: String
}

extension SurvivalGuards {
  /// Whether a model has enough events for its parameters.
  public func fewEvents(_ events: Int, parameters: Int) -> GuardFinding? {
    guard parameters > 0, events < eventsPerParameter * parameters else { return nil }
    let each = parameters == 1 ? "1 parameter" : "\(parameters) parameters"
    return GuardFinding(
      kind: .fewEvents,
      sentence: "\(events) events for \(each) are fewer than \(eventsPerParameter) a parameter:"
        + " estimates may be far off and intervals too short")
  }

  /// Whether the arms are followed alike: a log-rank test of the times at which follow-up ends.
  ///
  /// Who has the event is censored in this test; at equal times events come before ends of follow-up.
  /// Schemper and Smith (1996), doi:10.1016/0197-2456(96)00075-X.
  /// - Throws: what `LogRank` throws for arms that don't fit the times.
  public func informativeFollowUp(
    _ times: SurvivalTimes, by group: Factor, strata: Factor? = nil
  ) throws(SiblingError) -> GuardFinding? {
    let reversed = try times.reversed()
    guard reversed.events > 0 else { return nil }
    let test: LogRankResult
    do {
      test = try LogRank().test(
        reversed, by: group, strata: strata, weights: times.people?.counts.map(Double.init))
    } catch  where error.code == .constantTreatment || error.code == .rankDeficient {
      // Arms of which follow-up ends in one only are never compared.
      return nil
    }
    guard test.pValue < level else { return nil }
    return GuardFinding(
      kind: .informativeFollowUp,
      sentence: "follow-up without the event ends at different times in the arms (log-rank p "
        + NumberInNote.pValue(test.pValue)
        + "): if those lost differ from those followed, every curve and test is biased")
  }
}

/// How far one arm is followed.
public struct ArmFollowUp: Sendable, Equatable {
  /// The arm.
  public let arm: String
  /// Its rows.
  public let count: Int
  /// Rows still under observation just before the horizon.
  public let atRisk: Int
  /// The share that would have been followed to the horizon but for the event (reversed
  /// Kaplan–Meier).
  public let shareFollowed: Double
  /// The median time of follow-up, by the same curve; NaN when less than half of it has ended.
  public let medianFollowUp: Double
}

extension SurvivalGuards {
  /// How far each arm is followed, against a horizon.
  ///
  /// - Throws: `size-mismatch` or `missing-value` for arms that don't fit the times.
  public func followUp(
    _ times: SurvivalTimes, by group: Factor? = nil, to horizon: Double
  ) throws(SiblingError) -> [ArmFollowUp] {
    try Checks.factor(group, rows: times.count, "arm")
    let levels = group?.levels ?? ["all"]
    let grouped = GroupedRows(times.order, codes: group?.codes, levels: levels.count)
    let people = times.people?.counts
    let weights = people?.map(Double.init)
    var result: [ArmFollowUp] = []
    for arm in levels.indices where grouped.begins[arm] < grouped.begins[arm + 1] {
      let rows = grouped.rows[grouped.begins[arm]..<grouped.begins[arm + 1]]
      let steps = RiskSteps(times, rows: rows, weights: weights)
      let next = steps.times.partitionPoint { $0 < horizon }
      var followed = 1.0
      var (share, median) = (1.0, Double.nan)
      for k in steps.times.indices where steps.censored[k] > 0 {
        // Those who have the event at this time leave first.
        followed *= RiskSteps.surviving(steps.atRisk[k] - steps.events[k], steps.censored[k])
        if steps.times[k] < horizon { share = followed }
        if median.isNaN, followed <= 0.5 { median = steps.times[k] }
      }
      result.append(
        ArmFollowUp(
          arm: levels[arm],
          count: people.map { people in rows.reduce(0) { $0 + people[Int($1)] } } ?? rows.count,
          atRisk: next < steps.times.count ? Int(steps.atRisk[next]) : 0, shareFollowed: share,
          medianFollowUp: median))
    }
    return result
  }

  /// Which arms are not followed far enough for a reading at a horizon.
  ///
  /// - Throws: as `followUp`.
  public func immatureCohorts(
    _ times: SurvivalTimes, by group: Factor? = nil, at horizon: Double
  ) throws(SiblingError) -> [GuardFinding] {
    try followUp(times, by: group, to: horizon).compactMap { arm in
      guard arm.atRisk < minimumAtRisk else { return nil }
      let median =
        arm.medianFollowUp.isNaN
        ? "" : ", the median follow-up is \(NumberInNote.text(arm.medianFollowUp))"
      return GuardFinding(
        kind: .immatureCohort,
        sentence: "\(arm.arm): \(arm.atRisk) of \(arm.count) people are under observation at"
          + " \(NumberInNote.text(horizon)) (about \(NumberInNote.percent(arm.shareFollowed))"
          + " were followed that long but for the event\(median)): fewer than \(minimumAtRisk)"
          + " are too few to rest a reading on")
    }
  }
}

extension SurvivalTimes {
  /// The ends of follow-up as events, on a scale on which equal times keep events first.
  func reversed() throws(SiblingError) -> SurvivalTimes {
    try SurvivalTimes(
      start: entryIndex.map { $0.map { 2 * Double($0) - 0.5 } },
      time: timeIndex.indices.map { 2 * Double(timeIndex[$0]) + (event[$0] ? 0 : 1) },
      event: event.map { !$0 }, collapseTies: false,
      people: people.map { People(counts: $0.counts) })
  }
}
