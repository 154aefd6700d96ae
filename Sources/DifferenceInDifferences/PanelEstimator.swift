public import Statistics

/// An estimator of a staggered treatment's effects on a panel.
///
/// A configuration with one `fit`; what the configuration asks for (cells, averages) is what comes
/// back. Group-time effects keep their own richer result.
public protocol PanelEstimator: Sendable {
  /// Estimates the effects; covariates, weights and clusters have one entry a row of the panel.
  ///
  /// Without clusters, standard errors are clustered by unit.
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight`, `badDesign` where no effect can be had,
  ///   `tooFewClusters`, and what the estimator names.
  func fit(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix?, weights: [Double]?,
    clusters: Factor?
  ) throws(SiblingError) -> PanelEffects
}

/// The effects that an estimator found on a panel, in the order in which they are printed.
public struct PanelEffects: Sendable, Equatable {
  /// One effect.
  public struct Row: Sendable, Equatable {
    /// The effect, term `ATT(2004,2005)`, `e=1`, `g=2004`, `t=2005`, `overall` or `ATT`.
    public var estimate: Estimate
    /// The cohort, where the row is one cohort's.
    public var group: Double?
    /// The period, where the row is one period's.
    public var time: Double?
    /// Treated unit-periods behind the row, where they can be counted.
    public var treatedRows: Int?
    /// Treated units behind the row, where they can be counted.
    public var treatedUnits: Int?

    /// An effect with the cell it stands for.
    public init(
      _ estimate: Estimate, group: Double? = nil, time: Double? = nil, treatedRows: Int? = nil,
      treatedUnits: Int? = nil
    ) {
      self.estimate = estimate
      self.group = group
      self.time = time
      self.treatedRows = treatedRows
      self.treatedUnits = treatedUnits
    }
  }

  /// The effects.
  public var rows: [Row]
  /// Unit-periods used.
  public var observations: Int
  /// The number of clusters of the standard errors.
  public var clusters: Int?
  /// Things that the reader must know.
  public var notes: [String]
  /// The joint test that effects before treatment are zero, where the method has one.
  public var preTest: WaldTest?

  /// Effects with what is common to them.
  public init(
    rows: [Row], observations: Int, clusters: Int?, notes: [String], preTest: WaldTest? = nil
  ) {
    self.rows = rows
    self.observations = observations
    self.clusters = clusters
    self.notes = notes
    self.preTest = preTest
  }

  /// The row of a term, if there is one.
  public subscript(term: String) -> Row? { rows.first { $0.estimate.term == term } }
}
