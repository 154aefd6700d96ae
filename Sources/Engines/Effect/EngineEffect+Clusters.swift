internal import Matching
public import Statistics
public import Tables

extension EngineEffect {
  /// The weighted outcome of one cluster's people in one arm.
  public struct ClusterSums: Sendable, Equatable {
    /// The cluster.
    public var name: String
    /// Whether they were treated.
    public var isTreated: Bool
    /// How many people there are, all of positive weight.
    public var people: Int
    /// Those whose outcome is 1.
    public var events: Int
    /// The sum of their weights.
    public var weight: Double
    /// The sum of their outcomes, each times its weight.
    public var outcome: Double
  }

  /// Weights and weighted outcomes by cluster and arm, clusters in order: all that a comparison of few clusters needs
  /// where treatment was given to whole ones.
  ///
  /// `frame` is that of ``estimate(_:outcome:covariates:)``, with one column of clusters.
  /// - Returns: the sums, and whether every outcome is 0 or 1.
  /// - Throws: as ``estimate(_:outcome:covariates:)``; `disclosure` where a cluster has too few people in an arm.
  public func clusterSums(
    _ frame: EngineFrame, outcome: RowExpression
  ) throws(SiblingError) -> (sums: [ClusterSums], isBinary: Bool) {
    guard let clusters = frame.clusters.first else { return ([], false) }
    var problem = try EffectProblem(self, frame, outcome)
    defer { problem.release() }
    if !isUnadjusted {
      try problem.keepRows(withOutcome: false)
      try problem.fitScore()
      try problem.keepRows(withOutcome: true)
      if let trimQuantile { try problem.findCap(trimQuantile) }
    }
    let w = RowExpression.name("w")
    guard let key = problem.cluster else { return ([], false) }
    let cells = try problem.data.aggregate(
      layers: problem.weighted, keys: [key, EffectProblem.arm],
      sums: [
        NamedExpression("weight", w), NamedExpression("outcome", w * EffectProblem.y),
        NamedExpression("events", .comparison(.equal, EffectProblem.y, .constant(1))),
      ])
    let codes = clusters.codes(cells, key: 0)
    let treated = cells.numbers(1)
    let sums = codes.indices.filter { codes[$0] >= 0 }.map { cell in
      ClusterSums(
        name: clusters.levels.names[codes[cell]], isTreated: treated[cell] == 1,
        people: cells.counts[cell], events: Int(cells.sums[2][cell].rounded()),
        weight: cells.sums[0][cell], outcome: cells.sums[1][cell])
    }
    return (sums, problem.isBinary)
  }
}
