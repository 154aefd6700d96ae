internal import Glibc
import LinearAlgebra
public import Statistics

/// The score test of proportional hazards, which asks whether coefficients change with time.
///
/// Each term is joined by its product with a transform g of time, and the product's coefficient is
/// tested against zero by the score test at the fitted model, with the full information of both.
/// Chi-squared statistics are those of survival 3.0 and later.
///
/// Grambsch & Therneau (1994), doi:10.1093/biomet/81.3.515.
/// - Complexity: that of three Newton steps.
public struct ProportionalHazardsTest: Sendable, Equatable {
  /// How event times are transformed.
  public enum Transform: String, Sendable, CaseIterable {
    /// One less the Kaplan–Meier estimate just before the time, all strata together, unweighted.
    case kaplanMeier = "km"
    /// The rank of the time among all rows, censored ones too.
    case rank = "rank"
    /// The time itself.
    case identity = "identity"
    /// The logarithm of the time.
    case log = "log"
  }

  /// How event times are transformed.
  public var transform: Transform

  /// A test with the Kaplan–Meier transform.
  public init(transform: Transform = .kaplanMeier) {
    self.transform = transform
  }

  /// Tests each term of a fitted model, and all together.
  ///
  /// - Throws: `bad-value` when a logarithm is asked of an event time of zero or less.
  public func test(_ fit: CoxFit) throws(SiblingError) -> ProportionalHazardsResult {
    let scaled = Self.scaled(try groupTimes(fit))
    let kept = fit.kept
    let p = kept.count
    let parts = InteractionScore(fit, scaled)
    let assignment = kept.map { fit.design.assignment[$0] }
    var rows: [ProportionalHazardsResult.Row] = []
    var seen: [Int] = []
    for term in assignment where !seen.contains(term) { seen.append(term) }
    for term in seen {
      let columns = (0..<p).filter { assignment[$0] == term }
      // Of a coefficient that runs to infinity nothing can be said.
      let isKnown = columns.allSatisfy { !fit.infiniteTerms.contains(fit.names[kept[$0]]) }
      let known = fit.design.terms.indices.contains(term)
      let name = known ? fit.design.terms[term] : fit.names[kept[columns[0]]]
      rows.append(
        .init(
          term: name,
          test: isKnown
            ? parts.test(columns)
            : ChiSquaredTest(statistic: .nan, degreesOfFreedom: Double(columns.count))))
    }
    let all =
      fit.infiniteTerms.isEmpty
      ? parts.test(Array(0..<p)) : ChiSquaredTest(statistic: .nan, degreesOfFreedom: Double(p))
    rows.append(.init(term: "GLOBAL", test: all))
    return ProportionalHazardsResult(rows: rows, transform: transform)
  }

  /// Transforms to [0, 1]: a shift or a scale of g changes no statistic, and sums stay small.
  private static func scaled(_ values: [Double]) -> [Double] {
    let low = values.min() ?? 0
    let width = (values.max() ?? 0) - low
    return values.map { width > 0 ? ($0 - low) / width : 0 }
  }

  /// g at the time of each group of the risk sets.
  private func groupTimes(_ fit: CoxFit) throws(SiblingError) -> [Double] {
    let byTime = try transformedTimes(fit)
    return fit.data.sets.time.map { byTime[Int($0)] }
  }

  /// g at each distinct time.
  func transformedTimes(_ fit: CoxFit) throws(SiblingError) -> [Double] {
    let times = fit.times
    switch transform {
    case .identity:
      return times.distinct
    case .log:
      for g in fit.data.sets.time where times.distinct[Int(g)] <= 0 {
        throw SiblingError(
          .badValue, "an event time is zero or less and has no logarithm",
          help: "choose the km, rank or identity transform", column: "time")
      }
      return times.distinct.map { $0 > 0 ? log($0) : 0 }
    case .kaplanMeier:
      return Self.leftContinuousIncidence(times)
    case .rank:
      return Self.ranks(times)
    }
  }

  private static func leftContinuousIncidence(_ times: SurvivalTimes) -> [Double] {
    let counts = times.people?.counts.map(Double.init)
    let steps = RiskSteps(times, rows: times.order[...], weights: counts)
    let survival = steps.survival
    return survival.indices.map { $0 > 0 ? 1 - survival[$0 - 1] : 0 }
  }

  /// The mean rank of the rows, censored ones too, at each distinct time.
  private static func ranks(_ times: SurvivalTimes) -> [Double] {
    var counts = [Double](repeating: 0, count: times.distinct.count)
    for (row, index) in times.timeIndex.enumerated() {
      counts[Int(index)] += Double(times.people?.counts[row] ?? 1)
    }
    var before = 0.0
    return counts.map { count in
      defer { before += count }
      return before + (count + 1) / 2
    }
  }
}

/// Tests of proportional hazards, by term and together.
public struct ProportionalHazardsResult: Sendable, Equatable {
  /// The test of one term.
  public struct Row: Sendable, Equatable {
    /// The term, or `GLOBAL`.
    public let term: String
    /// Its test.
    public let test: ChiSquaredTest
  }

  /// One row a term, in the order of the model, then `GLOBAL`.
  public let rows: [Row]
  /// How event times were transformed.
  public let transform: ProportionalHazardsTest.Transform
}

/// The score and information of x·g(t) beside x, at the fitted coefficients.
private struct InteractionScore {
  private let score: [Double]
  /// What remains of the information of x·g once x is known.
  private let information: Matrix

  init(_ fit: CoxFit, _ g: [Double]) {
    let objective = CoxObjective(fit.data)
    let (data, state) = (objective.data, objective.state)
    state.update(fit.kept.map { fit.coefficients[$0] })
    func information(_ power: [Double]?) -> Matrix {
      Gram.product(data.x, weights: state.expectedEvents(power)) - objective.correction(power)
    }
    let squared = g.map { $0 * $0 }
    let (plain, once, twice) = (information(nil), information(g), information(squared))
    let marks = CoxData.marks(data.event, data.weights)
    let expected = state.expectedEvents(g)
    var own = marks.indices.map { marks[$0] * g[Int(data.sets.stopGroup[$0])] - expected[$0] }
    if data.ties == .exact {
      // Breslow's score of x itself is not zero at the exact coefficients; as if g had mean zero.
      let mean = zip(data.deathWeight, g).reduce(0) { $0 + $1.0 * $1.1 } / marks.reduce(0, +)
      let plain = state.expectedEvents()
      for i in own.indices { own[i] -= mean * (marks[i] - plain[i]) }
    }
    score = data.x.transposedTimes(own)
    if let factor = try? Cholesky(plain) {
      self.information = twice - once * factor.solve(once)
    } else {
      let nothing = [Double](repeating: .nan, count: plain.rows * plain.rows)
      self.information = Matrix(rows: plain.rows, columns: plain.rows, storage: nothing)
    }
  }

  func test(_ columns: [Int]) -> ChiSquaredTest {
    let part = information.selecting(both: columns)
    // A single event time has no trend: what is left is then rounding.
    guard part.diagonal.allSatisfy({ $0 > 0 }) else {
      return ChiSquaredTest(statistic: .nan, degreesOfFreedom: Double(columns.count))
    }
    return ChiSquaredTest(columns.map { score[$0] }, variance: part)
  }
}
