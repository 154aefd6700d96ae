/// An estimated quantity with its uncertainty and the convention behind it.
public struct Estimate: Sendable, Equatable {
  /// What is estimated: a coefficient's name, `ATT`, `e=1`.
  public var term: String
  /// The point estimate, on the scale that `convention` or the table names.
  public var estimate: Double
  /// The standard error that the statistic and interval use; nil where none can be had.
  public var standardError: Double?
  /// The test statistic against the null value.
  public var statistic: Double?
  /// Degrees of freedom of the reference t distribution; nil means normal.
  public var degreesOfFreedom: Double?
  /// The two-sided p-value.
  public var pValue: Double?
  /// The confidence interval.
  public var interval: ConfidenceInterval?
  /// How the standard error was made, such as `CR1, t(9)`.
  public var convention: String

  /// An estimate whose parts are all given.
  public init(
    term: String, estimate: Double, standardError: Double?, statistic: Double?,
    degreesOfFreedom: Double?, pValue: Double?, interval: ConfidenceInterval?, convention: String
  ) {
    self.term = term
    self.estimate = estimate
    self.standardError = standardError
    self.statistic = statistic
    self.degreesOfFreedom = degreesOfFreedom
    self.pValue = pValue
    self.interval = interval
    self.convention = convention
  }

  /// A Wald estimate: statistic (estimate − null)/SE against t or, without degrees of freedom, normal.
  ///
  /// A standard error that is nil, zero or not finite gives no statistic, p-value or interval.
  public init(
    term: String, estimate: Double, standardError: Double?, degreesOfFreedom: Double? = nil,
    null: Double = 0, level: Double = 0.95, convention: String
  ) {
    self.init(
      term: term, estimate: estimate, standardError: standardError, statistic: nil,
      degreesOfFreedom: degreesOfFreedom, pValue: nil, interval: nil, convention: convention)
    guard let standardError, standardError.isFinite, standardError > 0, estimate.isFinite else {
      return
    }
    let value = (estimate - null) / standardError
    let reach: Double
    if let degreesOfFreedom {
      let t = StudentT(degreesOfFreedom: degreesOfFreedom)
      pValue = min(1, 2 * t.upperTail(value.magnitude))
      reach = t.upperQuantile((1 - level) / 2)
    } else {
      pValue = min(1, 2 * Normal.standard.upperTail(value.magnitude))
      reach = Normal.standard.upperQuantile((1 - level) / 2)
    }
    statistic = value
    interval = ConfidenceInterval(
      low: estimate - reach * standardError, high: estimate + reach * standardError, level: level)
  }
}

/// A confidence interval and its level.
public struct ConfidenceInterval: Sendable, Equatable {
  /// The lower limit.
  public var low: Double
  /// The upper limit.
  public var high: Double
  /// The level, such as 0.95.
  public var level: Double

  /// An interval from its limits and level.
  public init(low: Double, high: Double, level: Double) {
    self.low = low
    self.high = high
    self.level = level
  }
}

/// Estimates that belong together, with what is common to all of them.
public struct EstimateTable: Sendable, Equatable {
  /// The rows, in the order of the model.
  public var rows: [Estimate]
  /// The number of observations used.
  public var observations: Int
  /// The number of clusters, when the standard errors are clustered.
  public var clusters: Int?
  /// Things the reader must know: dropped terms, exclusions, warnings, in plain words.
  public var notes: [String]

  /// A table of estimates.
  public init(rows: [Estimate], observations: Int, clusters: Int? = nil, notes: [String] = []) {
    self.rows = rows
    self.observations = observations
    self.clusters = clusters
    self.notes = notes
  }

  /// The row of a term, if there is one.
  public subscript(term: String) -> Estimate? { rows.first { $0.term == term } }
}
