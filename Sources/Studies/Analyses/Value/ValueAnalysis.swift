internal import Cohorts
internal import Contracts
internal import Statistics
internal import Tables

/// `contract value`: what an outcome, and an additional one, cost.
struct ValueAnalysis: VerbAnalysis {
  var settings: ValueSettings
  var known: CostEffectiveness.KnownEffect?
  /// Differences given as numbers, in place of data.
  var contrast: CostEffectContrast?
  private var options: OptionValues
  private var showsSites, showsCategories: Bool

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    settings = try ValueSettings(
      options, perspectives: .valuePerspectives, payers: .valuePayers,
      publicBodies: .valuePublicBodies)
    self.options = options
    showsSites = try options.flag(.valueBySite)
    showsCategories = try options.flag(.valueCategories)
    let positive = Double.leastNormalMagnitude...Double.greatestFiniteMagnitude
    let any = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    let correlation = try options.number(.valueCorrelation, in: -1...1)
    let effect = try options.number(.valueEffect, in: -1e6...1e6)
    let error = try options.number(.valueEffectError, in: positive)
    let degrees = try options.number(.valueEffectDegrees, in: positive)
    let cost = try options.number(.valueCost, in: any)
    let costError = try options.number(.valueCostError, in: positive)
    let costDegrees = try options.number(.valueCostDegrees, in: positive)
    if let effect {
      guard let error else {
        throw options.wrong(.valueEffect, "needs its standard error, effect-se")
      }
      known = .init(
        estimate: effect, standardError: error, degreesOfFreedom: degrees, correlation: correlation)
    } else {
      for key in [OptionKey.valueEffectError, .valueEffectDegrees, .valueCorrelation]
      where options.isGiven(key) {
        throw options.wrong(key, "goes together with effect")
      }
    }
    guard let cost else {
      for key in [OptionKey.valueCostError, .valueCostDegrees] where options.isGiven(key) {
        throw options.wrong(key, "goes together with delta-cost")
      }
      return
    }
    guard let effect, let error, let costError else {
      throw options.wrong(
        .valueCost, "needs its standard error, delta-cost-se, and the effect with its own")
    }
    contrast = try CostEffectContrast(
      cost: cost, effect: effect, costVariance: costError * costError,
      effectVariance: error * error, covariance: (correlation ?? 0) * costError * error,
      costDegrees: costDegrees, effectDegrees: degrees)
  }

  /// The rows without data: from differences given as numbers.
  ///
  /// - Throws: `usage` without them.
  func runWithoutData() throws(SiblingError) -> AnalysisOutput {
    guard let contrast else {
      throw SiblingError(
        .usage, "a file of costs is needed, or --delta-cost and --effect with standard errors")
    }
    var rows = ValueRows(level: settings.analysis.level)
    rows.add(
      settings.analysis.fit(contrast), perspective: nil, outcome: "outcome",
      effectConvention: "as given")
    return rows.output
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    guard contrast == nil else {
      throw options.wrong(.valueCost, "can't be given with a file of costs, which it replaces")
    }
    guard options.isGiven(.sitesFile) else {
      throw SiblingError(
        .usage, "--sites is needed: it says which sites have a bond", help: OptionKey.sitesFile.help
      )
    }
    guard options.isGiven(.clientsFile) != options.isGiven(.valuePeriods) else {
      throw SiblingError(
        .usage, "the clients come from --clients (with --jobs) or from --site-periods: give one")
    }
    if options.isGiven(.valueClaims), !options.isGiven(.clientsFile) {
      throw options.wrong(.valueClaims, "needs the clients: claims are theirs")
    }
    if options.isGiven(.payerSharesFile) {
      guard options.isGiven(.valueClaims), options.isGiven(.contractTermsFile) else {
        throw options.wrong(.payerSharesFile, "needs the claims and the contracts")
      }
    }
    let records = try records(table)
    let fit: ValueFit
    do throws(SiblingError) {
      fit = try ValueFit(records, settings, known: known)
    } catch {
      throw table.locating(error)
    }
    if showsCategories { return ValueRows.categories(fit, settings) }
    var rows = ValueRows(level: settings.analysis.level)
    rows.add(fit.averages.filter { showsSites || $0.site == nil }, stages: records.stages)
    for (perspective, result) in fit.effects {
      rows.add(
        result, perspective: perspective, outcome: records.stages.last ?? "",
        effectConvention: known == nil ? "sites' unadjusted difference, CR2, t" : "as given",
        sites: fit.treatedSites + fit.comparisonSites,
        clients: fit.accounts.sites.reduce(0) { $0 + ($1.counts.first ?? 0) })
    }
    rows.notes += fit.notes
    if let why = fit.withoutComparison { rows.notes.append("no comparison: \(why)") }
    if known == nil, !fit.effects.isEmpty {
      rows.notes.append(
        "the effect is the sites' unadjusted difference; clients who differ can make one (--effect)"
      )
    }
    return rows.output
  }

  private func records(_ costs: Table) throws(SiblingError) -> ValueRecords {
    var reader = try DataSource.reader(options)
    reader.toleratesAbsentColumns = true
    func file(_ key: OptionKey) throws(SiblingError) -> Table? {
      guard let path = options.text(key) else { return nil }
      return try TableFile.read(path: path, reader: reader)
    }
    let contracts = try file(.contractTermsFile)
    var records: ValueRecords
    if let clients = try file(.clientsFile) {
      let cohort = try CohortSource.cohort(clients, options)
      guard let sites = cohort.sites else { throw SiblingError(.noRows, "there are no sites") }
      records = try ValueRecords(costs: costs, sites: sites)
      let counted = try records.count(cohort, settings.flow)
      if let claims = try file(.valueClaims) {
        try records.addClaims(
          claims, cohort, counted: counted, contracts: contracts,
          shares: try file(.payerSharesFile))
      }
    } else {
      guard let sites = try file(.sitesFile), let periods = try file(.valuePeriods) else {
        throw SiblingError(.usage, "--sites and --site-periods are needed")
      }
      let empty = try Table([
        Column(name: "client_id", values: .text(Factor([]))),
        Column(name: "site_id", values: .text(Factor([]))),
      ])
      guard let known = try Cohort(clients: empty, sites: sites).sites else {
        throw SiblingError(.noRows, "there are no sites")
      }
      records = try ValueRecords(costs: costs, sites: known)
      try records.count(periods: periods)
    }
    if let contracts { try records.addBlocks(contracts) }
    return records
  }
}
