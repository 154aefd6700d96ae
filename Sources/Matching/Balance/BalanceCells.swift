internal import Statistics

/// The rows of a balance assessment by value rather than one by one, for data that are not in memory.
///
/// What `BalanceAssessment` measures depends on the rows only through how much of each group has each value of
/// a covariate, and through a few sums that all covariates share.
public struct BalanceCells: Sendable {
  /// The sums of a group.
  public struct Group: Sendable {
    /// The rows.
    public var rows: Double
    /// Σs and Σs² of the sampling weights.
    public var sampling: (sum: Double, squares: Double)
    /// Σw and Σw² of the weights, sampling weights included.
    public var weight: (sum: Double, squares: Double)

    /// The sums of a group.
    public init(
      rows: Double, sampling: (sum: Double, squares: Double), weight: (sum: Double, squares: Double)
    ) {
      (self.rows, self.sampling, self.weight) = (rows, sampling, weight)
    }
  }

  /// A covariate, the score (`distance`), or a level of a factor.
  public struct Covariate: Sendable {
    /// The name.
    public var name: String
    /// The level that the covariate indicates.
    public var level: String?
    /// What is known of it.
    public var content: Content

    /// A covariate.
    public init(name: String, level: String? = nil, content: Content) {
      (self.name, self.level, self.content) = (name, level, content)
    }
  }

  /// What is known of a covariate.
  public enum Content: Sendable {
    /// Its distinct values, ascending, with Σs and Σw of each group at each.
    case values(
      [Double], sampling: (treated: [Double], comparison: [Double]),
      weight: (treated: [Double], comparison: [Double]))
    /// Its means and central second moments Σs(x − m)²/Σs only, by sampling weights and by weights.
    case moments(
      sampling: (treated: Moments, comparison: Moments),
      weight: (treated: Moments, comparison: Moments))
  }

  /// A mean and the mean squared distance from it.
  public struct Moments: Sendable {
    /// The mean.
    public var mean: Double
    /// The mean squared distance from the mean.
    public var spread: Double

    /// Moments.
    public init(mean: Double, spread: Double) { (self.mean, self.spread) = (mean, spread) }
  }

  /// The treated.
  public var treated: Group
  /// The comparisons.
  public var comparison: Group
  /// The score if there is one, then the covariates.
  public var covariates: [Covariate]

  /// Rows by value.
  public init(treated: Group, comparison: Group, covariates: [Covariate]) {
    (self.treated, self.comparison, self.covariates) = (treated, comparison, covariates)
  }
}

extension BalanceAssessment {
  /// Measures every covariate before and after weighting, as
  /// ``assess(treatment:weights:covariates:score:sampling:)`` does from rows; powers and products are not
  /// measured.
  ///
  /// Of a covariate of which only moments are known there are no distribution differences and no overlap.
  public func assess(_ cells: BalanceCells) -> Balance {
    let sample = BalanceSample(cells)
    let scale = (
      treated: cells.treated.rows / cells.treated.sampling.sum,
      comparison: cells.comparison.rows / cells.comparison.sampling.sum
    )
    var terms: [BalanceTerm] = []
    var measured: [CovariateMeasurement] = []
    var coarse: Set<Int> = []
    var place = 0
    for (index, covariate) in cells.covariates.enumerated() {
      let isScore = covariate.name == Balance.distanceName && index == 0
      terms.append(
        BalanceTerm(
          name: covariate.name, level: covariate.level, components: isScore ? [] : [place]))
      if !isScore { place += 1 }
      switch covariate.content {
      case .values(let values, let sampling, let weight):
        var distribution = CovariateDistribution([], sample)
        distribution.values = values
        distribution.treated = sampling.treated.map { $0 * scale.treated }
        distribution.comparison = sampling.comparison.map { $0 * scale.comparison }
        distribution.treatedWeight = weight.treated
        distribution.comparisonWeight = weight.comparison
        measured.append(
          CovariateMeasurement(
            distribution, sample, estimand: estimand, includesOverlap: includesOverlap))
      case .moments(let sampling, let weight):
        coarse.insert(index)
        measured.append(
          CovariateMeasurement(sampling, weight, sample, estimand: estimand))
      }
    }
    var result = balance(
      terms, measured, before: sample.effective(sample.sizes, sample.baseSquares),
      after: sample.effective(sample.totals, sample.squares))
    for row in result.rows.indices.dropLast(2) where coarse.contains(row / 2) {
      result.rows[row].meanDistributionDifference = nil
      result.rows[row].kolmogorovSmirnov = nil
      result.rows[row].overlap = nil
    }
    return result
  }
}

extension BalanceSample {
  /// The sums of rows that are not at hand.
  init(_ cells: BalanceCells) {
    let (one, zero) = (cells.treated, cells.comparison)
    let scale = (one.rows / one.sampling.sum, zero.rows / zero.sampling.sum)
    self.init(
      sizes: (one.rows, zero.rows),
      baseSquares: (
        one.sampling.squares * scale.0 * scale.0, zero.sampling.squares * scale.1 * scale.1
      ),
      totals: (one.weight.sum, zero.weight.sum), squares: (one.weight.squares, zero.weight.squares))
  }

  /// (Σw)²/Σw² of each group.
  func effective(
    _ sums: (treated: Double, comparison: Double), _ squares: (treated: Double, comparison: Double)
  ) -> (treated: Double, comparison: Double) {
    (
      squares.treated > 0 ? sums.treated * sums.treated / squares.treated : 0,
      squares.comparison > 0 ? sums.comparison * sums.comparison / squares.comparison : 0
    )
  }
}
