internal import LinearAlgebra

/// A fitted linear regression with absorbed effects.
///
/// Covariance follows fixest: K counts the absorbed parameters, less those of factors nested in the
/// clusters; clustered covariance has the factor (N − 1)/(N − K)·G/(G − 1) and t(G − 1). CR2 and CR3
/// are those of the regression with all effects as columns.
public struct AbsorbedLeastSquaresFit: RegressionFit {
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
  /// The residuals of the rows used.
  public let residuals: [Double]
  /// Rows used.
  public let observations: Int
  /// Rows left out because they were alone in a level.
  public let singletons: Int
  /// The effects that were absorbed.
  public let absorption: Absorption
  /// The share of a column's length at which the normal equations were left.
  public let normalEquationResidual: Double
  /// The share of the variance within the effects that the regressors explain.
  public let withinRSquared: Double
  /// The residual standard deviation √(Σwr²/(N − K)).
  public let sigma: Double
  /// What covariance estimators need; every absorbed parameter counts.
  public let equations: EstimatingEquations
  /// Things that the reader must know.
  public let notes: [String]

  private let dataRows: Int
  private let counting: EffectsCounting

  init(
    settings: AbsorbedLeastSquares, sample: Sample, absorption: Absorption,
    residuals: Absorption.Residuals
  ) throws(SiblingError) {
    names = sample.columns.map { sample.design.names[$0] }
    var columns = residuals.columns
    let response = columns.removeLast()
    let varying = columns.indices.filter { place in
      absorption.norm(columns[place]) > settings.rankTolerance * residuals.lengths[place]
    }
    let within = Matrix(
      rows: absorption.rows, columns: varying.count, storage: varying.flatMap { columns[$0] })
    guard !varying.isEmpty,
      let solution = LeastSquaresProblem(
        design: within, response: response, weights: sample.weights
      ).solve(rankTolerance: 1e-7)
    else {
      throw SiblingError(
        .rankDeficient, "No term of the model varies within the absorbed effects.",
        help: "Absorb fewer columns, or add a term that varies within them.",
        column: names.first)
    }
    let kept = solution.basis.columns.map { varying[$0] }
    let back = solution.basis.back.times(solution.coefficients)
    var all = [Double](repeating: .nan, count: names.count)
    for (place, column) in kept.enumerated() { all[column] = back[place] }
    coefficients = all
    keptColumns = kept
    let named = names
    dropped = names.indices.filter { !kept.contains($0) }.map { named[$0] }
    rows = sample.rows
    dataRows = sample.dataRows
    counting = settings.counting
    self.residuals = solution.residuals
    observations = absorption.rows
    singletons = sample.singletons
    self.absorption = absorption
    normalEquationResidual = residuals.normalEquationResidual
    let parameters = kept.count + absorption.parameters
    guard observations > parameters else {
      throw SiblingError(
        .tooFewObservations,
        "The model has \(parameters) coefficients and effects but only \(observations) rows.",
        help: "Absorb fewer columns or use more rows.")
    }
    let (left, total) = (absorption.norm(solution.residuals), absorption.norm(response))
    guard total > 1e-12 * (residuals.lengths.last ?? 0) else {
      throw SiblingError(
        .constantOutcome, "The outcome does not vary within the absorbed effects.",
        help: "Absorb fewer columns.")
    }
    withinRSquared = 1 - left * left / (total * total)
    let dispersion = left * left / Double(observations - parameters)
    sigma = dispersion.squareRoot()
    var scores = solution.residuals
    if let weights = sample.weights { for row in scores.indices { scores[row] *= weights[row] } }
    equations = EstimatingEquations(
      design: within, basis: solution.basis, scores: scores,
      workingWeights: sample.weights ?? [Double](repeating: 1, count: observations),
      factor: solution.factor, observations: observations, parameters: parameters,
      dispersion: dispersion, usesStudentT: true, weights: sample.weights,
      extraLeverage: absorption.leverage)
    notes = Self.notes(dropped: dropped, singletons: singletons)
  }

  /// What is said of regressors and rows that were left out.
  public static func notes(dropped: [String], singletons: Int) -> [String] {
    var notes: [String] = []
    if !dropped.isEmpty {
      let list = dropped.map { "`\($0)`" }.joined(separator: ", ")
      notes.append(
        "\(list): explained by the absorbed effects or earlier terms, and left out.")
    }
    if singletons > 0 {
      notes.append(
        singletons == 1
          ? "One row was alone in an absorbed group and was left out."
          : "\(singletons) rows were alone in an absorbed group and were left out.")
    }
    return notes
  }

  /// Rows used less regressors and absorbed effects.
  public var residualDegreesOfFreedom: Int { equations.residualDegreesOfFreedom }

  /// The covariance of the kept coefficients; cluster factors have a row for each row of the data.
  ///
  /// - Throws: what the estimator finds wrong; `invalidOption` for HC2 and HC3 where leverage has
  ///   no closed form.
  public func covariance(
    _ estimator: CovarianceEstimator
  ) throws(SiblingError) -> CovarianceEstimate {
    if case .cluster(let type, let factors, _) = estimator, type == .cr2 || type == .cr3 {
      for factor in factors where factor.count != dataRows {
        throw SiblingError(
          .sizeMismatch, "The clusters have \(factor.count) rows, the data \(dataRows).")
      }
      return try biasReduced(
        type, rows.map { rows in factors.map { $0.selecting(rows) } } ?? factors)
    }
    return try sandwich.covariance(estimator)
  }

  private var sandwich: AbsorbedSandwich {
    AbsorbedSandwich(
      equations: equations, absorption: absorption, kept: keptColumns.count, rows: rows,
      dataRows: dataRows, counting: counting)
  }
}

extension Absorption {
  /// Whether each level of a factor lies within one cluster.
  func isNested(_ factor: Int, in clusters: Factor) -> Bool {
    var home = [Int32](repeating: -1, count: levels[factor])
    for row in 0..<rows {
      let level = Int(codes[factor][row])
      if home[level] < 0 {
        home[level] = clusters.codes[row]
      } else if home[level] != clusters.codes[row] {
        return false
      }
    }
    return true
  }

  /// The leverage of the effects where it has a closed form: one factor, or a balanced panel.
  var leverage: [Double]? {
    switch method {
    case .oneWay:
      return codes[0].indices.map { (weights?[$0] ?? 1) / totals[0][Int(codes[0][$0])] }
    case .balanced:
      let both = 1 / Double(levels[0]) + 1 / Double(levels[1]) - 1 / Double(rows)
      return [Double](repeating: both, count: rows)
    case .eliminated, .iterated:
      return nil
    }
  }
}
