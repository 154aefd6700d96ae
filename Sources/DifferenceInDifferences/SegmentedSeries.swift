internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// One series or two with the design of their segmented regression, checked.
struct SegmentedSeries: Sendable {
  /// The rows given, in order of series and time, excluded ones too.
  var all: [Row]
  /// The places in `all` that the fit uses.
  var used: [Int]
  /// The design of the rows used.
  var design: DesignMatrix
  /// The design of all rows, without and with the changes.
  var factual: DesignMatrix
  var counterfactual: DesignMatrix
  /// The outcome of the rows used.
  var outcome: [Double]
  /// The outcome of all rows.
  var outcomes: [Double]
  var offset: [Double]?
  var allOffsets: [Double]?
  var weights: [Double]?
  /// The columns of level and slope changes, and of their partners.
  var changes: [Int]
  /// For each interruption the columns of level and slope that are the effect.
  var effects: [(level: Int, slope: Int)]
  var interruptions: [Double]
  var segments: [InterruptedTimeSeriesResult.Segment] = []
  /// The rows used, a series each, in order of time.
  var runs: [AutoregressiveLeastSquares.Run] = []
  var hasComparison: Bool
  var notes: [String] = []

  struct Row: Sendable, Equatable {
    var row: Int
    var time: Double
    var isTreated: Bool
    var isExcluded: Bool
    /// Its number of periods after the first time; nil where times are uneven.
    var period: Int?
  }

  init(
    _ model: InterruptedTimeSeries, time: [Double], outcome: [Double], treated: [Bool]?,
    covariates: DesignMatrix?, exposure: [Double]?, weights: [Double]?
  ) throws(SiblingError) {
    try Self.requireSizes(time, outcome, treated, covariates, exposure, weights)
    try TimeScale.requireCounting(time)
    let starts = try Self.interruptions(model.interruptions)
    let first = time.min() ?? 0
    let scale = TimeScale(time)
    let sorted = Self.sorted(time, treated, excluded: Set(model.excluded), scale)
    let again = sorted.indices.dropFirst().first { place in
      let before = sorted[place - 1]
      return sorted[place].time == before.time && sorted[place].isTreated == before.isTreated
    }
    if let again {
      throw SiblingError(
        .duplicateKey, "A series has two rows at one time.",
        help: "Aggregate them first; for many units use difference in differences.",
        row: sorted[again].row)
    }
    var columns = SegmentedColumns(sorted, first: first)
    columns.add("(Intercept)") { _ in 1 }
    columns.add("time") { $0.time - first }
    let own = columns.addChanges(starts)
    let partners = treated == nil ? [] : columns.addPartners(own)
    try columns.add(model.season, scale)
    if let covariates {
      for column in 0..<covariates.columns where covariates.names[column] != "(Intercept)" {
        let values = covariates.matrix.column(column)
        columns.add(covariates.names[column], sorted.map { values[$0.row] })
      }
    }
    let whole = columns.design
    let pairs = partners.isEmpty ? own : partners
    for pair in pairs {
      columns.values[pair.level] = [Double](repeating: 0, count: sorted.count)
      columns.values[pair.slope] = [Double](repeating: 0, count: sorted.count)
    }
    let kept = sorted.indices.filter { place in
      guard let weights else { return !sorted[place].isExcluded }
      return !sorted[place].isExcluded && weights[sorted[place].row] > 0
    }
    let rows = kept.map { sorted[$0].row }
    all = sorted
    used = kept
    factual = whole
    counterfactual = columns.design
    design = whole.selecting(rows: kept)
    changes = (own + partners).flatMap { [$0.level, $0.slope] }
    effects = pairs
    interruptions = starts
    hasComparison = treated != nil
    outcomes = sorted.map { outcome[$0.row] }
    self.outcome = rows.map { outcome[$0] }
    self.weights = weights.map { all in rows.map { all[$0] } }
    allOffsets = exposure.map { exposure in sorted.map { log(exposure[$0.row]) } }
    offset = exposure.map { exposure in rows.map { log(exposure[$0]) } }
    segments = try countedSegments()
    runs = seriesRuns()
    notes = shapeNotes(model)
    if model.errors == .praisWinsten || model.errors == .cochraneOrcutt {
      guard scale != nil else { throw TimeScale.uneven }
    }
  }

  /// The rows by series, the comparison's first, and time.
  private static func sorted(
    _ time: [Double], _ treated: [Bool]?, excluded: Set<Double>, _ scale: TimeScale?
  ) -> [Row] {
    let rows = Sorting.order(time).map { place in
      let row = Int(place)
      return Row(
        row: row, time: time[row], isTreated: treated?[row] ?? true,
        isExcluded: excluded.contains(time[row]), period: scale?.period(time[row]))
    }
    return rows.filter { !$0.isTreated } + rows.filter(\.isTreated)
  }

  /// The row as given of one that the fit uses.
  func givenRow(_ place: Int) -> Int { all[used[place]].row }

  /// The number of distinct times used.
  var times: Int { Set(used.map { all[$0].time }).count }

  /// The lag of Newey–West errors; nil for other errors.
  func lag(_ errors: InterruptedTimeSeries.Errors) -> Int? {
    guard case .neweyWest(let given) = errors else { return nil }
    return given ?? ruleOfThumb
  }

  /// ⌊4(T/100)^(2/9)⌋.
  var ruleOfThumb: Int { Int(4 * pow(Double(times) / 100, 2.0 / 9)) }

  /// The covariance of the coefficients of the rows used.
  func covariance(_ lag: Int?) -> CovarianceEstimator {
    guard let lag else { return .classical }
    let series = used.map { all[$0].isTreated ? Int32(1) : 0 }
    return .neweyWest(
      NeweyWest(
        lag: lag, time: used.map { all[$0].time },
        unit: hasComparison ? Factor(codes: series, levels: ["comparison", "treated"]) : nil))
  }

  func tooFew(_ parameters: Int) -> SiblingError {
    SiblingError(
      .tooFewObservations,
      "The model has \(parameters) coefficients but only \(used.count) points.",
      help: "Use fewer terms or a longer series.")
  }

  private func seriesRuns() -> [AutoregressiveLeastSquares.Run] {
    [false, true].compactMap { isTreated in
      let places = used.indices.filter { all[used[$0]].isTreated == isTreated }
      guard !places.isEmpty else { return nil }
      var steps = [0]
      for index in places.indices.dropFirst() {
        let (now, before) = (all[used[places[index]]].period, all[used[places[index - 1]]].period)
        // Without a scale only order is known; those who need more have refused.
        steps.append((now ?? 1) - (before ?? 0))
      }
      return AutoregressiveLeastSquares.Run(rows: Array(places), steps: steps)
    }
  }

  private func countedSegments() throws(SiblingError) -> [InterruptedTimeSeriesResult.Segment] {
    var segments: [InterruptedTimeSeriesResult.Segment] = []
    for isTreated in hasComparison ? [true, false] : [true] {
      let times = used.filter { all[$0].isTreated == isTreated }.map { all[$0].time }
      guard !times.isEmpty else {
        throw SiblingError(
          .constantTreatment,
          "The \(isTreated ? "treated" : "comparison") series has no rows.",
          help: "Check the column of the comparison, the filter and --treated.")
      }
      for index in 0...interruptions.count {
        let from = index == 0 ? -Double.infinity : interruptions[index - 1]
        let to = index == interruptions.count ? Double.infinity : interruptions[index]
        let inside = times.filter { $0 >= from && $0 < to }
        let name = Self.name(from, to)
        guard inside.count >= InterruptedTimeSeries.fewestPoints else {
          throw SiblingError(
            .tooFewObservations,
            "There are \(inside.count) points \(name)"
              + (hasComparison ? " in the \(isTreated ? "treated" : "comparison") series." : "."),
            help: "A segment needs three points at the least, and eight or more to be believed;"
              + " check the interruption and the excluded periods.")
        }
        segments.append(
          .init(
            isTreated: isTreated, start: inside[0], end: inside[inside.count - 1],
            points: inside.count))
      }
    }
    return segments
  }

  private static func name(_ from: Double, _ to: Double) -> String {
    if from == -.infinity { return "before \(PanelDesign.label(to))" }
    if to == .infinity { return "from \(PanelDesign.label(from)) on" }
    return "from \(PanelDesign.label(from)) to before \(PanelDesign.label(to))"
  }
}
