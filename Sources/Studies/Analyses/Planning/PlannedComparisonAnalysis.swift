internal import Statistics
internal import Tables

/// `power --design proportions` and `--design means`: two arms of people or of whole sites.
struct PlannedComparisonAnalysis: Sendable {
  /// The plan, with a place kept for what is asked.
  var plan: PlannedComparison
  var effect: Double?
  /// What was given of sites and their people; all nil where people are assigned one by one.
  var treated: Int?
  var comparison: Int?
  var size: Double?
  /// People of both arms, where these are assigned one by one.
  var people: Double?

  var isClustered: Bool { if case .sites = plan.arms { true } else { false } }

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` for an option that is missing, out of place or out of range.
  init(design: String, options: OptionValues) throws(SiblingError) {
    let share = 1e-9...(1 - 1e-9)
    let fraction = 0...0.999_999
    let test = MinimumDetectableEffect(
      level: try options.number(.testLevel, in: share) ?? 0.05,
      power: try options.number(.powerWanted, in: share) ?? 0.8)
    guard test.power > test.level else {
      throw options.wrong(.powerWanted, "must lie above the test's level of \(test.level)")
    }
    var outcome = PlannedComparison.Outcome.mean(standardDeviation: 1)
    effect = try options.number(.plannedEffect)
    if design == "means" {
      guard let deviation = try options.number(.plannedDeviation, in: 1e-100...1e100) else {
        throw options.wrong(.plannedDeviation, "is needed for --design means")
      }
      outcome = .mean(standardDeviation: deviation)
    } else {
      guard let rate = try options.number(.plannedRate, in: share) else {
        throw options.wrong(.plannedRate, "is needed for --design proportions")
      }
      outcome = .share(rate: rate)
      if let other = try options.number(.plannedTreatedRate, in: 0...1) {
        guard effect == nil else {
          throw options.wrong(.plannedTreatedRate, "can't be given with --effect")
        }
        effect = other - rate
      }
      if let effect, !(0...1).contains(rate + effect) {
        throw options.wrong(
          .plannedEffect, "takes the rate of \(rate) out of the range from 0 to 1")
      }
    }
    if effect == 0 { throw options.wrong(.plannedEffect, "must not be none") }
    treated = try options.integer(.treatedSites, in: 1...999_999)
    comparison = try options.integer(.comparisonSites, in: 1...999_999)
    size = try options.number(.peoplePerSite, in: 1...1e12)
    people = try options.number(.plannedPeople, in: 2...1e12)
    let allocation = try options.number(.allocation, in: share) ?? 0.5
    let sites = PlannedComparison.Sites(
      treated: treated ?? 2, comparison: comparison ?? 2, size: size ?? 1,
      sizeVariation: try options.number(.sizeVariation, in: 0...1e3) ?? 0,
      correlation: try options.number(.intraclusterCorrelation, in: fraction) ?? 0,
      explainedBetween: try options.number(.explainedBetween, in: fraction) ?? 0,
      explainedWithin: try options.number(.explainedWithin, in: fraction) ?? 0,
      covariates: try options.integer(.siteCovariates, in: 0...100_000) ?? 0)
    let isNormal = try options.choice(.plannedReference) == "normal"
    let ofSites: [OptionKey] = [
      .treatedSites, .comparisonSites, .peoplePerSite, .intraclusterCorrelation, .sizeVariation,
      .explainedBetween, .explainedWithin, .siteCovariates,
    ]
    let given = ofSites.first { options.isGiven($0) }
    guard let given else {
      let number = people ?? 100
      plan = PlannedComparison(
        outcome,
        arms: .people(treated: number * allocation, comparison: number * (1 - allocation)),
        test: test, isNormal: isNormal)
      guard people != nil || effect != nil else {
        throw SiblingError(
          .invalidOption, "give --people, --effect or sites",
          help: "an effect gives the people needed, people the effect that can be found")
      }
      return
    }
    for key in [OptionKey.plannedPeople, .allocation] where options.isGiven(key) {
      throw options.wrong(key, "can't be given with --\(given.name): sites have --per-site people")
    }
    plan = PlannedComparison(outcome, arms: .sites(sites), test: test, isNormal: isNormal)
    let hasSites = treated != nil && comparison != nil
    guard hasSites || (size != nil && effect != nil) else {
      throw SiblingError(
        .invalidOption, "give --sites-treated and --sites-comparison, or --per-site and --effect",
        help: "sites give what can be found; people of a site and an effect the sites needed")
    }
    if hasSites { try plan.check() }
  }

  /// The rows of the verb, and notes.
  ///
  /// - Throws: what the formulas refuse.
  func rows() throws(SiblingError) -> (rows: [PowerAnalysis.Row], notes: [String]) {
    var rows: [PowerAnalysis.Row] = [
      ("test.level", plan.test.level), ("power.wanted", plan.test.power),
    ]
    var notes: [String] = []
    if case .share(let rate) = plan.outcome { rows.append(("rate", rate)) }
    if let effect { rows.append(("effect", effect)) }
    if isClustered {
      try clustered(&rows, &notes)
    } else {
      try ofPeople(&rows)
    }
    if plan.isNormal, isClustered {
      notes.append("normal quantiles take the spread of sites as known: with few it is not")
    }
    return (rows, notes)
  }

  private func ofPeople(_ rows: inout [PowerAnalysis.Row]) throws(SiblingError) {
    guard case .people(let treated, let comparison) = plan.arms else { return }
    let share = treated / (treated + comparison)
    if let people {
      let found = try plan.detectable()
      rows += [
        ("people", people), ("std.error", try plan.standardError(effect: effect ?? 0)),
        ("detectable.above", found.above), ("detectable.below", found.below),
      ]
      if let degrees = plan.degreesOfFreedom { rows.append(("df", degrees)) }
      if let effect { rows.append(("power", try plan.power(effect: effect))) }
    }
    if let effect {
      let needed = try plan.people(effect: effect)
      // Each arm is rounded up, as people are whole.
      let arms = [share, 1 - share].map { (needed * $0 - 1e-9).rounded(.up) }
      rows += [
        ("people.needed", needed.isFinite ? arms[0] + arms[1] : nil),
        ("people.needed.treated", needed.isFinite ? arms[0] : nil),
        ("people.needed.comparison", needed.isFinite ? arms[1] : nil),
      ]
    }
  }

  private func clustered(
    _ rows: inout [PowerAnalysis.Row], _ notes: inout [String]
  ) throws(SiblingError) {
    guard case .sites(let sites) = plan.arms else { return }
    let hasSites = treated != nil && comparison != nil
    if hasSites, size != nil {
      let found = try plan.detectable()
      let worth = plan.effectivePeople
      rows += [
        ("people.treated", Double(sites.treated) * sites.size),
        ("people.comparison", Double(sites.comparison) * sites.size),
        ("design.effect", sites.designEffect), ("effective.people.treated", worth.treated),
        ("effective.people.comparison", worth.comparison),
        ("std.error", try plan.standardError(effect: effect ?? 0)),
        ("detectable.above", found.above), ("detectable.below", found.below),
      ]
      if let effect { rows.append(("power", try plan.power(effect: effect))) }
      if found.above == nil, found.below == nil {
        notes.append(
          "no change of the rate is large enough to be found: this comparison can't find anything")
      }
    }
    if hasSites {
      let limit = try plan.detectable(hasAllPeople: true)
      rows += [
        ("detectable.above.limit", limit.above), ("detectable.below.limit", limit.below),
      ]
      if let effect {
        let most = try plan.power(effect: effect, hasAllPeople: true)
        let needed = try plan.people(effect: effect)
        rows.append(("power.limit", most))
        rows.append(("clients.needed", needed.isFinite ? max(1, needed.rounded(.up)) : nil))
        if !needed.isFinite {
          notes.append(
            "no number of clients a site finds this effect with the power asked for: the sites are"
              + " too few, and with ever more clients the power comes to \(short(most)) at most")
        }
      }
    }
    if let effect, size != nil { try sitesNeeded(effect, &rows, &notes) }
    if hasSites {
      rows.append(("df", sites.degreesOfFreedom))
      if let smallest = try plan.smallestPValue() {
        rows.append(("smallest.p", smallest.value))
        if smallest.value > plan.test.level {
          notes.append(PowerAnalysis.unreachable(smallest))
        }
      }
    }
    if sites.correlation == 0 {
      notes.append("without --icc the sites of an arm are taken to be alike, which they seldom are")
    }
  }

  private func sitesNeeded(
    _ effect: Double, _ rows: inout [PowerAnalysis.Row], _ notes: inout [String]
  ) throws(SiblingError) {
    let each = try plan.sites(.each, effect: effect)
    rows.append(("sites.needed", each.map { Double($0) }))
    if treated != nil {
      let others = try plan.sites(.comparison, effect: effect)
      rows.append(("sites.comparison.needed", others.map { Double($0) }))
      if others == nil {
        notes.append(
          "no number of comparison sites makes up for so few treated ones: the treated sites' own"
            + " differences remain")
      }
    } else if comparison != nil {
      let others = try plan.sites(.treated, effect: effect)
      rows.append(("sites.treated.needed", others.map { Double($0) }))
    }
  }

  /// The rows of a simulation.
  ///
  /// - Throws: `invalidOption` where sites or people are not given; what the simulation refuses.
  func simulated(
    _ simulation: PlannedSimulation
  ) throws(SiblingError) -> (effect: Double, rates: [PlannedSimulation.Rate]) {
    guard isClustered ? treated != nil && comparison != nil && size != nil : people != nil else {
      throw SiblingError(
        .invalidOption, "a simulation needs the whole design",
        help: "give --sites-treated, --sites-comparison and --per-site, or --people")
    }
    let found = try plan.detectable()
    guard let effect = effect ?? found.above ?? found.below else {
      throw SiblingError(.badDesign, "no effect can be found with this design: give --effect")
    }
    return (effect, try plan.simulated(effect: effect, simulation))
  }

  private func short(_ value: Double) -> String { "\((value * 1000).rounded() / 1000)" }
}
