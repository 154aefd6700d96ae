internal import LinearAlgebra

/// Linear regression with categorical effects absorbed, such as units and periods.
///
/// By the theorem of Frisch, Waugh and Lovell the coefficients are those of the response on the
/// regressors after all effects have been removed from both.
public struct AbsorbedLeastSquares: Sendable {
  /// Whether rows that are alone in a level stay; they fit exactly and add nothing but rows.
  public var keepsSingletons: Bool
  /// The share of a column's length to which effects are removed.
  public var tolerance: Double
  /// A regressor of which less than this share of its length is left is dropped.
  public var rankTolerance: Double
  /// Which effects the factor (N − 1)/(N − K) of CR1 counts in K.
  public var counting: EffectsCounting

  /// A regression with absorbed effects.
  public init(
    keepsSingletons: Bool = false, tolerance: Double = 1e-12, rankTolerance: Double = 1e-9,
    counting: EffectsCounting = .notNested
  ) {
    self.counting = counting
    self.keepsSingletons = keepsSingletons
    self.tolerance = tolerance
    self.rankTolerance = rankTolerance
  }

  /// Fits a response of n numbers to a design of n rows with some factors' effects absorbed.
  ///
  /// An intercept column is absorbed too. Weights are analytic; rows of weight zero are left out.
  /// Regressors that do not vary within the effects, or repeat earlier ones, are dropped and named.
  ///
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight`, `constantOutcome`, `rankDeficient` when
  ///   no regressor is left, `tooFewObservations`, `nonConvergence`.
  /// - Complexity: O(n) a column and factor for balanced panels; O(n) an iteration otherwise.
  public func fit(
    _ design: DesignMatrix, response: [Double], absorbing factors: [Factor],
    weights: [Double]? = nil
  ) throws(SiblingError) -> AbsorbedLeastSquaresFit {
    _ = try RegressionInput(design, response, weights, nil)
    try RegressionInput.requireFinite(design)
    guard factors.allSatisfy({ $0.count == design.rows }) else {
      throw SiblingError(
        .sizeMismatch, "An absorbed column has not as many rows as the model (\(design.rows)).")
    }
    let used = Sample(
      design, response, factors, weights,
      try RowSelection(factors, weights, keepsSingletons: keepsSingletons))
    let absorption = try Absorption(used.factors, weights: used.weights)
    let columns = used.columns.map { used.design.matrix.column($0) }
    let residuals = try absorption.residuals(of: columns + [used.response], tolerance: tolerance)
    return try AbsorbedLeastSquaresFit(
      settings: self, sample: used, absorption: absorption, residuals: residuals)
  }
}

/// The rows of the data that an absorbed regression uses.
struct Sample {
  var design: DesignMatrix
  var response: [Double]
  var factors: [Factor]
  var weights: [Double]?
  /// The rows of the data; nil when all.
  var rows: [Int]?
  var dataRows: Int
  var singletons: Int

  init(
    _ design: DesignMatrix, _ response: [Double], _ factors: [Factor], _ weights: [Double]?,
    _ selection: RowSelection
  ) {
    dataRows = design.rows
    singletons = selection.singletons
    rows = selection.rows
    guard let rows = selection.rows else {
      (self.design, self.response, self.factors, self.weights) = (
        design, response, factors, weights
      )
      return
    }
    self.design = design.selecting(rows: rows)
    self.response = rows.map { response[$0] }
    self.factors = factors.map { $0.selecting(rows) }
    self.weights = weights.map { weights in rows.map { weights[$0] } }
  }

  /// The columns that are regressors: all but the intercept.
  var columns: [Int] { Array((design.hasIntercept ? 1 : 0)..<design.columns) }
}
