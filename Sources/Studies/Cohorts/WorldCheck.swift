internal import Cohorts
internal import LinearAlgebra
public import Statistics

/// Runs a study's primary analysis in worlds whose truth is known, many times, and counts how often it
/// says the right thing.
///
/// In each world a cohort is simulated for every seed; the study's own rules, design and leading
/// estimate are applied to it in memory, without files.
public struct WorldCheck: Sendable {
  /// Cohorts a world.
  public var seeds: Int
  /// People referred in each.
  public var clients: Int
  /// Sites in each.
  public var sites: Int
  /// The first seed.
  public var firstSeed: UInt64

  /// A check.
  public init(seeds: Int = 200, clients: Int = 4000, sites: Int = 25, firstSeed: UInt64 = 1) {
    self.seeds = seeds
    self.clients = clients
    self.sites = sites
    self.firstSeed = firstSeed
  }

  /// The names of the worlds.
  public static var worlds: [String] { SimulatedWorld.allCases.map(\.rawValue) }

  /// A share of the cohorts, or a mean over them, against what it must be.
  public struct Finding: Sendable, Equatable {
    /// The world.
    public var world: String
    /// What was counted.
    public var check: String
    /// The share or mean.
    public var value: Double
    /// Its Monte-Carlo standard error.
    public var error: Double
    /// What it must at least, or at most, be; nil for a figure that is only told.
    public var threshold: Double?
    /// `>=` or `<=`.
    public var comparator: String
    /// Whether it is as it must be; nil without threshold.
    public var passed: Bool?
  }

  /// Checks one world.
  ///
  /// - Throws: `badValue` for an unknown world; what is wrong with the study's design.
  public func run(
    _ name: String, study: StudyFile, progress: (Int) -> Void = { _ in }
  ) throws(SiblingError) -> [Finding] {
    guard seeds > 0 else {
      throw SiblingError(.badValue, "a check needs at least one cohort")
    }
    let world = try SimulatedWorld(named: name)
    guard let name = study.outcomeColumns.first, let outcome = SimulatedOutcome(rawValue: name)
    else {
      throw SiblingError(
        .badValue, "the simulation does not know the truth of the study's first outcome",
        help: "it knows: " + SimulatedOutcome.allCases.map(\.rawValue).joined(separator: ", "),
        location: study.node["outcomes"]?.location)
    }
    var trials: [WorldTrial] = []
    for index in 0..<seeds {
      let simulated = try CohortSimulation(
        world: world, clients: clients, sites: sites, seed: firstSeed + UInt64(index)
      ).run()
      var cohort = simulated.cohort()
      cohort.others["contracts"] = simulated.contractsTable()
      // What the study derives of the clients' table is derived of the simulated one.
      let derivations = study.node["data"]?["tables"]?["clients"]?.options([.derive])
      cohort.clients.table = try DataSource(
        table: cohort.clients.table, derivations: derivations?.repeated(.derive) ?? [],
        filter: nil
      ).table
      trials.append(
        try WorldTrial(
          study, cohort,
          truth: simulated.truth().value("att_mature", outcome, unit: "sib") ?? .nan,
          outcome: name))
      progress(index + 1)
    }
    return findings(world, trials, level: study.level)
  }

  private func findings(
    _ world: SimulatedWorld, _ trials: [WorldTrial], level: Double
  ) -> [Finding] {
    func share(
      _ check: String, _ threshold: Double?, _ comparator: String = ">=",
      _ holds: (WorldTrial) -> Bool
    ) -> Finding {
      let count = trials.count { holds($0) }
      let value = Double(count) / Double(trials.count)
      let passed = threshold.map { comparator == ">=" ? value >= $0 : value <= $0 }
      return Finding(
        world: world.rawValue, check: check, value: value,
        error: (value * (1 - value) / Double(trials.count)).squareRoot(), threshold: threshold,
        comparator: threshold == nil ? "" : comparator, passed: passed)
    }
    func mean(_ check: String, _ value: (WorldTrial) -> Double?) -> Finding {
      let values = trials.compactMap(value)
      let count = Double(max(values.count, 1))
      let mean = values.reduce(0, +) / count
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return Finding(
        world: world.rawValue, check: check, value: mean,
        error: (squares / max(count - 1, 1) / count).squareRoot(), threshold: nil, comparator: "",
        passed: nil)
    }
    func bias(
      _ check: String, _ threshold: Double, _ comparator: String, _ mean: Finding
    ) -> Finding {
      let size = abs(mean.value)
      return Finding(
        world: world.rawValue, check: check, value: size, error: mean.error,
        threshold: threshold, comparator: comparator,
        passed: comparator == ">=" ? size >= threshold : size <= threshold)
    }
    func covers(_ estimate: Estimate?, _ truth: Double) -> Bool {
      estimate?.interval.map { $0.low <= truth && truth <= $0.high } ?? false
    }
    func alarms(_ estimate: Estimate?) -> Bool { (estimate?.pValue ?? 1) < 1 - level }
    let coverage = 0.93
    let falseAlarms = 0.07
    var found = [
      mean("true effect") { $0.truth },
      mean("bias of the adjusted difference") { trial in
        trial.adjusted.map { $0.estimate - trial.truth }
      },
      mean("bias of the raw difference") { trial in trial.raw.map { $0.estimate - trial.truth } },
    ]
    switch world {
    case .effect:
      found += [
        share("adjusted interval covers the truth", coverage) { covers($0.adjusted, $0.truth) },
        share("effect is found", nil) { alarms($0.adjusted) },
      ]
    case .null, .siteShock, .covid:
      found.append(share("false alarms", falseAlarms, "<=") { alarms($0.adjusted) })
    case .creaming:
      found += [
        bias("raw difference is wrong, on average by", 0.03, ">=", found[2]),
        bias("adjusted difference is right, on average within", 0.015, "<=", found[1]),
        share("adjusted interval covers the truth", coverage) { covers($0.adjusted, $0.truth) },
        share("creaming is flagged", 0.8) { $0.creamingIsFlagged },
      ]
    case .gaming:
      found.append(share("excess after the threshold is flagged", 0.8) { $0.thresholdIsFlagged })
    case .evidenceLoss:
      found += [
        share("complete cases cover the truth", nil) { covers($0.adjusted, $0.truth) },
        share("bounds cover the truth", 0.95) { $0.bounds?.contains($0.truth) ?? false },
      ]
    }
    if world != .creaming {
      found.append(
        share("creaming is flagged", world == .effect ? nil : 0.1, "<=") { $0.creamingIsFlagged })
    }
    if world != .gaming {
      found.append(
        share("excess after the threshold is flagged", 0.1, "<=") { $0.thresholdIsFlagged })
    }
    return found
  }
}
