public import LinearAlgebra
public import Statistics

/// The effect on the treated against a synthetic comparison, with everything that a chart needs.
public struct SyntheticResult: Sendable, Equatable {
  /// The average effect on treated unit-periods, term `ATT`.
  public var estimate: Estimate
  /// One treated unit (synthetic control) or one cohort each, in the order of starts.
  public var parts: [Part]
  /// The names of the never treated units, in the order of `Part.unitWeights`.
  public var donors: [String]
  /// The periods, ascending.
  public var periods: [Double]
  /// Effects of the same estimator where nobody was treated, one a reassignment.
  public var placebos: [Placebo]
  /// The rank of the ratio of gaps after and before among the placebos' ratios.
  public var ratio: RatioTest?
  /// The smallest p-value that ranks or shifts could give.
  public var attainablePValue: Double?
  /// Unit-periods used.
  public var observations: Int
  /// What the reader must know, in plain words.
  public var notes: [String]

  /// A treated unit or cohort with its synthetic comparison.
  public struct Part: Sendable, Equatable {
    /// The names of its units.
    public var units: [String]
    /// The first treated period.
    public var start: Double
    /// The number of periods before the start.
    public var periodsBefore: Int
    /// The average of `gaps` from the start on.
    public var estimate: Double
    /// The mean outcome of the treated by period.
    public var treated: [Double]
    /// The weighted outcome of the donors by period, without the intercept.
    public var synthetic: [Double]
    /// Treated less synthetic less intercept by period.
    public var gaps: [Double]
    /// The weight of each donor; they sum to 1.
    public var unitWeights: [Double]
    /// The weight of each period before the start; zeros for a synthetic control.
    public var periodWeights: [Double]
    /// The level difference that period weights take out; 0 for a synthetic control.
    public var intercept: Double
    /// The root mean squared gap before the start.
    public var rootMeanSquaredGapBefore: Double
    /// One less the mean squared gap before over the variance of the treated path before.
    ///
    /// Ferman & Pinto (2021, doi 10.3982/QE1596); below about 0.8 the fit is poor. Nil where the
    /// path before does not move.
    public var fitIndex: Double?
    /// Periods before the start in which the treated stand outside the range of all donors.
    public var periodsOutsideDonors: Int
    /// What proves the weights of units, then of periods; empty for equal weights.
    public var certificates: [SimplexQuadraticProgram.Certificate]
    /// Whether other unit weights fit as well, so that the smallest sum of squares decided.
    public var isTieBroken: Bool
    /// Treated unit-periods behind the estimate.
    public var treatedRows: Int

    /// Donors with weight above 10⁻⁹.
    public var weightedDonors: Int { unitWeights.count { $0 > 1e-9 } }
  }

  /// The estimator applied to donors as though they had been treated.
  public struct Placebo: Sendable, Equatable {
    /// The donors taken as treated.
    public var units: [String]
    /// Their average 'effect'.
    public var estimate: Double
    /// The root mean squared gap after over that before.
    public var ratio: Double
    /// Their mean gaps by period; empty where starts differ.
    public var gaps: [Double]
  }

  /// A rank test by the ratio of root mean squared gaps after and before.
  public struct RatioTest: Sendable, Equatable {
    /// The treated units' ratio.
    public var ratio: Double
    /// The share of assignments, the actual one included, with at least that ratio.
    public var pValue: Double
    /// The assignments compared, the actual one included.
    public var assignments: Int
    /// Whether every assignment of donors was listed, not drawn.
    public var isExhaustive: Bool
  }
}
