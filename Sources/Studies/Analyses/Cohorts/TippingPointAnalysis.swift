internal import Cohorts
internal import Statistics
internal import Tables

/// `tipping-point`: what must be true of unknown outcomes for the conclusion to change.
struct TippingPointAnalysis: VerbAnalysis {
  var source: EvidenceSource
  var estimand: EvidenceEstimand
  var grid: [Double]
  var shifts: [Double]

  /// Decodes the options.
  ///
  /// - Throws: `usage` or `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    source = try EvidenceSource(formula: formula, options: options)
    estimand = try MissingEvidenceAnalysis.estimand(options)
    grid = try options.numbers(.evidenceGrid)
    shifts = try options.numbers(.evidenceShifts)
    guard grid.allSatisfy({ (0...1).contains($0) }) else {
      throw options.wrong(.evidenceGrid, "takes probabilities from 0 to 1")
    }
    guard grid.isEmpty || shifts.isEmpty else {
      throw options.wrong(.evidenceShifts, "can't be combined with grid: give one of them")
    }
    guard Set(grid).count == grid.count else {
      throw options.wrong(.evidenceGrid, "takes each probability once")
    }
    guard Set(shifts).count == shifts.count else {
      throw options.wrong(.evidenceShifts, "takes each shift once")
    }
  }

  /// The assumptions to try: as given, or else tenths for rates and quarters of a standard
  /// deviation as far as known means leave room for them.
  func configuration(_ evidence: OutcomeEvidence) -> TippingPoint {
    func made(_ scale: TippingPoint.Scale, _ values: [Double]) -> TippingPoint {
      TippingPoint(
        scale: scale, values: values, estimand: estimand, level: source.settings.level)
    }
    if !shifts.isEmpty { return made(.delta, shifts) }
    if !grid.isEmpty { return made(.rates, grid) }
    if evidence.isBinary { return made(.rates, (0...10).map { Double($0) / 10 }) }
    let known = evidence.outcome.filter { !$0.isNaN }
    let mean = known.reduce(0, +) / Double(max(1, known.count))
    let squares = known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(max(1, known.count - 1))).squareRoot()
    guard deviation > 0 else { return made(.delta, [0]) }
    let means = [true, false].map { evidence.knownMean(treated: $0) }
    let (least, most) = (evidence.lower.min() ?? 0, evidence.upper.max() ?? 0)
    let possible = (-4...4).map { Double($0) / 4 * deviation }.filter { shift in
      means.allSatisfy { (least...most).contains($0 + shift) }
    }
    return made(.delta, possible)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located; `badValue` for --grid with an outcome that is not
  ///   0 and 1.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let bound = try source.bind(table)
    let tipping = configuration(bound.evidence)
    let result = try bound.formula.locating { () throws(SiblingError) in
      try tipping.fit(bound.evidence)
    }
    struct Row {
      var kind: String
      var line: String?
      var event: String?
      var point: TippingPoint.Point?
    }
    let rows =
      [Row(kind: "at-random", point: result.atRandom)]
      + result.tips.map {
        Row(kind: "tip", line: $0.line.rawValue, event: $0.event.rawValue, point: $0.point)
      } + result.grid.map { Row(kind: "grid", point: $0) }
    let counts = result.counts
    var output = AnalysisOutput(
      columns: [
        .texts("kind", rows.map(\.kind)), .texts("line", rows.map(\.line)),
        .texts("event", rows.map(\.event)),
        .numbers("delta.treated", rows.map { Self.finite($0.point?.treatedShift) }),
        .numbers("delta.comparison", rows.map { Self.finite($0.point?.comparisonShift) }),
        .numbers("mean.treated", rows.map { Self.finite($0.point?.treatedMean) }),
        .numbers("mean.comparison", rows.map { Self.finite($0.point?.comparisonMean) }),
        .numbers("estimate", rows.map { $0.point?.estimate.estimate }),
        .numbers("std.error", rows.map { $0.point?.estimate.standardError }),
        .numbers("statistic", rows.map { $0.point?.estimate.statistic }),
        .numbers("df", rows.map { $0.point?.estimate.degreesOfFreedom }),
        .numbers("p.value", rows.map { $0.point?.estimate.pValue }),
        .numbers("conf.low", rows.map { $0.point?.estimate.interval?.low }),
        .numbers("conf.high", rows.map { $0.point?.estimate.interval?.high }),
        .texts("side", rows.map { $0.point?.side.rawValue }),
        .integers("n_treated", rows.map { _ in counts.treated }),
        .integers("n_comparison", rows.map { _ in counts.comparison }),
      ],
      notes: bound.formula.notes + Self.words(result, tipping) + result.notes)
    output.people = bound.evidence.hiddenPeople.mapValues {
      [Int](repeating: $0, count: rows.count)
    }
    output.derivedTexts = ["side"]
    return output
  }

  /// Nothing for what is not there or infinite.
  static func finite(_ value: Double?) -> Double? {
    value.flatMap { $0.isFinite ? $0 : nil }
  }

  private static func words(_ result: TippingPoint.Result, _ tipping: TippingPoint) -> [String] {
    guard result.counts.unknown > 0 else {
      return ["every outcome is known, so no assumption about unknown ones can change the effect"]
    }
    var notes = [
      "shifts are "
        + (result.isBinary ? "of the log odds" : "in the outcome's units")
        + " from what known people of the same arm with the same covariates have"
        + (tipping.scale == .rates
          ? "; in the grid, from what its known people have on average" : "")
    ]
    if result.counts.unknownTreated == 0 || result.counts.unknownComparison == 0 {
      notes.append(
        "every \(result.counts.unknownTreated == 0 ? "treated" : "comparison") outcome is known, so"
          + " only the other arm's can be moved")
    }
    return notes
  }
}
