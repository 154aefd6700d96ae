/// Weights on a simplex that bring a combination of columns nearest to a target, exactly.
///
/// minimise ½‖Aw + a − b‖² + ½ρ‖w‖² over w ≥ 0, Σw = 1, and over the intercept a where there is one.
///
/// It is solved by an active set, so that weights which are zero are exactly zero, and proved by a
/// certificate: the duality gap and the violations of the Karush–Kuhn–Tucker conditions. Since
/// Σw = 1 the problem asks for the point nearest to the origin in the hull of the columns less the
/// target, and that is a non-negative least-squares problem with one row of ones more (Lawson &
/// Hanson 1974, doi 10.1137/1.9781611971217; Wolfe 1976, doi 10.1007/BF01580381). With a ridge that
/// is not negligible, whole blocks of columns are exchanged at once (Júdice & Pires 1994,
/// doi 10.1016/0305-0548(94)90106-6), which is quick for hundreds of columns.
///
/// **Ties.** Without a ridge, duplicated or collinear columns, or more columns than a perfect fit
/// needs, leave many optimal weights. The answer is then the one with the smallest Σw²: it does
/// not depend on the order of the columns, and equal columns share their weight equally.
public struct SimplexQuadraticProgram: Sendable, Equatable {
  /// ρ ≥ 0, on the scale of A's squared entries.
  public var ridge: Double
  /// Whether a free intercept is fitted.
  public var hasIntercept: Bool
  /// The duality gap, relative to the scale of the problem, up to which a solution is certified.
  public var tolerance: Double

  /// A program.
  public init(ridge: Double = 0, hasIntercept: Bool = false, tolerance: Double = 1e-12) {
    self.ridge = ridge
    self.hasIntercept = hasIntercept
    self.tolerance = tolerance
  }

  /// Weights with the proof that they are optimal.
  public struct Solution: Sendable, Equatable {
    /// The weights, one a column.
    public var weights: [Double]
    /// The intercept; 0 where there is none.
    public var intercept: Double
    /// ½‖Aw + a − b‖² + ½ρ‖w‖².
    public var objective: Double
    /// How far the weights can be from the optimum.
    public var certificate: Certificate
    /// Whether other weights are equally good, so that the smallest Σw² decided; false too where the
    /// search met the smallest at once.
    public var isTieBroken: Bool
  }

  /// What proves a solution; all parts are zero for an exact one in exact arithmetic.
  public struct Certificate: Sendable, Equatable {
    /// An upper bound for the objective less its minimum, over the largest squared distance from a
    /// column to the target.
    public var relativeGap: Double
    /// How far Σw is from 1.
    public var sumError: Double
    /// The largest violation of w ≥ 0.
    public var negativity: Double
    /// The bound for the three.
    public var tolerance: Double

    /// The largest of the three violations.
    public var residual: Double { max(relativeGap, sumError, negativity) }
    /// Whether the solution is proved optimal within the tolerance.
    public var holds: Bool { residual <= tolerance }
  }

  /// The optimal weights for the columns of `matrix` and a target of one entry a row.
  ///
  /// A solution whose certificate does not hold must not be called solved: check `holds`.
  /// - Throws: `tooLarge`, `notConverged` where a factorisation fails.
  public func solve(
    _ matrix: Matrix, target: [Double]
  ) throws(LinearAlgebraError) -> Solution {
    precondition(matrix.rows == target.count, "the target needs one entry a row")
    precondition(matrix.columns > 0, "a simplex needs a column")
    let hull = Hull(matrix, target, ridge: ridge, isCentred: hasIntercept, tolerance: tolerance)
    var best: [Double]
    if hull.ridge > 1e-8, let found = try hull.exchanged(), hull.certificate(found).holds {
      best = found
    } else {
      best = try hull.pointNearestOrigin()
    }
    var isTieBroken = false
    if ridge == 0, let shorter = try hull.shortestAmongOptimal(best) {
      isTieBroken = true
      best = shorter
    }
    return solution(best, matrix, target, hull, isTieBroken)
  }

  /// What given weights attain, with their certificate.
  public func evaluate(_ weights: [Double], _ matrix: Matrix, target: [Double]) -> Solution {
    let hull = Hull(matrix, target, ridge: ridge, isCentred: hasIntercept, tolerance: tolerance)
    return solution(weights, matrix, target, hull, false)
  }

  private func solution(
    _ weights: [Double], _ matrix: Matrix, _ target: [Double], _ hull: Hull, _ isTieBroken: Bool
  ) -> Solution {
    let gaps = zip(target, matrix.times(weights)).map { $0 - $1 }
    let intercept =
      hasIntercept && !gaps.isEmpty ? gaps.reduce(0, +) / Double(gaps.count) : 0
    let squares = gaps.reduce(0) { $0 + ($1 - intercept) * ($1 - intercept) }
    return Solution(
      weights: weights, intercept: intercept,
      objective: squares / 2 + ridge / 2 * weights.reduce(0) { $0 + $1 * $1 },
      certificate: hull.certificate(weights), isTieBroken: isTieBroken)
  }
}
