internal import Glibc
internal import LinearAlgebra
internal import Statistics
internal import Tables

extension AdjustedComparison {
  /// Coefficients of the odds of treatment that balance the covariates exactly, one query a step.
  ///
  /// Graham, Pinto & Egel (2012, doi 10.1093/restud/rdr047).
  ///
  /// - Throws: `nonConvergence` where the treated lie outside the controls' range; the engine's failures.
  func tilted(_ members: EngineData) throws(SiblingError) -> [Double] {
    var start = [Double](repeating: 0, count: kept.count + 1)
    // Without covariates the odds are the treated share of weight against the controls'.
    start[0] = log(own.weight / others.weight)
    let objective = ToldObjective(
      wrapped: TiltingSums(comparison: self, members: members), tell: members.progress,
      title: "balancing weights")
    let solution = try NewtonSolver(maximumIterations: 200).maximise(objective, from: start)
    guard solution.converged else {
      throw SiblingError(
        .nonConvergence, "No weights of the controls balance the covariates exactly.",
        help: "The treated lie outside the controls' range; use `dr`, or fewer covariates.")
    }
    return solution.coefficients
  }

  /// The controls' regression weighed by the odds of treatment: one query.
  ///
  /// - Throws: `rankDeficient`; the engine's failures.
  func weighedSlopes(_ members: EngineData) throws(SiblingError) -> Matrix {
    let (p, ratio, most) = (named("p"), named("r"), RowExpression.constant(1 - 1e-6))
    let held = RowExpression.chosen(.comparison(.greater, p, most), then: most, otherwise: p)
    var layers = Array(self.layers.prefix(4))
    layers.append([named("q", held)])
    layers.append([named("r", named("w") * named("q") / (.constant(1) - named("q")))])
    let cross = CrossProduct(design, prefix: "g")
    var sums = cross.sums(weight: ratio)
    for cell in cells {
      // About the controls' mean change, which keeps digits.
      let change = changes[cell] - .constant(drifts[cell])
      for (k, x) in design.enumerated() {
        sums.append(NamedExpression("c\(k)_\(cell)", ratio * x * change))
      }
    }
    members.progress?("group-time effects: the controls' weighed regression")
    var values: [Double] = []
    for range in Parallel.ranges(of: sums.count, size: 400) {
      let found = try members.aggregate(
        also: isControl, layers: layers, sums: Array(sums[range]))
      values += found.sums.map { $0.first ?? 0 }
    }
    let factor = try factor(cross.matrix(values))
    var right = Matrix(rows: design.count, columns: cells.count)
    var at = cross.count
    for cell in cells {
      for k in design.indices { right[k, cell] = values[at + k] }
      at += design.count
    }
    var slopes = factor.solve(right)
    for cell in cells { slopes[0, cell] += drifts[cell] }
    return slopes
  }
}

/// Σ w(D η − (1 − D) e^η), a concave function of the coefficients, by one aggregate for each point.
///
/// The linear predictor is held within ±300, so that exponentials overflow on no engine.
private struct TiltingSums: SmoothObjective {
  let comparison: AdjustedComparison
  let members: EngineData

  func evaluate(at coefficients: [Double]) throws(SiblingError) -> ObjectiveValue {
    let design = comparison.design
    let (w, eta, odds) = (comparison.weight, RowExpression.name("eta"), RowExpression.name("odds"))
    let isTreated = comparison.isTreated
    let layers = [
      comparison.standardised.enumerated().map { comparison.named("z\($0)", $1) },
      [NamedExpression("raw", .predictor(design, coefficients))],
      [NamedExpression("eta", .clamped(.name("raw"), bound: 300))],
      [NamedExpression("odds", w * .function(.exponential, eta))],
      [
        NamedExpression("value", .chosen(isTreated, then: w * eta, otherwise: -odds)),
        NamedExpression("residual", .chosen(isTreated, then: w, otherwise: -odds)),
        NamedExpression("curvature", .chosen(isTreated, then: .constant(0), otherwise: odds)),
      ],
    ]
    let cross = CrossProduct(design)
    var sums = [NamedExpression("total", .name("value"))]
    for (k, x) in design.enumerated() {
      sums.append(NamedExpression("g\(k)", .name("residual") * x))
    }
    sums += cross.sums(weight: .name("curvature"))
    let cells = try members.aggregate(also: comparison.isCompared, layers: layers, sums: sums)
    let values = cells.sums.map { $0.first ?? 0 }
    guard values.allSatisfy(\.isFinite) else {
      return ObjectiveValue(
        value: -.infinity, gradient: coefficients, information: .identity(coefficients.count))
    }
    return ObjectiveValue(
      value: values[0], gradient: Array(values[1...design.count]),
      information: cross.matrix(values[(design.count + 1)...]))
  }
}
