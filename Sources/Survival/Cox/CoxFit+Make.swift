import LinearAlgebra
import Statistics

extension CoxFit {
  /// What a fit is made of.
  struct Parts {
    let times: SurvivalTimes
    let design: DesignMatrix
    let objective: CoxObjective
    let rank: ColumnRank
    let solution: NewtonSolver.Solution
    let strata: Factor?
    let weights: [Double]?
    let offset: [Double]?
    let cluster: Factor?
    let robust: Bool
    let ridge: Double
    /// What was noticed before the fit.
    let notes: [String]
    /// The rows of the data, before any were cut in pieces.
    let observations: Int
  }

  static func make(_ parts: Parts) throws(SiblingError) -> CoxFit {
    let solution = parts.solution
    let (data, state) = (parts.objective.data, parts.objective.state)
    let kept = parts.rank.kept
    let names = parts.design.names
    let variance = inverse(solution.final.information)
    let (final, initial) = solution.removingRidge(parts.ridge)
    let infinite = infiniteColumns(parts, variance).map { names[kept[$0]] }
    guard solution.converged || !infinite.isEmpty else {
      throw SiblingError(
        .nonConvergence, "the Cox model did not converge in \(solution.iterations) steps",
        help: "rescale covariates of very different sizes, or leave some out")
    }
    if state.coefficients != solution.coefficients { state.update(solution.coefficients) }
    let robust = parts.robust ? robustVariance(parts, state, variance) : nil
    let zero = [Double](repeating: 0, count: kept.count)
    let p = names.count
    let count =
      parts.ridge > 0
      ? (variance * final.information).diagonal.reduce(0, +) : Double(kept.count)
    let gain = 2 * (final.value - initial.value)
    let wald = ChiSquaredTest(
      zip(solution.coefficients, zero).map { $0 - $1 }, variance: robust?.variance ?? variance)
    return CoxFit(
      names: names, coefficients: spread(solution.coefficients, kept, p),
      covariance: spread(variance, kept, p),
      robustCovariance: robust.map { spread($0.variance, kept, p) },
      logLikelihoodNull: initial.value, logLikelihood: final.value,
      likelihoodRatio: ChiSquaredTest(statistic: gain, degreesOfFreedom: count),
      // A penalty says nothing at zero, so no score test of the penalised model exists.
      score: parts.ridge > 0
        ? ChiSquaredTest(statistic: .nan, degreesOfFreedom: count)
        : ChiSquaredTest(initial.gradient, variance: initial.information),
      wald: ChiSquaredTest(statistic: wald.statistic, degreesOfFreedom: count),
      robustScore: robust?.score, observations: parts.observations, events: parts.times.events,
      clusters: parts.robust ? parts.cluster?.occupiedLevels : nil,
      iterations: solution.iterations, ties: data.ties,
      droppedTerms: parts.rank.dropped.map { names[$0] }, infiniteTerms: infinite,
      notes: notes(parts, infinite, count), times: parts.times, design: parts.design,
      strata: parts.strata, weights: parts.weights, offset: parts.offset, cluster: parts.cluster,
      data: data, state: state, kept: kept)
  }

  /// The inverse of an information matrix; columns without information get NaN.
  private static func inverse(_ information: Matrix) -> Matrix {
    if let factor = try? Cholesky(information) { return factor.inverse }
    let kept = ColumnRank(gram: information, tolerance: 1e-6).kept
    let nothing = Matrix(rows: kept.count, columns: kept.count)
    let part = (try? Cholesky(information.selecting(both: kept)))?.inverse ?? nothing
    return spread(part, kept, information.columns)
  }

  /// Columns whose next step would still be large: the likelihood rises for ever along them.
  private static func infiniteColumns(
    _ parts: Parts, _ variance: Matrix
  ) -> [Int] {
    let solution = parts.solution
    let step = variance.times(solution.final.gradient)
    let spread = parts.objective.uncancelledAtZero
    let events = parts.objective.data.deathWeight.reduce(0, +)
    return step.indices.filter { j in
      guard step[j].isFinite, variance[j, j].isFinite else { return true }
      // In units of the covariate's spread among those at risk.
      let scaled = step[j].magnitude * (spread[j] / events).squareRoot()
      return scaled > 1e-6 && step[j].magnitude > 1e-6 * solution.coefficients[j].magnitude
    }
  }

  private static func robustVariance(
    _ parts: Parts, _ state: CoxState, _ variance: Matrix
  ) -> (variance: Matrix, score: ChiSquaredTest) {
    let sets = state.data.sets
    let codes = parts.cluster.map { cluster in sets.rows.map { cluster.codes[Int($0)] } }
    let clusters = parts.cluster?.levels.count ?? 0
    // Cells of people on their own add their people's squares.
    let scale =
      codes == nil
      ? parts.times.influenceScale(parts.weights).map { all in sets.rows.map { all[Int($0)] } }
      : nil
    func scores(_ state: CoxState) -> Matrix { state.clusterScores(codes, clusters: clusters) }
    func outer(_ scores: Matrix) -> Matrix {
      Gram.product(scale.map { scores.scaled(rows: $0) } ?? scores)
    }
    let meat = outer(scores(state))
    let sandwich = variance * meat * variance
    let start = CoxState(state.data)
    start.update([Double](repeating: 0, count: state.data.x.columns))
    let atZero = scores(start)
    let total = atZero.transposedTimes([Double](repeating: 1, count: atZero.rows))
    return (
      (sandwich + sandwich.transposed).scaled(by: 0.5),
      ChiSquaredTest(total, variance: outer(atZero))
    )
  }

  private static func spread(_ values: [Double], _ kept: [Int], _ count: Int) -> [Double] {
    var result = [Double](repeating: .nan, count: count)
    for (k, j) in kept.enumerated() { result[j] = values[k] }
    return result
  }

  private static func spread(_ values: Matrix, _ kept: [Int], _ count: Int) -> Matrix {
    var result = Matrix(
      rows: count, columns: count, storage: [Double](repeating: .nan, count: count * count))
    for (k, j) in kept.enumerated() {
      for (l, i) in kept.enumerated() { result[i, j] = values[l, k] }
    }
    return result
  }
}

extension Matrix {
  /// Each row times its own number.
  fileprivate func scaled(rows factors: [Double]) -> Matrix {
    var result = self
    for j in 0..<columns { for i in 0..<rows { result[i, j] *= factors[i] } }
    return result
  }
}
