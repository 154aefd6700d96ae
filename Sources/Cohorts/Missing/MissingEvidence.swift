public import Statistics

/// The effect of treatment under different readings of the outcomes that nobody knows.
///
/// The readings are those who are known alone; unknown as "no", which is wrong unless it is known to
/// be so; the known weighted to stand for everybody; unknown in the worst and the best way for the
/// treated (Horowitz & Manski 2000, doi:10.1080/01621459.2000.10473902) with one interval for the
/// effect itself (Imbens & Manski 2004, doi:10.1111/j.1468-0262.2004.00555.x); and trimmed means for
/// those who would be known in either arm (Lee 2009, doi:10.1111/j.1467-937X.2009.00536.x).
public struct MissingEvidence: Sendable, Equatable {
  /// Whose effect.
  public var estimand: EvidenceEstimand
  /// The confidence level.
  public var level: Double
  /// The quantile at which the greatest weights are cut; 1 cuts none.
  public var truncation: Double

  /// A comparison of readings.
  public init(estimand: EvidenceEstimand = .ate, level: Double = 0.95, truncation: Double = 0.99) {
    self.estimand = estimand
    self.level = level
    self.truncation = truncation
  }

  /// How unknown outcomes are read.
  public enum Reading: String, Sendable, CaseIterable {
    /// People of unknown outcome are left out.
    case completeCase = "complete-case"
    /// Unknown outcomes are read as 0: what is often done, and wrong.
    case missingIsNo = "missing-is-no"
    /// Known outcomes are weighted to stand for everybody.
    case ipcw = "ipcw"
    /// Unknown treated have the least, unknown comparisons the most: the least effect there can be.
    case worst = "worst"
    /// Unknown treated have the most, unknown comparisons the least.
    case best = "best"
    /// What the data allow, with an interval that covers the effect wherever it lies there.
    case bounds = "bounds"
    /// The lower trimming bound.
    case leeLow = "lee-low"
    /// The upper trimming bound.
    case leeHigh = "lee-high"
  }

  /// One reading's effect.
  public struct Row: Sendable, Equatable {
    /// The reading.
    public var reading: Reading
    /// The effect; NaN for `bounds`, which has a low and a high.
    public var estimate: Estimate
    /// The least effect, of `bounds`.
    public var low: Double?
    /// The greatest effect, of `bounds`.
    public var high: Double?
    /// People whose outcome enters the estimate.
    public var rows: Int
  }

  /// The readings with the people behind them.
  public struct Result: Sendable, Equatable {
    /// The rows, in the order of `Reading`.
    public var rows: [Row]
    /// People and unknown outcomes by arm.
    public var counts: EvidenceCounts
    /// The mean of the known outcomes of the treated.
    public var treatedMean: Double
    /// The mean of the known outcomes of the comparisons.
    public var comparisonMean: Double
    /// The number of clusters, when there are any.
    public var clusters: Int?
    /// Things the reader must know.
    public var notes: [String]

    /// The row of a reading, if there is one.
    public subscript(reading: Reading) -> Row? { rows.first { $0.reading == reading } }
  }

  /// The effect under every reading.
  ///
  /// A reading that can't be had, such as weights where some people's outcome is never known, is left
  /// out and said in the notes.
  /// - Throws: `invalidOption`, and what is wrong with the model on the known outcomes:
  ///   `rankDeficient`, `tooFewObservations`, `tooFewClusters`.
  public func fit(_ evidence: OutcomeEvidence) throws(SiblingError) -> Result {
    guard level > 0, level < 1, truncation > 0.5, truncation <= 1 else {
      throw SiblingError(
        .invalidOption, "the level lies between 0 and 1 and the truncation between 0.5 and 1")
    }
    let everybody = Array(0..<evidence.count)
    let known = everybody.filter { evidence.isKnown($0) }
    let counts = evidence.counts
    let complete = try AdjustedEffect(
      evidence, estimand: estimand, rows: known, weights: evidence.weights, centredOn: known)
    let filled = try AdjustedEffect(
      evidence, estimand: estimand, rows: everybody, weights: evidence.weights,
      centredOn: everybody)
    var notes = evidence.notes + Self.notes(complete.contrast, evidence)
    if complete.isWithoutProducts || filled.isWithoutProducts {
      notes.append(
        "covariates have the same slopes in both arms: with slopes of their own the effect would"
          + " have no standard error, as it could not be estimated without one of the sites")
    }
    let knownCount = counts.all - counts.unknown
    var rows = [
      Row(
        reading: .completeCase,
        estimate: complete.estimate(evidence.outcome, term: estimand.rawValue, level: level),
        rows: knownCount)
    ]
    func reading(_ name: Reading, _ outcome: [Double]) -> Row {
      Row(
        reading: name,
        estimate: filled.estimate(outcome, term: estimand.rawValue, level: level),
        rows: counts.all)
    }
    rows.append(reading(.missingIsNo, evidence.outcome.map { $0.isNaN ? 0 : $0 }))
    do throws(SiblingError) {
      rows.append(try weighted(evidence, known, complete, &notes))
    } catch {
      let expected: [SiblingError.Code] = [
        .separation, .nonConvergence, .tooFewObservations, .tooFewClusters, .rankDeficient,
      ]
      guard expected.contains(error.code) else { throw error }
      notes.append(
        "the known outcomes can't be weighted to stand for everybody (fewer or coarser predictors may"
          + " do): \(error.message)")
    }
    let worst = reading(.worst, Self.extreme(evidence, treatedGetLow: true))
    let best = reading(.best, Self.extreme(evidence, treatedGetLow: false))
    rows += [worst, best, bounds(worst, best)]
    if let lee = LeeBounds(evidence, estimand: estimand, level: level) {
      rows += lee.rows
      notes += lee.notes
    }
    return Result(
      rows: rows, counts: counts, treatedMean: evidence.knownMean(treated: true),
      comparisonMean: evidence.knownMean(treated: false), clusters: filled.contrast.clusters,
      notes: notes)
  }

  /// Known outcomes as they are, unknown ones at the end of their range that goes against the effect,
  /// or for it.
  static func extreme(_ evidence: OutcomeEvidence, treatedGetLow: Bool) -> [Double] {
    evidence.outcome.indices.map { row in
      evidence.treatment[row] == treatedGetLow ? evidence.lower[row] : evidence.upper[row]
    }
  }

  private func weighted(
    _ evidence: OutcomeEvidence, _ known: [Int], _ complete: AdjustedEffect,
    _ notes: inout [String]
  ) throws(SiblingError) -> Row {
    guard !evidence.isComplete else {
      return Row(
        reading: .ipcw,
        estimate: complete.estimate(evidence.outcome, term: estimand.rawValue, level: level),
        rows: known.count { evidence.isUsed($0) })
    }
    let weights = try ObservationWeights(evidence, truncation: truncation)
    let product = zip(weights.factors, evidence.weights ?? weights.factors.map { _ in 1 })
      .map { $0 * $1 }
    let effect = try AdjustedEffect(
      evidence, estimand: estimand, rows: known, weights: product,
      centredOn: Array(0..<evidence.count))
    let contrast = effect.contrast
    // The estimate's slope in the logarithm of a row's weight is cᵢeᵢ.
    var slopes = [Double](repeating: 0, count: evidence.count)
    let parts = zip(
      zip(contrast.coefficients, contrast.residuals(evidence.outcome)), contrast.roots)
    for (row, part) in zip(contrast.rows, parts) {
      slopes[row] = part.1 > 0 ? part.0.0 * part.0.1 / part.1 : 0
    }
    var scores = weights.influence(slopes, evidence)
    var variance: Double?
    if !contrast.enlarged.isEmpty {
      for (row, part) in zip(
        contrast.rows, zip(contrast.enlarged, contrast.residuals(evidence.outcome)))
      {
        scores[row] += part.0 * part.1
      }
      variance = LinearContrast.squares(
        scores, evidence.cluster?.codes, evidence.cluster?.levels.count)
    }
    if weights.truncated > 0 {
      notes.append(
        "ipcw: \(weights.truncated) weights were cut at the quantile \(truncation); the least"
          + " estimated probability of a known outcome is \(Self.rounded(weights.leastProbability))"
      )
    }
    return Row(
      reading: .ipcw,
      estimate: effect.estimate(
        evidence.outcome, term: estimand.rawValue, level: level, variance: variance,
        convention: contrast.convention + ", weights estimated"),
      rows: known.count { evidence.isUsed($0) })
  }

  /// One interval for the effect: narrower than from the worst's lower to the best's upper limit, for
  /// the effect can't lie at both ends at once.
  private func bounds(_ worst: Row, _ best: Row) -> Row {
    let (low, high) = (worst.estimate.estimate, best.estimate.estimate)
    var estimate = Estimate(
      term: estimand.rawValue, estimate: .nan, standardError: nil, level: level,
      convention: "Imbens–Manski, " + worst.estimate.convention)
    if let a = worst.estimate.standardError, let b = best.estimate.standardError {
      let degrees = worst.estimate.degreesOfFreedom
      let reach = Self.reach(
        width: high - low, error: max(a, b), degrees: degrees, level: level)
      estimate.degreesOfFreedom = degrees
      if max(a, b) > 0 {
        estimate.interval = ConfidenceInterval(
          low: low - reach * a, high: high + reach * b, level: level)
      }
    }
    return Row(
      reading: .bounds, estimate: estimate, low: low, high: high, rows: worst.rows)
  }

  /// The number of standard errors C with F(C + width/error) − F(−C) = level, F normal or t.
  static func reach(width: Double, error: Double, degrees: Double?, level: Double) -> Double {
    guard error > 0 else { return 0 }
    func upper(_ x: Double) -> Double {
      degrees.map { StudentT(degreesOfFreedom: $0).upperTail(x) } ?? Normal.standard.upperTail(x)
    }
    let gap = width / error
    let most =
      degrees.map { StudentT(degreesOfFreedom: $0).upperQuantile((1 - level) / 2) }
      ?? Normal.standard.upperQuantile((1 - level) / 2)
    var (low, high) = (0.0, most + 1)
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      guard middle > low, middle < high else { break }
      if upper(middle + gap) + upper(middle) > 1 - level { low = middle } else { high = middle }
    }
    return high
  }

  static func notes(_ contrast: LinearContrast, _ evidence: OutcomeEvidence) -> [String] {
    var notes: [String] = []
    if !contrast.dropped.isEmpty {
      notes.append(
        "\(contrast.dropped.count) columns of the outcome model are combinations of others and were"
          + " left out")
    }
    if contrast.enlarged.isEmpty {
      notes.append(
        contrast.clusters == nil
          ? "there is no standard error: one person's outcome is fitted exactly"
          : "there is no standard error: without one of the clusters the effect can't be estimated")
    }
    return notes
  }

  /// Three decimals, for notes.
  static func rounded(_ value: Double) -> String {
    let thousandths = Int((value * 1000).rounded())
    let digits = String(thousandths % 1000)
    return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
  }
}
