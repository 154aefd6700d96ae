internal import Contracts
internal import Statistics

/// The options of a plan.
struct ScenarioOptions {
  let options: OptionValues

  init(_ options: OptionValues) { self.options = options }

  /// Writes options into a plan: all of them with their defaults, or only those that are given.
  ///
  /// - Throws: `invalidOption`.
  func fill(_ plan: inout ScenarioPlan, onlyGiven: Bool = false) throws(SiblingError) {
    func takes(_ key: OptionKey) -> Bool { !onlyGiven || options.isGiven(key) }
    try people(&plan, takes)
    try money(&plan, takes)
    if takes(.scenarioTariff) { plan.prices = try prices(plan.prices) }
    if options.isGiven(.scenarioPayers) { plan.payers = try payers() }
    if takes(.scenarioBlockPayer) {
      plan.blockPayer = try options.required(.scenarioBlockPayer)
    }
    if takes(.scenarioLoanKind) {
      plan.loanKind = LoanSchedule.Kind(rawValue: try options.choice(.scenarioLoanKind)) ?? .annuity
    }
    if takes(.scenarioConversionOf) {
      plan.conversionOf =
        ScenarioPlan.Conversion(rawValue: try options.choice(.scenarioConversionOf)) ?? .start
    }
  }

  private func people(
    _ plan: inout ScenarioPlan, _ takes: (OptionKey) -> Bool
  ) throws(SiblingError) {
    let positive = Double.leastNormalMagnitude...1e6
    if takes(.scenarioRates) {
      let rates = try options.numbers(.scenarioRates)
      guard rates.count == 3 || rates.count == 4, rates.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
        throw options.wrong(.scenarioRates, "takes three or four shares from 0 to 1")
      }
      (plan.engagement, plan.start, plan.sustained) = (rates[0], rates[1], rates[2])
      if rates.count == 4 { plan.upperBand = rates[3] }
    }
    if takes(.scenarioStartDelay) { plan.startDelays = try options.numbers(.scenarioStartDelay) }
    if takes(.scenarioSustainedDelay) {
      plan.sustainedDelays = try options.numbers(.scenarioSustainedDelay)
    }
    if takes(.scenarioReferrals) {
      plan.referralsPerYear =
        try options.number(.scenarioReferrals, in: positive) ?? plan.referralsPerYear
    }
    if takes(.scenarioYears) {
      plan.years = try options.integer(.scenarioYears, in: 1...15) ?? plan.years
    }
    if takes(.scenarioSites) {
      plan.sites = try options.integer(.scenarioSites, in: 1...100) ?? plan.sites
    }
    if takes(.scenarioLag) {
      plan.paymentLag = try options.integer(.scenarioLag, in: 0...8) ?? plan.paymentLag
    }
    if takes(.scenarioStay) {
      plan.stay = try options.integer(.scenarioStay, in: 1...20) ?? plan.stay
    }
    if takes(.scenarioCaseload) {
      plan.caseload = try options.number(.scenarioCaseload, in: positive) ?? plan.caseload
    }
    if takes(.scenarioWorkers) {
      plan.workers = try options.number(.scenarioWorkers, in: positive) ?? plan.workers
    }
    if takes(.scenarioQuarterVariation) {
      plan.quarterVariation = try options.number(.scenarioQuarterVariation, in: 0...3) ?? 0
    }
    if takes(.scenarioSiteVariation) {
      plan.siteVariation = try options.number(.scenarioSiteVariation, in: 0...3) ?? 0
    }
    if takes(.scenarioStartVariation) {
      plan.startVariation = try options.number(.scenarioStartVariation, in: 0...1) ?? 0
    }
  }

  private func money(
    _ plan: inout ScenarioPlan, _ takes: (OptionKey) -> Bool
  ) throws(SiblingError) {
    func amount(_ key: OptionKey) throws(SiblingError) -> Money? {
      guard takes(key), let pounds = try options.number(key, in: 0...1e10) else { return nil }
      return try pence(pounds, key)
    }
    if let value = try amount(.scenarioCap) { plan.cap = value }
    if let value = try amount(.scenarioValue) { plan.valuePerYear = value }
    if let value = try amount(.scenarioBlock) { plan.blockPerYear = value }
    if let value = try amount(.scenarioSalary) { plan.salary = value }
    if let value = try amount(.scenarioOverhead) { plan.overhead = value }
    if let value = try amount(.scenarioEquity) { plan.equity = value }
    if let value = try amount(.scenarioLoan) { plan.loan = value }
    if takes(.scenarioVacancySaving) {
      plan.vacancySaving = try options.number(.scenarioVacancySaving, in: 0...1) ?? 0
    }
    if takes(.scenarioLoanRate) {
      plan.loanRate = try options.number(.scenarioLoanRate, in: 0...1) ?? plan.loanRate
    }
    if takes(.scenarioLoanYears) {
      plan.loanYears =
        try options.number(.scenarioLoanYears, in: Double.leastNormalMagnitude...50)
        ?? plan.loanYears
    }
  }

  private func pence(_ pounds: Double, _ key: OptionKey) throws(SiblingError) -> Money {
    do throws(SiblingError) {
      return try Money(pounds: pounds)
    } catch {
      throw options.wrong(key, "takes pounds with at most two decimals")
    }
  }

  private func prices(_ base: ScenarioPlan.Prices) throws(SiblingError) -> ScenarioPlan.Prices {
    var prices = base
    let names = ["engagement", "start-lt16", "start-ge16", "sustained-lt16", "sustained-ge16"]
    for (name, text) in try options.pairs(.scenarioTariff) {
      guard let pounds = Double(text), pounds >= 0, pounds <= 1e9 else {
        throw options.wrong(.scenarioTariff, "takes amounts in pounds; '\(text)' is none")
      }
      let amount = try pence(pounds, .scenarioTariff)
      switch name {
      case "engagement": prices.engagement = amount
      case "start-lt16": prices.startUnder16 = amount
      case "start-ge16": prices.startFrom16 = amount
      case "sustained-lt16": prices.sustainedUnder16 = amount
      case "sustained-ge16": prices.sustainedFrom16 = amount
      default:
        throw options.wrong(
          .scenarioTariff, "takes \(names.joined(separator: ", ")); '\(name)' is none of them",
          suggestion: nearestName(to: name, among: names))
      }
    }
    return prices
  }

  private func payers() throws(SiblingError) -> [ScenarioPlan.Payer] {
    var found: [ScenarioPlan.Payer] = []
    for (name, text) in try options.pairs(.scenarioPayers) {
      let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2, let outcome = OutcomeStage(rawValue: parts[0]),
        let share = Double(text), share >= 0, share <= 1
      else {
        throw options.wrong(
          .scenarioPayers,
          "takes shares such as engagement:commissioner=0.7, of engagement, job_start and sustained"
        )
      }
      let index = found.firstIndex { $0.name == parts[1] } ?? found.count
      if index == found.count { found.append(ScenarioPlan.Payer(name: parts[1])) }
      switch outcome {
      case .engagement: found[index].engagement += share
      case .jobStart: found[index].start += share
      case .sustained: found[index].sustained += share
      }
    }
    return found
  }
}
