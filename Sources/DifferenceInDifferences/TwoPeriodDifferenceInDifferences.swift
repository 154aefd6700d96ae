internal import Glibc
internal import LinearAlgebra
public import Statistics

/// Difference-in-differences of units seen once before and once after, one row a unit.
///
/// The average effect on the treated is the treated units' mean change less what it would have been
/// without treatment, which is learnt from the controls' changes, given covariates. Sources:
/// Sant'Anna & Zhao (2020, doi 10.1016/j.jeconom.2020.06.003), Heckman, Ichimura & Todd (1997,
/// doi 10.2307/2971733), Abadie (2005, doi 10.1111/0034-6527.00321).
public struct TwoPeriodDifferenceInDifferences: Sendable {
  /// How changes are adjusted for covariates.
  public var estimator: AdjustmentEstimator
  /// The confidence level of intervals.
  public var level: Double

  /// A two-period design; doubly robust unless said otherwise.
  public init(estimator: AdjustmentEstimator = .doublyRobust, level: Double = 0.95) {
    self.estimator = estimator
    self.level = level
  }

  /// Estimates the effect on the treated from wide data, one entry of every array a unit.
  ///
  /// The standard error is √(Σψ²)/n with ψ the influence function, or by clusters √(ΣS²)/n;
  /// statistics are normal. An intercept is always added to the covariates. Weights are sampling
  /// weights; their scale does not matter.
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight`, `constantTreatment`, `noOverlap`,
  ///   `rankDeficient`, `separation`, `nonConvergence`, `tooFewClusters`; the row or the term is
  ///   named.
  /// - Complexity: O(n p²), a few passes.
  public func fit(
    before: [Double], after: [Double], treated: [Bool], covariates: DesignMatrix? = nil,
    weights: [Double]? = nil, clusters: Factor? = nil
  ) throws(SiblingError) -> TwoPeriodResult {
    let data = TwoPeriodData(
      before: before, after: after, treated: treated, covariates: covariates, weights: weights)
    try data.check()
    let clusters = try InfluenceFunction.checked(clusters, rows: treated.count)
    let plain = try data.comparison(adjusted: false).solve(.outcomeRegression)
    let comparison = data.comparison(adjusted: true)
    let answer = try comparison.solve(estimator)
    var unadjusted = row(
      plain, clusters, term: "ATT", convention: "difference in differences of means")
    var estimate = row(answer, clusters, term: "ATT", convention: estimator.description)
    var notes = notes(comparison.dropped, answer.trimmed)
    if let note = data.smallArm(clusters) {
      (unadjusted, estimate) = (SmallGroups.withheld(unadjusted), SmallGroups.withheld(estimate))
      notes.append(note)
    }
    return TwoPeriodResult(
      estimate: estimate, unadjusted: unadjusted, cells: data.cells(),
      influence: answer.influence, propensity: answer.propensity,
      trimmedControls: answer.trimmed, units: treated.count,
      clusters: clusters?.levels.count, notes: notes)
  }

  private func row(
    _ answer: ChangeComparison.Answer, _ clusters: Factor?, term: String, convention: String
  ) -> Estimate {
    let error = InfluenceFunction.standardError(answer.influence, clusters: clusters)
    let clustering = clusters.map { ", clustered, G=\($0.levels.count)" } ?? ""
    return Estimate(
      term: term, estimate: answer.effect, standardError: error, level: level,
      convention: "\(convention), influence function\(clustering), z")
  }

  private func notes(_ dropped: [String], _ trimmed: Int) -> [String] {
    var notes: [String] = []
    if !dropped.isEmpty {
      let list = dropped.map { "`\($0)`" }.joined(separator: ", ")
      notes.append("Left out, constant or a combination of earlier covariates: \(list).")
    }
    if trimmed > 0 {
      notes.append(
        "\(trimmed) control\(trimmed == 1 ? "" : "s") with a fitted probability of treatment of "
          + "0.995 or more had no weight.")
    }
    return notes
  }
}

/// What a two-period design found.
public struct TwoPeriodResult: Sendable, Equatable {
  /// The effect on the treated, term `ATT`.
  public let estimate: Estimate
  /// The difference in differences of means, without covariates.
  public let unadjusted: Estimate
  /// The means behind it: treated before, treated after, control before, control after.
  public let cells: [TwoPeriodCell]
  /// Each unit's influence on the estimate; they sum to zero.
  public let influence: [Double]
  /// Each unit's fitted probability of treatment, when the estimator uses one.
  public let propensity: [Double]?
  /// Controls left out because their probability of treatment is 0.995 or more.
  public let trimmedControls: Int
  /// The number of units.
  public let units: Int
  /// The number of clusters, when standard errors are clustered.
  public let clusters: Int?
  /// Things that the reader must know.
  public let notes: [String]

  /// The estimate as a table of one row.
  public var table: EstimateTable {
    EstimateTable(rows: [estimate], observations: units, clusters: clusters, notes: notes)
  }
}

/// The mean outcome of one arm in one period.
public struct TwoPeriodCell: Sendable, Equatable {
  /// Whether the arm is the treated one.
  public let treated: Bool
  /// Whether the period is the one after treatment.
  public let after: Bool
  /// The number of units with positive weight.
  public let units: Int
  /// The weighted mean outcome.
  public let mean: Double
  /// The weighted standard deviation with divisor Σw(n − 1)/n; NaN for a single unit.
  public let standardDeviation: Double
}

/// The input of a two-period design.
struct TwoPeriodData {
  var before: [Double]
  var after: [Double]
  var treated: [Bool]
  var covariates: DesignMatrix?
  var weights: [Double]?

  func comparison(adjusted: Bool) -> ChangeComparison {
    ChangeComparison(
      change: zip(after, before).map { $0 - $1 }, treated: treated, weights: weights,
      covariates: adjusted ? covariates : nil)
  }

  func cells() -> [TwoPeriodCell] {
    [(true, false), (true, true), (false, false), (false, true)].map { arm, late in
      cell(arm, late)
    }
  }

  private func cell(_ arm: Bool, _ late: Bool) -> TwoPeriodCell {
    let values = late ? after : before
    var (units, total, sum) = (0, 0.0, 0.0)
    for i in values.indices where treated[i] == arm {
      let weight = weights?[i] ?? 1
      if weight > 0 { units += 1 }
      total += weight
      sum += weight * values[i]
    }
    let mean = sum / total
    var square = 0.0
    for i in values.indices where treated[i] == arm {
      square += (weights?[i] ?? 1) * (values[i] - mean) * (values[i] - mean)
    }
    let n = Double(units)
    return TwoPeriodCell(
      treated: arm, after: late, units: units, mean: mean,
      standardDeviation: units > 1 ? (square / (total * (n - 1) / n)).squareRoot() : .nan)
  }

  /// Why there is no standard error: an arm of one or two units or clusters, or no spread at all.
  func smallArm(_ clusters: Factor?) -> String? {
    let own = treated.indices.map { Int32($0) }
    let units = clusters ?? Factor(codes: own, levels: own.map { "\($0)" })
    for arm in [true, false] {
      let count = SmallGroups.count(units) { treated[$0] == arm && weights?[$0] ?? 1 > 0 }
      if count <= SmallGroups.most {
        return SmallGroups.note("The \(arm ? "treated" : "controls") are")
      }
    }
    let changes = zip(after, before).map { $0 - $1 }
    let scale = zip(after, before).reduce(0) { max($0, $1.0.magnitude, $1.1.magnitude) }
    let (low, high) = (changes.min() ?? 0, changes.max() ?? 0)
    guard high - low <= 1e-12 * scale else { return nil }
    return "Every unit changed by the same amount, so that there is no spread to judge by."
  }

  func check() throws(SiblingError) {
    let n = treated.count
    let sizes = [before.count, after.count, weights?.count ?? n, covariates?.rows ?? n]
    guard sizes.allSatisfy({ $0 == n }) else {
      throw SiblingError(
        .sizeMismatch,
        "There are \(n) units, but \(before.count) outcomes before and \(after.count) after.",
        help: "Give every array one entry a unit.")
    }
    guard n > 0 else {
      throw SiblingError(
        .noRows, "There are no units.", help: "Check the filter and missing values.")
    }
    for (values, name) in [(before, "before"), (after, "after")] {
      if let row = values.firstIndex(where: { !$0.isFinite }) {
        throw SiblingError(
          .missingValue, "The outcome \(name) treatment is missing or not finite.",
          help: "Keep units seen in both periods.", row: row)
      }
    }
    if let row = weights?.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw SiblingError(
        .badWeight, "A weight is negative, missing or not finite.",
        help: "Weights must be zero or positive numbers.", row: row)
    }
    if let covariates, let cell = covariates.matrix.storage.firstIndex(where: { !$0.isFinite }) {
      throw SiblingError(
        .missingValue, "A covariate is missing or not finite.",
        help: "Drop rows with missing values before fitting; log(0) is not finite either.",
        row: cell % n, column: covariates.names[cell / n])
    }
    for arm in [true, false] {
      let any = treated.indices.contains { treated[$0] == arm && weights?[$0] ?? 1 > 0 }
      guard any else {
        throw SiblingError(
          .constantTreatment, "No unit is \(arm ? "treated" : "a control").",
          help: "Check the treatment column and the filter.")
      }
    }
  }
}
