/// Options of `contract scenario`: the plan.
extension OptionKey {
  static let scenarioReferrals = OptionKey(
    "referrals", .number, default: "100", "Referrals a year in the plan, over all sites.")
  static let scenarioYears = OptionKey(
    "years", .integer, default: "3", "Years of referrals. Outcomes after the last are not paid.")
  static let scenarioSites = OptionKey(
    "sites", .integer, default: "1", "Sites of the same size.")
  static let scenarioRates = OptionKey(
    "rates", .numbers, default: "0.88,0.35,0.55,0.54",
    "Planned shares of referrals who engage, of the engaged who start a job, of jobs that are"
      + " sustained and, if given, of jobs with 16 hours or more.")
  static let scenarioStartDelay = OptionKey(
    "start-delay", .numbers, default: "0.3,0.35,0.2,0.15",
    "Shares of job starts by quarters from engagement: 0, 1, 2 …")
  static let scenarioSustainedDelay = OptionKey(
    "sustained-delay", .numbers, default: "0,1",
    "Shares of sustained jobs by quarters from the job's start: 0, 1, 2 …")
  static let scenarioTariff = OptionKey(
    "tariff", .pairs,
    "Prices in pounds: engagement=1000, start-lt16=700, start-ge16=1350, sustained-lt16=1400,"
      + " sustained-ge16=1650 are those of the first contracts and the default.")
  static let scenarioCap = OptionKey(
    "cap", .number, "The most that outcomes are paid over the contract at these prices.")
  static let scenarioValue = OptionKey(
    "value", .number,
    "What the contract is worth a year if it goes to plan; the block and the planned outcomes at"
      + " these prices if absent.")
  static let scenarioBlock = OptionKey(
    "block", .number, "The block a year of the contract as it stands.")
  static let scenarioPayers = OptionKey(
    "payers", .pairs,
    "Shares of outcomes by payer: engagement:commissioner=0.7,engagement:sof=0.3,job_start:sof=1,"
      + "sustained:sof=1.")
  static let scenarioBlockPayer = OptionKey(
    "block-payer", .text, default: "commissioner",
    "Who pays the block, and outcomes too where no payers are named.")
  static let scenarioLag = OptionKey(
    "lag", .integer, default: "1", "Quarters from an outcome to its payment.")
  static let scenarioStay = OptionKey(
    "stay", .integer, default: "3", "Quarters that an engaged client stays on a caseload.")
  static let scenarioCaseload = OptionKey(
    "caseload", .number, default: "22.5",
    "Clients of a full-time worker; who finds no place waits for one.")
  static let scenarioWorkers = OptionKey(
    "workers", .number,
    "Full-time workers at full strength; a tenth more than the plan needs, in halves, if absent.")
  static let scenarioSalary = OptionKey(
    "salary", .number, default: "32000", "Pounds a year that a worker costs.")
  static let scenarioOverhead = OptionKey(
    "overhead", .number, default: "12000", "Pounds a year of all other costs.")
  static let scenarioVacancySaving = OptionKey(
    "vacancy-saving", .number, default: "0",
    "Share of a vacant post's salary that is saved rather than spent on cover and recruiting.")
  static let scenarioEquity = OptionKey(
    "equity", .number, default: "0", "Pounds that investors put in at the start as equity.")
  static let scenarioLoan = OptionKey(
    "loan", .number, default: "0", "Pounds that investors lend at the start.")
  static let scenarioLoanRate = OptionKey(
    "loan-rate", .number, default: "0.08", "Interest on the loan a year, compounded.")
  static let scenarioLoanYears = OptionKey(
    "loan-years", .number, default: "3",
    "Years over which the loan is repaid, by quarters; at the latest with the last payment.")
  static let scenarioLoanKind = OptionKey(
    "loan-kind", .choice(["annuity", "bullet"]), default: "annuity",
    "Equal payments, or interest alone with the loan repaid at its end.")
  static let scenarioQuarterVariation = OptionKey(
    "quarter-cv", .number, default: "0",
    "Coefficient of variation of a site's rate of referrals between quarters, beyond chance.")
  static let scenarioSiteVariation = OptionKey(
    "site-cv", .number, default: "0",
    "Coefficient of variation of the rate of referrals between sites.")
  static let scenarioStartVariation = OptionKey(
    "site-sd", .number, default: "0",
    "Standard deviation between sites of the share who start a job.")

  static let scenarioPlan: [OptionKey] = [
    scenarioReferrals, scenarioYears, scenarioSites, scenarioRates, scenarioStartDelay,
    scenarioSustainedDelay, scenarioTariff, scenarioCap, scenarioValue, scenarioBlock,
    scenarioPayers,
    scenarioBlockPayer, scenarioLag, scenarioStay, scenarioCaseload, scenarioWorkers,
    scenarioSalary,
    scenarioOverhead, scenarioVacancySaving, scenarioEquity, scenarioLoan, scenarioLoanRate,
    scenarioLoanYears, scenarioLoanKind, scenarioQuarterVariation, scenarioSiteVariation,
    scenarioStartVariation,
  ]
}
