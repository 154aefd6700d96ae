internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// Whether intervals of event times hold one by one, or all together.
public enum EventStudyBands: Sendable, Equatable {
  /// Each interval covers its own effect at the level.
  case pointwise
  /// All intervals together cover all effects at the level: the half-width is the quantile of the
  /// largest |t| among them, from draws of a multivariate t with the estimates' correlation
  /// (Montiel Olea & Plagborg-Møller 2019, doi 10.1002/jae.2656).
  case uniform(draws: Int = 20_000, seed: UInt64 = 1)

  /// Draws a task, each with a stream of its own.
  private static let blockSize = 1000

  /// The rows with the intervals asked for; rows without standard error stay.
  func applied(
    to rows: [EventStudyRow], _ fit: any RegressionFit, _ estimator: CovarianceEstimator,
    _ level: Double
  ) throws(SiblingError) -> [EventStudyRow] {
    guard case .uniform(let draws, let seed) = self else { return rows }
    guard draws >= 100, draws <= 10_000_000 else {
      throw SiblingError(
        .invalidOption, "Uniform bands need 100 to 10,000,000 draws.", help: "20,000 are plenty.")
    }
    let covariance = try fit.covariance(estimator)
    let terms = fit.keptColumns.map { fit.names[$0] }
    let shown = rows.indices.filter { rows[$0].estimate.standardError != nil }
    let places = shown.compactMap { row in terms.firstIndex(of: rows[row].estimate.term) }
    guard places.count == shown.count, !places.isEmpty else { return rows }
    let value = try Self.criticalValue(
      covariance.matrix.selecting(both: places), covariance.degreesOfFreedom, level, draws, seed)
    var result = rows
    for row in shown {
      var estimate = rows[row].estimate
      let reach = value * (estimate.standardError ?? 0)
      estimate.interval = ConfidenceInterval(
        low: estimate.estimate - reach, high: estimate.estimate + reach, level: level)
      estimate.convention += ", uniform over \(shown.count) event times, \(draws) draws"
      result[row].estimate = estimate
    }
    return result
  }

  /// The quantile of the largest |t| of estimates with a covariance.
  private static func criticalValue(
    _ covariance: Matrix, _ degrees: Double?, _ level: Double, _ draws: Int, _ seed: UInt64
  ) throws(SiblingError) -> Double {
    let k = covariance.rows
    let scale = covariance.diagonal.map { $0.squareRoot() }
    var correlation = covariance
    for j in 0..<k { for i in 0..<k { correlation[i, j] /= scale[i] * scale[j] } }
    // With fewer clusters than event times it is singular: a root, not a Cholesky factor.
    guard let eigen = try? SymmetricEigen(correlation) else {
      throw SiblingError(
        .nonConvergence, "The covariance of the effects could not be decomposed.",
        help: "Use pointwise intervals.")
    }
    let root = eigen.map { max(0, $0).squareRoot() }
    // t is normal over √(χ²/df); the latter's draws are the middles of equally likely intervals.
    let mixing = degrees.map { degrees in
      let chi = ChiSquared(degreesOfFreedom: degrees)
      return (0..<blockSize).map { place in
        (chi.quantile((Double(place) + 0.5) / Double(blockSize)) / degrees).squareRoot()
      }
    }
    let blocks = Parallel.ranges(of: draws, size: blockSize)
    let parts = Parallel.mapBlocks(blocks.count) { block in
      var stream = RandomStream(seed: seed, name: "uniform band", index: UInt64(block))
      return blocks[block].map { draw in
        let normals = (0..<k).map { _ in stream.normal() }
        let largest = root.times(normals).reduce(0) { max($0, $1.magnitude) }
        return mixing.map { largest / $0[draw - blocks[block].lowerBound] } ?? largest
      }
    }
    let values = parts.flatMap { $0 }.sorted()
    let place = Int((level * Double(draws)).rounded(.up)) - 1
    return values[min(max(place, 0), draws - 1)]
  }
}
