internal import Glibc

/// The smallest two-sided p-value that a randomisation test of few clusters can reach.
///
/// The p-value is the share of possible assignments whose statistic is at least as far from zero,
/// in either direction, as the one observed; the observed assignment is among them. However large
/// the effect, p can't fall below the share of assignments that tie with the most extreme one:
///
/// - **Equal arms** (G₁ = G/2): exchanging the arms of every cluster is itself an assignment, and
///   it turns the difference in means into its negative. So two assignments always tie in absolute
///   value, and p ≥ 2/C(G, G₁): 0.10 for 3 against 3, 0.029 for 4 against 4, 0.008 for 5 against 5.
/// - **Unequal arms**: the exchange would treat the wrong number of clusters and is no assignment,
///   so the most extreme one can stand alone: p ≥ 1/C(G, G₁). A test that doubles its smaller tail
///   instead has twice that bound.
/// - **Matched pairs** (one of each of P pairs is treated): 2/2^P.
///
/// Fisher (1935), *The Design of Experiments*; Rosenbaum (2002), doi:10.1007/978-1-4757-3692-2.
public struct AttainablePValue: Sendable, Equatable {
  /// The smallest p-value.
  public var value: Double
  /// The number of possible assignments; a double because it soon passes any integer.
  public var assignments: Double
  /// What was assumed of the assignment, such as `3 of 6 clusters`.
  public var convention: String

  /// The bound when `treated` of `clusters` clusters were treated, every choice equally likely.
  ///
  /// - Throws: `tooFewClusters` unless each arm has at least one cluster.
  public static func completeRandomisation(
    treated: Int, clusters: Int
  ) throws(SiblingError) -> AttainablePValue {
    guard treated > 0, treated < clusters else {
      throw SiblingError(
        .tooFewClusters, "each arm needs at least one cluster",
        help: "with \(clusters) clusters between 1 and \(max(1, clusters - 1)) can be treated")
    }
    let assignments = choose(clusters, min(treated, clusters - treated))
    let ties = 2 * treated == clusters ? 2.0 : 1.0
    return AttainablePValue(
      value: ties / assignments, assignments: assignments,
      convention: "\(treated) of \(clusters) clusters")
  }

  /// The bound when one cluster of each of `pairs` pairs was treated by the toss of a coin.
  ///
  /// - Throws: `tooFewClusters` without a pair.
  public static func pairedRandomisation(pairs: Int) throws(SiblingError) -> AttainablePValue {
    guard pairs > 0 else {
      throw SiblingError(.tooFewClusters, "there are no pairs of clusters")
    }
    let assignments = exp2(Double(pairs))
    return AttainablePValue(
      value: 2 / assignments, assignments: assignments, convention: "\(pairs) pairs of clusters")
  }

  /// C(n, k), exact while it fits a double's 53 bits.
  private static func choose(_ n: Int, _ k: Int) -> Double {
    var result = 1.0
    for i in 0..<k {
      // Each intermediate is C(n, i + 1), whole, so that division leaves no rest.
      result = result * Double(n - i) / Double(i + 1)
      if result == .infinity { break }
    }
    return result
  }
}
