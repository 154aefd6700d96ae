internal import LinearAlgebra
public import Statistics

extension TwoPeriodPanelEstimator {
  /// Estimates the effect on the treated, term `ATT`, from sums over units: without covariates and weights.
  ///
  /// Without covariates all estimators of changes agree. Clusters are those of the sums, units where they have
  /// none.
  /// - Throws: as ``fit(_:outcome:covariates:weights:clusters:)``; `invalidOption` for pooled least squares, which
  ///   needs every row.
  public func fit(_ moments: PanelMoments) throws(SiblingError) -> PanelEffects {
    guard !isPooled else {
      throw SiblingError(
        .invalidOption, "Pooled least squares needs every row and can't be had from sums.",
        help: "Use the difference of means.")
    }
    let panel = moments.panel
    guard panel.periods.count == 2 else {
      throw SiblingError(
        .badDesign, "The panel has \(panel.periods.count) periods; this method needs two.",
        help: "Filter to two periods, or use twfe, an event study or callaway-santanna.")
    }
    let used = moments.blocks.indices.filter {
      !moments.blocks[$0].isSeen.contains(false) && panel.groups[$0] ?? .infinity > panel.periods[0]
    }
    let arms = [true, false].map { isTreated in
      Arm(moments, used.filter { (panel.groups[$0] != nil) == isTreated })
    }
    for (arm, name) in zip(arms, ["treated", "a control"]) where arm.units == 0 {
      throw SiblingError(
        .constantTreatment, "No unit is \(name).",
        help: "Check the treatment column and the filter.")
    }
    var variance: Double
    var clusters: Int?
    if moments.clusterNames == nil {
      variance = arms.reduce(0) { $0 + $1.squares / ($1.count * $1.count) }
      if moments.clustersByUnit { clusters = arms[0].units + arms[1].units }
    } else {
      var sums: [Int: Double] = [:]
      for cell in moments.clusterCells where cell.units > 0 {
        for (arm, sign) in zip(arms, [1.0, -1]) where arm.blocks.contains(cell.block) {
          let deviation = cell.sums[1] - cell.sums[0] - Double(cell.units) * arm.change
          sums[cell.cluster, default: 0] += sign * deviation / arm.count
        }
      }
      guard sums.count > 1 else { throw InfluenceFunction.oneCluster }
      clusters = sums.count
      variance = sums.keys.sorted().reduce(0) { $0 + (sums[$1] ?? 0) * (sums[$1] ?? 0) }
    }
    let clustering = clusters.map { ", clustered, G=\($0)" } ?? ""
    var estimate = Estimate(
      term: "ATT", estimate: arms[0].change - arms[1].change, standardError: variance.squareRoot(),
      level: level,
      convention: "\((kind ?? .doublyRobust).description), influence function\(clustering), z")
    var notes = panel.notes
    for (arm, name) in zip(arms, ["treated", "controls"])
    where moments.independent({ arm.blocks.contains($0) }) <= SmallGroups.most {
      estimate = SmallGroups.withheld(estimate)
      notes.append(SmallGroups.note("The \(name) are"))
      break
    }
    if panel.incompleteUnits > 0 {
      notes.append("\(panel.incompleteUnits) units without one of the periods were left out.")
    }
    return PanelEffects(
      rows: [
        PanelEffects.Row(estimate, treatedRows: arms[0].units, treatedUnits: arms[0].units)
      ],
      observations: arms[0].units + arms[1].units, clusters: clusters, notes: notes)
  }

  /// The changes of some blocks' units.
  private struct Arm {
    let blocks: Set<Int>
    let units: Int
    var count: Double { Double(units) }
    /// The mean change.
    let change: Double
    /// Σ of squared changes about it.
    let squares: Double

    init(_ moments: PanelMoments, _ places: [Int]) {
      blocks = Set(places)
      let own = places.map { moments.blocks[$0] }
      units = own.reduce(0) { $0 + $1.units }
      let n = Double(units)
      change = own.reduce(0) { $0 + $1.sums[1] - $1.sums[0] } / n
      let squared = own.reduce(0) {
        $0 + $1.products[1, 1] + $1.products[0, 0] - 2 * $1.products[0, 1]
      }
      squares = max(0, squared - n * change * change)
    }
  }
}
