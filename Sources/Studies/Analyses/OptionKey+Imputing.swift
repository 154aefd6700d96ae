internal import Statistics

/// Options of multiple imputation.
extension OptionKey {
  static let imputation = OptionKey(
    "imputation", .text,
    "Column that numbers the imputed copies of the data stacked in the file: each is analysed alone,"
      + " and the estimates pooled by Rubin's rules. Copy 0, the data before imputation, is left"
      + " out.")
  static let imputedColumns = OptionKey(
    "columns", .texts,
    "Columns to fill in, in the order in which they are imputed. Complete ones predict the others.")
  static let imputationPredictors = OptionKey(
    "predictors", .texts,
    "Further columns to predict from, without gaps: the treatment, and whatever else the analysis"
      + " uses or explains why values are missing.")
  static let imputationMethods = OptionKey(
    "methods", .pairs,
    "Methods by column, as age=norm,band=polyreg: norm (normal model), pmm (donors with a near"
      + " prediction), logreg (two values), polyreg (categories). Without it: pmm for numbers, logreg"
      + " for two values, polyreg for more.")
  static let imputationCount = OptionKey(
    "imputations", .integer, default: "20", "Completed copies to make.")
  static let imputationRounds = OptionKey(
    "iterations", .integer, default: "10", "Rounds through the columns before a copy is taken.")
  static let imputationSite = OptionKey(
    "site", .text, "Column of sites, which enter every model.")
  static let siteEffects = OptionKey(
    "site-effects", .choice(SiteEffects.allCases.map(\.rawValue)), default: "fixed",
    "How sites enter: fixed indicators, right for few large sites, or a random intercept, right for"
      + " many small ones.")
  static let imputationInteraction = OptionKey(
    "interaction", .text,
    "Column (such as the treatment) whose products with all others enter every model; needed where"
      + " the analysis lets effects differ.")
  static let imputationDonors = OptionKey(
    "donors", .integer, default: "5", "Donors that pmm draws from.")
  static let includeOriginal = OptionKey(
    "include-original", .flag, "Print the data before imputation too, as copy 0.")
  static let imputationTraces = OptionKey(
    "traces", .text,
    "Write the mean and standard deviation of each column's imputed values, by copy and iteration,"
      + " to this CSV file: lines that wander together and without trend have settled.")

  /// What the verb and a study's section both take.
  static let imputationModel: [OptionKey] = [
    imputedColumns, imputationPredictors, imputationMethods, imputationCount, imputationRounds,
    imputationSite, siteEffects, imputationInteraction, imputationDonors,
  ]
  static let impute: [OptionKey] = imputationModel + [includeOriginal, imputationTraces]
}
