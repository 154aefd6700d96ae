internal import Matching
internal import Statistics
internal import Tables

/// Quantiles of covariates in both groups, for the verb and for the report.
enum QuantileRows {
  /// Percentiles: what the verb prints.
  static let percentiles = (1...99).map { Double($0) / 100 }

  /// The rows of the verb: percentiles, or fewer quantiles when people have to stand between them.
  ///
  /// - Throws: what is wrong with a covariate, located.
  static func output(
    _ names: [String], _ sample: MatchedSample, apart: Int?
  ) throws(SiblingError) -> AnalysisOutput {
    let grid = apart.map { Self.grid(sample, apart: $0) } ?? percentiles
    var rows: [(name: String, pair: CovariateComparison.QuantilePair)] = []
    for name in names {
      rows += try sample.comparison(of: name).quantiles(grid).map { (name, $0) }
    }
    var output = AnalysisOutput(
      columns: [
        .texts("covariate", rows.map(\.name)),
        .texts("stage", rows.map(\.pair.stage.rawValue)),
        .numbers("probability", rows.map(\.pair.probability)),
        .numbers("quantile_treated", rows.map(\.pair.treated)),
        .numbers("quantile_comparison", rows.map(\.pair.comparison)),
      ], notes: sample.notes)
    output.labels = ["probability"]
    output.people = [
      "beyond_treated": rows.map(\.pair.treatedBeyond),
      "beyond_comparison": rows.map(\.pair.comparisonBeyond),
    ]
    return output
  }

  /// At most 49 probabilities that leave `apart` people of the smallest group between two of them:
  /// a finer grid would list nearly everybody's value.
  static func grid(_ sample: MatchedSample, apart: Int) -> [Double] {
    let people = Balance.Stage.allCases.map { sample.people($0) }
    let smallest = people.flatMap { [$0.treated, $0.comparison] }.min() ?? 0
    let steps = max(2, min(50, smallest / max(1, apart)))
    return (1..<steps).map { Double($0) / Double(steps) }
  }
}

/// Kernel densities of covariates in both groups, for the verb and for the report.
enum DensityRows {
  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with a covariate, located; `badValue` for one without spread.
  static func output(
    _ names: [String], _ sample: MatchedSample
  ) throws(SiblingError) -> AnalysisOutput {
    var rows: [(name: String, point: CovariateComparison.DensityPoint)] = []
    var notes = sample.notes
    for name in names {
      let comparison = try sample.comparison(of: name)
      guard let bandwidth = comparison.bandwidth else {
        throw SiblingError(
          .badValue, "the smaller group's values of '\(name)' do not vary: they have no density",
          column: name)
      }
      notes.append("densities of \(name) are Gaussian with bandwidth \(bandwidth)")
      rows += comparison.densities(at: try grid(comparison)).map { (name, $0) }
    }
    var output = AnalysisOutput(
      columns: [
        .texts("covariate", rows.map(\.name)),
        .texts("stage", rows.map(\.point.stage.rawValue)),
        .texts("arm", rows.map(\.point.group.rawValue)),
        .numbers("value", rows.map(\.point.value)),
        .numbers("density", rows.map(\.point.density)),
      ], notes: notes)
    output.labels = ["value"]
    output.people = ["near": rows.map(\.point.people)]
    return output
  }

  /// About a hundred round values that hold nearly all of both groups.
  ///
  /// The ends are rounded outward from the outer percentiles: exact ones would be somebody's value.
  /// A density that is smoothed past a bound of the covariate is cut there.
  static func grid(_ comparison: CovariateComparison) throws(SiblingError) -> [Double] {
    guard let bandwidth = comparison.bandwidth else { return [] }
    let ends = try comparison.quantiles([0.01, 0.99])
      .flatMap { [$0.treated, $0.comparison] }
    var low = (ends.min() ?? 0) - 3 * bandwidth
    var high = (ends.max() ?? 0) + 3 * bandwidth
    // No curve where no value can be: below zero earnings, above one a probability.
    if comparison.range.lowerBound >= 0 {
      low = max(0, low)
      if comparison.range.upperBound <= 1 { high = min(1, high) }
    }
    let step = roundStep((high - low) / 100)
    let first = (low / step + 1e-9).rounded(.down)
    let last = (high / step - 1e-9).rounded(.up)
    guard step.isNormal, let count = Int(exactly: last - first), count <= 1000 else { return [] }
    return (0...count).map { (first + Double($0)) * step }
  }

  /// The least of 1, 2 and 5 times a power of ten that is at least `rough`.
  private static func roundStep(_ rough: Double) -> Double {
    guard rough > 0, rough.isFinite else { return 1 }
    var power = 1.0
    while power > rough { power /= 10 }
    while power * 10 <= rough { power *= 10 }
    return [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
  }
}
