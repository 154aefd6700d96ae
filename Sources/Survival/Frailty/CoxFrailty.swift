internal import Glibc
internal import LinearAlgebra
public import Statistics

/// Cox regression with a frailty: rows of one level (site, person) share an unseen factor of their
/// hazard.
///
/// Gamma frailties have mean one; their variance θ maximises the marginal likelihood, that of the
/// events with the frailties integrated out, and the coefficients are the maximum of the penalised
/// partial likelihood at θ, which is the same point as the EM algorithm's. Gaussian frailties are
/// normal on the log scale; their variance θ solves θ = (Σw² + tr V_ww)/q, the approximate
/// restricted maximum likelihood for q levels, V_ww being their block of the inverse of the full
/// penalised information. Standard errors take θ as known. The full information is used, never a
/// diagonal stand-in.
///
/// Therneau, Grambsch & Pankratz (2003), doi:10.1198/1061860031365; Ripatti & Palmgren (2000),
/// doi:10.1111/j.0006-341X.2000.01016.x.
/// - Complexity: O(n p² + m q² + (p + q)³) a Newton step, m event times.
public struct CoxFrailty: Sendable {
  /// What the frailty follows.
  public enum Distribution: String, Sendable, CaseIterable {
    /// Gamma with mean one and variance θ.
    case gamma = "gamma"
    /// Log-normal: Gaussian on the log scale with variance θ.
    case gaussian = "gaussian"
  }

  /// What the frailty follows.
  public var distribution: Distribution
  /// How events at one time are treated: Efron's or Breslow's way.
  public var ties: CoxRegression.Ties
  /// The variance of the frailty; nil to estimate it.
  public var variance: Double?
  /// The solver and its limits.
  public var solver: NewtonSolver

  /// The most levels that are fitted, as the information of all of them is inverted.
  public static let maximumLevels = 1000

  /// A model whose frailty variance is estimated.
  public init(
    distribution: Distribution = .gamma, ties: CoxRegression.Ties = .efron,
    variance: Double? = nil, solver: NewtonSolver = NewtonSolver()
  ) {
    self.distribution = distribution
    self.ties = ties
    self.variance = variance
    self.solver = solver
  }

  /// Fits the model.
  ///
  /// Terms that are combinations of earlier ones are refused, as are more than `maximumLevels`
  /// levels, exact ties and a single level.
  /// - Throws: what `CoxRegression.fit` throws, `invalid-option`, `rank-deficient` or
  ///   `non-convergence`.
  public func fit(
    _ times: SurvivalTimes, _ design: DesignMatrix, level: Factor, strata: Factor? = nil,
    offset: [Double]? = nil
  ) throws(SiblingError) -> FrailtyFit {
    try check(times, level)
    let plain = try CoxRegression(ties: ties, robust: false, solver: solver).fit(
      times, design, strata: strata, offset: offset)
    guard plain.droppedTerms.isEmpty else {
      throw SiblingError(
        .rankDeficient,
        "\(plain.droppedTerms.joined(separator: ", ")) is constant or a combination of earlier terms",
        help: "leave it out of a model with a frailty", column: plain.droppedTerms.first)
    }
    let used = level.droppingUnusedLevels()
    let objective = FrailtyObjective(
      plain.data, level: plain.data.sets.rows.map { used.codes[Int($0)] },
      levels: used.levels.count, distribution: distribution,
      variance: variance ?? VarianceSearch.smallest)
    if let variance, !(variance > 0 && variance.isFinite) {
      throw SiblingError(
        .invalidOption, "the variance of a frailty must be above zero", column: "frailty")
    }
    var search = try VarianceSearch(
      objective, solver: solver,
      start: plain.coefficients + [Double](repeating: 0, count: used.levels.count))
    if variance == nil, try !search.run() {
      return FrailtyFit(plain: plain, levels: used.levels, distribution: distribution)
    }
    return FrailtyFit(
      plain: plain, levels: used.levels, distribution: distribution,
      fitted: (search.solution, search.marginal, objective.variance))
  }

  private func check(_ times: SurvivalTimes, _ level: Factor) throws(SiblingError) {
    try Checks.factor(level, rows: times.count, "level of the frailty")
    guard ties != .exact else {
      throw SiblingError(
        .invalidOption, "a frailty takes Efron's or Breslow's ties, not the exact likelihood",
        column: "ties")
    }
    let levels = level.occupiedLevels
    guard levels > 1, levels <= Self.maximumLevels else {
      throw SiblingError(
        .invalidOption,
        levels > 1
          ? "a frailty of \(levels) levels is more than the \(Self.maximumLevels) that can be fitted"
          : "a frailty needs two levels or more",
        help: "use cluster-robust standard errors instead", column: "frailty")
    }
  }
}

/// Finds the variance of the frailty; each trial starts from the last one's solution.
private struct VarianceSearch {
  let objective: FrailtyObjective
  let solver: NewtonSolver
  var solution: NewtonSolver.Solution
  private var point: [Double]

  /// A variance that can't be told from none.
  static let smallest = 1e-6

  init(
    _ objective: FrailtyObjective, solver: NewtonSolver, start: [Double]
  ) throws(SiblingError) {
    self.objective = objective
    self.solver = solver
    point = start
    solution = try solver.maximise(objective, from: start)
    try move(to: objective.variance)
  }

  private var p: Int { objective.base.data.x.columns }

  /// Fits coefficients and frailties at a variance.
  mutating func move(to variance: Double) throws(SiblingError) {
    objective.variance = variance
    solution = try solver.maximise(objective, from: point)
    guard solution.converged else {
      throw SiblingError(
        .nonConvergence, "the Cox model with a frailty did not converge",
        help: "leave out terms whose coefficients run to infinity, or drop the frailty")
    }
    point = solution.coefficients
  }

  /// Finds the variance; false when it is zero.
  mutating func run() throws(SiblingError) -> Bool {
    guard slope > 0 else { return false }
    // The slope falls through zero at the estimate; bracket it on the log scale.
    var (low, high) = (log(Self.smallest), log(0.25))
    var (above, below) = (slope, 0.0)
    while true {
      try move(to: exp(high))
      below = slope
      if below <= 0 { break }
      (low, above) = (high, below)
      high += log(4)
      guard high < log(1e6) else {
        throw SiblingError(
          .nonConvergence, "the variance of the frailty grows without end",
          help: "too few events a level, or an event for hardly any")
      }
    }
    // The Illinois form of the false position.
    var last = Double.infinity
    var still = 0
    for round in 0..<100 {
      var middle = (low * below - high * above) / (below - above)
      if !(middle > low && middle < high) || round % 8 == 7 { middle = (low + high) / 2 }
      try move(to: exp(middle))
      let value = slope
      still = (middle - last).magnitude < 1e-11 ? still + 1 : 0
      if value == 0 || still == 2 || high - low < 1e-12 { break }
      last = middle
      if value > 0 {
        (low, above) = (middle, value)
        below /= 2
      } else {
        (high, below) = (middle, value)
        above /= 2
      }
    }
    return true
  }

  /// The slope of the likelihood in the variance: positive while that is too small.
  private var slope: Double {
    let own = solution.coefficients[p...]
    let theta = objective.variance
    switch objective.distribution {
    case .gamma:
      let shape = 1 / theta
      var sum = 0.0
      for (w, d) in zip(own, objective.deaths) {
        // By 1/θ, at the frailties' optimum.
        sum += w - expm1(w) - log1p(d * theta)
        for k in 0..<Int(d) { sum += 1 / (shape + Double(k)) }
      }
      return -sum / (theta * theta)
    case .gaussian:
      let count = Double(objective.levels)
      return (own.reduce(0) { $0 + $1 * $1 } + trace - count * theta) / (2 * theta * theta)
    }
  }

  private var trace: Double {
    guard let factor = try? Cholesky(solution.final.information) else { return .nan }
    return factor.inverse.diagonal[p...].reduce(0, +)
  }

  /// The log-likelihood with the frailties integrated out, exactly (gamma) or by Laplace's method.
  var marginal: Double {
    let theta = objective.variance
    switch objective.distribution {
    case .gamma:
      let shape = 1 / theta
      var sum = solution.final.value
      // With the penalty written as 0 at w = 0 the constants of the density cancel.
      for d in objective.deaths {
        sum += (shape + d) * log(shape / (shape + d)) + d
        for k in 0..<Int(d) { sum += log((shape + Double(k)) / shape) }
      }
      return sum
    case .gaussian:
      let own = Array(p..<(p + objective.levels))
      guard let factor = try? Cholesky(solution.final.information.selecting(both: own)) else {
        return .nan
      }
      return solution.final.value
        - (factor.logDeterminant + Double(objective.levels) * log(theta)) / 2
    }
  }
}
