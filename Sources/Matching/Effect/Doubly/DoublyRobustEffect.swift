internal import LinearAlgebra
public import Statistics

/// Estimates a treatment's effect from a model of the treatment and a model of the outcome, one of
/// which may be wrong.
///
/// With p the probability of treatment, m₁ and m₀ the outcome models' predictions, F the weight of
/// the target population and r the odds that carry a group over to it (1/p and 1/(1−p) for ATE; 1
/// and p/(1−p) for ATT; (1−p)/p and 1 for ATC), each mean is ΣF·m plus Σr(Y − m) over its group,
/// both divided by ΣF.
///
/// - `aipw`: that sum as it stands (Robins, J. M., Rotnitzky, A. and Zhao, L. P. (1994),
///   https://doi.org/10.1080/01621459.1994.10476818).
/// - `tmle`: predictions are moved on the logistic scale, by an intercept fitted with weights r,
///   until the second sum is zero (van der Laan, M. J. and Rubin, D. (2006),
///   https://doi.org/10.2202/1557-4679.1043). The outcome is brought to [0, 1] by its least and
///   greatest value first (Gruber, S. and van der Laan, M. J. (2010),
///   https://doi.org/10.2202/1557-4679.1260), so means can't leave its range.
/// - `dml`: as `aipw`, with both models fitted on the other folds (Chernozhukov, V. et al. (2018),
///   https://doi.org/10.1111/ectj.12097), and the median over repetitions.
///
/// Models are parametric: a binomial regression for the treatment, and in each group a linear or
/// logistic regression for the outcome.
///
/// The standard error of `aipw` is M-estimation's: the estimating equations of the treatment's
/// model, of each group's outcome model and of the means are stacked, so that it knows that the
/// models were fitted, and holds when one of them is wrong (Stefanski, L. A. and Boos, D. D. (2002),
/// https://doi.org/10.1198/000313002753631330; Lunceford, J. K. and Davidian, M. (2004),
/// https://doi.org/10.1002/sim.1903). That of `tmle` and `dml` is the efficient influence
/// function's, which takes the models as known: right in large samples when both are. Where a model
/// is wrong or overlap is thin it can be much too small; for `tmle` a bootstrap that fits both
/// models again shows it.
public struct DoublyRobustEffect: Sendable, Equatable {
  /// Which of the doubly robust estimators.
  public enum Method: String, Sendable, CaseIterable {
    /// Augmented inverse-probability weighting.
    case augmentedWeighting = "aipw"
    /// Targeted maximum likelihood.
    case targetedLearning = "tmle"
    /// Cross-fitted double machine learning.
    case doubleMachineLearning = "dml"
  }

  /// What the standard error knows of the models.
  public enum StandardError: String, Sendable, CaseIterable {
    /// That they were fitted: the stacked sandwich, for `aipw` alone.
    case stacked = "m-estimation"
    /// Nothing: the efficient influence function, with the models taken as known.
    case influence = "robust"
  }

  /// Which estimator.
  public var method: Method
  /// Whose effect: ATE, ATT or ATC.
  public var estimand: Estimand
  /// How the two means are compared.
  public var scale: MatchedEffect.Scale
  /// The outcome model in each group.
  public var outcomeModel: MatchedEffect.OutcomeModel
  /// The link of the treatment's model.
  public var link: Link
  /// The folds of `dml`.
  public var folds: Int
  /// How often `dml` is repeated with other folds; the median counts.
  public var repetitions: Int
  /// The seed of the folds.
  public var seed: UInt64
  /// The confidence level.
  public var level: Double
  /// The standard error; nil for the stacked one of `aipw` and the influence function's of others.
  public var standardError: StandardError?

  /// A doubly robust estimator; the defaults give AIPW for the ATE.
  public init(
    method: Method = .augmentedWeighting, estimand: Estimand = .ate,
    scale: MatchedEffect.Scale = .difference,
    outcomeModel: MatchedEffect.OutcomeModel = .automatic, link: Link = .logit, folds: Int = 5,
    repetitions: Int = 1, seed: UInt64 = 1, level: Double = 0.95,
    standardError: StandardError? = nil
  ) {
    self.method = method
    self.estimand = estimand
    self.scale = scale
    self.outcomeModel = outcomeModel
    self.link = link
    self.folds = folds
    self.repetitions = repetitions
    self.seed = seed
    self.level = level
    self.standardError = standardError
  }

  /// The effect, from one entry a row of the study.
  ///
  /// `score` is the design of the treatment's model and `covariates` that of the outcome's, both
  /// with an intercept and n rows. `weights` are sampling weights, all one when nil; rows of weight
  /// zero take no part. `within` restricts the target population, not the models, for effects in
  /// subgroups. With `cluster` the standard error adds up influences within clusters, and the folds
  /// of `dml` keep clusters together. The stacked variance is enlarged by G/(G − 1) for clusters and
  /// not otherwise, the influence function's also by n/(n − 1).
  /// - Throws: `constantTreatment`, `sizeMismatch`, `missingValue`, `badWeight`, `invalidOption`,
  ///   `separation` and `nonConvergence` of a model, `rankDeficient` where the equations of the
  ///   treatment's model are singular, `tooFewObservations`, `tooFewClusters`, `noOverlap` where a
  ///   fitted probability is 0 or 1, `constantOutcome`, `badValue` where a ratio is not defined.
  /// - Complexity: O(n p²) a model; `dml` fits folds × repetitions of them in parallel.
  public func estimate(
    outcome: [Double], treatment: [Bool], score: DesignMatrix, covariates: DesignMatrix,
    weights: [Double]? = nil, cluster: Factor? = nil, within: [Bool]? = nil
  ) throws(SiblingError) -> EffectEstimate {
    var problem = try DoublyRobustProblem(
      self, outcome, treatment, score, covariates, weights, cluster, within)
    let contrast = MeanContrast(scale: scale, level: level)
    let runs = try problem.means()
    var values: [MeanContrast.Value] = []
    for means in runs { values.append(try contrast.value(means)) }
    let value = Self.median(values)
    let used = problem.target.indices.filter { problem.target[$0] > 0 }
    func count(_ group: Bool, eventsOnly: Bool) -> Int {
      used.count { treatment[$0] == group && (!eventsOnly || outcome[$0] == 1) }
    }
    let isBinary = problem.isBinary
    var notes: [String] = []
    for note in runs.flatMap(\.notes) + problem.overlapNotes where !notes.contains(note) {
      notes.append(note)
    }
    return EffectEstimate(
      estimate: contrast.estimate(value, estimand: estimand, convention: runs[0].convention),
      scale: scale, method: EffectMethod(rawValue: method.rawValue) ?? .augmentedWeighting,
      population: estimand.rawValue, meanTreated: Self.median(runs.map(\.treated)),
      meanComparison: Self.median(runs.map(\.comparison)),
      treatedRows: count(true, eventsOnly: false), comparisonRows: count(false, eventsOnly: false),
      treatedEvents: isBinary ? count(true, eventsOnly: true) : nil,
      comparisonEvents: isBinary ? count(false, eventsOnly: true) : nil,
      clusters: runs[0].clusters, influence: value.influence, notes: notes)
  }

  /// The median of several runs; their spread about it enters the variance.
  ///
  /// V = median(Vᵣ + (θᵣ − θ)²), equation (3.14) and definition 3.3 of Chernozhukov et al. (2018).
  private static func median(_ values: [MeanContrast.Value]) -> MeanContrast.Value {
    guard values.count > 1 else { return values[0] }
    let middle = median(values.map(\.value))
    var result = values[0]
    result.value = middle
    let variances = values.compactMap { value in
      value.standardError.map { $0 * $0 + (value.value - middle) * (value.value - middle) }
    }
    result.standardError =
      variances.count == values.count ? median(variances).squareRoot() : nil
    return result
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2
  }
}
