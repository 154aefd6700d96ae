/// Options of `funnel`, `creaming` and `equity`.
extension OptionKey {
  static let funnelBy = OptionKey(
    "by", .text, default: "arm",
    "What the groups are: arm, site, or a column of the clients. Arms are those of the sites.")
  static let flowOutcomes = OptionKey(
    "outcome", .texts, default: "job_start,sustained_6,sustained_13,sustained_26",
    "Outcomes after engagement, in order, by the names of their definitions.")
  static let flowFollowUp = OptionKey(
    "follow-up", .integer, default: "52",
    "Weeks from acceptance within which engagement and outcomes count, where their definition does"
      + " not say.")
  static let funnelRules = OptionKey(
    "exclusions", .flag,
    "Print instead how many people each rule stopped at each stage, rules that stopped nobody too.")
  static let funnelPeriods = OptionKey(
    "periods", .flag,
    "The data are counts by site and period, not clients: site_id, period, referrals, accepted,"
      + " engaged, starts, sustained.")

  static let creamingCovariates = OptionKey(
    "covariates", .text,
    "What was known of clients before acceptance: '~ age + sex + motivation_1_5'.")
  static let creamingOutcome = OptionKey(
    "outcome", .text, default: "job_start",
    "The outcome whose chance is predicted, by the name of its definition.")
  static let creamingReference = OptionKey(
    "reference", .choice(["comparison", "before"]), default: "comparison",
    "Whose outcomes the index is fitted on: the comparison sites' clients, or everybody accepted"
      + " before a contract began at their site.")
  static let contractsFile = OptionKey(
    "contracts", .text,
    "File of the contracts, one row a version: contract_id, site_id, version, effective_from. Without"
      + " it a contract begins at the site's launch_date.")
  static let creamingWindow = OptionKey(
    "window", .integer, default: "365",
    "Days before and after a contract's beginning that are compared.")

  static let equityProfiles = OptionKey(
    "profile", .texts, "Columns of the clients by which access and outcomes are compared.")
  static let equityOutcomes = OptionKey(
    "outcome", .texts, default: "job_start,sustained_13",
    "Outcomes by the names of their definitions, besides being accepted and engaging.")

  static let funnel: [OptionKey] =
    cohortFiles + [funnelBy, flowOutcomes, flowFollowUp, funnelRules, funnelPeriods]
  static let creaming: [OptionKey] =
    cohortFiles + [
      contractsFile, creamingCovariates, creamingOutcome, creamingReference, flowFollowUp,
      creamingWindow,
    ]
  static let equity: [OptionKey] = cohortFiles + [equityProfiles, equityOutcomes, flowFollowUp]

  /// What a study file takes of them; several outcomes and profiles are lists there.
  static let studyOutcomes = OptionKey(
    "outcomes", .texts, "Outcomes by the names of their definitions, in order.")
  static let studyProfiles = OptionKey(
    "profiles", .texts, "Columns of the clients by which access and outcomes are compared.")
}
