internal import Glibc
public import Statistics

/// What one site contributes to costs and effects: sums, and what they are divided by.
public struct SitePair: Sendable, Equatable {
  /// Whether it has a bond.
  public var isTreated: Bool
  /// Its cost, and the clients that it is divided by.
  public var cost, clients: Double
  /// The weighted sum of its clients' outcomes, and the weights' sum.
  public var effectSum, effectWeight: Double

  /// A site's sums.
  public init(
    isTreated: Bool, cost: Double, clients: Double, effectSum: Double = 0, effectWeight: Double = 0
  ) {
    self.isTreated = isTreated
    self.cost = cost
    self.clients = clients
    self.effectSum = effectSum
    self.effectWeight = effectWeight
  }
}

/// A ratio of sums over the sites of an arm, with a standard error over sites.
///
/// The variance is that of a mean weighted by the denominators, each site's residual divided by
/// √(1 − its share of the denominators) (CR2 with a site as a cluster and the weights as inverse
/// variances; Bell and McCaffrey 2002), with Satterthwaite's degrees of freedom for it.
struct SiteRatio {
  /// The ratio.
  let estimate: Double
  /// What each site contributes to the error; nil with fewer than two sites.
  let parts: [Double]?
  /// The sum of the denominators, and Σ of squared weights that the degrees of freedom need.
  let total, spread: Double

  /// - Returns: nil when nothing can be divided by.
  init?(sums: [Double], over sizes: [Double]) {
    let total = sizes.reduce(0, +)
    guard total > 0 else { return nil }
    estimate = sums.reduce(0, +) / total
    self.total = total
    guard sizes.count(where: { $0 > 0 }) > 1 else {
      (parts, spread) = (nil, 0)
      return
    }
    let estimate = estimate
    parts = zip(sums, sizes).map { sum, size in
      guard size > 0 else { return 0 }
      return (sum - estimate * size) / total / (1 - size / total).squareRoot()
    }
    // Σ over pairs of the squared working covariances of the parts.
    var (own, products, squares) = (0.0, 0.0, 0.0)
    for size in sizes where size > 0 {
      let share = size / total
      own += share * share / (total * total)
      let k = share * share / (1 - share)
      products += k
      squares += k * k
    }
    spread = own + (products * products - squares) / (total * total)
  }

  var variance: Double? { parts.map { $0.reduce(0) { $0 + $1 * $1 } } }

  /// Satterthwaite's degrees of freedom of a variance that is the sum of several ratios'.
  static func degreesOfFreedom(_ ratios: [SiteRatio]) -> Double {
    let mean = ratios.reduce(0) { $0 + 1 / $1.total }
    return mean * mean / ratios.reduce(0) { $0 + $1.spread }
  }
}

/// A difference in cost and one in effect between bond and comparison sites, with their joint error.
public struct CostEffectContrast: Sendable, Equatable {
  /// The difference in cost for an accepted client, in pounds.
  public var cost: Double
  /// The difference in outcomes for an accepted client.
  public var effect: Double
  /// Their variances and covariance.
  public var costVariance, effectVariance, covariance: Double
  /// Degrees of freedom of the cost's error and of the effect's; nil = normal.
  public var costDegrees, effectDegrees: Double?

  /// A contrast.
  ///
  /// - Throws: `badValue` for a number that is not finite, a negative variance, degrees of freedom
  ///   not above zero, or a covariance beyond what the variances allow.
  public init(
    cost: Double, effect: Double, costVariance: Double, effectVariance: Double, covariance: Double,
    costDegrees: Double? = nil, effectDegrees: Double? = nil
  ) throws(SiblingError) {
    let numbers = [cost, effect, costVariance, effectVariance, covariance]
    guard numbers.allSatisfy(\.isFinite), costVariance >= 0, effectVariance >= 0 else {
      throw SiblingError(
        .badValue, "a difference in cost or effect, or its error, is not a possible number")
    }
    guard covariance.magnitude <= (costVariance * effectVariance).squareRoot() * (1 + 1e-9) else {
      throw SiblingError(
        .badValue, "cost and effect are correlated beyond 1", help: "a correlation lies in -1 to 1")
    }
    for degrees in [costDegrees, effectDegrees].compactMap({ $0 }) where !(degrees > 0) {
      throw SiblingError(.badValue, "degrees of freedom are not above zero")
    }
    self.cost = cost
    self.effect = effect
    self.costVariance = costVariance
    self.effectVariance = effectVariance
    self.covariance = covariance
    self.costDegrees = costDegrees
    self.effectDegrees = effectDegrees
  }

  /// The correlation of the two errors; 0 where one has none.
  public var correlation: Double {
    let scale = (costVariance * effectVariance).squareRoot()
    return scale > 0 ? max(-1, min(1, covariance / scale)) : 0
  }

  /// The degrees of freedom for both together: the fewer of the two; nil = normal.
  public var degreesOfFreedom: Double? {
    [costDegrees, effectDegrees].compactMap { $0 }.min()
  }

  /// The net benefit of an accepted client when an outcome is worth `willingness` pounds, with the
  /// standard error.
  public func netBenefit(_ willingness: Double) -> (estimate: Double, standardError: Double) {
    let variance =
      willingness * willingness * effectVariance + costVariance - 2 * willingness * covariance
    return (willingness * effect - cost, max(0, variance).squareRoot())
  }

  /// The contrast of sites: costs over clients and effects over weights, bond less comparison.
  ///
  /// - Throws: `tooFewClusters` with fewer than two sites with clients in an arm.
  public init(_ sites: [SitePair]) throws(SiblingError) {
    var (costs, effects): ([SiteRatio], [SiteRatio]) = ([], [])
    for isTreated in [true, false] {
      let arm = sites.filter { $0.isTreated == isTreated }
      guard let cost = SiteRatio(sums: arm.map(\.cost), over: arm.map(\.clients)),
        let effect = SiteRatio(sums: arm.map(\.effectSum), over: arm.map(\.effectWeight)),
        cost.parts != nil, effect.parts != nil
      else {
        throw SiblingError(
          .tooFewClusters,
          "the \(isTreated ? "bond" : "comparison") arm has fewer than two sites with costs, clients"
            + " and outcomes, so that the difference has no error over sites")
      }
      costs.append(cost)
      effects.append(effect)
    }
    var covariance = 0.0
    for (cost, effect) in zip(costs, effects) {
      for (u, v) in zip(cost.parts ?? [], effect.parts ?? []) { covariance += u * v }
    }
    try self.init(
      cost: costs[0].estimate - costs[1].estimate,
      effect: effects[0].estimate - effects[1].estimate,
      costVariance: costs.reduce(0) { $0 + ($1.variance ?? 0) },
      effectVariance: effects.reduce(0) { $0 + ($1.variance ?? 0) }, covariance: covariance,
      costDegrees: SiteRatio.degreesOfFreedom(costs),
      effectDegrees: SiteRatio.degreesOfFreedom(effects))
  }

  /// The differences alone, for resamples; nil when an arm has nothing to divide by.
  static func differences(
    _ sites: [SitePair], counts: [Double]
  ) -> (cost: Double, effect: Double)? {
    var sums = [Double](repeating: 0, count: 8)
    for (site, count) in zip(sites, counts) where count > 0 {
      let place = site.isTreated ? 0 : 4
      sums[place] += count * site.cost
      sums[place + 1] += count * site.clients
      sums[place + 2] += count * site.effectSum
      sums[place + 3] += count * site.effectWeight
    }
    guard sums[1] > 0, sums[3] > 0, sums[5] > 0, sums[7] > 0 else { return nil }
    return (sums[0] / sums[1] - sums[4] / sums[5], sums[2] / sums[3] - sums[6] / sums[7])
  }
}
