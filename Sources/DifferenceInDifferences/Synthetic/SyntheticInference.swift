internal import Statistics

/// How the uncertainty of a synthetic comparison is judged.
public struct SyntheticInference: Sendable, Equatable {
  /// The method.
  public var method: Method
  /// Reassignments or resamples; placebo assignments are listed in full where there are no more.
  public var draws: Int
  /// The seed of the draws.
  public var seed: UInt64
  /// The confidence level.
  public var level: Double

  /// An inference.
  public init(method: Method = .placebo, draws: Int = 500, seed: UInt64 = 1, level: Double = 0.95) {
    self.method = method
    self.draws = draws
    self.seed = seed
    self.level = level
  }

  /// The methods.
  public enum Method: String, Sendable, CaseIterable {
    /// Donors take the treated units' place, weights are fitted anew: their spread is the standard
    /// error (Arkhangelsky et al. 2021, algorithm 4), their ratios of gaps give a rank p-value
    /// (Abadie, Diamond & Hainmueller 2010). Needs more donors than treated units.
    case placebo
    /// One unit left out at a time with all weights held (algorithm 3); two treated units or more
    /// in every cohort.
    case jackknife
    /// Units drawn with replacement, weights fitted anew (algorithm 2); two treated units or more.
    case bootstrap
    /// Moving blocks of residuals under the null that the effect is the same in all periods
    /// (Chernozhukov, Wüthrich & Zhu 2021, doi 10.1080/01621459.2021.1920957); the interval by
    /// inverting the test.
    case conformal
    /// The estimate alone.
    case none
  }
}

extension SyntheticFit {
  /// What an inference adds to the estimate.
  struct Uncertainty: Sendable {
    var estimate: Estimate
    var placebos: [SyntheticResult.Placebo] = []
    var ratio: SyntheticResult.RatioTest?
    var attainable: Double?
    var notes: [String] = []
  }

  /// The uncertainty of the average of fitted blocks.
  ///
  /// - Throws: `badDesign`, `tooFewClusters`, `invalidOption` where the method can't be had.
  func uncertainty(
    _ fits: [Fitted], _ inference: SyntheticInference
  ) throws(SiblingError) -> Uncertainty {
    let effect = Self.average(fits)
    switch inference.method {
    case .none:
      return Uncertainty(estimate: Self.bare(effect, "no inference asked for"))
    case .placebo: return try placebo(fits, effect, inference)
    case .jackknife: return try jackknife(fits, effect, inference)
    case .bootstrap: return try bootstrap(fits, effect, inference)
    case .conformal: return try conformal(fits, effect, inference)
    }
  }

  static func bare(_ effect: Double, _ convention: String) -> Estimate {
    Estimate(
      term: "ATT", estimate: effect, standardError: nil, statistic: nil, degreesOfFreedom: nil,
      pValue: nil, interval: nil, convention: convention)
  }

  /// The number of treated units.
  var treatedUnits: Int { panel.cohorts.reduce(0) { $0 + $1.units.count } }

  /// The standard deviation, n below.
  static func deviation(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }

  // MARK: jackknife

  private func jackknife(
    _ fits: [Fitted], _ effect: Double, _ inference: SyntheticInference
  ) throws(SiblingError) -> Uncertainty {
    if panel.cohorts.contains(where: { $0.units.count < 2 }) {
      throw SiblingError(
        .tooFewClusters,
        treatedUnits == 1
          ? "There is one treated unit: leaving it out leaves no effect, so no jackknife."
          : "A cohort has one treated unit: leaving it out loses the cohort, so no jackknife.",
        help: "Use placebo or conformal inference.")
    }
    for fit in fits where kind != .uniform {
      if fit.unitWeights.contains(where: { $0 > 1 - 1e-9 }) {
        throw SiblingError(
          .tooFewClusters, "One donor has all of the weight, so it can't be left out.",
          help: "Use placebo or conformal inference.")
      }
    }
    var estimates: [Double] = []
    for unit in panel.cohorts.flatMap(\.units) + panel.donors {
      estimates.append(Self.average(without(unit, fits)))
    }
    let n = Double(estimates.count)
    let error = ((n - 1).squareRoot()) * Self.deviation(estimates)
    return Uncertainty(
      estimate: Estimate(
        term: "ATT", estimate: effect, standardError: error, level: inference.level,
        convention: "jackknife by unit with fixed weights, normal"))
  }

  /// The fits without one unit, other weights scaled to sum to 1.
  private func without(_ unit: Int, _ fits: [Fitted]) -> [Fitted] {
    fits.compactMap { fit in
      var changed = fit
      if fit.block.units.contains(unit) {
        changed.block.units.removeAll { $0 == unit }
        if changed.block.units.isEmpty { return nil }
      } else if let place = fit.donors.firstIndex(of: unit) {
        changed.donors.remove(at: place)
        changed.unitWeights.remove(at: place)
        let sum = changed.unitWeights.reduce(0, +)
        changed.unitWeights = changed.unitWeights.map { $0 / sum }
      }
      complete(&changed)
      return changed
    }
  }
}
