/// Options of the verbs of `Verb+Targets`.
extension OptionKey {
  static let performanceAchieved = OptionKey(
    "achieved", .text,
    "The data are targets by month or quarter (contract_id, target_version, set_on, case, period,"
      + " outcome, expected_n), and this file holds what was reached: contract_id, outcome, period, n;"
      + " or, with --contracts, site_id, period, engaged, starts, sustained.")
  static let planCase = OptionKey(
    "case", .choice(["median", "low", "high"]), default: "median",
    "The case of the targets by period that counts.")
  static let performanceRates = OptionKey(
    "rates", .flag,
    "Print instead the rates from stage to stage and to target of the projects beside each other, with"
      + " control limits, and whether they differ.")
  static let funnelWidening = OptionKey(
    "overdispersion", .choice(["multiplicative", "additive"]), default: "multiplicative",
    "How control limits are widened where projects differ by more than chance.")
  static let performancePayments = OptionKey(
    "payments", .text,
    "File of payments: project, quarter_end, first_plan_gbp, latest_plan_gbp, actual_gbp. Prints"
      + " them instead, by quarter and in total.")
  static let performanceProjects = OptionKey(
    "projects", .text,
    "File of the projects: project, site, cohort, max_outcome_payment_gbp, investment_gbp.")
  static let performancePerOutcome = OptionKey(
    "per-outcome", .flag, "With --payments: print instead what was paid for each outcome achieved.")

  static let contractPerformance: [OptionKey] = [
    performanceAchieved, contractTermsFile, planCase, performanceRates, funnelWidening,
    performancePayments, performanceProjects, performancePerOutcome,
  ]
}
