/// Options of `its` and of re-runs that leave something out.
extension OptionKey {
  static let excludePeriods = OptionKey(
    "exclude-periods", .numbers,
    "Periods left out as if they had never been observed, such as a pandemic's: 2020,2021.")
  static let leaveOut = OptionKey(
    "leave-out", .text,
    "Estimate again without each level in turn: unit, cluster, or a column such as the provider."
      + " unit, when no other re-run is asked for.")
  static let placeboDates = OptionKey(
    "placebo-dates", .numbers,
    "Move treatment earlier by so many periods, using only rows before the true start: 1,2.")
  static let placeboStarts = OptionKey(
    "placebo-starts", .numbers,
    "Pretend that treatment began in these periods, using only rows before the true start: 2004.")

  static let interruption = OptionKey(
    "interruption", .numbers,
    "The first time at which the change can show, in the numbers of --time; several for several"
      + " changes: 29,40.")
  static let comparisonSeries = OptionKey(
    "comparison", .text,
    "Column that tells the treated series from a comparison series: 1 or the level of --treated for"
      + " treated.")
  static let effectTimes = OptionKey(
    "at", .numbers,
    "Print the effect so long after the interruption, level + slope times this: 4,8.")
  static let season = OptionKey(
    "season", .integer,
    "Periods in a season, 12 months or 4 quarters: an indicator for each place in it, or harmonics."
  )
  static let harmonics = OptionKey(
    "harmonics", .integer, "Pairs of sine and cosine for the season instead of indicators.")
  static let seriesMethod = OptionKey(
    "method", .choice(["ols", "newey-west", "prais-winsten", "cochrane-orcutt"]),
    default: "newey-west",
    "How serial correlation is dealt with: not at all, in the standard errors, or by first-order"
      + " autoregressive errors. ols means the model's own errors for counts.")
  static let seriesLag = OptionKey(
    "lag", .integer,
    "Lag of the Newey–West errors; 4(T/100)^(2/9) rounded down for T times unless given.")
  static let seriesFamily = OptionKey(
    "family", .choice(["gaussian", "poisson"]), default: "gaussian",
    "The outcome: a continuous one, or a count (quasi-Poisson with log link).")
  static let exposure = OptionKey(
    "exposure", .text, "Column that counts are divided by, such as people at risk.")
  static let exponentiatedSeries = OptionKey(
    "exponentiate", .flag,
    "Print rates and rate ratios; standard errors stay on the log scale.")
  static let paths = OptionKey(
    "paths", .flag,
    "Print the points instead: observed, fitted, and what would have been without the interruption."
  )

  static let interruptedSeries: [OptionKey] = [
    outcome, time, interruption, comparisonSeries, effectTimes, excludePeriods, season, harmonics,
    seriesMethod, seriesLag, seriesFamily, exposure, covariates, exponentiatedSeries, paths,
  ]
  static let didSensitivity: [OptionKey] = [
    leaveOut, excludePeriods, placeboDates, placeboStarts, outcome, unit, time, group, treatment,
    didMethod, control, didEstimator, covariates, anticipation, base, aggregate, balanceEvent,
    covariance, repeatedCrossSections, unbalanced,
  ]
}

/// Options of `power --design did`.
extension OptionKey {
  static let periodsBefore = OptionKey(
    "periods-before", .integer, "Periods before the programme starts (--design did).")
  static let periodsAfter = OptionKey(
    "periods-after", .integer, "Periods from its start on.")
  static let plannedDeviation = OptionKey(
    "sd", .number,
    "For did the standard deviation of a site's outcome in one period around its own level and the"
      + " common periods, with --people-per-cell that of people; else that of people of an arm.")
  static let plannedAutocorrelation = OptionKey(
    "autocorrelation", .number, default: "0",
    "Correlation of a site's errors one period apart, fading by its powers.")
  static let peoplePerCell = OptionKey(
    "people-per-cell", .number,
    "People in each site and period, new ones each time; --icc is the correlation between them.")
  static let plannedEffect = OptionKey(
    "effect", .number,
    "An effect whose power is wanted; for proportions a difference of shares.")
}
