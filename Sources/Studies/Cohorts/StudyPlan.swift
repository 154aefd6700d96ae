internal import Reporting
internal import Statistics

/// A study's plan, ready for its tables.
struct StudyPlan {
  let settings: PlanningSection.Settings
  let facts: PlanningFacts
  let plan: PlannedComparison
  let baseline: Double?
  let deviation: Double
  let correlation: Double

  /// Puts the plan together from what was declared and observed.
  ///
  /// - Throws: `badValue`, `tooFewClusters` and the like where there is no such plan.
  init(
    _ study: StudyFile, _ settings: PlanningSection.Settings, _ facts: PlanningFacts
  ) throws(SiblingError) {
    self.settings = settings
    self.facts = facts
    baseline = settings.baseline ?? facts.mean
    var outcome: PlannedComparison.Outcome
    if settings.isShare {
      guard let baseline else {
        throw SiblingError(.noRows, "no comparison client has a known outcome")
      }
      outcome = .share(rate: baseline)
      deviation = (baseline * (1 - baseline)).squareRoot()
    } else {
      guard let found = settings.deviation ?? facts.spread?.deviation ?? facts.plainDeviation else {
        throw SiblingError(.noRows, "the spread of the comparisons' outcome is not known")
      }
      deviation = found
      outcome = .mean(standardDeviation: found)
    }
    guard study.siteColumn != nil else {
      correlation = 0
      plan = PlannedComparison(
        outcome,
        arms: .people(treated: Double(facts.treated), comparison: Double(facts.comparison)),
        test: settings.test)
      try plan.check()
      return
    }
    var observed = settings.correlation
    if observed == nil {
      guard let spread = facts.spread else {
        throw SiblingError(
          .tooFewClusters,
          "fewer than two comparison sites have outcomes, so that their correlation can't be"
            + " observed; declare 'icc'")
      }
      observed = min(max(0, spread.correlation), 0.999)
    }
    correlation = observed ?? 0
    let sizes = facts.sizes
    plan = PlannedComparison(
      outcome,
      arms: .sites(
        PlannedComparison.Sites(
          treated: facts.treatedSizes.count, comparison: facts.comparisonSizes.count,
          size: max(1, sizes.mean), sizeVariation: sizes.variation, correlation: correlation)),
      test: settings.test)
    try plan.check()
  }

  /// The improvement that a plan finds; nil where none is large enough.
  private func detectable(
    _ plan: PlannedComparison, hasAllPeople: Bool = false
  ) throws(SiblingError) -> Double? {
    let found = try plan.detectable(hasAllPeople: hasAllPeople)
    return settings.outcome.higherIsBetter ? found.above : found.below.map { -$0 }
  }

  /// The smallest improvement that the study's own design finds; nil where none is large enough.
  ///
  /// - Throws: what the formulas refuse.
  func improvement() throws(SiblingError) -> Double? { try detectable(plan) }

  /// Counts behind the row, for disclosure control.
  private func counts() -> [String: Cell] {
    var cells: [String: Cell] = [
      "n_treated": Cell(facts.treated), "n_comparison": Cell(facts.comparison),
    ]
    if settings.isShare, facts.mean != nil {
      let events = facts.events
      cells["events_comparison"] = Cell(events.with)
      cells["others_comparison"] = Cell(events.without)
    }
    return cells
  }

  /// The one row of `planning`.
  ///
  /// - Throws: what the formulas refuse.
  func table() throws(SiblingError) -> ResultTable {
    var table = ResultTable.planning
    var cells = counts()
    cells["outcome"] = .text(settings.outcome.name)
    cells["baseline"] = Cell(baseline)
    let isDeclared = settings.isShare ? settings.baseline != nil : settings.deviation != nil
    cells["baseline_source"] = .text(isDeclared ? "declared" : "observed")
    cells["sd"] = Cell(deviation)
    cells["power"] = .number(settings.test.power)
    cells["test_level"] = .number(settings.test.level)
    cells["df"] = Cell(plan.degreesOfFreedom)
    cells["detectable"] = Cell(try detectable(plan))
    cells["effective_treated"] = Cell(plan.effectivePeople.treated)
    cells["effective_comparison"] = Cell(plan.effectivePeople.comparison)
    if case .sites(let sites) = plan.arms {
      cells["assigned"] = "sites"
      cells["sites_treated"] = Cell(sites.treated)
      cells["sites_comparison"] = Cell(sites.comparison)
      cells["clients_per_site"] = Cell(sites.size)
      cells["size_cv"] = Cell(sites.sizeVariation)
      cells["icc"] = Cell(correlation)
      cells["icc_source"] = .text(settings.correlation == nil ? "observed" : "declared")
      cells["design_effect"] = Cell(sites.designEffect)
      cells["detectable_limit"] = Cell(try detectable(plan, hasAllPeople: true))
      cells["smallest_p"] = Cell(try plan.smallestPValue()?.value)
    } else {
      cells["assigned"] = "people"
      cells["design_effect"] = .number(1)
    }
    try table.append(cells)
    return table
  }

  /// The rows of `planning_curve`.
  ///
  /// - Throws: what the formulas refuse.
  func curve() throws(SiblingError) -> ResultTable {
    var table = ResultTable.planningCurve
    let base = counts()
    for (name, lined) in lines() {
      for clients in clients() {
        var plan = lined
        var cells = base
        switch lined.arms {
        case .sites(var sites):
          sites.size = clients
          plan.arms = .sites(sites)
          cells["sites_treated"] = Cell(sites.treated)
          cells["sites_comparison"] = Cell(sites.comparison)
        case .people(let treated, let comparison):
          let share = treated / (treated + comparison)
          plan.arms = .people(treated: share * clients, comparison: (1 - share) * clients)
        }
        cells["outcome"] = .text(settings.outcome.name)
        cells["line"] = .text(name)
        cells["clients"] = .number(clients)
        cells["detectable"] = Cell(try detectable(plan))
        try table.append(cells)
      }
    }
    return table
  }

  /// The lines of the chart; their names hold no number that clients stand behind.
  private func lines() -> [(String, PlannedComparison)] {
    guard case .sites(let sites) = plan.arms else { return [("This design", plan)] }
    func words(_ comparison: Int) -> String { "\(sites.treated) and \(comparison) sites" }
    var lines: [(String, PlannedComparison)] = []
    func add(_ name: String, _ changed: PlannedComparison.Sites) {
      var other = plan
      other.arms = .sites(changed)
      if !lines.contains(where: { $0.0 == name }) { lines.append((name, other)) }
    }
    guard settings.comparisonSites.isEmpty else {
      add(words(sites.comparison), sites)
      for count in settings.comparisonSites {
        var changed = sites
        changed.comparison = count
        add(words(count), changed)
      }
      return lines
    }
    add(settings.correlation == nil ? "ICC as observed" : "ICC as declared", sites)
    for value in settings.correlations {
      var changed = sites
      changed.correlation = value
      add("ICC \(value)", changed)
    }
    return lines
  }

  /// Round numbers of clients that reach beyond the study's own.
  private func clients() -> [Double] {
    guard settings.clients.isEmpty else { return Array(Set(settings.clients)).sorted() }
    let rounds: [Double] = [
      1, 2, 4, 6, 8, 10, 15, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 600,
    ]
    if case .sites(let sites) = plan.arms {
      return upTo(max(200, 1.3 * sites.size), rounds.map { 10 * $0 })
    }
    let people = Double(facts.treated + facts.comparison)
    return upTo(max(1000, 1.3 * people), rounds.dropFirst(3).map { 20 * $0 })
  }

  /// The numbers up to the first that is not below `last`, doubled on where they end too early.
  private func upTo(_ last: Double, _ rounds: [Double]) -> [Double] {
    var all = rounds
    while let end = all.last, end < last { all.append(2 * end) }
    let end = all.firstIndex { $0 >= last } ?? all.count - 1
    return Array(all[...end])
  }
}
