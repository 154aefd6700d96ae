public import Statistics

/// An outcome that some people have, some have not, and for some is unknown, with who was treated.
///
/// Everything about missing evidence starts from it. One element a person; all arrays have one length.
public struct OutcomeEvidence: Sendable {
  /// The outcome; NaN where it is unknown.
  public let outcome: [Double]
  /// Whether each person was treated.
  public let treatment: [Bool]
  /// Baseline covariates, a column each, complete; none for plain differences.
  public let covariates: [[Double]]
  /// What the covariates are called.
  public let covariateNames: [String]
  /// Further columns that tell whose outcome becomes known, for the weights; complete.
  public let predictors: [[Double]]
  /// The least that each person's outcome can be: the outcome itself where it is known, unless its own
  /// bound says that the record left it open.
  public let lower: [Double]
  /// The most that each person's outcome can be, likewise.
  public let upper: [Double]
  /// Case or sampling weights; nil for all one.
  public let weights: [Double]?
  /// The sites that people are clustered in; nil for independent people.
  public let cluster: Factor?
  /// Whether all known outcomes are 0 or 1, and all bounds too.
  public let isBinary: Bool
  /// Things the reader must know.
  public let notes: [String]

  /// Evidence from columns.
  ///
  /// Bounds are the range of an unknown outcome: 0 and 1 where all known outcomes are 0 or 1, else the
  /// least and the greatest known outcome, with a note, unless they are given. A given bound that is NaN
  /// is taken from that range. A known outcome whose given bounds differ from it is read both ways by worst
  /// and best, for the record settled it by convention.
  /// - Throws: `sizeMismatch`, `noRows`, `constantTreatment`, `missingValue` for a covariate or
  ///   cluster, or for an arm without any known outcome, `badValue` for an infinite outcome or one outside
  ///   its bounds, `badWeight`, each with the row.
  public init(
    outcome: [Double], treatment: [Bool], covariates: [[Double]] = [],
    covariateNames: [String]? = nil, predictors: [[Double]] = [], lower: [Double]? = nil,
    upper: [Double]? = nil, weights: [Double]? = nil, cluster: Factor? = nil
  ) throws(SiblingError) {
    let names = covariateNames ?? covariates.indices.map { "x\($0 + 1)" }
    try Self.check(outcome, treatment, weights, cluster)
    guard names.count == covariates.count else {
      throw SiblingError(.sizeMismatch, "there is not a name for each covariate")
    }
    for (column, name) in zip(covariates, names) { try Self.complete(column, outcome.count, name) }
    for column in predictors { try Self.complete(column, outcome.count, "predictor") }
    let known = outcome.filter { !$0.isNaN }
    let (least, most) = (known.min() ?? 0, known.max() ?? 0)
    let hasTwoValues = known.allSatisfy { $0 == 0 || $0 == 1 }
    let range = hasTwoValues ? (0, 1) : (least, most)
    var remarks: [String] = []
    if !hasTwoValues, known.count < outcome.count, lower == nil || upper == nil {
      remarks.append(
        "no range is given for unknown outcomes: the least and the greatest known outcome are taken"
      )
    }
    let low = try Self.bounds(lower, outcome, range.0, "lower")
    let high = try Self.bounds(upper, outcome, range.1, "upper")
    for row in outcome.indices where low[row] > high[row] {
      throw SiblingError(
        .badValue, "the least that an outcome can be lies above the most", row: row,
        column: "lower")
    }
    self.outcome = outcome
    self.treatment = treatment
    self.covariates = covariates
    self.covariateNames = names
    self.predictors = predictors
    (self.lower, self.upper) = (low, high)
    self.weights = weights
    self.cluster = cluster
    isBinary =
      hasTwoValues && low.allSatisfy { $0 == 0 || $0 == 1 }
      && high.allSatisfy { $0 == 0 || $0 == 1 }
    notes = remarks
  }

  /// The number of people.
  public var count: Int { outcome.count }
  /// Whether a person's outcome is known.
  public func isKnown(_ row: Int) -> Bool { !outcome[row].isNaN }
  /// Whether a person counts at all: those of weight zero do not.
  public func isUsed(_ row: Int) -> Bool { (weights?[row] ?? 1) > 0 }
  /// Whether nobody's outcome is unknown.
  public var isComplete: Bool { !outcome.indices.contains { isUsed($0) && outcome[$0].isNaN } }

  /// Whether some outcome could be another, because it is unknown or its bounds leave it open.
  public var isOpen: Bool {
    outcome.indices.contains { isUsed($0) && (outcome[$0].isNaN || lower[$0] < upper[$0]) }
  }

  /// The people in each arm, and those of unknown outcome among them.
  public var counts: EvidenceCounts {
    var counts = EvidenceCounts()
    for row in outcome.indices where isUsed(row) {
      if treatment[row] { counts.treated += 1 } else { counts.comparison += 1 }
      guard outcome[row].isNaN else { continue }
      if treatment[row] { counts.unknownTreated += 1 } else { counts.unknownComparison += 1 }
    }
    return counts
  }

  /// The weighted mean of the known outcomes of an arm.
  public func knownMean(treated: Bool) -> Double {
    var (sum, total) = (0.0, 0.0)
    for row in outcome.indices where treatment[row] == treated && isKnown(row) {
      let weight = weights?[row] ?? 1
      sum += weight * outcome[row]
      total += weight
    }
    return sum / total
  }
}

/// How many people there are, and how many outcomes are unknown, by arm.
public struct EvidenceCounts: Sendable, Equatable {
  /// Treated people.
  public var treated = 0
  /// People in the comparison.
  public var comparison = 0
  /// Treated people whose outcome is unknown.
  public var unknownTreated = 0
  /// People in the comparison whose outcome is unknown.
  public var unknownComparison = 0
  /// Everybody.
  public var all: Int { treated + comparison }
  /// Everybody whose outcome is unknown.
  public var unknown: Int { unknownTreated + unknownComparison }
}

extension OutcomeEvidence {
  private static func check(
    _ outcome: [Double], _ treatment: [Bool], _ weights: [Double]?, _ cluster: Factor?
  ) throws(SiblingError) {
    for (count, name) in [
      (treatment.count, "treatment"), (weights?.count ?? outcome.count, "weights"),
      (cluster?.count ?? outcome.count, "clusters"),
    ] where count != outcome.count {
      throw SiblingError(
        .sizeMismatch, "there are \(outcome.count) outcomes and \(count) rows of \(name)")
    }
    guard !outcome.isEmpty else { throw SiblingError(.noRows, "there are no rows to compare") }
    if let row = weights?.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw SiblingError(
        .badWeight, "a weight is negative or not a number", row: row, column: "weights")
    }
    if let row = outcome.firstIndex(where: { $0.isInfinite }) {
      throw SiblingError(.badValue, "an outcome is infinite", row: row, column: "outcome")
    }
    for group in [true, false] {
      let rows = outcome.indices.filter { treatment[$0] == group && (weights?[$0] ?? 1) > 0 }
      guard !rows.isEmpty else {
        throw SiblingError(
          .constantTreatment,
          group ? "no row is treated" : "every row is treated, so there is no comparison",
          help: "Check the treatment column and the filter: both groups must have rows.")
      }
      guard rows.contains(where: { !outcome[$0].isNaN }) else {
        throw SiblingError(
          .missingValue, "no \(group ? "treated" : "comparison") row has a known outcome",
          help: "Nothing can be said of an arm in which every outcome is unknown.",
          column: "outcome")
      }
    }
    if let row = cluster?.codes.indices.first(where: {
      cluster?.codes[$0] ?? 0 < 0 && (weights?[$0] ?? 1) > 0
    }) {
      throw SiblingError(.missingValue, "a row has no cluster", row: row, column: "cluster")
    }
  }

  private static func complete(
    _ values: [Double], _ count: Int, _ name: String
  ) throws(SiblingError) {
    guard values.count == count else {
      throw SiblingError(
        .sizeMismatch, "a covariate has \(values.count) rows where there are \(count) outcomes",
        column: name)
    }
    guard let row = values.firstIndex(where: { !$0.isFinite }) else { return }
    throw SiblingError(
      .missingValue, "a covariate is missing or not finite in a row",
      help: "Drop rows with missing covariates, or impute them first.", row: row, column: name)
  }

  private static func bounds(
    _ given: [Double]?, _ outcome: [Double], _ range: Double, _ name: String
  ) throws(SiblingError) -> [Double] {
    guard let given else { return outcome.map { $0.isNaN ? range : $0 } }
    guard given.count == outcome.count else {
      throw SiblingError(
        .sizeMismatch, "there are \(outcome.count) outcomes and \(given.count) bounds",
        column: name)
    }
    var bounds = given
    for (row, value) in outcome.enumerated() {
      if bounds[row].isInfinite {
        throw SiblingError(.badValue, "a bound is infinite", row: row, column: name)
      }
      if value.isNaN {
        if bounds[row].isNaN { bounds[row] = range }
        continue
      }
      let isOutside = name == "lower" ? given[row] > value : given[row] < value
      guard !isOutside else {
        throw SiblingError(
          .badValue, "a known outcome lies outside its bounds",
          help: "Check the bounds: the least below, the most above the outcome.", row: row,
          column: name)
      }
      if bounds[row].isNaN { bounds[row] = value }
    }
    return bounds
  }
}
