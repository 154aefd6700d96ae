internal import Contracts
internal import Reporting
internal import Statistics

/// Runs what was asked of scenarios; both doors come here.
struct ScenarioRun {
  let request: ScenarioRequest
  let plan: ScenarioPlan

  init(_ request: ScenarioRequest, _ plan: ScenarioPlan) {
    (self.request, self.plan) = (request, plan)
  }

  private var shares: [Double] { request.splits.map { $0 ?? plan.ownBlockShare } }

  private func model(_ plan: ScenarioPlan) -> ScenarioModel {
    ScenarioModel(
      plan: plan, simulations: request.simulations, seed: request.seed, level: request.level)
  }

  /// Every scenario under every split.
  ///
  /// - Throws: `badValue` for too many.
  func cells(paths: Bool) throws(SiblingError) -> [ScenarioCell] {
    try model(plan).run(request.settings, blockShares: shares, detail: paths ? .paths : .measures)
  }

  /// The lines of break-even, on a grid that is made where none is given.
  ///
  /// - Throws: `badValue` for too many scenarios.
  func breakEven() throws(SiblingError) -> [ScenarioBreakEven.Point] {
    var request = request
    if !request.options.isGiven(.scenarioShortfall) || request.shortfalls.count < 3 {
      request.shortfalls = (0...10).map { Double($0) / 20 }
    }
    if !request.options.isGiven(.scenarioConversion) || request.conversions.count < 3 {
      request.conversions = (4...16).map { Double($0) / 10 }
    }
    let cells = try model(plan).run(
      request.settings, blockShares: shares, detail: .surplus)
    return try ScenarioBreakEven(lossLevels: request.lossLevels).points(cells)
  }

  /// What the plan comes to, for the reader.
  var notes: [String] {
    let sums = plan.expectedOutcomes.reduce(into: [0, 0, 0, 0, 0]) { sums, counts in
      for item in sums.indices { sums[item] += counts[item] }
    }
    func count(_ value: Double) -> String { NumberStyle.integer.text(value) }
    let cost = Double(plan.years) * (plan.fullStrength * plan.salary.pounds + plan.overhead.pounds)
    func counted(_ number: String, _ word: String) -> String {
      "\(number) \(word)\(number == "1" ? "" : "s")"
    }
    let workers = counted(NumberStyle.significant(3).text(plan.fullStrength), "worker")
    var notes = [
      "the plan: \(count(sums[0])) engagements, \(count(sums[1] + sums[2])) job starts and"
        + " \(count(sums[3] + sums[4])) sustained jobs in"
        + " \(counted("\(plan.years)", "year")), worth"
        + " \(plan.value.text), at a cost of \(NumberStyle.pounds().text(cost)) with"
        + " \(workers)",
      "futures simulated under these assumptions; no forecast. Who bears a loss is not settled here:"
        + " surplus is the service's own, before any capital",
    ]
    let capital = plan.equity.pounds + plan.loan.pounds
    if capital > 0 {
      let pounds = NumberStyle.pounds()
      notes.append(
        "investors put in \(pounds.text(capital)) at the start: equity of"
          + " \(pounds.text(plan.equity.pounds)) and a loan of \(pounds.text(plan.loan.pounds))")
    }
    let sum = zip(plan.prices.list, sums).reduce(0) { $0 + $1.0.pounds * $1.1 }
    if let cap = plan.cap, cap.pounds < sum {
      notes.append(
        "the cap of \(cap.text) is less than planned outcomes would be paid without it; the plan is"
          + " paid the cap")
    }
    if plan.valuePerYear != nil, let scale = try? plan.terms(blockShare: 0).scale {
      notes.append(
        "for the plan to be worth what is given, prices are multiplied by"
          + " \(NumberStyle.significant(3).text(scale)) where all is paid by outcomes, and by less"
          + " with a block")
    }
    let best = request.conversions.max() ?? 1
    if plan.start * best > 1 || (plan.conversionOf == .all && plan.engagement * best > 1) {
      notes.append(
        "a conversion of \(NumberStyle.significant(3).text(best)) would take a rate above 1; it is held"
          + " at 1")
    }
    return notes
  }
}
