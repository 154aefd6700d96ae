internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// `power --design did`: what a planned difference in differences of whole sites can find.
struct PlannedDifference: Sendable {
  var plan: PlannedDifferenceInDifferences
  var effect: Double?

  /// Options that only this design reads.
  static let keys: [OptionKey] = [
    .periodsBefore, .periodsAfter, .plannedDeviation, .plannedAutocorrelation, .peoplePerCell,
    .plannedEffect,
  ]
  /// Options of both designs.
  private static let shared: [OptionKey] = [
    .powerDesign, .testLevel, .powerWanted, .treatedSites, .comparisonSites,
    .intraclusterCorrelation,
  ]

  /// Decodes the options; nil for another design.
  ///
  /// - Throws: `invalidOption` for an option that is missing, out of place or out of range.
  init?(_ options: OptionValues) throws(SiblingError) {
    let share = 1e-9...(1 - 1e-9)
    let before = try options.integer(.periodsBefore, in: 1...100_000)
    let after = try options.integer(.periodsAfter, in: 1...100_000)
    let positive = Double.leastNormalMagnitude...1e12
    let deviation = try options.number(.plannedDeviation, in: positive)
    let autocorrelation = try options.number(.plannedAutocorrelation, in: 0...0.999) ?? 0
    let people = try options.number(.peoplePerCell, in: positive)
    effect = try options.number(.plannedEffect)
    let isOwn = try options.choice(.powerDesign) == "did"
    let own = (Self.keys + Self.shared).map(\.name)
    for key in OptionKey.power where options.isGiven(key) {
      if isOwn, !own.contains(key.name) { throw options.wrong(key, "is not for --design did") }
      let isClusters = try options.choice(.powerDesign) == "clusters" && key == .plannedDeviation
      if !isOwn, !isClusters, Self.keys.contains(key) {
        throw options.wrong(key, "is for --design did")
      }
    }
    guard isOwn else { return nil }
    for key in [
      OptionKey.treatedSites, .comparisonSites, .periodsBefore, .periodsAfter, .plannedDeviation,
    ] { _ = try options.required(key) }
    let sites = 1...1_000_000
    plan = PlannedDifferenceInDifferences(
      treatedSites: try options.integer(.treatedSites, in: sites) ?? 0,
      comparisonSites: try options.integer(.comparisonSites, in: sites) ?? 0,
      periodsBefore: before ?? 0, periodsAfter: after ?? 0, standardDeviation: deviation ?? 0,
      autocorrelation: autocorrelation,
      test: MinimumDetectableEffect(
        level: try options.number(.testLevel, in: share) ?? 0.05,
        power: try options.number(.powerWanted, in: share) ?? 0.8))
    let correlation = try options.number(.intraclusterCorrelation, in: 0...0.999) ?? 0
    if let people {
      try plan.setPeople(people, intraclusterCorrelation: correlation)
    } else if options.isGiven(.intraclusterCorrelation) {
      throw options.wrong(.intraclusterCorrelation, "needs --people-per-cell with --design did")
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what the formulas refuse.
  func output() throws(SiblingError) -> AnalysisOutput {
    let smallest = try plan.smallestPValue()
    var rows: [(quantity: String, value: Double)] = [
      ("test.level", plan.test.level), ("std.error", try plan.standardError()),
      ("df", try plan.degreesOfFreedom()), ("detectable.effect", try plan.detectableEffect()),
    ]
    if let effect { rows.append(("power", try plan.power(effect: effect))) }
    rows.append(("smallest.p", smallest.value))
    var notes = [
      "sites' changes compared by t; all treated sites start together; serial correlation as in"
        + " Burlig, Preonas and Woerman (2020)"
    ]
    if smallest.value > plan.test.level {
      notes.append(
        "exchanging whole sites can't give a p-value below \(smallest.value)"
          + " (\(smallest.convention)): a randomisation test can't reach the level of the test")
    }
    var output = AnalysisOutput(
      columns: [
        .texts("design", rows.map { _ in "did" }), .texts("quantity", rows.map(\.quantity)),
        .numbers("value", rows.map(\.value)),
      ], notes: notes)
    // Made from the options alone: there are no people behind it.
    output.labels = ["value"]
    return output
  }
}
