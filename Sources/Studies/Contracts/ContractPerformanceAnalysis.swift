internal import Contracts
internal import Statistics
internal import Tables

/// `contract performance`: outcomes and payments against targets and plans.
struct ContractPerformanceAnalysis: VerbAnalysis {
  private let options: OptionValues
  private let level: Double
  private let rates: SiteRates
  private let showsRates: Bool
  private let showsPerOutcome: Bool
  private let scenario: String

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    let common = try CommonSettings(options)
    self.options = options
    level = common.level
    scenario = try options.choice(.planCase)
    showsRates = try options.flag(.performanceRates)
    showsPerOutcome = try options.flag(.performancePerOutcome)
    let widening = try options.choice(.funnelWidening)
    rates = SiteRates(
      widening: SiteFunnel.Widening(rawValue: widening) ?? .multiplicative, level: common.level,
      seed: common.seed)
    let pays = options.isGiven(.performancePayments)
    if options.isGiven(.performanceAchieved), pays {
      throw options.wrong(.performancePayments, "does not go with --achieved")
    }
    if pays, showsRates { throw options.wrong(.performanceRates, "does not go with --payments") }
    if showsPerOutcome, !pays {
      throw options.wrong(.performancePerOutcome, "needs --payments")
    }
    if pays, !options.isGiven(.performanceProjects) {
      throw options.wrong(.performancePayments, "needs --projects, with what may be paid at most")
    }
    if !options.isGiven(.performanceAchieved) {
      for key in [OptionKey.planCase, .contractTermsFile] where options.isGiven(key) {
        throw options.wrong(key, "goes with --achieved only")
      }
    }
    if options.isGiven(.funnelWidening), !showsRates {
      throw options.wrong(.funnelWidening, "goes with --rates only")
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    var projects = PerformanceFiles.Projects()
    if let file = try read(.performanceProjects) { projects = try PerformanceFiles.projects(file) }
    if let file = try read(.performanceAchieved) {
      let (plans, sites) = try plans(table, reached: file)
      guard showsRates else { return Self.quarters(plans) }
      return try Self.rows(
        rates, SiteRates.projects(plans, sites: sites, cohorts: projects.cohorts))
    }
    let counts = try PerformanceFiles.counts(table, projects)
    do throws(SiblingError) {
      let performance = try PerformanceAgainstTargets(level: level).compare(counts)
      guard let file = try read(.performancePayments) else {
        return showsRates
          ? try Self.rows(rates, SiteRates.projects(counts)) : Self.totals(performance)
      }
      return try payments(file, counts, projects)
    } catch {
      throw table.locating(error)
    }
  }

  private func read(_ key: OptionKey) throws(SiblingError) -> Table? {
    guard let path = options.text(key) else { return nil }
    return try TableFile.read(path: path, reader: try DataSource.reader(options))
  }

  private func plans(
    _ table: Table, reached file: Table
  ) throws(SiblingError) -> (PlanComparison, sites: [String: String]) {
    let plans = try PlanSource.plans(table, scenario: scenario)
    var sites: (contracts: [String: String], sites: [String: String])?
    if let contracts = try read(.contractTermsFile) { sites = try PlanSource.sites(contracts) }
    let reached = try PlanSource.reached(file, sites: sites?.contracts)
    return (
      try PlannedOutcomes(level: level).compare(plans, reached), sites: sites?.sites ?? [:]
    )
  }

  private func payments(
    _ file: Table, _ counts: [OutcomeCount], _ projects: PerformanceFiles.Projects
  ) throws(SiblingError) -> AnalysisOutput {
    let rows = try PerformanceFiles.payments(file)
    let reconciled: PaymentReconciliation
    do throws(SiblingError) {
      reconciled = try QuarterlyPayments().reconcile(rows, maxima: projects.maxima)
    } catch {
      throw file.locating(error)
    }
    guard showsPerOutcome else { return Self.payments(reconciled) }
    return Self.perOutcome(
      try PaymentPerOutcome().divide(
        counts, by: reconciled, investments: projects.investments))
  }
}
