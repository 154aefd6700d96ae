public import Statistics

/// How achievements stand against targets: published rows, totals, conversion rates, anomalies.
public struct Performance: Sendable, Equatable {
  /// The rows as given, in their order.
  public var rows: [Comparison]
  /// Totals across hours bands within a project, then totals across projects.
  public var totals: [Comparison]
  /// Conversion from stage to stage, by project and across projects.
  public var conversions: [Conversion]
  /// What in the figures can't be right or must be known.
  public var anomalies: [DataAnomaly]

  /// What a comparison covers.
  public enum Scope: String, Sendable {
    /// One row as published.
    case published
    /// The sum across the hours bands of a project.
    case acrossBands = "across-bands"
    /// The sum across projects.
    case acrossProjects = "across-projects"
  }

  /// One target with its achievement.
  public struct Comparison: Sendable, Equatable {
    /// What it covers.
    public var scope: Scope
    /// The project, or `all`.
    public var project: String
    /// The project's name, or `all`.
    public var site: String
    /// The kind of clients, or `all`.
    public var cohort: String
    /// The stage.
    public var stage: OutcomeStage
    /// The hours band.
    public var band: HoursBand
    /// The number planned.
    public var target: Int
    /// The number achieved.
    public var achieved: Int
    /// Achieved minus target.
    public var difference: Int
    /// Achieved over target with its exact interval and p-value; nil when the target is zero.
    public var ratio: Estimate?
  }

  /// Whether a rate is of what was planned or of what happened.
  public enum Basis: String, Sendable {
    /// What was planned.
    case target
    /// What was achieved.
    case achieved
  }

  /// The share of one stage that reached a later one.
  public struct Conversion: Sendable, Equatable {
    /// The project, or `all`.
    public var project: String
    /// The project's name, or `all`.
    public var site: String
    /// The kind of clients, or `all`.
    public var cohort: String
    /// Planned or achieved.
    public var basis: Basis
    /// The stage that is left.
    public var from: OutcomeStage
    /// The stage that is reached.
    public var to: OutcomeStage
    /// The count at `from`.
    public var denominator: Int
    /// The count at `to`.
    public var numerator: Int
    /// The rate, nil when it is refused; a planned rate has no interval, as a plan is no sample.
    public var rate: Estimate?
    /// Why the rate is refused; nil when it is given.
    public var refusal: DataAnomaly?
  }
}
