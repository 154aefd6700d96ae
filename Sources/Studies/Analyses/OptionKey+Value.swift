/// Options of `contract value`.
extension OptionKey {
  static let valuePeriods = OptionKey(
    "site-periods", .text,
    "File of counts by site and period, in place of clients: site_id, period, accepted, engaged,"
      + " starts, sustained.")
  static let valueClaims = OptionKey(
    "claims", .text,
    "File of the claims, one row a claim: client_id, outcome, event_date, paid_date, status,"
      + " amount_gbp. Paid claims are outcome payments.")
  static let valueOutcome = OptionKey(
    "outcome", .text, default: "sustained_13",
    "The outcome whose additional cost is asked for, by the name of its definition.")
  static let valuePerspectives = OptionKey(
    "perspective", .texts, default: "outcome-payer,public-sector,all-in",
    "Whose costs count: outcome-payer, public-sector, all-in.")
  static let valuePayers = OptionKey(
    "payer", .texts, default: "commissioner",
    "Who buys the outcomes, as borne_by and payer name them.")
  static let valuePublicBodies = OptionKey(
    "public", .texts, default: "commissioner,sof,cbo,lcf",
    "Which bodies are public, as borne_by and payer name them.")
  static let valueBaseYear = OptionKey(
    "base-year", .integer, "The year whose prices amounts are put in, by the deflator.")
  static let valueDeflator = OptionKey(
    "deflator", .pairs,
    "The level of prices by year, such as a GDP deflator: 2019=90.1,2020=95.2. Without it amounts stay"
      + " in the prices given.")
  static let valueDiscount = OptionKey(
    "discount", .number, default: "0.035",
    "The discount rate a year, for costs and for clients; 3.5% is HM Treasury's.")
  static let valueWillingness = OptionKey(
    "willingness", .numbers, default: "0,5000,10000,20000,30000,50000",
    "What an outcome may be worth, in pounds, for net benefit and the acceptability curve.")
  static let valueDraws = OptionKey(
    "draws", .integer, default: "5000", "Draws of the differences in cost and effect.")
  static let valueEffect = OptionKey(
    "effect", .number,
    "The effect on the share with the outcome, from another analysis, in place of the sites' own"
      + " unadjusted difference.")
  static let valueEffectError = OptionKey("effect-se", .number, "Its standard error.")
  static let valueEffectDegrees = OptionKey(
    "effect-df", .number, "Its degrees of freedom; the normal distribution if absent.")
  static let valueCorrelation = OptionKey(
    "correlation", .number,
    "The correlation between the errors of cost and effect; that across sites if absent, or 0"
      + " without sites.")
  static let valueCost = OptionKey(
    "delta-cost", .number,
    "The difference in cost for an accepted client, in pounds, in place of a file of costs.")
  static let valueCostError = OptionKey("delta-cost-se", .number, "Its standard error.")
  static let valueCostDegrees = OptionKey(
    "delta-cost-df", .number, "Its degrees of freedom; the normal distribution if absent.")
  static let valueBySite = OptionKey(
    "by-site", .flag, "Print also what each outcome cost at each site.")
  static let valueCategories = OptionKey(
    "categories", .flag,
    "Print instead each category of costs: whether it counts from a perspective, and why.")

  /// What verb and study share.
  static let valueShared: [OptionKey] = [
    valueOutcome, valueBaseYear, valueDiscount, valueWillingness, valueDraws,
  ]

  static let value: [OptionKey] =
    [
      sitesFile, clientsFile, jobsFile, valuePeriods, contractTermsFile, valueClaims,
      payerSharesFile, flowFollowUp, valuePerspectives, valuePayers, valuePublicBodies,
      valueDeflator,
    ] + valueShared + [
      valueEffect, valueEffectError, valueEffectDegrees, valueCorrelation, valueCost,
      valueCostError, valueCostDegrees, valueBySite, valueCategories,
    ]

  /// What a study file takes of them; several are lists there.
  static let studyPerspectives = OptionKey(
    "perspectives", .texts, default: valuePerspectives.defaultText,
    "Whose costs count: outcome-payer, public-sector, all-in.")
  static let studyPayers = OptionKey(
    "payers", .texts, default: valuePayers.defaultText, valuePayers.help)
  static let studyPublicBodies = OptionKey(
    "public-bodies", .texts, default: valuePublicBodies.defaultText, valuePublicBodies.help)
}
