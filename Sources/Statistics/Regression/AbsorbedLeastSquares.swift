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

  /// A regression with absorbed effects.
  public init(
    keepsSingletons: Bool = false, tolerance: Double = 1e-12, rankTolerance: Double = 1e-9
  ) {
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
    let selection = try rowsUsed(factors, weights)
    let used = Sample(design, response, factors, weights, selection)
    let absorption = try Absorption(used.factors, weights: used.weights)
    let columns = used.columns.map { used.design.matrix.column($0) }
    let residuals = try absorption.residuals(of: columns + [used.response], tolerance: tolerance)
    return try AbsorbedLeastSquaresFit(
      settings: self, sample: used, absorption: absorption, residuals: residuals)
  }

  /// The rows with weight that are not alone in a level, and how many were alone.
  private func rowsUsed(
    _ factors: [Factor], _ weights: [Double]?
  ) throws(SiblingError) -> (rows: [Int]?, singletons: Int) {
    let n = factors.first?.count ?? 0
    var isUsed = weights.map { $0.map { $0 > 0 } } ?? [Bool](repeating: true, count: n)
    for factor in factors {
      if let row = factor.codes.indices.first(where: { factor.codes[$0] < 0 && isUsed[$0] }) {
        throw SiblingError(
          .missingValue, "An absorbed column is missing here.",
          help: "Drop rows with missing values.", row: row)
      }
    }
    var counts = factors.map { levelCounts($0, weights == nil ? nil : isUsed) }
    var used = weights == nil ? n : isUsed.reduce(0) { $0 + ($1 ? 1 : 0) }
    let before = used
    if !keepsSingletons, factors.indices.contains(where: { counts[$0].contains(1) }) {
      var changed = true
      while changed {
        changed = false
        for row in 0..<n where isUsed[row] {
          let alone = factors.indices.contains { counts[$0][Int(factors[$0].codes[row])] == 1 }
          guard alone else { continue }
          isUsed[row] = false
          changed = true
          used -= 1
          for index in factors.indices { counts[index][Int(factors[index].codes[row])] -= 1 }
        }
      }
    }
    guard used > 0 else {
      throw SiblingError(
        .tooFewObservations, "Every row is alone in an absorbed group.",
        help: "Absorb coarser groups.")
    }
    return (used == n ? nil : (0..<n).filter { isUsed[$0] }, before - used)
  }
}

/// How many of the rows used each level has.
private func levelCounts(_ factor: Factor, _ isUsed: [Bool]?) -> [Int] {
  var counts = [Int](repeating: 0, count: factor.levels.count)
  counts.withUnsafeMutableBufferPointer { counts in
    factor.codes.withUnsafeBufferPointer { codes in
      if let isUsed {
        for row in codes.indices where isUsed[row] { counts[Int(codes[row])] += 1 }
      } else {
        for code in codes { counts[Int(code)] += 1 }
      }
    }
  }
  return counts
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
    _ selection: (rows: [Int]?, singletons: Int)
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
