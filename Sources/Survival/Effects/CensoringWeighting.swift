internal import Glibc
internal import LinearAlgebra
public import Statistics

/// Weights that undo censoring which depends on covariates (inverse probability of censoring).
///
/// A Cox model of censoring in each arm gives every row its probability G of being uncensored; while it
/// is under observation the row counts K/G times, K the arm's own uncensored share, so that those
/// who stay stand for others like them who left (Robins & Finkelstein 2000,
/// doi:10.1111/j.0006-341X.2000.00779.x). The weight changes at censoring times, so follow-up is
/// split there: everything that takes late entry and weights can be fitted to the result.
///
/// What is assumed: censoring depends, within an arm, on the covariates only, in the form of the Cox model; and
/// wherever somebody is censored somebody like them stays.
public struct CensoringWeighting: Sendable, Equatable {
  /// The quantile at which weights are cut; nil leaves them.
  public var trim: Double?

  /// A weighting.
  public init(trim: Double? = nil) {
    self.trim = trim
  }

  private static let most = 50

  /// Fits the models of censoring and splits each row's follow-up at censoring times.
  ///
  /// With more than 50 distinct censoring times, weights change at 50 of them. An arm without
  /// censoring, or without covariates, keeps weights of one. Events come before
  /// censoring at the same time, and the end of an arm's follow-up is no censoring.
  /// - Throws: `size-mismatch`, `missing-value`, `bad-value`, `bad-interval` (late entry or a negative
  ///   time), `invalid-option` (a quantile outside (0.5, 1]) or `non-convergence`.
  /// - Complexity: O(n p²) and O(n) for each of at most 50 censoring times.
  public func fit(
    _ times: SurvivalTimes, treatment: [Bool], covariates: DesignMatrix
  ) throws(SiblingError) -> CensoringWeights {
    try Checks.count(treatment.count, is: times.count, "the treatment")
    try Checks.count(covariates.rows, is: times.count, "the covariates")
    try Checks.finite(covariates.matrix, covariates.names)
    guard times.start == nil else {
      throw SiblingError(
        .badInterval, "censoring weights take no late entry", column: "start")
    }
    if let row = times.time.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(.badInterval, "a time is negative", row: row, column: "time")
    }
    if let trim, !(trim > 0.5 && trim <= 1) {
      throw SiblingError(.invalidOption, "weights are cut at a quantile above one half")
    }
    let cuts = Self.cuts(times)
    let design = StandardizedSlopes.centred(covariates.removingIntercept())
    var notes: [String] = []
    var ratios = Matrix(rows: times.count, columns: cuts.count)
    for isTreated in [false, true] {
      let rows = treatment.indices.filter { treatment[$0] == isTreated }
      try fill(
        &ratios, times, rows: rows, design.selecting(rows: rows), cuts,
        name: isTreated ? "treated" : "comparisons", &notes)
    }
    return split(times, cuts, ratios, notes)
  }

  /// The distinct times at which rows are censored, or 50 of them.
  private static func cuts(_ times: SurvivalTimes) -> [Double] {
    var isCensored = [Bool](repeating: false, count: times.distinct.count)
    for (row, index) in times.timeIndex.enumerated() where !times.event[row] {
      isCensored[Int(index)] = true
    }
    let all = isCensored.indices.filter { isCensored[$0] }.map { times.distinct[$0] }
    // Nobody is at risk after the last of all.
    let inner = all.filter { $0 < times.distinct.last ?? 0 }
    guard inner.count > most else { return inner }
    return (1...most).map { inner[$0 * inner.count / most - 1] }
  }

  /// K/G of each row of an arm after each cut.
  private func fill(
    _ ratios: inout Matrix, _ times: SurvivalTimes, rows: [Int], _ design: DesignMatrix,
    _ cuts: [Double], name: String, _ notes: inout [String]
  ) throws(SiblingError) {
    func one() {
      for row in rows { for k in cuts.indices { ratios[row, k] = 1 } }
    }
    // At the last time everybody leaves, whoever they are; nothing comes after that has a weight.
    let last = rows.map { times.time[$0] }.max() ?? 0
    // Events at 2k, censoring after them at 2k + 1.
    let coded = try SurvivalTimes(
      time: rows.map { Double(2 * times.timeIndex[$0] + (times.event[$0] ? 0 : 1)) },
      event: rows.map { !times.event[$0] && times.time[$0] < last }, collapseTies: false)
    guard coded.events > 0, design.columns > 0 else { return one() }
    let fit: CoxFit
    do throws(SiblingError) {
      fit = try CoxRegression(robust: false).fit(coded, design)
    } catch {
      guard error.code == .rankDeficient else { throw error }
      notes.append("censoring among the \(name) does not vary with the covariates")
      return one()
    }
    guard fit.infiniteTerms.isEmpty else {
      throw SiblingError(
        .nonConvergence,
        "the Cox model of censoring among the \(name) has no finite estimate: "
          + fit.infiniteTerms.joined(separator: ", "),
        help: "leave the term out of --censoring")
    }
    let risk = design.matrix.times(fit.coefficients.map { $0.isNaN ? 0 : $0 }).map { exp($0) }
    // The design is centred, so that zero is the mean.
    let baseline = try fit.baselineHazard()
    let own = baseline.first.map { ($0.times, $0.hazard) } ?? ([], [])
    let share = BaselineSteps(
      coded, order: coded.order, risk: [Double](repeating: 1, count: rows.count), weights: nil,
      x: Matrix(rows: rows.count, columns: 0))
    for (k, cut) in cuts.enumerated() {
      let code = Double(2 * times.index(notAfter: cut) + 1)
      let step = own.0.partitionPoint { $0 <= code }
      let hazard = step > 0 ? own.1[step - 1] : 0
      let whole = step > 0 ? share.hazard[step - 1] : 0
      for (place, row) in rows.enumerated() {
        ratios[row, k] = exp(hazard * risk[place] - whole)
      }
    }
  }

  private func split(
    _ times: SurvivalTimes, _ cuts: [Double], _ ratios: Matrix, _ notes: [String]
  ) -> CensoringWeights {
    var records = CensoringWeights.Records()
    for row in times.time.indices {
      var from = -1.0
      for k in 0...cuts.count {
        let weight = k > 0 ? ratios[row, k - 1] : 1
        let isLast = k == cuts.count || times.time[row] <= cuts[k]
        records.append(
          row, from, isLast ? times.time[row] : cuts[k], isLast && times.event[row], weight)
        if isLast { break }
        from = cuts[k]
      }
    }
    var notes = notes
    if let trim {
      let sorted = records.weights.sorted()
      let cap = sorted[Swift.min(sorted.count - 1, Int(trim * Double(sorted.count)))]
      let capped = records.weights.count { $0 > cap }
      records.weights = records.weights.map { Swift.min($0, cap) }
      if capped > 0 { notes.append("\(capped) spells have their censoring weight cut") }
    }
    return CensoringWeights(
      records: records, largest: records.weights.max() ?? 1, notes: notes)
  }
}

/// Follow-up split at censoring times, with the weight of each spell.
public struct CensoringWeights: Sendable, Equatable {
  struct Records: Sendable, Equatable {
    var rows: [Int] = []
    var start: [Double] = []
    var stop: [Double] = []
    var event: [Bool] = []
    var weights: [Double] = []

    mutating func append(
      _ row: Int, _ start: Double, _ stop: Double, _ event: Bool, _ weight: Double
    ) {
      rows.append(row)
      self.start.append(start)
      self.stop.append(stop)
      self.event.append(event)
      weights.append(weight)
    }
  }

  let records: Records
  /// The largest weight.
  public let largest: Double
  /// Things the reader must know.
  public let notes: [String]

  /// The row that each spell belongs to.
  public var rows: [Int] { records.rows }
  /// The censoring weight of each spell.
  public var weights: [Double] { records.weights }

  /// The follow-up of the spells.
  ///
  /// - Throws: never for spells made by `CensoringWeighting`.
  public func times() throws(SiblingError) -> SurvivalTimes {
    try SurvivalTimes(
      start: records.start, time: records.stop, event: records.event, collapseTies: false)
  }

  /// Derivatives in the weights of `count` rows, from those in the weights of their spells.
  public func collapsed(_ slope: [Double], count: Int) -> [Double] {
    guard !slope.isEmpty else { return [] }
    var result = [Double](repeating: 0, count: count)
    for (spell, row) in records.rows.enumerated() {
      result[row] += records.weights[spell] * slope[spell]
    }
    return result
  }
}

extension MarginalSurvival {
  /// The same contrasts under censoring weights; slopes are in the weights of the rows.
  ///
  /// - Throws: as for follow-up that is not split.
  public func fit(
    _ censoring: CensoringWeights, treatment: [Bool], weights: [Double]
  ) throws(SiblingError) -> MarginalSurvivalFit {
    let rows = censoring.rows
    let fit = try fit(
      try censoring.times(), treatment: rows.map { treatment[$0] },
      weights: rows.indices.map { weights[rows[$0]] * censoring.weights[$0] })
    return MarginalSurvivalFit(
      contrasts: fit.contrasts.map { contrast in
        SurvivalContrast(
          scale: contrast.scale, time: contrast.time, treated: contrast.treated,
          comparison: contrast.comparison, estimate: contrast.estimate,
          slope: censoring.collapsed(contrast.slope, count: treatment.count))
      }, tau: fit.tau, notes: fit.notes)
  }
}
