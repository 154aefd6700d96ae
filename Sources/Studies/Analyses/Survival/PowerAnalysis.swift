internal import Statistics
internal import Survival
internal import Tables

/// `power`: what a planned comparison can find; no data are read.
struct PowerAnalysis: VerbAnalysis {
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

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` for an option that is missing, out of place or out of range.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    design = try options.choice(.powerDesign)
    _ = try CommonSettings(options)
    difference = try PlannedDifference(options)
    guard design == "survival" else {
      power = SurvivalPower()
      if design == "clusters" {
        clusters = try PlannedClusterAnalysis(design: design, options: options)
      }
      return
    }
    for key in OptionKey.plannedClusters where options.isGiven(key) {
      _ = try options.number(key)
      throw options.wrong(key, "goes with --design clusters")
    }
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
    power.sites = try Self.sites(options)
    if let survival {
      guard let at else { throw options.wrong(.plannedSurvival, "needs --at") }
      expected = ExpectedEvents(
        survival: survival, at: at, followUp: followUp ?? at, accrual: accrual)
    } else {
      for key in [OptionKey.survivalAt, .followUp, .accrual] where options.isGiven(key) {
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
    if let difference { return try difference.output() }
    if let clusters { return try clusters.run() }
    var rows: [(quantity: String, value: Double?)] = []
    var notes: [String] = []
    let share = try eventShare()
    let known = events ?? share.flatMap { share in people.map { $0 * share } }
    rows.append(("test.level", power.level))
    if let hazardRatio { rows.append(("hazard.ratio", hazardRatio)) }
    if let known {
      rows.append(("events", known))
      if let people { rows.append(("people", people)) }
      if let hazardRatio {
        let value = try power.power(events: known, hazardRatio: hazardRatio, eventShare: share)
        rows.append(("power", value))
      }
      let found = try power.detectable(events: known, eventShare: share)
      rows.append(("detectable.below", found.below > 0 ? found.below : nil))
      rows.append(("detectable.above", found.above.isFinite ? found.above : nil))
    }
    if let hazardRatio {
      let needed = try power.events(hazardRatio: hazardRatio, eventShare: share)
      rows.append(("events.needed", needed.isFinite ? needed.rounded(.up) : nil))
      if !needed.isFinite {
        notes.append(
          "no number of events is enough to find this hazard ratio with so few sites that differ so"
        )
      }
      if let share {
        rows.append(("people.needed", needed.isFinite ? (needed / share).rounded(.up) : nil))
      }
    }
    if let expected {
      rows.append(("event.share.comparison", try expected.share()))
      if let hazardRatio {
        rows.append(("event.share.treated", try expected.share(hazardRatio: hazardRatio)))
      } else {
        notes.append("without --hazard-ratio both arms are given the comparisons' events")
      }
    }
    try sites(known.flatMap { known in share.map { known / $0 } }, &rows, &notes)
    var output = AnalysisOutput(
      columns: [
        .texts("design", rows.map { _ in design }), .texts("quantity", rows.map(\.quantity)),
        .numbers("value", rows.map(\.value)),
      ], notes: notes)
    // Made from the options alone: there are no people behind it.
    output.labels = ["value"]
    return output
  }

  /// The share of all people who have the event, where it can be told.
  private func eventShare() throws(SiblingError) -> Double? {
    guard let expected else {
      return events.flatMap { events in people.map { events / $0 } }
    }
    let comparison = try expected.share()
    let treated = try expected.share(hazardRatio: hazardRatio ?? 1)
    return power.allocation * treated + (1 - power.allocation) * comparison
  }

  private func sites(
    _ people: Double?, _ rows: inout [(quantity: String, value: Double?)], _ notes: inout [String]
  ) throws(SiblingError) {
    guard let degrees = power.degreesOfFreedom, let smallest = try power.smallestPValue() else {
      return
    }
    if let people { rows.append(("design.effect", try power.designEffect(people: people))) }
    rows.append(("df", degrees))
    rows.append(("smallest.p", smallest.value))
    if smallest.value > power.level {
      notes.append(
        "exchanging whole sites can't give a p-value below \(smallest.value)"
          + " (\(smallest.convention)): a randomisation test can't reach the level of the test")
    }
  }

  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput { try runWithoutData() }
}
