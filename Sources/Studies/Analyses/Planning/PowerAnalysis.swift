internal import Statistics
internal import Survival
internal import Tables

/// `power`: what a planned comparison can find; no data are read.
struct PowerAnalysis: VerbAnalysis {
  /// A quantity of a plan; a value that does not exist is nil.
  typealias Row = (quantity: String, value: Double?)

  var design: String
  var power: SurvivalPower
  var hazardRatio: Double?
  var events: Double?
  var people: Double?
  var expected: ExpectedEvents?
  /// The plan of a difference in differences, when that is the design.
  var difference: PlannedDifference?
  /// What is planned of whole sites at one time, when that is the design.
  var clusters: PlannedClusterAnalysis?
  /// The shares or means compared, when that is the design.
  var comparison: PlannedComparisonAnalysis?
  /// The simulation asked for.
  var simulation: PlannedSimulation?
  /// The Weibull shape of simulated times.
  var shape = 1.0
  /// The plans of a curve, one a value; empty without.
  var curve: PlannedCurve?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` for an option that is missing, out of place or out of range.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    design = try options.choice(.powerDesign)
    let common = try CommonSettings(options)
    try PlanOptions.check(options)
    power = SurvivalPower()
    if let curve = try PlannedCurve(design: design, options: options) {
      self.curve = curve
      return
    }
    if let samples = try options.integer(.plannedSamples, in: 1...1_000_000) {
      let share = 1e-9...(1 - 1e-9)
      simulation = PlannedSimulation(
        samples: samples, seed: common.seed,
        level: try options.number(.testLevel, in: share) ?? 0.05)
    }
    switch design {
    case "did": difference = try PlannedDifference(options)
    case "clusters":
      guard simulation == nil else {
        throw options.wrong(
          .plannedSamples, "is not for --design clusters; use proportions or means")
      }
      clusters = try PlannedClusterAnalysis(design: design, options: options)
    case "proportions", "means":
      comparison = try PlannedComparisonAnalysis(design: design, options: options)
    default: try readSurvival(options)
    }
  }

  /// Decodes the options of planned survival.
  private mutating func readSurvival(_ options: OptionValues) throws(SiblingError) {
    let share = 1e-9...(1 - 1e-9)
    let positive = Double.leastNormalMagnitude...1e12
    power = SurvivalPower(
      level: try options.number(.testLevel, in: share) ?? 0.05,
      power: try options.number(.powerWanted, in: share) ?? 0.8,
      allocation: try options.number(.allocation, in: share) ?? 0.5,
      formula: SurvivalPower.Formula(rawValue: try options.choice(.powerMethod)) ?? .schoenfeld)
    hazardRatio = try options.number(.hazardRatio, in: positive)
    events = try options.number(.plannedEvents, in: positive)
    people = try options.number(.plannedPeople, in: positive)
    let survival = try options.number(.plannedSurvival, in: share)
    let at = try options.number(.survivalAt, in: positive)
    let followUp = try options.number(.followUp, in: positive)
    let accrual = try options.number(.accrual, in: 0...1e12) ?? 0
    let lost = try options.number(.plannedLost, in: 0...0.999_999) ?? 0
    shape = try options.number(.plannedShape, in: 0.05...20) ?? 1
    power.sites = try Self.sites(options)
    if let survival {
      guard let at else { throw options.wrong(.plannedSurvival, "needs --at") }
      expected = ExpectedEvents(
        survival: survival, at: at, followUp: followUp ?? at, accrual: accrual, lost: lost)
    } else {
      for key in [OptionKey.survivalAt, .followUp, .accrual, .plannedLost]
      where options.isGiven(key) {
        throw options.wrong(key, "goes with --survival")
      }
    }
    guard hazardRatio != nil || events != nil || people != nil else {
      throw SiblingError(
        .invalidOption, "give --hazard-ratio, --events or --people with --survival",
        help: "a hazard ratio gives the events needed; events give the ratio that can be found")
    }
    if hazardRatio == 1 { throw options.wrong(.hazardRatio, "must not be 1") }
    if people != nil, expected == nil, events == nil {
      throw options.wrong(.plannedPeople, "needs --survival and --at")
    }
    if let events, let people, events > people {
      throw options.wrong(.plannedEvents, "can't be more than the people")
    }
    if simulation == nil {
      guard !options.isGiven(.plannedShape) else {
        throw options.wrong(.plannedShape, "goes with --simulate")
      }
      return
    }
    guard people != nil, hazardRatio != nil, expected != nil else {
      throw options.wrong(
        .plannedSamples, "needs --people, --hazard-ratio and --survival with --design survival")
    }
    if power.sites?.intraclusterCorrelation ?? 0 > 0 {
      throw options.wrong(
        .intraclusterCorrelation,
        "does not say how hazards vary between sites; simulate with --site-cv")
    }
  }

  /// Sites of both arms; nil when people were given the programme one by one.
  private static func sites(_ options: OptionValues) throws(SiblingError) -> SurvivalPower.Sites? {
    let range = 1...1_000_000
    let treated = try options.integer(.treatedSites, in: range)
    let comparison = try options.integer(.comparisonSites, in: range)
    let sites = SurvivalPower.Sites(
      treated: treated ?? 0, comparison: comparison ?? 0,
      intraclusterCorrelation: try options.number(.intraclusterCorrelation, in: 0...0.999) ?? 0,
      hazardVariation: try options.number(.hazardVariation, in: 0...1e6) ?? 0,
      sizeVariation: try options.number(.sizeVariation, in: 0...1e6) ?? 0)
    guard treated != nil || comparison != nil else {
      let keys = [OptionKey.intraclusterCorrelation, .hazardVariation, .sizeVariation]
      for key in keys where options.isGiven(key) {
        throw options.wrong(key, "needs --sites-treated and --sites-comparison")
      }
      return nil
    }
    guard treated != nil else { throw options.wrong(.comparisonSites, "needs --sites-treated") }
    guard comparison != nil else { throw options.wrong(.treatedSites, "needs --sites-comparison") }
    return sites
  }

  /// The rows of the verb.
  ///
  /// - Throws: what the formulas refuse.
  func runWithoutData() throws(SiblingError) -> AnalysisOutput {
    if let curve { return try curve.output() }
    let (rows, notes) = try rows()
    var output = AnalysisOutput(
      columns: [
        .texts("design", rows.map { _ in design }), .texts("quantity", rows.map(\.quantity)),
        .numbers("value", rows.map(\.value)),
      ], notes: notes)
    // Made from the options alone: there are no people behind it.
    output.labels = ["value"]
    return output
  }

  /// The quantities of the plan, those of a simulation last, and notes.
  ///
  /// - Throws: what the formulas and the simulation refuse.
  func rows() throws(SiblingError) -> (rows: [Row], notes: [String]) {
    var all: (rows: [Row], notes: [String])
    if let difference {
      all = try difference.rows()
    } else if let clusters {
      all = try clusters.rows()
    } else if let comparison {
      all = try comparison.rows()
    } else {
      all = try survivalRows()
    }
    if let simulation { try add(simulation, &all.rows, &all.notes) }
    return all
  }

  /// The note where no exchange of sites reaches the level.
  static func unreachable(_ smallest: AttainablePValue) -> String {
    "exchanging whole sites can't give a p-value below \(smallest.value)"
      + " (\(smallest.convention)): a randomisation test can't reach the level of the test"
  }

  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput { try runWithoutData() }
}
