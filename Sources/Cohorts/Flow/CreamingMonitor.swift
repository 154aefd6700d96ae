internal import Glibc
internal import LinearAlgebra
public import Statistics

/// Whether a service took on people who were likely to find work anyway.
///
/// A logistic regression of the outcome on what was known of people before acceptance, fitted among
/// accepted people of the reference (the comparison arm, or whoever came before the contract), gives
/// everybody referred an index: the probability of the outcome in the reference service. People of the
/// reference get theirs from fits without their own tenth of the people, so that nobody's own outcome
/// is in their index. Three signals are then tested with the sites as clusters (CR2, Satterthwaite's
/// degrees of freedom): the index of accepted people rises faster in the treated arm; acceptance
/// leans more on the index there; the index rises where a contract begins. The index counts as
/// known: that its model is estimated is not in the intervals.
public struct CreamingMonitor: Sendable, Equatable {
  /// The confidence level.
  public var level: Double
  /// Parts of the reference that are left out in turn.
  public var folds: Int
  /// The seed of the parts.
  public var seed: UInt64
  /// Sites that each arm needs for a verdict; with four in each the least p-value that exchanging arms
  /// can give is 0.029, with three 0.10.
  public var minimumSites: Int
  /// Days before and after a switch that are compared.
  public var window: Int32

  /// A monitor.
  public init(
    level: Double = 0.95, folds: Int = 10, seed: UInt64 = 1, minimumSites: Int = 4,
    window: Int32 = 365
  ) {
    (self.level, self.folds, self.seed) = (level, folds, seed)
    (self.minimumSites, self.window) = (minimumSites, window)
  }

  /// People referred, one a row, with complete covariates.
  public struct Input: Sendable {
    /// The covariates' design with its intercept.
    public var design: DesignMatrix
    /// The outcome: 1, 0, or below nought where it is not known.
    public var outcome: [Int8]
    /// Who is of the reference, accepted or not.
    public var isReference: [Bool]
    /// What the service decided: 1 accepted, 0 declined, −1 undecided or the client's own refusal.
    public var accepted: [Int8]
    /// The arm: 1 treated, 0 comparison, −1 unknown.
    public var arm: [Int8]
    /// The site.
    public var sites: Factor
    /// The day that counts: of acceptance, else of referral; `missingDay` where unknown.
    public var day: [Int32]
    /// A number that is the person's wherever they stand in the data.
    public var person: [UInt64]
    /// For each site the days on which a contract or its new version began.
    public var switches: [[Int32]]

    /// An input.
    public init(
      design: DesignMatrix, outcome: [Int8], isReference: [Bool], accepted: [Int8], arm: [Int8],
      sites: Factor, day: [Int32], person: [UInt64], switches: [[Int32]] = []
    ) {
      (self.design, self.outcome, self.isReference) = (design, outcome, isReference)
      (self.accepted, self.arm, self.sites) = (accepted, arm, sites)
      (self.day, self.person, self.switches) = (day, person, switches)
    }

    /// A number of each person made from their identifiers, the same in any order of rows.
    public static func numbers(of people: Factor) -> [UInt64] {
      let own = people.levels.map { name in
        name.utf8.reduce(into: UInt64(0xCBF2_9CE4_8422_2325)) { hash, byte in
          hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
        }
      }
      return people.codes.enumerated().map { $1 < 0 ? UInt64($0) : own[Int($1)] }
    }
  }

  /// Fits the index and tests the signals.
  ///
  /// - Throws: `sizeMismatch`; `tooFewObservations` when the reference has no accepted people with a
  ///   known outcome, or too few for the covariates; `constantOutcome`, `separation`, `nonConvergence`
  ///   of the logistic regression.
  /// - Complexity: O(people × covariates²) a Newton step, for each fold.
  public func fit(_ input: Input) throws(SiblingError) -> CreamingResult {
    let n = input.design.rows
    for count in [
      input.outcome.count, input.isReference.count, input.accepted.count, input.arm.count,
      input.sites.count, input.day.count, input.person.count,
    ] where count != n {
      throw SiblingError(
        .sizeMismatch, "the design has \(n) rows, another column \(count)")
    }
    var result = CreamingResult(level: level)
    try index(input, &result)
    let cells = CreamingCells(input, result.index, level: level)
    result.periods = cells.periods()
    result.acceptance = cells.quintiles()
    cells.trend(&result)
    cells.acceptanceSlopes(&result)
    cells.switches(&result, window: window)
    result.judge(minimumSites: minimumSites, sites: cells.sitesByArm)
    return result
  }

  private func index(_ input: Input, _ result: inout CreamingResult) throws(SiblingError) {
    let reference = input.outcome.indices.filter {
      input.isReference[$0] && input.accepted[$0] == 1 && input.outcome[$0] >= 0
    }
    guard !reference.isEmpty else {
      throw SiblingError(
        .tooFewObservations,
        "nobody of the reference was accepted and has a known outcome: no index can be fitted",
        help: "choose another reference or outcome, or wait until outcomes are known")
    }
    let model = GeneralizedLinearModel(family: .binomial)
    func fitted(_ rows: [Int]) throws(SiblingError) -> GeneralizedLinearFit {
      do {
        return try model.fit(
          input.design.selecting(rows: rows), response: rows.map { Double(input.outcome[$0]) })
      } catch {
        var error = error
        error.row = error.row.map { rows[$0] }
        error.help =
          "the index is a logistic regression among \(rows.count) people of the reference;"
          + " use fewer covariates or categories"
        throw error
      }
    }
    let whole = try fitted(reference)
    result.model = try whole.estimates(level: level)
    result.index = Self.probabilities(input.design, whole.coefficients)
    let fold = input.person.map { person in
      var stream = RandomStream(seed: seed, name: "creaming-folds", index: person)
      return stream.integer(below: max(2, folds))
    }
    for part in 0..<max(2, folds) {
      let own = reference.filter { fold[$0] == part }
      guard !own.isEmpty else { continue }
      let fit = try fitted(reference.filter { fold[$0] != part })
      let probabilities = Self.probabilities(
        input.design.selecting(rows: own), fit.coefficients)
      for (row, value) in zip(own, probabilities) { result.index[row] = value }
    }
    result.referenceCount = reference.count
    result.concordance = Self.concordance(
      reference.map { (result.index[$0], input.outcome[$0] == 1) })
  }

  /// Fitted probabilities; a dropped column's coefficient is NaN and counts as nought.
  private static func probabilities(_ design: DesignMatrix, _ coefficients: [Double]) -> [Double] {
    let used = coefficients.map { $0.isNaN ? 0 : $0 }
    return design.matrix.times(used).map { $0 < 0 ? exp($0) / (1 + exp($0)) : 1 / (1 + exp(-$0)) }
  }

  /// The chance that of two people, one with the outcome and one without, the first has the higher
  /// index, ties counting half.
  ///
  /// Nil where all are alike.
  static func concordance(_ people: [(index: Double, yes: Bool)]) -> Double? {
    let sorted = people.sorted { $0.index < $1.index }
    let positives = people.count { $0.yes }
    guard positives > 0, positives < people.count else { return nil }
    var (ranks, start) = (0.0, 0)
    while start < sorted.count {
      var end = start
      while end < sorted.count, sorted[end].index == sorted[start].index { end += 1 }
      let rank = Double(start + 1 + end) / 2
      ranks += rank * Double(sorted[start..<end].count { $0.yes })
      start = end
    }
    let (m, n) = (Double(positives), Double(people.count - positives))
    return (ranks - m * (m + 1) / 2) / (m * n)
  }
}
