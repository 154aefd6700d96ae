internal import LinearAlgebra
internal import Statistics

/// Which weights compare the treated with the donors.
enum SyntheticKind: Sendable, Equatable {
  /// Donor weights that fit the path; no period weights.
  case control
  /// Donor and period weights with intercepts.
  case differences
  /// Equal weights: the plain difference in differences of cohort means.
  case uniform
}

/// Fits the weights of treated blocks on a panel; one value serves the estimate and its placebos.
struct SyntheticFit: Sendable {
  let panel: SyntheticPanel
  let kind: SyntheticKind
  let solver: SyntheticSolver
  /// Standard deviations of the changes before each start, from all donors, by period index.
  let noise: [Int: Double]

  /// A treated block: one unit of a synthetic control, else a cohort.
  struct Block: Sendable, Equatable {
    var units: [Int]
    var start: Int
  }

  /// What was fitted to a block.
  struct Fitted: Sendable, Equatable {
    var block: Block
    var donors: [Int]
    var unitWeights: [Double]
    /// One a period before the start; zeros for a synthetic control.
    var periodWeights: [Double]
    var intercept: Double
    var certificates: [SimplexQuadraticProgram.Certificate]
    var isTieBroken: Bool
    /// Whether a Frank–Wolfe run reached its iterations before its stopping rule.
    var isUnfinished: Bool
    var treated: [Double]
    var synthetic: [Double]
    var gaps: [Double]
    var effect: Double
    var weight: Double
  }

  /// The blocks of cohorts: single units where each is fitted by itself.
  func blocks(_ cohorts: [SyntheticPanel.Cohort]) -> [Block] {
    kind == .control
      ? cohorts.flatMap { cohort in cohort.units.map { Block(units: [$0], start: cohort.start) } }
      : cohorts.map { Block(units: $0.units, start: $0.start) }
  }

  /// Fits every block.
  ///
  /// - Throws: `nonConvergence` where a certificate does not hold.
  func fit(_ blocks: [Block], donors: [Int]) throws(SiblingError) -> [Fitted] {
    var fits: [Fitted] = []
    for block in blocks { fits.append(try fit(block, donors)) }
    return fits
  }

  private func fit(_ block: Block, _ donors: [Int]) throws(SiblingError) -> Fitted {
    let start = block.start
    let treated = panel.mean(of: block.units)
    var fitted = Fitted(
      block: block, donors: donors,
      unitWeights: [Double](repeating: 1 / Double(donors.count), count: donors.count),
      periodWeights: [Double](repeating: kind == .control ? 0 : 1 / Double(start), count: start),
      intercept: 0, certificates: [], isTieBroken: false, isUnfinished: false, treated: treated,
      synthetic: [], gaps: [], effect: 0, weight: 0)
    if kind != .uniform {
      let sigma = noise[start] ?? 0
      let size = Double(block.units.count * (panel.periods.count - start))
      let power = kind == .control ? solver.controlRegularization : Self.fourthRoot(size)
      let predictors = self.predictors(block, donors)
      let units = SyntheticWeights(
        ridge: power * power * sigma * sigma * Double(start), hasIntercept: kind == .differences,
        noise: sigma, solver: solver)
      let found = try units.solve(predictors.matrix, predictors.target)
      fitted.unitWeights = found.weights
      fitted.certificates.append(found.certificate)
      fitted.isTieBroken = found.isTieBroken
      fitted.isUnfinished = found.isUnfinished
    }
    if kind == .differences {
      let sigma = noise[start] ?? 0
      let count = panel.periods.count - start
      var before = Matrix(rows: donors.count, columns: start)
      var after = [Double](repeating: 0, count: donors.count)
      for (i, unit) in donors.enumerated() {
        for t in 0..<start { before[i, t] = panel.outcome[t, unit] }
        for t in start..<panel.periods.count { after[i] += panel.outcome[t, unit] }
        after[i] /= Double(count)
      }
      let periods = SyntheticWeights(
        ridge: 1e-12 * sigma * sigma * Double(donors.count), hasIntercept: true, noise: sigma,
        solver: solver)
      let found = try periods.solve(before, after)
      fitted.periodWeights = found.weights
      fitted.certificates.append(found.certificate)
      fitted.isUnfinished = fitted.isUnfinished || found.isUnfinished
    }
    complete(&fitted)
    return fitted
  }

  /// Paths, gaps and the effect from weights.
  func complete(_ fitted: inout Fitted) {
    let start = fitted.block.start
    fitted.treated = panel.mean(of: fitted.block.units)
    fitted.synthetic = panel.combination(of: fitted.donors, fitted.unitWeights)
    let differences = zip(fitted.treated, fitted.synthetic).map { $0 - $1 }
    fitted.intercept = zip(fitted.periodWeights, differences).reduce(0) { $0 + $1.0 * $1.1 }
    fitted.gaps = differences.map { $0 - fitted.intercept }
    let after = fitted.gaps[start...]
    fitted.effect = after.reduce(0, +) / Double(after.count)
    fitted.weight = Double(fitted.block.units.count * after.count)
  }

  /// The average of the blocks by their treated unit-periods.
  static func average(_ fits: [Fitted]) -> Double {
    let total = fits.reduce(0) { $0 + $1.weight }
    return fits.reduce(0) { $0 + $1.weight * $1.effect } / total
  }

  /// The root mean squared gap after the start over that before it.
  ///
  /// Squared gaps are averaged over unit-periods of all blocks. A fit before that is perfect to
  /// rounding counts as 1e-8 of the outcome's spread.
  func ratio(_ fits: [Fitted]) -> Double {
    var (before, after, pre, post) = (0.0, 0.0, 0.0, 0.0)
    for fit in fits {
      let units = Double(fit.block.units.count)
      for (t, gap) in fit.gaps.enumerated() {
        if t < fit.block.start {
          before += units * gap * gap
          pre += units
        } else {
          after += units * gap * gap
          post += units
        }
      }
    }
    let floor = 1e-8 * spread
    let below = max((before / max(pre, 1)).squareRoot(), floor)
    return below > 0 ? (after / max(post, 1)).squareRoot() / below : 0
  }

  /// The distance between the smallest and the largest outcome.
  var spread: Double {
    (panel.outcome.storage.max() ?? 0) - (panel.outcome.storage.min() ?? 0)
  }

  /// The outcomes before the start, and below them the covariates' means before it.
  ///
  /// With covariates each row is divided by its standard deviation over the block and its donors,
  /// so that V = identity is on predictors of one scale.
  func predictors(_ block: Block, _ donors: [Int]) -> (matrix: Matrix, target: [Double]) {
    let start = block.start
    func mean(_ values: Matrix, _ unit: Int) -> Double {
      (0..<start).reduce(0) { $0 + values[$1, unit] } / Double(start)
    }
    func rows(_ unit: Int) -> [Double] {
      (0..<start).map { panel.outcome[$0, unit] }
        + (kind == .control ? panel.covariates.map { mean($0, unit) } : [])
    }
    let own = block.units.map(rows)
    var target = own[0]
    if own.count > 1 {
      for i in target.indices { target[i] = own.reduce(0) { $0 + $1[i] } / Double(own.count) }
    }
    var matrix = Matrix(columns: donors.map(rows))
    guard kind == .control, !panel.covariates.isEmpty else { return (matrix, target) }
    for i in target.indices {
      let row = matrix.row(i) + [target[i]]
      let center = row.reduce(0, +) / Double(row.count)
      let variance =
        row.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(max(1, row.count - 1))
      let scale = variance > 0 ? 1 / variance.squareRoot() : 0
      target[i] *= scale
      for j in 0..<matrix.columns { matrix[i, j] *= scale }
    }
    return (matrix, target)
  }

  private static func fourthRoot(_ value: Double) -> Double { value.squareRoot().squareRoot() }
}
