internal import Reporting

// The catalogue: every option, written once. Keys of one concern stand together, in this file and in
// `OptionKey+Matching`, `OptionKey+Panels` and `OptionKey+Survival`.

/// Options of every estimator verb.
extension OptionKey {
  static let format = OptionKey(
    "format", .choice(["csv", "table", "json", "md"]),
    "How rows are printed. A terminal gets a table and a file or pipe gets CSV unless this says"
      + " otherwise.")
  static let output = OptionKey(
    "output", .text, "Write the rows to this file instead of standard output.")
  static let filter = OptionKey(
    "where", .text, "Keep only rows for which this is true: 'age >= 18 & site != \"X\"'.")
  static let derive = OptionKey(
    "derive", .texts,
    "Add a column: 'name = expression'. May be given several times. Besides arithmetic and"
      + " comparisons there are ifelse(x > 1, a, b), recode(x, \"old\", \"new\", others),"
      + " cut(age, 25, 50), is.na, year, quarter and month of a date, days(from, to).")
  static let weights = OptionKey(
    "weights", .text, "Column of case or sampling weights; zero leaves a row out.")
  static let cluster = OptionKey(
    "cluster", .texts, "Column (or two, with a comma) of clusters for the standard errors.")
  static let level = OptionKey("level", .number, default: "0.95", "Confidence level.")
  static let seed = OptionKey(
    "seed", .integer, default: "1", "Seed of every random stream.")
  static let threads = OptionKey(
    "threads", .integer, "Threads to use. Results have the same bytes for any number.")
  static let missing = OptionKey(
    "missing", .choice(["drop", "error"]), default: "drop",
    "What to do with rows that lack a value in a used column; dropped rows are counted.")
  static let treated = OptionKey(
    "treated", .text,
    "The level of the treatment column that means treated. Without it: 1, true, or the second of"
      + " two levels.")
  static let disclosure = OptionKey(
    "disclosure", .choice(DisclosureProfile.all.map(\.name)),
    "Disclosure profile to apply to the rows before they are printed.")
  static let types = OptionKey(
    "types", .pairs,
    "Declared column types: id=text,joined=date. Types: integer, number, text, boolean, date.")
  static let dateFormat = OptionKey(
    "date-format", .pairs, "Formats of date columns: joined=dd/mm/yyyy.")
  static let missingWords = OptionKey(
    "missing-words", .texts, "Words that mean missing, besides the empty field, NA and null.")
  static let separator = OptionKey(
    "separator", .choice(["auto", "comma", "semicolon", "tab"]), default: "auto",
    "What separates fields.")

  /// Options that every estimator verb takes, in the order of the help text.
  static let common: [OptionKey] = [
    format, output, filter, join, derive, weights, cluster, level, seed, threads, missing, treated,
    disclosure, types, dateFormat, missingWords, separator, imputation, engine, engineSource,
    engineTimeout,
  ]
}

/// Options of `regress`.
extension OptionKey {
  static let family = OptionKey(
    "family", .choice(["gaussian", "binomial", "poisson"]), default: "gaussian",
    "Distribution of the response.")
  static let link = OptionKey(
    "link", .choice(["identity", "log", "logit", "probit", "cloglog"]),
    "Link function; the family's canonical one unless given.")
  static let absorb = OptionKey(
    "absorb", .texts, "Columns whose levels get fixed effects that are not printed: firm,year.")
  static let covariance = OptionKey(
    "vcov",
    .choice([
      "classical", "HC0", "HC1", "HC2", "HC3", "CR0", "CR1", "CR2", "CR3", "NW:LAG",
    ]),
    "Covariance of the coefficients: classical, heteroskedastic, by cluster, or Newey–West with a lag"
      + " in periods (NW:2; Bartlett weights, n/(n − k)). CR1 when --cluster is given. CR2 has"
      + " Satterthwaite degrees of freedom for each coefficient; CR3 is the jackknife without a"
      + " factor.")

  static let regress: [OptionKey] = [
    family, link, absorb, covariance, smallSample, seriesUnit, seriesTime,
  ]
}
