internal import LinearAlgebra
public import Statistics

/// Weights under which the groups' covariate means are equal, as near as can be to equal weights.
///
/// ATT weights the comparisons so that their moments are those of the treated; ATC weights the
/// treated; ATE weights both groups to the moments of everybody. Among all weights that balance, the
/// ones of least relative entropy to the sampling weights (Hainmueller, J. (2012),
/// https://doi.org/10.1093/pan/mpr025). Moments are met to 1e-10 of a standard deviation, or, with a
/// tolerance, the weights are the least change under which standardised mean differences stay within
/// it (Wang, Y. and Zubizarreta, J. (2020), https://doi.org/10.1093/biomet/asz050).
///
/// With sites every person of a site and group shares one weight, found from the site's means with
/// the site's size as base weight (Ben-Michael, E., Feller, A. and Rothstein, J. (2021),
/// https://doi.org/10.1080/01621459.2021.1929245, for weights of aggregate units).
public struct EntropyBalancing: Sendable, Equatable {
  /// The estimand: ATT, ATC or ATE.
  public var estimand: Estimand
  /// The largest absolute standardised mean difference that may remain; 0 for exact balance.
  ///
  /// Units are the balance table's: the treated SD for ATT, the comparisons' for ATC, the root of
  /// the mean variance for ATE, where each group may miss the common target by half of it.
  public var tolerance: Double

  /// A balancing; the defaults balance exactly for ATT.
  public init(estimand: Estimand = .att, tolerance: Double = 0) {
    self.estimand = estimand
    self.tolerance = tolerance
  }

  /// Finds the weights, one a row of `moments`.
  ///
  /// `moments` holds what is balanced, a column each (see `BalancingMoments`); an intercept is left
  /// out. Rows whose sampling weight is zero get weight zero. Columns that are constant or
  /// combinations of others are dropped and named. With a tolerance, give every level of a factor.
  /// - Throws: `invalidOption`, `constantTreatment`, `sizeMismatch`, `missingValue`, `badValue`,
  ///   `badWeight`, `noOverlap` naming moments that no weights can bring to the target,
  ///   `tooFewClusters` when there are not more sites than moments, `nonConvergence`.
  /// - Complexity: O(n p²) a Newton step, about ten steps.
  public func fit(
    _ moments: DesignMatrix, treatment: [Bool], samplingWeights: [Double]? = nil,
    sites: Factor? = nil
  ) throws(SiblingError) -> BalancingWeights {
    guard [.att, .atc, .ate].contains(estimand) else {
      throw SiblingError(
        .invalidOption, "entropy balancing is for ATT, ATC or ATE",
        help: "ATO and ATM have propensity-score weights.", column: "estimand")
    }
    guard tolerance.isFinite, tolerance >= 0 else {
      throw SiblingError(
        .invalidOption, "the tolerance must be zero or a positive number", column: "tolerance")
    }
    var table = try MomentTable(
      moments, treatment: treatment, sampling: samplingWeights, estimand: estimand)
    let target = table.means(targetWeights(table))
    var cells: SiteCells?
    if let sites {
      try Inputs.complete(sites, expected: treatment.count, column: "site")
      cells = SiteCells(sites, table)
      if let cells { table.matrix = cells.means(table) }
    }
    var weights = table.sampling.map { $0 > 0 ? 1.0 : 0 }
    var tilts: [BalancingWeights.Tilt] = []
    for group in tilted {
      let part = try self.part(group, table, cells, target)
      let solution = try part.tilting.solve()
      for (place, members) in part.members.enumerated() {
        for row in members { weights[row] = solution.weights[place] }
      }
      tilts.append(BalancingWeights.Tilt(group: group, solution: solution))
    }
    return BalancingWeights(
      estimand: estimand, weights: weights, table: table, target: target, tilts: tilts,
      targetRows: targetWeights(table), tolerance: tolerance,
      sites: cells.map { $0.counts(weights, table) })
  }

  /// The groups that get weights.
  private var tilted: [Bool] {
    switch estimand {
    case .att: [false]
    case .atc: [true]
    default: [true, false]
    }
  }

  /// The sampling weights of those whose moments are the target.
  private func targetWeights(_ table: MomentTable) -> [Double] {
    switch estimand {
    case .att: table.sampling(of: true)
    case .atc: table.sampling(of: false)
    default: table.sampling
    }
  }

  /// The units of a group, persons or sites, and the rows of each.
  private func part(
    _ group: Bool, _ table: MomentTable, _ cells: SiteCells?, _ target: [Double]
  ) throws(SiblingError) -> (tilting: ExponentialTilting, members: [[Int]]) {
    let rows = table.rows(of: group)
    var members = rows.map { [$0] }
    var base: [Double]
    if let cells {
      members = cells.members(of: group)
      base = members.map { $0.reduce(0) { $0 + table.sampling[$1] } }
      try requireSites(group, members.count, table)
    } else {
      base = rows.map { table.sampling[$0] }
    }
    let name = group ? "treated" : "comparisons"
    let words =
      switch estimand {
      case .att: "the treated's mean"
      case .atc: "the comparisons' mean"
      default: "everybody's mean"
      }
    let tilting = ExponentialTilting(
      matrix: table.matrix.selecting(rows: members.map { $0[0] }), base: base, names: table.names,
      scale: table.scale, target: target,
      tolerance: estimand == .ate ? tolerance / 2 : tolerance, mayExclude: true,
      words: (cells == nil ? name : "sites of the \(name)", words))
    return (tilting, members)
  }

  private func requireSites(
    _ group: Bool, _ sites: Int, _ table: MomentTable
  ) throws(SiblingError) {
    let moments = table.scale.count { $0 > 0 }
    guard tolerance == 0, sites <= moments else { return }
    throw SiblingError(
      .tooFewClusters,
      "\(moments) moments can't be balanced by the weights of \(sites) "
        + "\(group ? "treated" : "comparison") site\(sites == 1 ? "" : "s")",
      help: "There must be more sites than moments: use fewer covariates or first moments only, "
        + "allow a tolerance, or weight persons.", column: "site")
  }
}
