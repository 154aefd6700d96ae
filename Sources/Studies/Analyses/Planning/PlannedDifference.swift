internal import DifferenceInDifferences
internal import Statistics

/// `power --design did`: what a planned difference in differences of whole sites can find.
struct PlannedDifference: Sendable {
  var plan: PlannedDifferenceInDifferences
  var effect: Double?

  /// Options that only this design reads.
  static let keys: [OptionKey] = [
    .periodsBefore, .periodsAfter, .plannedDeviation, .plannedAutocorrelation, .peoplePerCell,
    .plannedEffect,
  ]

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` for an option that is missing, out of place or out of range.
  init(_ options: OptionValues) throws(SiblingError) {
    let share = 1e-9...(1 - 1e-9)
    let before = try options.integer(.periodsBefore, in: 1...100_000)
    let after = try options.integer(.periodsAfter, in: 1...100_000)
    let positive = Double.leastNormalMagnitude...1e12
    let deviation = try options.number(.plannedDeviation, in: positive)
    let autocorrelation = try options.number(.plannedAutocorrelation, in: 0...0.999) ?? 0
    let people = try options.number(.peoplePerCell, in: positive)
    effect = try options.number(.plannedEffect)
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

  /// The rows of the verb, and notes.
  ///
  /// - Throws: what the formulas refuse.
  func rows() throws(SiblingError) -> (rows: [PowerAnalysis.Row], notes: [String]) {
    let smallest = try plan.smallestPValue()
    var rows: [PowerAnalysis.Row] = [
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
      notes.append(PowerAnalysis.unreachable(smallest))
    }
    return (rows, notes)
  }
}
