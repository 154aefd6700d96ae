/// What one method says of a coefficient when clusters are few.
///
/// The methods stand side by side because they answer with different assumptions; where they disagree
/// that is the finding.
public struct FewClusterRow: Sendable, Equatable {
  /// The method: `attainable-p`, `CR2`, `WCR11`, `RI-t`, `ibragimov-muller` ….
  public var method: String
  /// Its convention: weights drawn, degrees of freedom, small-sample factor, enumeration.
  public var convention: String
  /// The estimate that the method tests, where it is not the regression's own coefficient.
  public var estimate: Double?
  /// The standard error; nil where the method has none.
  public var standardError: Double?
  /// Degrees of freedom of the reference t distribution; nil for none.
  public var degreesOfFreedom: Double?
  /// The statistic against the null.
  public var statistic: Double?
  /// The two-sided p-value.
  public var pValue: Double?
  /// The p-value with ties counted, where ties can be many; the cautious one.
  public var pValueWithTies: Double?
  /// The confidence set, as the interval that covers it.
  public var interval: ConfidenceInterval?
  /// What the reader must know of this row: ties, several pieces of a confidence set, a refusal.
  public var note: String?

  /// A row with whatever the method gives.
  public init(
    method: String, convention: String, estimate: Double? = nil, standardError: Double? = nil,
    degreesOfFreedom: Double? = nil, statistic: Double? = nil, pValue: Double? = nil,
    interval: ConfidenceInterval? = nil, note: String? = nil
  ) {
    self.method = method
    self.convention = convention
    self.estimate = estimate
    self.standardError = standardError
    self.degreesOfFreedom = degreesOfFreedom
    self.statistic = statistic
    self.pValue = pValue
    self.interval = interval
    self.note = note
  }
}
