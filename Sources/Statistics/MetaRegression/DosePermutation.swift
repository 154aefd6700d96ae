internal import LinearAlgebra

/// The test of a meta-regression by exchanging doses between sites.
///
/// Rows of the design are given to other sites, the regression is run again with its variance between
/// sites, and the p-value is the share of arrangements whose |t| is at least the one observed. It asks
/// whether effects go with any of the columns at all, and is exact when every arrangement was equally
/// likely: few sites do not spoil it, only make it coarse. All distinct arrangements are listed when there
/// are at most `limit`; else `draws` are drawn and the observed one is counted with them,
/// p = (1 + #)/(1 + draws). An arrangement that can't be fitted counts as at least as extreme.
///
/// Higgins and Thompson (2004), doi:10.1002/sim.1752.
public struct DosePermutation: Sendable, Equatable {
  /// The most arrangements that are listed.
  public var limit: Int
  /// Arrangements drawn where there are more.
  public var draws: Int
  /// The seed of the draws.
  public var seed: UInt64

  /// A test; 10,000 arrangements are listed at most.
  public init(limit: Int = 10_000, draws: Int = 9999, seed: UInt64 = 1) {
    self.limit = limit
    self.draws = draws
    self.seed = seed
  }

  /// What the test found.
  public struct Result: Sendable, Equatable {
    /// The p-value of each coefficient; nil for the intercept, which no exchange changes.
    public var pValues: [Double?]
    /// The smallest p-value that any effects could give.
    public var attainable: Double
    /// Distinct arrangements that exist.
    public var arrangements: Double
    /// Arrangements worked through.
    public var used: Int
    /// Whether every arrangement was listed.
    public var isExact: Bool
    /// Arrangements that can't be fitted.
    public var undefined: Int

    /// What was done, in words.
    public var convention: String {
      isExact
        ? "all \(used) arrangements of doses over sites"
        : "\(used) drawn arrangements of doses over sites, observed one counted"
    }
  }

  /// Tests the coefficients of a meta-regression.
  ///
  /// - Throws: as `MetaRegression.fit`; `invalidOption` for fewer than one or more than a million draws or
  ///   listed arrangements.
  /// - Complexity: O(n p²) for each of some fifty trial values of τ² an arrangement; parallel.
  public func test(
    _ model: MetaRegression, effects: [Double], standardErrors: [Double], design: DesignMatrix
  ) throws(SiblingError) -> Result {
    guard (1...1_000_000).contains(draws), (1...1_000_000).contains(limit) else {
      throw SiblingError(
        .invalidOption, "a permutation test takes between 1 and 1,000,000 arrangements",
        column: "permutations")
    }
    let system = try model.system(effects, standardErrors, design)
    var scratch = MetaRegressionSystem.Solution(columns: system.columns)
    guard let observed = system.statistics(model, nil, &scratch) else {
      throw MetaRegression.notFinite
    }
    let doses = DoseRows(design)
    let isExact = doses.arrangements <= Double(limit)
    let listed = isExact ? doses.listed() : []
    let total = isExact ? listed.count : draws
    let stream = RandomStream(seed: seed, name: "dose arrangements")
    let ranges = Parallel.ranges(of: total, size: 250)
    let blocks = Parallel.mapBlocks(ranges.count) { block in
      var scratch = MetaRegressionSystem.Solution(columns: system.columns)
      var tally = Tally(extreme: [Int](repeating: 0, count: system.columns), undefined: 0)
      for index in ranges[block] {
        let order: [Int32]
        if isExact {
          order = listed[index]
        } else {
          var own = stream.substream(UInt64(index))
          order = own.permutation(system.count).map { Int32($0) }
        }
        guard let found = system.statistics(model, order, &scratch) else {
          tally.undefined += 1
          for column in observed.indices { tally.extreme[column] += 1 }
          continue
        }
        // An arrangement that gives the same number but for rounding is as extreme.
        for column in observed.indices where found[column] >= observed[column] * (1 - 1e-9) {
          tally.extreme[column] += 1
        }
      }
      return tally
    }
    var all = Tally(extreme: [Int](repeating: 0, count: system.columns), undefined: 0)
    for block in blocks {
      for column in observed.indices { all.extreme[column] += block.extreme[column] }
      all.undefined += block.undefined
    }
    let extra = isExact ? 0 : 1
    let denominator = Double(total + extra)
    let ties = doses.hasMirror ? 2.0 : 1.0
    return Result(
      pValues: observed.indices.map { column in
        design.hasIntercept && column == 0
          ? nil : Double(all.extreme[column] + extra) / denominator
      },
      attainable: isExact ? min(1, ties / denominator) : 1 / denominator,
      arrangements: doses.arrangements, used: total, isExact: isExact, undefined: all.undefined)
  }

  private struct Tally: Sendable {
    var extreme: [Int]
    var undefined: Int
  }
}

extension MetaRegressionSystem {
  /// |t| of every coefficient for an order of the doses; nil when it can't be had.
  func statistics(
    _ model: MetaRegression, _ order: [Int32]?, _ s: inout Solution
  ) -> [Double]? {
    guard variance(by: model.method, order: order, into: &s) != nil else { return nil }
    let square = s.residual / Double(count - columns)
    let factor =
      switch model.inference {
      case .knappHartung: square
      case .knappHartungFloor: max(1, square)
      case .normal: 1.0
      }
    let values = inTerms(s.coefficients)
    let spread = covariance(s.inverse, factor: factor).diagonal
    var result: [Double] = []
    for (value, variance) in zip(values, spread) {
      guard variance > 0, (value * value / variance).isFinite else { return nil }
      result.append(value.magnitude / variance.squareRoot())
    }
    return result
  }
}
