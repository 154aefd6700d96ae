/// Options of `adjust` and `margin`.
extension OptionKey {
  static let pColumn = OptionKey(
    "p", .text, default: "p.value", "Column of the p-values; missing ones count for nothing.")
  static let adjustment = OptionKey(
    "method", .choice(["holm", "bonferroni", "hochberg", "bh", "by"]), default: "holm",
    "How they are adjusted: holm, bonferroni and hochberg keep the chance of any false alarm to its"
      + " level (hochberg needs p-values that do not move against each other); bh and by keep the share"
      + " of false ones among the findings (by whatever their dependence).")
  static let rowName = OptionKey("name", .text, "Column that names the rows.")

  static let adjustPValues: [OptionKey] = [pColumn, adjustment, rowName]

  static let marginEstimate = OptionKey(
    "estimate", .text,
    "The estimate; with a data file the column that holds it, 'estimate' unless given.")
  static let marginError = OptionKey(
    "std-error", .text,
    "Its standard error; with a data file the column, 'std.error' unless given.")
  static let marginDegrees = OptionKey(
    "df", .text,
    "Degrees of freedom of the t distribution, normal without; with a data file the column, 'df' if it"
      + " has one.")
  static let marginOfError = OptionKey(
    "margin", .number,
    "Margin of non-inferiority: the least difference that would do where more is better (-0.05), the"
      + " greatest where less is.")
  static let marginLow = OptionKey("low", .number, "Lower margin of equivalence.")
  static let marginHigh = OptionKey("high", .number, "Upper margin of equivalence.")
  static let marginBetter = OptionKey(
    "better", .choice(["higher", "lower"]), default: "higher",
    "Which direction of the difference is good, for --margin.")

  static let marginTest: [OptionKey] = [
    marginEstimate, marginError, marginDegrees, marginOfError, marginLow, marginHigh, marginBetter,
    rowName,
  ]
}
