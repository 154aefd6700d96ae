internal import Glibc
import LinearAlgebra
import Statistics

/// Average predictions of a Cox model under either treatment, and what each row's weight does to them.
///
/// A row's weight moves the average over the sample, the coefficients and the baseline hazard.
struct StandardizedSlopes: CurveSlopes {
  let notes: [String]
  private let times: [Double]
  private let indices: [Int32]
  private let follow: SurvivalTimes
  private let weights: [Double]?
  private let total: Double
  private let arms: [Arm]
  /// Rows × kept terms: the derivative of the coefficients in each row's weight.
  private let coefficientSlopes: Matrix

  /// What one treatment needs.
  private struct Arm {
    /// The covariates of every row under the treatment, over the kept terms.
    var x: Matrix
    /// exp(η) of every row under the treatment.
    var risk: [Double]
    /// Whether a row is among those that its baseline hazard comes from.
    var isOwn: [Bool]
    /// exp(η) of every row as observed.
    var ownRisk: [Double]
    var baseline: BaselineSteps
  }

  init(
    _ follow: SurvivalTimes, treatment: [Bool], covariates: DesignMatrix, weights: [Double]?,
    isProportional: Bool, times: [Double]
  ) throws(SiblingError) {
    let n = follow.count
    let flags = treatment.map { $0 ? 1.0 : 0 }
    let centred = Self.centred(covariates)
    let arm = Factor(codes: treatment.map { $0 ? 1 : 0 }, levels: ["0", "1"])
    let design =
      isProportional ? Self.joined(flags, centred, name: "treatment") : centred
    let regression = CoxRegression(ties: .breslow, robust: false)
    var (kept, coefficients, notes) = ([Int](), [Double](), [String]())
    var slopes = Matrix(rows: n, columns: 0)
    if design.columns > 0 {
      let fit = try regression.fit(
        follow, design, strata: isProportional ? nil : arm, weights: weights)
      guard fit.infiniteTerms.isEmpty else {
        throw SiblingError(
          .nonConvergence,
          "the Cox model has no finite estimate: \(fit.infiniteTerms.joined(separator: ", "))",
          help: "leave the term out, or use weighted curves")
      }
      kept = design.names.indices.filter { !fit.coefficients[$0].isNaN }
      coefficients = kept.map { fit.coefficients[$0] }
      slopes =
        fit.scoreResiduals().selecting(columns: kept) * fit.covariance.selecting(both: kept)
      notes = fit.notes
    }
    func risk(_ x: Matrix) -> [Double] {
      kept.isEmpty ? [Double](repeating: 1, count: n) : x.times(coefficients).map { exp($0) }
    }
    let observed = design.matrix.selecting(columns: kept)
    let ownRisk = risk(observed)
    let weighted = weights.map { w in ownRisk.indices.map { ownRisk[$0] * w[$0] } } ?? ownRisk
    arms = [false, true].map { isTreated in
      var x = observed
      if isProportional, kept.first == 0 {
        for row in 0..<n { x[row, 0] = isTreated ? 1 : 0 }
      }
      let isOwn = treatment.map { isProportional || $0 == isTreated }
      let baseline = BaselineSteps(
        follow, order: follow.order.filter { isOwn[Int($0)] }, risk: weighted, weights: weights,
        x: observed)
      return Arm(x: x, risk: risk(x), isOwn: isOwn, ownRisk: ownRisk, baseline: baseline)
    }
    coefficientSlopes = slopes
    total = weights?.reduce(0, +) ?? Double(n)
    indices = times.map { follow.index(notAfter: $0) }
    (self.times, self.follow, self.weights, self.notes) = (times, follow, weights, notes)
  }

  /// Survival at each time if everybody had a treatment.
  func survival(treated: Bool) -> [Double] {
    let arm = arms[treated ? 1 : 0]
    return Parallel.mapBlocks(times.count) { k in
      let step = arm.baseline.steps(to: indices[k])
      let hazard = step > 0 ? arm.baseline.hazard[step - 1] : 0
      var sum = 0.0
      for row in arm.risk.indices { sum += (weights?[row] ?? 1) * exp(-hazard * arm.risk[row]) }
      return sum / total
    }
  }

  func slope(at k: Int, treated: Bool) -> [Double] {
    let arm = arms[treated ? 1 : 0]
    let step = arm.baseline.steps(to: indices[k])
    let hazard = step > 0 ? arm.baseline.hazard[step - 1] : 0
    let n = arm.risk.count
    var own = [Double](repeating: 0, count: n)
    var pull = own
    var sum = 0.0
    for row in 0..<n {
      let weight = weights?[row] ?? 1
      own[row] = exp(-hazard * arm.risk[row])
      pull[row] = weight * arm.risk[row] * own[row] / total
      sum += weight * own[row]
    }
    let mean = sum / total
    let byHazard = -pull.reduce(0, +)
    // The coefficients act on each prediction and, through the risk sets, on the baseline.
    var byCoefficient = arm.x.transposedTimes(pull).map { -hazard * $0 }
    if step > 0 {
      for j in byCoefficient.indices {
        byCoefficient[j] -= byHazard * arm.baseline.means[step - 1][j]
      }
    }
    let carried =
      byCoefficient.isEmpty
      ? [Double](repeating: 0, count: n) : coefficientSlopes.times(byCoefficient)
    for row in 0..<n {
      var slope = (own[row] - mean) / total + carried[row]
      if arm.isOwn[row] {
        let index = follow.timeIndex[row]
        let reached = Swift.min(step, arm.baseline.steps(to: index))
        if reached > 0 {
          slope -= byHazard * arm.ownRisk[row] * arm.baseline.square[reached - 1]
          if follow.event[row], index <= indices[k] {
            slope += byHazard / arm.baseline.atRisk[reached - 1]
          }
        }
      }
      own[row] = slope
    }
    return own
  }

  /// Columns less their means: predictions stay the same and exp(η) small.
  static func centred(_ design: DesignMatrix) -> DesignMatrix {
    var result = design
    for j in 0..<design.columns {
      let column = design.matrix.column(j)
      let mean = column.reduce(0, +) / Double(Swift.max(1, column.count))
      for row in column.indices { result.matrix[row, j] = column[row] - mean }
    }
    return result
  }

  private static func joined(
    _ column: [Double], _ design: DesignMatrix, name: String
  ) -> DesignMatrix {
    DesignMatrix(
      matrix: Matrix(
        rows: column.count, columns: design.columns + 1, storage: column + design.matrix.storage),
      names: [name] + design.names)
  }
}
