/// A stage of the path from the caseload into work, in the order in which clients pass.
public enum OutcomeStage: String, Sendable, CaseIterable, Comparable {
  /// The client engaged with the service.
  case engagement
  /// The client started a job.
  case jobStart = "job_start"
  /// The job lasted as long as the contract asks.
  case sustained

  /// Whether one stage comes before another.
  public static func < (left: OutcomeStage, right: OutcomeStage) -> Bool {
    left.position < right.position
  }

  /// The stage's place among all.
  var position: Int {
    switch self {
    case .engagement: 0
    case .jobStart: 1
    case .sustained: 2
    }
  }

  /// The plural that sentences use.
  var plural: String {
    switch self {
    case .engagement: "engagements"
    case .jobStart: "job starts"
    case .sustained: "sustained jobs"
    }
  }
}

/// The hours a week that an outcome is paid for.
public enum HoursBand: String, Sendable, CaseIterable {
  /// Any hours: the only band of a stage that has none, or the total across its bands.
  case any
  /// Under 16 hours a week.
  case under16 = "lt16"
  /// 16 hours a week or more.
  case atLeast16 = "ge16"
}

/// The target and the achievement of one project, stage and hours band, over a whole contract.
public struct OutcomeCount: Sendable, Equatable {
  /// The project's identifier.
  public var project: String
  /// The name that sentences use for the project.
  public var site: String
  /// The kind of clients; totals are made within each, and across all of them.
  public var cohort: String
  /// The stage.
  public var stage: OutcomeStage
  /// The hours band.
  public var band: HoursBand
  /// The number planned.
  public var target: Int
  /// The number achieved.
  public var achieved: Int

  /// A target and an achievement.
  public init(
    project: String, site: String, cohort: String = "", stage: OutcomeStage,
    band: HoursBand = .any, target: Int, achieved: Int
  ) {
    self.project = project
    self.site = site
    self.cohort = cohort
    self.stage = stage
    self.band = band
    self.target = target
    self.achieved = achieved
  }
}
