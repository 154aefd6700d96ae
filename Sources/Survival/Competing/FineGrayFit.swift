internal import LinearAlgebra
public import Statistics

/// A fitted Fine–Gray model.
///
/// Arrays and matrices of coefficients follow `names`; a term that was left out for lack of rank
/// has NaN throughout.
public struct FineGrayFit: Sendable {
  /// The cause.
  public let cause: String
  /// The names of the coefficients.
  public let names: [String]
  /// Log subdistribution-hazard ratios.
  public let coefficients: [Double]
  /// Fine and Gray's standard errors: with Ĝ estimated, or the weights known under left truncation.
  public let standardErrors: [Double]
  /// The same from cluster sums, when the variance is robust.
  public let robustStandardErrors: [Double]?
  /// Standard errors from the inverse information, which are not valid where weights matter.
  public let informationStandardErrors: [Double]
  /// The pseudo-log-likelihood at zero.
  public let logLikelihoodNull: Double
  /// The pseudo-log-likelihood at the coefficients.
  public let logLikelihood: Double
  /// The Wald test of all coefficients, with the robust variance where there is one.
  public let wald: ChiSquaredTest
  /// The rows used.
  public let observations: Int
  /// Exits for the cause.
  public let events: Int
  /// Exits for other causes.
  public let competingEvents: Int
  /// The clusters that have rows, when the variance is clustered.
  public let clusters: Int?
  /// Newton steps taken.
  public let iterations: Int
  /// Terms left out because they are combinations of earlier ones or never vary.
  public let droppedTerms: [String]
  /// Terms whose coefficients run to infinity.
  public let infiniteTerms: [String]
  /// Whether the standard errors take the censoring weights as known.
  public let weightsAreKnown: Bool
  /// Things the reader must know.
  public let notes: [String]
  let prediction: FineGrayPrediction

  /// Log subdistribution-hazard ratios with statistic and interval.
  ///
  /// A row's `standardError` is the robust one where there is one.
  public func estimates(level: Double = 0.95) -> EstimateTable {
    let errors = robustStandardErrors ?? standardErrors
    let convention =
      "log subdistribution-hazard ratio, breslow, "
      + (robustStandardErrors == nil ? "" : clusters == nil ? "robust " : "cluster-robust ")
      + (weightsAreKnown ? "SE with known weights, z" : "SE with estimated censoring, z")
    let rows = names.indices.map { j in
      Estimate(
        term: names[j], estimate: coefficients[j],
        standardError: errors[j].isNaN ? nil : errors[j], level: level, convention: convention)
    }
    return EstimateTable(
      rows: rows, observations: observations, clusters: clusters, notes: notes)
  }
}

extension FineGrayFit {
  /// What a fit is made of.
  struct Parts {
    let times: SurvivalTimes
    let causes: Factor
    let cause: String
    let names: [String]
    let objective: FineGrayObjective
    let rank: ColumnRank
    let solution: NewtonSolver.Solution
    let cluster: Factor?
    let robust: Bool
    let strata: Factor?
  }

  static func make(_ parts: Parts) throws(SiblingError) -> FineGrayFit {
    let solution = parts.solution
    let kept = parts.rank.kept
    let information = solution.final.information
    let nothing = Matrix(rows: kept.count, columns: kept.count)
    let inverse = (try? Cholesky(information))?.inverse ?? nothing
    let infinite = infiniteColumns(parts, inverse).map { parts.names[kept[$0]] }
    guard solution.converged || !infinite.isEmpty else {
      throw SiblingError(
        .nonConvergence, "the model did not converge in \(solution.iterations) steps",
        help: "rescale covariates of very different sizes, or leave some out")
    }
    let data = parts.objective.data
    let scores = FineGrayInfluence(parts.objective).scores()
    let variance = sandwich(inverse, Gram.product(scores, weights: data.weights.map(inverted)))
    var robust: Matrix?
    if parts.robust { robust = sandwich(inverse, clustered(scores, parts.cluster, data.rows)) }
    func spread(_ values: [Double]) -> [Double] {
      var result = [Double](repeating: .nan, count: parts.names.count)
      for (k, j) in kept.enumerated() { result[j] = values[k] }
      return result
    }
    func errors(_ matrix: Matrix) -> [Double] {
      spread(matrix.diagonal.map { $0 > 0 ? $0.squareRoot() : .nan })
    }
    let code = parts.causes.levels.firstIndex(of: parts.cause).map { Int32($0) }
    let events = parts.causes.codes.reduce(0) { $0 + ($1 == code ? 1 : 0) }
    return FineGrayFit(
      cause: parts.cause, names: parts.names, coefficients: spread(solution.coefficients),
      standardErrors: errors(variance), robustStandardErrors: robust.map(errors),
      informationStandardErrors: errors(inverse), logLikelihoodNull: solution.initial.value,
      logLikelihood: solution.final.value,
      wald: ChiSquaredTest(solution.coefficients, variance: robust ?? variance),
      observations: parts.times.count, events: events,
      competingEvents: parts.times.events - events,
      clusters: parts.robust ? parts.cluster?.occupiedLevels : nil,
      iterations: solution.iterations, droppedTerms: parts.rank.dropped.map { parts.names[$0] },
      infiniteTerms: infinite, weightsAreKnown: data.start != nil,
      notes: notes(parts, infinite, events),
      prediction: FineGrayPrediction(
        state: parts.objective.state, means: parts.objective.means(scaled: false),
        coefficients: solution.coefficients, kept: kept, influence: scores * inverse,
        times: parts.times, strata: parts.strata,
        cluster: parts.cluster.map { cluster in data.rows.map { cluster.codes[Int($0)] } },
        clusters: parts.cluster?.levels.count ?? 0, isRobust: parts.robust))
  }

  private static func inverted(_ weights: [Double]) -> [Double] { weights.map { 1 / $0 } }

  private static func sandwich(_ bread: Matrix, _ meat: Matrix) -> Matrix {
    let product = bread * meat * bread
    return (product + product.transposed).scaled(by: 0.5)
  }

  private static func clustered(_ scores: Matrix, _ cluster: Factor?, _ rows: [Int32]) -> Matrix {
    guard let cluster else { return Gram.product(scores) }
    let (n, count) = (scores.rows, cluster.levels.count)
    var sums = Matrix(rows: count, columns: scores.columns)
    for j in 0..<scores.columns {
      for i in 0..<n {
        sums.storage[j * count + Int(cluster.codes[Int(rows[i])])] += scores.storage[j * n + i]
      }
    }
    return Gram.product(sums)
  }

  /// Columns whose next step would still be large: the likelihood rises for ever along them.
  private static func infiniteColumns(_ parts: Parts, _ inverse: Matrix) -> [Int] {
    let solution = parts.solution
    let step = inverse.times(solution.final.gradient)
    let events = parts.objective.data.exits.reduce(0, +)
    let spread = parts.objective.uncancelledAtZero
    return step.indices.filter { j in
      guard step[j].isFinite, inverse[j, j] > 0 else { return true }
      let scaled = step[j].magnitude * (spread[j] / events).squareRoot()
      return scaled > 1e-6 && step[j].magnitude > 1e-6 * solution.coefficients[j].magnitude
    }
  }

  private static func notes(_ parts: Parts, _ infinite: [String], _ events: Int) -> [String] {
    var notes: [String] = []
    for column in parts.rank.dropped {
      notes.append(
        "\(parts.names[column]) is left out: it is constant or a combination of earlier terms")
    }
    for term in infinite {
      notes.append(
        "the coefficient of \(term) runs to infinity: its estimate and standard error mean nothing")
    }
    let parameters = parts.rank.kept.count
    if events < 10 * parameters {
      notes.append(
        "\(events) exits for the cause and \(parameters) coefficients: fewer than ten each, so"
          + " estimates may be biased and intervals too short")
    }
    if let clusters = parts.cluster?.occupiedLevels, clusters <= parameters {
      notes.append(
        "\(clusters) clusters for \(parameters) coefficients: the robust variance is singular")
    }
    if parts.objective.data.start != nil {
      notes.append("with late entry the standard errors take the weights as known")
    }
    return notes
  }
}
