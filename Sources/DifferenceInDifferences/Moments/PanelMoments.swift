public import LinearAlgebra
public import Statistics

/// Sums over the units of a panel, by cohort and by the periods in which units are seen.
///
/// Two-way fixed effects, event studies and group-time effects without covariates and weights depend on nothing
/// else, standard errors clustered by unit included; clustered by something coarser they depend on Σy by
/// cluster too. So a panel of any number of units is G·T² numbers. Outcomes should be about their units' means,
/// which changes no estimate and keeps digits.
public struct PanelMoments: Sendable {
  /// Units with the same first treated period that are seen in the same periods.
  public struct Block: Sendable {
    /// The first treated period; nil, 0 or +∞ for never.
    public var group: Double?
    /// For each period of the panel whether the units are seen.
    public var isSeen: [Bool]
    /// How many units there are.
    public var units: Int
    /// Σy in each period of the panel; 0 where they are not seen.
    public var sums: [Double]
    /// Σyy′ over the periods of the panel.
    public var products: Matrix

    /// A block.
    public init(
      group: Double?, isSeen: [Bool], units: Int, sums: [Double], products: Matrix
    ) {
      self.group = group
      self.isSeen = isSeen
      self.units = units
      self.sums = sums
      self.products = products
    }
  }

  /// The units of one block in one cluster.
  public struct ClusterCell: Sendable {
    /// The cluster's place among the names.
    public var cluster: Int
    /// The block's place.
    public var block: Int
    /// How many units there are.
    public var units: Int
    /// Σy in each period of the panel.
    public var sums: [Double]

    /// A cell.
    public init(cluster: Int, block: Int, units: Int, sums: [Double]) {
      self.cluster = cluster
      self.block = block
      self.units = units
      self.sums = sums
    }
  }

  /// The periods, ascending.
  public let periods: [Double]
  /// The units by first treated period and periods seen.
  public let blocks: [Block]
  /// The names of clusters; nil where units stand for themselves.
  public let clusterNames: [String]?
  /// The units by cluster and block.
  public let clusterCells: [ClusterCell]
  /// Whether units were asked for as clusters, which changes what is said of standard errors, not these.
  public var clustersByUnit = false
  /// A unit for each block, checked as a panel.
  let panel: PanelDesign

  /// Checks a panel's sums.
  ///
  /// - Throws: what `PanelDesign` finds wrong with cohorts and periods.
  public init(
    periods: [Double], blocks: [Block], clusterNames: [String]? = nil,
    clusterCells: [ClusterCell] = []
  ) throws(SiblingError) {
    self.periods = periods
    self.blocks = blocks
    self.clusterNames = clusterNames
    self.clusterCells = clusterCells
    var (codes, time, group): ([Int32], [Double], [Double?]) = ([], [], [])
    for (place, block) in blocks.enumerated() {
      for (t, isSeen) in block.isSeen.enumerated() where isSeen {
        codes.append(Int32(place))
        time.append(periods[t])
        group.append(block.group)
      }
    }
    panel = try PanelDesign(
      representatives: Factor(codes: codes, levels: blocks.indices.map { "\($0)" }), time: time,
      group: group, sizes: blocks.map(\.units), isCrossSections: false)
  }

  /// In how many different periods treatment starts.
  public var starts: Int { panel.cohorts.count }
  /// The size of the smallest cohort.
  public var smallestCohort: Int { panel.smallestCohort }
  /// The number of units.
  public var units: Int { blocks.reduce(0) { $0 + $1.units } }

  /// The regression's blocks, with a regressor's value from the panel's row.
  ///
  /// Rows that `isUsed` says no to take no part.
  func regressionBlocks(
    _ columns: [[Double]], isUsed: [Bool]? = nil
  ) -> (blocks: [GroupedPanelRegression.Block], clusters: [GroupedPanelRegression.ClusterCell]?) {
    var place = [Int](repeating: -1, count: blocks.count)
    var seen: [[Int]] = []
    var result: [GroupedPanelRegression.Block] = []
    var row = 0
    for (index, block) in blocks.enumerated() {
      var (periods, rows): ([Int], [Int]) = ([], [])
      for (t, isSeen) in block.isSeen.enumerated() where isSeen {
        if isUsed?[row] ?? true {
          periods.append(t)
          rows.append(row)
        }
        row += 1
      }
      guard !periods.isEmpty else { continue }
      place[index] = result.count
      seen.append(periods)
      result.append(
        GroupedPanelRegression.Block(
          units: block.units, periods: periods,
          regressors: columns.map { column in rows.map { column[$0] } },
          sums: periods.map { block.sums[$0] }, products: block.products.selecting(both: periods)))
    }
    guard clusterNames != nil else { return (result, nil) }
    let cells = clusterCells.compactMap { cell -> GroupedPanelRegression.ClusterCell? in
      let own = place[cell.block]
      guard own >= 0 else { return nil }
      return GroupedPanelRegression.ClusterCell(
        cluster: cell.cluster, block: own, units: cell.units,
        sums: seen[own].map { cell.sums[$0] })
    }
    return (result, cells)
  }

  /// How many units, or clusters of them, some blocks have.
  func independent(_ isCounted: (Int) -> Bool) -> Int {
    guard clusterNames != nil else {
      return blocks.indices.reduce(0) { $0 + (isCounted($1) ? blocks[$1].units : 0) }
    }
    return Set(clusterCells.filter { isCounted($0.block) && $0.units > 0 }.map(\.cluster)).count
  }
}
