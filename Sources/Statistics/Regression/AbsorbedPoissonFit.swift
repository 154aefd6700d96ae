internal import LinearAlgebra

/// A fitted Poisson regression with absorbed effects; coefficients are logarithms of ratios of means.
///
/// Statistics follow the normal distribution. Clustered covariance has the factor
/// (N − 1)/(N − K)·G/(G − 1), K leaving out effects nested in the clusters.
public struct AbsorbedPoissonFit: RegressionFit {
  /// The names of the regressors; the intercept is absorbed.
  public let names: [String]
  /// A coefficient for each regressor; NaN for dropped ones.
  public let coefficients: [Double]
  /// The regressors that take part, by their places in `names`.
  public let keptColumns: [Int]
  /// The names of regressors that the effects or earlier ones explain.
  public let dropped: [String]
  /// The rows of the data used; nil when all.
  public let rows: [Int]?
  /// The fitted means of the rows used.
  public let fitted: [Double]
  /// Rows used.
  public let observations: Int
  /// Rows left out because they were alone in a level.
  public let singletons: Int
  /// Rows left out because the outcomes of a level are all zero.
  public let zeros: Int
  /// Steps taken.
  public let iterations: Int
  /// 2Σw(y·log(y/μ) − (y − μ)).
  public let deviance: Double
  /// The share of a column's length at which the normal equations were left.
  public let normalEquationResidual: Double
  /// What covariance estimators need; every absorbed parameter counts.
  public let equations: EstimatingEquations
  /// Things that the reader must know.
  public let notes: [String]

  private let absorption: Absorption
  private let dataRows: Int
  private let counting: EffectsCounting

  init(
    settings: AbsorbedPoisson, _ sample: Sample, _ selection: RowSelection, _ state: PoissonState
  ) throws(SiblingError) {
    let names = sample.columns.map { sample.design.names[$0] }
    self.names = names
    keptColumns = state.kept
    var all = [Double](repeating: .nan, count: names.count)
    for (place, column) in state.kept.enumerated() { all[column] = state.coefficients[place] }
    coefficients = all
    dropped = names.indices.filter { !state.kept.contains($0) }.map { names[$0] }
    rows = sample.rows
    fitted = state.means
    observations = sample.response.count
    singletons = selection.singletons
    zeros = selection.zeros
    iterations = state.iterations
    deviance = state.deviance
    normalEquationResidual = state.normalEquationResidual
    absorption = state.absorption
    dataRows = sample.dataRows
    counting = settings.counting
    let parameters = state.kept.count + state.absorption.parameters
    guard observations > parameters else {
      throw SiblingError(
        .tooFewObservations,
        "The model has \(parameters) coefficients and effects but only \(observations) rows.",
        help: "Absorb fewer columns or use more rows.")
    }
    var scores = [Double](repeating: 0, count: observations)
    var working = scores
    for row in scores.indices {
      let weight = sample.weights?[row] ?? 1
      scores[row] = weight * (sample.response[row] - state.means[row])
      working[row] = weight * state.means[row]
    }
    equations = EstimatingEquations(
      design: state.within, basis: state.solution.basis, scores: scores, workingWeights: working,
      factor: state.solution.factor, observations: observations, parameters: parameters,
      dispersion: 1, usesStudentT: false, weights: sample.weights)
    var notes: [String] = []
    if !dropped.isEmpty {
      notes.append(
        dropped.map { "`\($0)`" }.joined(separator: ", ")
          + ": explained by the absorbed effects or earlier terms, and left out.")
    }
    if zeros > 0 {
      notes.append(
        (zeros == 1 ? "One row was" : "\(zeros) rows were")
          + " in an absorbed group whose outcomes are all zero, and left out.")
    }
    if singletons > 0 {
      notes.append(
        singletons == 1
          ? "One row was alone in an absorbed group and was left out."
          : "\(singletons) rows were alone in an absorbed group and were left out.")
    }
    self.notes = notes
  }

  /// The covariance of the kept coefficients; cluster factors have a row for each row of the data.
  ///
  /// - Throws: what the estimator finds wrong; `invalidOption` for HC2 and HC3.
  public func covariance(
    _ estimator: CovarianceEstimator
  ) throws(SiblingError) -> CovarianceEstimate {
    switch estimator {
    case .heteroskedastic(.hc2), .heteroskedastic(.hc3):
      throw SiblingError(
        .invalidOption, "HC2 and HC3 have no closed form for Poisson models with absorbed effects.",
        help: "Use HC1 or clusters.")
    default:
      return try AbsorbedSandwich(
        equations: equations, absorption: absorption, kept: keptColumns.count, rows: rows,
        dataRows: dataRows, counting: counting
      ).covariance(estimator)
    }
  }
}
