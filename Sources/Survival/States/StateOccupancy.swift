internal import LinearAlgebra
public import Statistics

/// The share of people in each state over time, by arm, and the time spent in each.
///
/// The Aalen–Johansen estimator of a process that moves between states, back again too: out of
/// work, in a job, sustained, gone. Rows may be weighted; people who are censored, enter late or are
/// not observed for a while are allowed for, if that has nothing to do with what they would have
/// done. The time in a state up to a horizon is the area under its curve, the last value held. The
/// standard errors are the infinitesimal jackknife, summed over people or clusters, with the share
/// in each state at the start estimated too.
///
/// Aalen & Johansen (1978), doi:10.2307/4615704; Therneau & Grambsch (2000),
/// doi:10.1007/978-1-4757-3294-8.
/// - Complexity: O(n s² log m + m s³) an arm, for n rows, m distinct times and s states.
public struct StateOccupancy: Sendable, Equatable {
  /// How confidence limits of the curves are made.
  public var interval: CurveInterval
  /// The confidence level.
  public var level: Double
  /// The horizon of the time in each state; nil estimates curves only.
  public var tau: Double?

  /// An estimator with log intervals at 95%.
  public init(interval: CurveInterval = .log, level: Double = 0.95, tau: Double? = nil) {
    self.interval = interval
    self.level = level
    self.tau = tau
  }

  /// Estimates the curves of each arm that has rows, and with a horizon the times and their
  /// differences from the first arm's.
  ///
  /// Influences are summed by `cluster`, or by person without one.
  /// - Throws: `size-mismatch`, `missing-value`, `bad-value` (a person in two arms), `bad-weight` or
  ///   `invalid-option` (the level, or a horizon that is not after the start).
  public func fit(
    _ spells: StateSpells, by group: Factor? = nil, weights: [Double]? = nil,
    cluster: Factor? = nil
  ) throws(SiblingError) -> StateOccupancyFit {
    let n = spells.times.count
    try Checks.level(level)
    try Checks.factor(group, rows: n, "arm")
    try Checks.factor(cluster, rows: n, "cluster")
    try Checks.weights(weights, rows: n, allowingZero: false)
    if let group { try Self.checkArms(group, spells.person) }
    // Time in state counts from when the first row starts, from zero where rows have no start.
    let origin = spells.times.start?.min() ?? Swift.min(0, spells.times.time.min() ?? 0)
    if let tau {
      guard tau.isFinite, tau > origin else {
        throw SiblingError(.invalidOption, "the horizon tau must lie after the start")
      }
    }
    let levels = group?.levels ?? ["all"]
    let grouped = GroupedRows(spells.times.order, codes: group?.codes, levels: levels.count)
    let arms = levels.indices.filter { grouped.begins[$0] < grouped.begins[$0 + 1] }
    let people = cluster ?? spells.person
    let parts = Parallel.mapBlocks(arms.count) { index in
      let range = grouped.begins[arms[index]]..<grouped.begins[arms[index] + 1]
      return ArmOccupancy(
        spells, grouped.rows[range], weights, people, origin: origin, tau: tau ?? origin)
    }
    var curves: [OccupancyCurve] = []
    for (arm, part) in zip(arms, parts) {
      curves += part.curves(levels[arm], spells.states, interval, level)
    }
    let names = arms.map { levels[$0] }
    return StateOccupancyFit(
      states: spells.states, curves: curves,
      times: tau == nil ? [] : times(names, parts, spells.states),
      differences: tau == nil ? [] : differences(names, parts, spells.states),
      observations: n, people: spells.person.occupiedLevels,
      clusters: cluster?.occupiedLevels, notes: notes(spells, names, parts),
      operations: parts.reduce(0) { $0 + $1.operations })
  }

  private static func checkArms(_ group: Factor, _ person: Factor) throws(SiblingError) {
    var arm = [Int32](repeating: -1, count: person.levels.count)
    for row in group.codes.indices {
      let code = Int(person.codes[row])
      if arm[code] < 0 { arm[code] = group.codes[row] }
      if arm[code] != group.codes[row] {
        throw SiblingError(
          .badValue, "a person's rows are in different arms",
          help: "the arm is what people were in at the start; it can't change", row: row,
          column: "arm")
      }
    }
  }

  private var convention: String { "time in state, infinitesimal jackknife, z" }

  private func times(
    _ names: [String], _ parts: [ArmOccupancy], _ states: [String]
  ) -> [StateTime] {
    names.indices.flatMap { a in
      states.indices.map { s in
        StateTime(
          arm: names[a], state: states[s],
          estimate: Estimate(
            term: states[s], estimate: parts[a].areas[s],
            standardError: parts[a].spread(s).squareRoot(), level: level, convention: convention))
      }
    }
  }

  private func differences(
    _ names: [String], _ parts: [ArmOccupancy], _ states: [String]
  ) -> [StateTime] {
    names.indices.dropFirst().flatMap { a in
      states.indices.map { s in
        let shared = parts[a].covariance(s, with: parts[0])
        let variance = parts[a].spread(s) + parts[0].spread(s) - 2 * shared
        return StateTime(
          arm: "\(names[a]) against \(names[0])", state: states[s],
          estimate: Estimate(
            term: states[s], estimate: parts[a].areas[s] - parts[0].areas[s],
            standardError: Swift.max(0, variance).squareRoot(), level: level,
            convention: convention))
      }
    }
  }

  private func notes(
    _ spells: StateSpells, _ names: [String], _ parts: [ArmOccupancy]
  ) -> [String] {
    var notes: [String] = []
    if spells.gaps > 0 {
      notes.append("\(spells.gaps) gaps between spells of a person, in which nobody was looking")
    }
    guard let tau else { return notes }
    for (name, part) in zip(names, parts) where part.isHeld(at: tau) {
      notes.append("\(name) is not observed as far as tau: its last shares are held")
    }
    return notes
  }
}

/// State occupation by arm.
public struct StateOccupancyFit: Sendable, Equatable {
  /// The states.
  public let states: [String]
  /// Arm after arm, and within an arm state after state.
  public let curves: [OccupancyCurve]
  /// The time in each state up to the horizon, arm after arm.
  public let times: [StateTime]
  /// Later arms' times less the first arm's.
  public let differences: [StateTime]
  /// The rows used.
  public let observations: Int
  /// The people.
  public let people: Int
  /// The clusters that have rows, when there are clusters.
  public let clusters: Int?
  /// Things the reader must know.
  public let notes: [String]
  /// Steps through composed ticks that single clusters took, for tests of how the work grows.
  let operations: Int

  /// Each curve read at given times; moves and censorings are counted since the time before.
  ///
  /// Before an arm's first time its shares at the start hold; past its last time they are NaN.
  public func at(times: [Double]) -> [OccupancyCurve] {
    curves.map {
      OccupancyCurve(
        state: $0.state, initial: $0.initial,
        curve: $0.curve.at(times, initial: $0.initial.estimate, error: $0.initial.error))
    }
  }
}

/// The share of one arm in one state over time.
public struct OccupancyCurve: Sendable, Equatable {
  /// A share with its standard error.
  public struct Start: Sendable, Equatable {
    /// The share in the state at the start.
    public let estimate: Double
    /// Its standard error.
    public let error: Double
  }

  /// The state.
  public let state: String
  /// The share at the start.
  public let initial: Start
  /// The curve: `estimate` is the share in the state, `atRisk` those observed in it, `events` moves
  /// into it, `censored` those last observed in it.
  public let curve: Curve
}

/// The mean time in one state up to the horizon.
public struct StateTime: Sendable, Equatable {
  /// The arm, or the two arms compared.
  public let arm: String
  /// The state.
  public let state: String
  /// The time, or the difference of two arms' times.
  public let estimate: Estimate
}
