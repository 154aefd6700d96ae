internal import Statistics

/// Options of `power` for shares and means, simulation and curves.
extension OptionKey {
  static let plannedTreatedRate = OptionKey(
    "rate-treated", .number,
    "Share with the outcome expected with the programme, in place of --effect (--design"
      + " proportions).")
  static let explainedBetween = OptionKey(
    "r2-between", .number, default: "0",
    "Share of the variance between sites that covariates explain (--design proportions or means).")
  static let explainedWithin = OptionKey(
    "r2-within", .number, default: "0",
    "Share of the variance within sites that covariates explain.")
  static let siteCovariates = OptionKey(
    "site-covariates", .integer, default: "0",
    "Covariates of sites, each of which costs a degree of freedom.")
  static let plannedReference = OptionKey(
    "reference", .choice(["t", "normal"]), default: "t",
    "Quantiles and power from t, or from the normal distribution, which flatters few sites.")
  static let plannedLost = OptionKey(
    "lost", .number, default: "0",
    "Share who would be lost by --at if nobody had the event; losses have a constant hazard"
      + " (--design survival).")
  static let plannedShape = OptionKey(
    "shape", .number, default: "1",
    "Weibull shape of simulated event times; 1 is a constant hazard (--design survival with"
      + " --simulate).")
  static let plannedSamples = OptionKey(
    "simulate", .integer,
    "Draw this many samples of the plan with the effect, and as many without, and run the house's"
      + " tests: rows of their power and size with Monte-Carlo errors.")
  private static let planNumbers = [
    "clients", "sites", "sites-treated", "sites-comparison", "icc", "size-cv", "rate", "effect",
    "hazard-ratio", "events", "site-cv", "periods-before", "periods-after", "autocorrelation",
  ]
  static let plannedCurve = OptionKey(
    "curve", .choice(planNumbers),
    "Print one row for each of --values of this, its own option being left out. sites sets both"
      + " arms; clients sets --per-site, --people or --people-per-cell.")
  static let curveValues = OptionKey("values", .numbers, "The values of --curve.")
  static let plannedLines = OptionKey(
    "by", .choice(planNumbers),
    "Draw the curve anew for each of --by-values of this: numbers of sites, correlations.")
  static let lineValues = OptionKey("by-values", .numbers, "The values of --by.")

  static let planning: [OptionKey] = [
    plannedTreatedRate, explainedBetween, explainedWithin, siteCovariates, plannedReference,
    plannedLost, plannedShape, plannedSamples, plannedCurve, curveValues, plannedLines, lineValues,
  ]
}

/// Which options of `power` go with which design.
enum PlanOptions {
  private static let sites: [OptionKey] = [
    .treatedSites, .comparisonSites, .intraclusterCorrelation,
  ]
  private static let everywhere: [OptionKey] = [
    .powerDesign, .testLevel, .powerWanted, .plannedSamples, .plannedCurve, .curveValues,
    .plannedLines, .lineValues,
  ]
  private static let comparison: [OptionKey] =
    sites + [
      .sizeVariation, .peoplePerSite, .plannedEffect, .plannedPeople, .allocation,
      .plannedReference, .explainedBetween, .explainedWithin, .siteCovariates,
    ]

  /// Each design with its own options.
  static let designs: [(name: String, keys: [OptionKey])] = [
    (
      "survival",
      sites + [
        .hazardRatio, .plannedEvents, .plannedPeople, .allocation, .powerMethod, .plannedSurvival,
        .survivalAt, .followUp, .accrual, .hazardVariation, .sizeVariation, .plannedLost,
        .plannedShape,
      ]
    ),
    ("clusters", sites + [.peoplePerSite, .plannedRate, .plannedDeviation]),
    ("did", sites + PlannedDifference.keys),
    ("proportions", comparison + [.plannedRate, .plannedTreatedRate]),
    ("means", comparison + [.plannedDeviation]),
  ]

  /// Refuses what is no number where a number is taken, and options of other designs.
  ///
  /// - Throws: `invalidOption`.
  static func check(_ options: OptionValues) throws(SiblingError) {
    let design = try options.choice(.powerDesign)
    // Every value is read first, so that one of a wrong kind is told as such.
    for key in OptionKey.power where options.isGiven(key) {
      switch key.kind {
      case .number: _ = try options.number(key)
      case .numbers: _ = try options.numbers(key)
      case .integer: _ = try options.integer(key, in: 0...Int.max)
      case .choice: _ = try options.choice(key)
      default: break
      }
    }
    let strange = OptionKey.power.filter {
      options.isGiven($0) && !everywhere.contains($0) && !allows($0, design)
    }
    guard let key = strange.first else { return }
    let others = designs.filter { $0.keys.contains(key) }.map(\.name)
    let further = strange.dropFirst().map(\.name).joined(separator: ", ")
    throw options.wrong(
      key,
      "is not for --design \(design); it goes with \(others.joined(separator: ", "))"
        + (further.isEmpty ? "" : "; nor is \(further)"))
  }

  /// Whether a design reads an option.
  static func allows(_ key: OptionKey, _ design: String) -> Bool {
    designs.contains { $0.name == design && $0.keys.contains(key) }
  }
}
