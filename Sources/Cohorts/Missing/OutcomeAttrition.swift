public import Statistics

/// Whose outcome is unknown: how many, in which arm, whether it goes with covariates, and whether those
/// who are known are still alike.
///
/// Rates are compared with HC2, or CR2 by site. The joint tests are Wald tests in a linear probability
/// model of an unknown outcome, robust to heteroskedasticity (HC1) or clusters (CR1).
public struct OutcomeAttrition: Sendable, Equatable {
  /// The confidence level.
  public var level: Double

  /// Tests at a level.
  public init(level: Double = 0.95) { self.level = level }

  /// What a row tells.
  public enum Part: String, Sendable, CaseIterable {
    /// Share of unknown outcomes.
    case rate
    /// Share of each reason among everybody, treated less comparison.
    case reason
    /// Joint tests that unknown outcomes go with something.
    case test
    /// Standardised differences of covariates between the arms.
    case balance
  }

  /// A row.
  public struct Row: Sendable, Equatable {
    /// What it tells.
    public var part: Part
    /// Of which arm, reason, test or covariate.
    public var term: String
    /// The rate, difference or test.
    public var estimate: Estimate
    /// Treated people behind it.
    public var treated: Int
    /// Comparison people behind it.
    public var comparison: Int
    /// Unknown outcomes among the treated; of one reason in its row.
    public var unknownTreated: Int
    /// Unknown outcomes among the comparisons.
    public var unknownComparison: Int
    /// The first degrees of freedom of a joint test.
    public var restrictions: Int?
  }

  /// All rows.
  public struct Result: Sendable, Equatable {
    /// The rows, part by part.
    public var rows: [Row]
    /// People and unknown outcomes by arm.
    public var counts: EvidenceCounts
    /// What the What Works Clearinghouse would call such rates.
    public var boundary: AttritionBoundary?
    /// Things the reader must know.
    public var notes: [String]

    /// The first row of a part and term.
    public subscript(part: Part, term: String) -> Row? {
      rows.first { $0.part == part && $0.term == term }
    }
  }

  /// Rates, reasons, tests and balance.
  ///
  /// `reasons` names why an outcome is unknown; missing where it is known or nobody wrote down why.
  /// - Throws: `sizeMismatch`, `tooFewClusters`, `tooFewObservations`.
  public func fit(
    _ evidence: OutcomeEvidence, reasons: Factor? = nil
  ) throws(SiblingError) -> Result {
    if let reasons, reasons.count != evidence.count {
      throw SiblingError(
        .sizeMismatch,
        "there are \(evidence.count) outcomes and \(reasons.count) rows of reasons")
    }
    let counts = evidence.counts
    let unknown = evidence.outcome.map { $0.isNaN ? 1.0 : 0.0 }
    var notes: [String] = []
    var rows = try rates(evidence, unknown, counts, &notes)
    let overall = rows[0].estimate.estimate
    let differential = rows[3].estimate.estimate
    if let reasons { rows += try byReason(evidence, reasons, counts) }
    if !evidence.isComplete {
      rows += tests(evidence, unknown, counts, &notes)
      rows += balance(evidence, counts)
    }
    return Result(
      rows: rows, counts: counts,
      boundary: evidence.isComplete
        ? nil : AttritionBoundary(overall: overall, differential: differential), notes: notes)
  }

  private func row(
    _ part: Part, _ term: String, _ estimate: Estimate, _ counts: EvidenceCounts
  ) -> Row {
    Row(
      part: part, term: term, estimate: estimate, treated: counts.treated,
      comparison: counts.comparison, unknownTreated: counts.unknownTreated,
      unknownComparison: counts.unknownComparison)
  }

  private func rates(
    _ evidence: OutcomeEvidence, _ unknown: [Double], _ counts: EvidenceCounts,
    _ notes: inout [String]
  ) throws(SiblingError) -> [Row] {
    let ones = [Double](repeating: 1, count: evidence.count)
    let treated = evidence.treatment.map { $0 ? 1.0 : 0.0 }
    let everybody = Array(0..<evidence.count)
    var rows: [Row] = []
    for (name, group) in [("overall", nil), ("treated", true), ("comparison", false)]
      as [(String, Bool?)]
    {
      let members = everybody.filter { group == nil || evidence.treatment[$0] == group }
      var estimate: Estimate
      // One cluster or one person has a rate and no standard error.
      do throws(SiblingError) {
        let contrast = try LinearContrast(
          columns: [ones], target: 0, rows: members, weights: evidence.weights,
          cluster: evidence.cluster)
        estimate = made(contrast, unknown, name)
      } catch {
        guard error.code == .tooFewClusters || error.code == .tooFewObservations else {
          throw error
        }
        estimate = Estimate(
          term: name, estimate: mean(unknown, members, evidence), standardError: nil, level: level,
          convention: "none")
        notes.append("\(name): no standard error, for \(error.message)")
      }
      // That a rate is not nought is no question.
      (estimate.statistic, estimate.pValue) = (nil, nil)
      var own = counts
      if group == true { (own.comparison, own.unknownComparison) = (0, 0) }
      if group == false { (own.treated, own.unknownTreated) = (0, 0) }
      rows.append(row(.rate, name, estimate, own))
    }
    let difference = try LinearContrast(
      columns: [ones, treated], target: 1, rows: everybody, weights: evidence.weights,
      cluster: evidence.cluster)
    rows.append(row(.rate, "differential", made(difference, unknown, "differential"), counts))
    notes += MissingEvidence.notes(difference, evidence)
    return rows
  }

  private func made(_ contrast: LinearContrast, _ outcome: [Double], _ term: String) -> Estimate {
    Estimate(
      term: term, estimate: contrast.value(outcome),
      standardError: contrast.variance(outcome).map { $0.squareRoot() },
      degreesOfFreedom: contrast.degrees, level: level, convention: contrast.convention)
  }

  private func mean(_ values: [Double], _ rows: [Int], _ evidence: OutcomeEvidence) -> Double {
    var (sum, total) = (0.0, 0.0)
    for row in rows {
      let weight = evidence.weights?[row] ?? 1
      sum += weight * values[row]
      total += weight
    }
    return sum / total
  }

  /// Each reason's share of everybody, treated less comparison; unknown without reason is `(none given)`.
  private func byReason(
    _ evidence: OutcomeEvidence, _ reasons: Factor, _ counts: EvidenceCounts
  ) throws(SiblingError) -> [Row] {
    let ones = [Double](repeating: 1, count: evidence.count)
    let treated = evidence.treatment.map { $0 ? 1.0 : 0.0 }
    let contrast = try LinearContrast(
      columns: [ones, treated], target: 1, rows: Array(0..<evidence.count),
      weights: evidence.weights, cluster: evidence.cluster)
    var rows: [Row] = []
    let names = reasons.levels.enumerated().map { (Int32($0.offset), $0.element) }
    for (code, name) in names + [(Int32(-1), "(none given)")] {
      let has = evidence.outcome.indices.map { row in
        evidence.outcome[row].isNaN && reasons.codes[row] == code && evidence.isUsed(row)
      }
      var own = counts
      own.unknownTreated = has.indices.count { has[$0] && evidence.treatment[$0] }
      own.unknownComparison = has.indices.count { has[$0] && !evidence.treatment[$0] }
      guard own.unknown > 0 else { continue }
      rows.append(row(.reason, name, made(contrast, has.map { $0 ? 1 : 0 }, name), own))
    }
    return rows
  }
}
