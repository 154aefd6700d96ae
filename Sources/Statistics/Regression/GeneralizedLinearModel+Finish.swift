internal import Glibc
internal import LinearAlgebra

extension GeneralizedLinearModel {
  /// The fit at a solution: predictors, likelihoods and what covariance estimators need.
  func finish(
    _ solution: NewtonSolver.Solution, _ objective: LikelihoodPass, _ design: DesignMatrix,
    _ input: RegressionInput
  ) throws(SiblingError) -> GeneralizedLinearFit {
    let basis = objective.basis
    guard let factor = try? Cholesky(solution.final.information) else {
      throw notConverged("The model's information is singular at its solution.")
    }
    let eta = objective.predictor(solution.coefficients)
    var rows = RowSummary(count: eta.count)
    rows.fill(self, objective, eta)
    let parameters = basis.count
    let residualDegrees = Double(input.observations - parameters)
    let dispersion = family == .gaussian ? rows.pearson / residualDegrees : 1
    var logLikelihood = rows.saturated - rows.deviance / 2
    if family == .gaussian {
      let n = Double(input.observations)
      let logWeights = objective.weights?.reduce(0) { $0 + ($1 > 0 ? Glibc.log($1) : 0) } ?? 0
      logLikelihood = (logWeights - n * (Glibc.log(2 * Double.pi * rows.deviance / n) + 1)) / 2
    }
    let equations = EstimatingEquations(
      design: design.matrix, basis: basis, scores: rows.scores, workingWeights: rows.weights,
      factor: factor, observations: input.observations, parameters: parameters,
      dispersion: dispersion, usesStudentT: family == .gaussian, weights: objective.weights)
    var coefficients = [Double](repeating: .nan, count: design.columns)
    let kept = basis.back.times(solution.coefficients)
    for (place, column) in basis.columns.enumerated() { coefficients[column] = kept[place] }
    let keptSet = Set(basis.columns)
    let dropped = design.names.indices.filter { !keptSet.contains($0) }.map { design.names[$0] }
    return GeneralizedLinearFit(
      family: family, link: link, names: design.names, coefficients: coefficients,
      keptColumns: basis.columns, dropped: dropped, unscaledCovariance: equations.bread,
      response: objective.response, fitted: rows.fitted, linearPredictor: eta,
      weights: objective.weights, workingWeights: rows.weights, dispersion: dispersion,
      deviance: rows.deviance,
      nullDeviance: try nullDeviance(objective, design, input, rows.deviance),
      logLikelihood: logLikelihood, observations: input.observations,
      iterations: solution.iterations, converged: solution.converged, equations: equations,
      notes: [droppedNote(dropped)].compactMap { $0 })
  }

  private func nullDeviance(
    _ objective: LikelihoodPass, _ design: DesignMatrix, _ input: RegressionInput,
    _ own: Double
  ) throws(SiblingError) -> Double {
    let n = design.rows
    if design.hasIntercept, let offset = objective.offset {
      guard design.columns > 1 else { return own }
      let alone = DesignMatrix(
        matrix: Matrix(rows: n, columns: 1, storage: [Double](repeating: 1, count: n)),
        names: ["(Intercept)"], assignment: [-1], terms: [])
      let fit = try self.fit(
        alone, response: objective.response, weights: objective.weights, offset: offset)
      return fit.deviance
    }
    let isConstant = design.hasIntercept || objective.offset == nil
    let predictor = design.hasIntercept ? link.predictor(input.mean) : 0
    // At one predictor for every row the logarithms of the mean are taken once.
    let (logMean, logComplement) = (link.logMean(predictor), link.logComplement(predictor))
    let mean = link.mean(predictor)
    let blocks = Parallel.ranges(of: n, size: RowSummary.blockRows)
    let parts = Parallel.mapBlocks(blocks.count) { block in
      var sum = 0.0
      for row in blocks[block] {
        let weight = objective.weights?[row] ?? 1
        guard weight > 0 else { continue }
        let y = objective.response[row]
        if !isConstant {
          sum += weight * family.deviance(y, objective.offset?[row] ?? 0, link)
        } else if family == .binomial, y == 0 || y == 1 {
          sum -= 2 * weight * (y == 1 ? logMean : logComplement)
        } else if family == .gaussian {
          sum += weight * (y - mean) * (y - mean)
        } else {
          sum += weight * family.deviance(y, predictor, link)
        }
      }
      return sum
    }
    return parts.reduce(0, +)
  }
}

/// The per-row results of a fit and their sums.
struct RowSummary {
  static let blockRows = 32_768
  var fitted: [Double]
  var scores: [Double]
  var weights: [Double]
  var deviance = 0.0
  var saturated = 0.0
  var pearson = 0.0

  init(count: Int) {
    fitted = [Double](repeating: 0, count: count)
    scores = fitted
    weights = fitted
  }

  mutating func fill(_ model: GeneralizedLinearModel, _ objective: LikelihoodPass, _ eta: [Double])
  {
    let blocks = Parallel.ranges(of: eta.count, size: Self.blockRows)
    let isPlainLogit =
      model.family == .binomial && model.link == .logit && objective.weights == nil
    let sums: [(Double, Double, Double)] = fitted.withUnsafeMutableBufferPointer { fitted in
      scores.withUnsafeMutableBufferPointer { scores in
        weights.withUnsafeMutableBufferPointer { weights in
          nonisolated(unsafe) let (fitted, scores, weights) = (fitted, scores, weights)
          return Parallel.mapBlocks(blocks.count) { block in
            var (deviance, saturated, pearson) = (0.0, 0.0, 0.0)
            for row in blocks[block] {
              let weight = objective.weights?[row] ?? 1
              let (y, predictor) = (objective.response[row], eta[row])
              if isPlainLogit, y == 0 || y == 1 {
                let small = exp(-predictor.magnitude)
                let larger = 1 / (1 + small)
                let smaller = small * larger
                let mean = predictor >= 0 ? larger : smaller
                fitted[row] = mean
                scores[row] = y - mean
                weights[row] = smaller * larger
                deviance += 2 * (log1p(small) + max(y == 1 ? -predictor : predictor, 0))
                continue
              }
              let at = model.family.point(predictor, model.link)
              fitted[row] = at.mean
              guard weight > 0 else { continue }
              let residual =
                model.family == .binomial ? y * at.complement - (1 - y) * at.mean : y - at.mean
              scores[row] = weight * residual * at.scoreFactor
              weights[row] = weight * at.weight
              deviance += weight * model.family.deviance(y, predictor, model.link)
              saturated += model.family.saturated(y, weight)
              pearson += weight * residual * residual
            }
            return (deviance, saturated, pearson)
          }
        }
      }
    }
    for sum in sums {
      deviance += sum.0
      saturated += sum.1
      pearson += sum.2
    }
  }
}
