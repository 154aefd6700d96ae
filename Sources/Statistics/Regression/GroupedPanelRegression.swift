public import LinearAlgebra

/// Linear regression with unit and period effects where many units share their regressors, from sums over those
/// units alone.
///
/// Units that are seen in the same periods with the same regressors differ only in their outcomes, and the
/// normal equations, the residual variance, HC0 and HC1, and covariance clustered by unit are functions of
/// their number, Σy and Σyy′; covariance clustered by something coarser needs Σy by cluster too. The results are
/// those of ``AbsorbedLeastSquares`` on the rows.
public struct GroupedPanelRegression: Sendable {
  /// Which effects the factor (N − 1)/(N − K) of CR1 counts in K.
  public var counting: EffectsCounting
  /// A regressor of which less than this share of its length is left is dropped.
  public var rankTolerance = 1e-9

  /// A regression with unit and period effects.
  public init(counting: EffectsCounting = .notNested) { self.counting = counting }

  /// Units with the same regressors in the same periods.
  public struct Block: Sendable {
    /// How many units there are.
    public var units: Int
    /// The periods in which they are seen, ascending.
    public var periods: [Int]
    /// For each regressor its value in each of those periods.
    public var regressors: [[Double]]
    /// Σy in each of those periods.
    public var sums: [Double]
    /// Σyy′ over those periods.
    public var products: Matrix

    /// A block.
    public init(
      units: Int, periods: [Int], regressors: [[Double]], sums: [Double], products: Matrix
    ) {
      self.units = units
      self.periods = periods
      self.regressors = regressors
      self.sums = sums
      self.products = products
    }

    /// The block without some of its periods, by their places.
    func keeping(_ places: [Int]) -> Block {
      Block(
        units: units, periods: places.map { periods[$0] },
        regressors: regressors.map { column in places.map { column[$0] } },
        sums: places.map { sums[$0] }, products: products.selecting(both: places))
    }
  }

  /// The units that a block has in one cluster.
  public struct ClusterCell: Sendable {
    /// The cluster, from 0.
    public var cluster: Int
    /// The block's place.
    public var block: Int
    /// How many units there are.
    public var units: Int
    /// Σy of these units in each of the block's periods.
    public var sums: [Double]

    /// The units of one block and cluster.
    public init(cluster: Int, block: Int, units: Int, sums: [Double]) {
      self.cluster = cluster
      self.block = block
      self.units = units
      self.sums = sums
    }
  }

  /// Fits the regression.
  ///
  /// Rows alone in a unit or a period are left out as ``AbsorbedLeastSquares`` leaves them out. Without cluster
  /// cells a clustered covariance is clustered by unit.
  /// - Throws: `constantOutcome`, `rankDeficient` when no regressor is left, `tooFewObservations`.
  public func fit(
    _ names: [String], _ blocks: [Block], clusters: [ClusterCell]? = nil
  ) throws(SiblingError) -> GroupedPanelFit {
    try GroupedPanelFit(self, names, blocks, clusters)
  }
}

extension GroupedPanelRegression {
  /// The blocks without rows that are alone in a unit or a period, and how many those are.
  static func withoutSingletons(
    _ blocks: [Block], _ clusters: [ClusterCell]?
  ) throws(SiblingError) -> (blocks: [Block], clusters: [ClusterCell]?, singletons: Int) {
    var kept = blocks.map { Array($0.periods.indices) }
    let width = (blocks.flatMap(\.periods).max() ?? 0) + 1
    var singletons = 0
    var changed = true
    while changed {
      changed = false
      var rows = [Int](repeating: 0, count: width)
      for (b, block) in blocks.enumerated() {
        for place in kept[b] { rows[block.periods[place]] += block.units }
      }
      for (b, block) in blocks.enumerated() {
        let left = kept[b].count == 1 ? [] : kept[b].filter { rows[block.periods[$0]] > 1 }
        guard left.count < kept[b].count else { continue }
        singletons += block.units * (kept[b].count - left.count)
        kept[b] = left
        changed = true
        break
      }
    }
    var place = [Int](repeating: -1, count: blocks.count)
    var used: [Block] = []
    for (b, block) in blocks.enumerated() where !kept[b].isEmpty {
      place[b] = used.count
      used.append(block.keeping(kept[b]))
    }
    guard !used.isEmpty else {
      throw SiblingError(
        .tooFewObservations, "Every row is alone in an absorbed group.",
        help: "Absorb coarser groups.")
    }
    let cells = clusters?.compactMap { cell -> ClusterCell? in
      guard place[cell.block] >= 0 else { return nil }
      return ClusterCell(
        cluster: cell.cluster, block: place[cell.block], units: cell.units,
        sums: kept[cell.block].map { cell.sums[$0] })
    }
    return (used, cells, singletons)
  }
}
