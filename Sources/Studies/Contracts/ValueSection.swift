internal import Cohorts
internal import Contracts
internal import Reporting
internal import Statistics
internal import Tables

/// Value for money: costs by perspective, cost-effectiveness with its uncertainty.
enum ValueSection: ContractSection {
  static let key = "value-for-money"

  static func settings(_ study: StudyFile) throws(SiblingError) -> ValueSettings? {
    guard study.node[key] != nil else { return nil }
    let keys =
      OptionKey.valueShared + [
        .studyPerspectives, .studyPayers, .studyPublicBodies, .valueDeflator,
      ]
    return try ValueSettings(
      FlowWords.options(study, key, keys), perspectives: .studyPerspectives, payers: .studyPayers,
      publicBodies: .studyPublicBodies, own: FlowWords.definitions(study))
  }

  static func check(_ study: StudyFile) throws(SiblingError) {
    try FlowWords.check(study, key, "value for money needs the tables of a cohort") {
      () throws(SiblingError) in _ = try settings(study)
    }
    guard let node = study.node[key] else { return }
    for name in ["costs", "sites"] where study.node["data"]?["tables"]?[name] == nil {
      throw SiblingError(
        .missingKey, "value for money needs the table of \(name)",
        help: "name it under 'data: tables:'", location: node.location)
    }
  }

  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard var settings = try settings(run.study), let cohort = run.cohort,
      let costs = cohort.others["costs"], let sites = cohort.sites
    else { return }
    // Costs of an outcome in each arm beside costs of a client would give the outcomes themselves away.
    if run.isWithheld { settings.flow.definitions = [] }
    var records = try ValueRecords(costs: costs, sites: sites)
    let counted = try records.count(cohort, settings.flow)
    let contracts = cohort.others["contracts"]
    if let contracts { try records.addBlocks(contracts) }
    if let claims = cohort.others["claims"] {
      try records.addClaims(
        claims, cohort, counted: counted, contracts: contracts,
        shares: cohort.others["payer_shares"])
    }
    var why: String?
    var effect: StudyEffect?
    if run.isWithheld {
      why = "the gate withheld effects, so that there are costs and averages only"
    } else {
      (effect, why) = try StudyEffect.found(run, tables, settings)
    }
    var fit: ValueFit
    do throws(SiblingError) {
      // The table has room for more values of an outcome than the curve needs.
      fit = try ValueFit(
        records, try settings.withCurve(), compares: effect != nil, siteEffects: effect?.sites,
        known: effect?.known)
    } catch {
      throw costs.locating(error)
    }
    fit.withoutComparison = fit.withoutComparison ?? why
    if let why = fit.withoutComparison {
      fit.notes.append("no additional outcome is priced: \(why)")
    }
    if fit.accounts.lines.contains(where: { $0.category == .setUp && $0.counted > .zero }) {
      fit.notes.append(
        "setting up the bond counts in full when it was paid; it is not spread over later contracts"
          + " that may use it")
    }
    tables.cohortNotes[key] = fit.notes.distinct
    try FlowWords.add(
      try ValueTables(fit, settings, stages: records.stages).all, run.study, note: key,
      to: &tables)
  }

  static func warnings(_ report: Report) -> [Prose] {
    guard let table = report.context.table("value_for_money"),
      table.value.firstRow(where: ["term": "delta.cost"]) != nil,
      !table.value.rows.indices.contains(where: {
        table.value[$0, "term"] == "icer" && table.value[$0, "estimate"] != .missing
      })
    else { return [] }
    return [
      "**NOTE**, value for money: no cost of an additional outcome is given; see the section on value for money."
    ]
  }

  static func methods(_ report: Report) -> [Prose] {
    guard let table = report.context.table("value_for_money") else { return [] }
    var items: [Prose] = [
      "Average costs: the present value of costs over that of clients, both discounted by mid-period (HM Treasury's Green Book), as a ratio of sums over sites; CR2 with each site a cluster and Satterthwaite's degrees of freedom (Bell and McCaffrey 2002), beside percentiles of resampled sites. Payments and what providers spend of them are never added."
    ]
    if table.value.firstRow(where: ["term": "delta.cost"]) != nil {
      items.append(
        "Cost-effectiveness: the differences in cost and effect with their covariance across sites; the ratio's set by Fieller (1954, doi:10.1111/j.2517-6161.1954.tb00159.x) beside resampled sites (percentiles, and BCa, Efron 1987, doi:10.1080/01621459.1987.10478410); net benefit (Stinnett and Mullahy 1998, doi:10.1177/0272989X98018002S09) and the acceptability curve (Fenwick, O'Brien and Briggs 2004, doi:10.1002/hec.903) by Student's t with the fewer of both degrees of freedom."
      )
    }
    return items
  }

  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)? {
    guard report.context.study.node[key] == nil else { return nil }
    return (
      "Value for money",
      "costs by site, with those of comparison sites, and a `value-for-money` section"
    )
  }
}

extension ValueSettings {
  /// How many steps the acceptability curve has.
  private static let steps = 40

  /// The settings with the values of the curve between nought and the largest asked for.
  func withCurve() throws(SiblingError) -> ValueSettings {
    var settings = self
    let most = analysis.willingness.last ?? 0
    let curve = (0...Self.steps).map { most * Double($0) / Double(Self.steps) }
    settings.analysis.willingness = Set(analysis.willingness + curve).sorted()
    return settings
  }
}
