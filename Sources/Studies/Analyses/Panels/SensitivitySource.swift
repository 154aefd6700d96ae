internal import DifferenceInDifferences
internal import LinearAlgebra
internal import Statistics
internal import Tables

/// Where `honest-did` and `pretrends` get an event study's estimates and covariance from.
struct SensitivitySource: Sendable {
  /// Files, or an estimator of the data.
  enum Origin: Sendable {
    case files(estimates: String, covariance: String, CSVReader)
    case eventStudy(EventStudyAnalysis)
    case groupTime(GroupTimeEffects, PanelColumns, covariates: String?)
  }

  /// Estimates with what is known of the data behind them.
  struct Found {
    var estimates: EventStudyEstimates
    /// Rows of the data used; nil where estimates were given.
    var observations: Int?
    var notes: [String]
  }

  var origin: Origin
  var reference: Double
  var leads: Int?
  var lags: Int?
  var settings: CommonSettings

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(_ options: OptionValues) throws(SiblingError) {
    settings = try CommonSettings(options)
    reference = Double(try options.integer(.reference, in: -100_000...100_000) ?? -1)
    leads = try options.integer(.leads, in: 0...100_000)
    lags = try options.integer(.lags, in: 0...100_000)
    let method = try options.choice(.sensitivityMethod)
    _ = (try options.choice(.control), try options.choice(.didEstimator))
    let anticipation = try options.number(.anticipation, in: 0...1e6) ?? 0
    if options.isGiven(.estimatesFile) || options.isGiven(.covarianceFile) {
      origin = .files(
        estimates: try options.required(.estimatesFile),
        covariance: try options.required(.covarianceFile), try DataSource.reader(options))
      let others: [OptionKey] = [
        .outcome, .unit, .time, .group, .sensitivityMethod, .covariates, .leads, .lags, .covariance,
        .control, .didEstimator, .anticipation,
      ]
      try Self.refuse(others, options, "needs data; estimates were given")
      return
    }
    if method == "event-study" {
      var study = try EventStudyAnalysis(formula: nil, options: options)
      // A bin of several event times has no place on a line of single ones.
      study.estimator.beyond = .excluded
      origin = .eventStudy(study)
      try Self.refuse(
        [.control, .didEstimator, .anticipation], options, "is for group-time effects")
      return
    }
    try Self.refuse(
      [.covariance], options, "does not apply: group-time effects have influence functions")
    try Self.refuse(
      [.reference], options, "follows from --anticipation with group-time effects")
    guard let adjustment = AdjustmentEstimator(rawValue: try options.choice(.didEstimator)) else {
      throw options.wrong(.didEstimator, "twfe and means are for two periods")
    }
    reference = -1 - anticipation
    origin = .groupTime(
      GroupTimeEffects(
        control: GroupTimeEffects.Control(rawValue: try options.choice(.control)) ?? .neverTreated,
        estimator: adjustment, base: .universal, anticipation: anticipation,
        level: settings.level),
      try PanelColumns(options), covariates: options.text(.covariates))
  }

  private static func refuse(
    _ keys: [OptionKey], _ options: OptionValues, _ reason: String
  ) throws(SiblingError) {
    for key in keys where options.isGiven(key) { throw options.wrong(key, reason) }
  }

  /// The estimates of a table.
  ///
  /// - Throws: what is wrong with the columns, the panel or the model, located.
  func estimates(_ table: Table) throws(SiblingError) -> Found {
    switch origin {
    case .files:
      throw SiblingError(
        .usage, "estimates that are given in files need no data file",
        help: "leave out the file, or --estimates and --covariance")
    case .eventStudy(let study):
      let (result, _, notes) = try study.fit(table)
      return Found(
        estimates: try result.estimates(reference: reference), observations: result.observations,
        notes: notes)
    case .groupTime(let estimator, let columns, let covariates):
      let data = try BoundPanel(columns, covariates: covariates, table: table, settings: settings)
      return try data.bound.locating { () throws(SiblingError) in
        let result = try estimator.fit(
          data.panel, outcome: data.outcome, covariates: data.covariates,
          weights: data.bound.weights, clusters: try data.bound.singleCluster())
        let first = leads.map { -Double($0) } ?? -.greatestFiniteMagnitude
        let last = lags.map { Double($0) } ?? .greatestFiniteMagnitude
        return Found(
          estimates: try result.dynamicEstimates(eventTimes: first...last),
          observations: data.outcome.count, notes: data.bound.notes + result.notes)
      }
    }
  }

  /// The estimates of the files.
  ///
  /// - Throws: what is wrong with the files, located; `usage` where data are needed.
  func estimates() throws(SiblingError) -> Found {
    guard case .files(let estimates, let covariance, let reader) = origin else {
      throw SiblingError(
        .usage, "a data file is needed, or --estimates and --covariance",
        help: "see --help for both forms")
    }
    var notes: [String] = []
    let table = try TableFile.read(path: estimates, reader: reader)
    let (times, values) = try Self.series(table, &notes)
    let matrix = try Self.matrix(
      try TableFile.read(path: covariance, reader: reader), path: covariance, times: times, &notes)
    do {
      return Found(
        estimates: try EventStudyEstimates(
          eventTimes: times, estimates: values, covariance: matrix, reference: reference),
        observations: nil, notes: table.notes + notes)
    } catch {
      throw error.located(SiblingError.Location(file: covariance))
    }
  }

  private static func series(
    _ table: Table, _ notes: inout [String]
  ) throws(SiblingError) -> (times: [Double], values: [Double]) {
    let column = try table.column("estimate")
    guard let values = column.asDoubles else {
      throw table.wrongType(column, wanted: "a number")
    }
    if let time = table["time"] {
      guard let times = time.asDoubles else { throw table.wrongType(time, wanted: "a number") }
      return (times, values)
    }
    // As the event study prints them.
    let terms = try table.column("term").asStrings
    var found: (times: [Double], values: [Double]) = ([], [])
    for (term, value) in zip(terms, values) {
      guard let term, term.hasPrefix("e="), let time = Double(term.dropFirst(2)) else { continue }
      found.times.append(time)
      found.values.append(value)
    }
    if found.times.count < terms.count {
      notes.append("\(terms.count - found.times.count) terms are no event times and are left out")
    }
    return found
  }

  /// The event time that a name tells: `-3`, `e=-3`, `ev::-3`.
  private static func time(_ name: String) -> Double? {
    let tail = name.last { !"-+.0123456789".contains($0) }.flatMap { name.lastIndex(of: $0) }
    return Double(tail.map { name[name.index(after: $0)...] } ?? name[...])
  }

  /// The covariance in the order of the estimates, which its names may give otherwise.
  private static func matrix(
    _ table: Table, path: String, times: [Double], _ notes: inout [String]
  ) throws(SiblingError) -> Matrix {
    var columns = table.columns
    if let first = columns.first, first.asDoubles == nil { columns.removeFirst() }
    var numbers: [[Double]] = []
    for column in columns {
      guard let values = column.asDoubles else {
        throw table.wrongType(column, wanted: "a number")
      }
      numbers.append(values)
    }
    guard !numbers.isEmpty, numbers.count == table.rowCount else {
      throw SiblingError(
        .sizeMismatch,
        "the covariance has \(table.rowCount) rows and \(numbers.count) columns",
        help: "it must be square, below a first line of names",
        location: SiblingError.Location(file: path))
    }
    let matrix = Matrix(columns: numbers)
    let named = columns.map { time($0.name) }
    guard named.count == times.count, !named.contains(where: { $0 == nil }) else { return matrix }
    let order = times.map { wanted in named.firstIndex { $0 == wanted } }
    guard Set(order).count == times.count, !order.contains(where: { $0 == nil }) else {
      // Names such as 1, 2, 3 that count columns say nothing of event times.
      if named == (1...named.count).map({ Double($0) }) { return matrix }
      throw SiblingError(
        .badDesign, "the covariance's names are other event times than the estimates'",
        help: "name its columns as the estimates are, or take the names away",
        location: SiblingError.Location(file: path))
    }
    let places = order.compactMap { $0 }
    if places != Array(times.indices) {
      notes.append("the covariance was put into the order of the estimates, by its names")
    }
    return matrix.selecting(both: places)
  }
}
