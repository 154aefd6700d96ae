internal import LinearAlgebra
internal import Statistics

/// Weights that balance moments, and how well they do it.
public struct BalancingWeights: Sendable {
  /// The estimand.
  public let estimand: Estimand
  /// The weight of each row, to be multiplied by its sampling weight.
  ///
  /// A weighted group's mean weight is one for entropy balancing; for a covariate balancing score the
  /// weights are those of its probabilities. Rows without sampling weight have zero.
  public let weights: [Double]
  /// The probability of treatment of each row; nil for entropy balancing, which has none.
  public let probability: [Double]?
  /// The moments that are balanced.
  public let moments: [String]
  /// Moments left out because nothing varies in them.
  public let constants: [String]
  /// Moments left out because they are combinations of others; they balance with these.
  public let dropped: [String]
  /// The largest absolute difference of a moment between its two sides, in standard deviations.
  ///
  /// Sides are the weighted group and the target for entropy balancing, the two groups for a score.
  public let largestDifference: Double
  /// Rows that get weight zero because the target has nobody like them.
  public let excluded: Int
  /// Newton steps.
  public let iterations: Int
  /// The sites behind site-level weights; nil for weights of persons.
  public let sites: Sites?

  let origin: Origin

  /// The sites that share weights.
  public struct Sites: Sendable, Equatable {
    /// The sites of one group.
    public struct Group: Sendable, Equatable {
      /// Sites with people.
      public var all: Int
      /// Sites with positive weight.
      public var weighted: Int
      /// (Σw)²/Σw² over the sites' total weights.
      public var effective: Double
    }

    /// The treated sites.
    public var treated: Group
    /// The comparison sites.
    public var comparison: Group
  }

  /// Where the weights come from, for their estimating equations.
  enum Origin: Sendable {
    case tilting(table: MomentTable, target: [Double], tilts: [Tilt], targetRows: [Double])
    case score(ScoreIndex)
  }

  /// The tilting of one group.
  struct Tilt: Sendable {
    var group: Bool
    var solution: ExponentialTilting.Solution
  }

  /// Weights of entropy balancing.
  init(
    estimand: Estimand, weights: [Double], table: MomentTable, target: [Double], tilts: [Tilt],
    targetRows: [Double], tolerance: Double, sites: Sites?
  ) {
    self.estimand = estimand
    self.weights = weights
    probability = nil
    let varying = table.names.indices.filter { table.scale[$0] > 0 }
    let dropped = varying.filter { column in
      tilts.contains { $0.solution.dropped.contains(column) }
    }
    moments = varying.filter { !dropped.contains($0) }.map { table.names[$0] }
    constants = table.constants
    self.dropped = dropped.map { table.names[$0] }
    excluded = tilts.reduce(0) { $0 + $1.solution.excluded }
    iterations = tilts.map(\.solution.iterations).max() ?? 0
    self.sites = sites
    var largest = 0.0
    var reached: [[Double]] = []
    for tilt in tilts {
      reached.append(table.means(zip(table.sampling(of: tilt.group), weights).map { $0 * $1 }))
    }
    if reached.count == 1 { reached.append(target) }
    for column in varying {
      let (one, zero) = (reached[0][column], reached[1][column])
      largest = max(largest, ((one - zero) / table.scale[column]).magnitude)
    }
    largestDifference = largest
    origin = .tilting(table: table, target: target, tilts: tilts, targetRows: targetRows)
  }

  /// Weights of a covariate balancing score.
  init(
    estimand: Estimand, weights: [Double], probability: [Double], table: MomentTable,
    dropped: [Int], iterations: Int, index: ScoreIndex
  ) {
    self.estimand = estimand
    self.weights = weights
    self.probability = probability
    let varying = table.names.indices.filter { table.scale[$0] > 0 }
    moments = varying.filter { !dropped.contains($0) }.map { table.names[$0] }
    constants = table.constants
    self.dropped = dropped.map { table.names[$0] }
    excluded = 0
    self.iterations = iterations
    sites = nil
    let one = table.means(zip(table.sampling(of: true), weights).map { $0 * $1 })
    let zero = table.means(zip(table.sampling(of: false), weights).map { $0 * $1 })
    largestDifference = varying.reduce(0) {
      max($0, ((one[$1] - zero[$1]) / table.scale[$1]).magnitude)
    }
    origin = .score(index)
  }
}
