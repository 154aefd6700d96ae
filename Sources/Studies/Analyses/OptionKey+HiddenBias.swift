/// Options of `rosenbaum`, `robustness`, `evalue`, `manski` and `negative-control`.
extension OptionKey {
  static let gammas = OptionKey(
    "gamma", .numbers, default: "1,1.25,1.5,2",
    "Sizes of hidden bias: by how much the odds of treatment may differ within a matched set.")
  static let biasStatistics = OptionKey(
    "statistic", .texts, default: "wilcoxon",
    "What is computed, one or several: wilcoxon (signed ranks), hodges-lehmann (the effect),"
      + " mcnemar (outcomes of 0 and 1) or m (Huber's M-statistic, also for sets that are no pairs)."
  )
  static let alternative = OptionKey(
    "alternative", .choice(["greater", "less", "two-sided"]), default: "greater",
    "Direction of the alternative: the treated's outcomes are higher (greater) or lower (less).")
  static let pValueMethod = OptionKey(
    "p-value", .choice(["normal", "exact"]), default: "normal",
    "How the signed ranks' p-values are computed; exact is for at most 200 pairs that differ.")
  static let huber = OptionKey(
    "huber", .number, default: "2.5",
    "Where the M-statistic's function becomes flat, in medians of the differences within sets.")
  static let treatmentOutcome = OptionKey(
    "treatment-outcome", .text,
    "For data with one row a pair: column of the treated's outcome. Give no formula then.")
  static let comparisonOutcome = OptionKey(
    "comparison-outcome", .text,
    "For data with one row a pair: column of the comparison's outcome.")
  static let pairColumn = OptionKey(
    "pair", .text,
    "For data that are matched already, one row a person: column of the matched set. The formula is"
      + " then treatment ~ 1.")

  static let biasTerm = OptionKey(
    "term", .text, "The coefficient to judge, as the regression names it.")
  static let benchmark = OptionKey(
    "benchmark", .texts,
    "Covariates to compare an omitted variable with, as they stand in the formula: age,race.")
  static let multiples = OptionKey(
    "multiples", .numbers, default: "1,2,3",
    "How many times as strong as a benchmark the omitted variable may be.")
  static let explainedShare = OptionKey(
    "q", .number, default: "1", "The share of the estimate to explain away; 1 is all of it.")
  static let alpha = OptionKey(
    "alpha", .number, default: "0.05",
    "Significance level of the robustness value that counts the interval.")
  static let treatmentShare = OptionKey(
    "r2-treatment", .numbers,
    "Hypothesised shares of the treatment's residual variance that the omitted variable explains.")
  static let outcomeShare = OptionKey(
    "r2-outcome", .numbers,
    "The shares of the outcome's residual variance that go with --r2-treatment, one each.")
  static let contour = OptionKey(
    "contour", .integer,
    "Print also the adjusted estimate over a grid of so many steps of both shares, from 0 to beyond"
      + " the robustness value and the benchmarks.")
  static let givenEstimate = OptionKey(
    "estimate", .number, "The estimate, where no data are given.")
  static let givenError = OptionKey(
    "std-error", .number, "The estimate's standard error.")
  static let givenDegrees = OptionKey(
    "df", .number, "The regression's residual degrees of freedom, where no data are given.")

  static let ratioScale = OptionKey(
    "scale", .choice(["rr", "or", "hr", "rd", "smd", "difference"]), default: "rr",
    "What was estimated: risk ratio, odds ratio, hazard ratio, risk difference (from counts),"
      + " standardised mean difference, or a difference of means with --sd.")
  static let rare = OptionKey(
    "rare", .flag,
    "The outcome is rare (below 15 in 100 at the end of follow-up): odds and hazard ratios count as"
      + " risk ratios.")
  static let givenLow = OptionKey("low", .number, "The interval's lower limit.")
  static let givenHigh = OptionKey("high", .number, "The interval's upper limit.")
  static let givenDeviation = OptionKey(
    "sd", .number, "The outcome's standard deviation, for a difference of means.")
  static let treatedEvents = OptionKey(
    "events-treated", .integer, "Treated people with the outcome, for a risk difference.")
  static let treatedCount = OptionKey("n-treated", .integer, "All treated people.")
  static let comparisonEvents = OptionKey(
    "events-comparison", .integer, "Comparison people with the outcome.")
  static let comparisonCount = OptionKey("n-comparison", .integer, "All comparison people.")

  static let lowerValue = OptionKey("lower", .number, "The least value that the outcome can have.")
  static let upperValue = OptionKey(
    "upper", .number, "The greatest value that the outcome can have.")
  static let boundsEstimand = OptionKey(
    "estimand", .choice(["ATE", "ATT", "ATC"]), default: "ATE",
    "Whose effect: everybody's (ATE), the treated's (ATT) or the comparisons' (ATC).")
  static let monotoneResponse = OptionKey(
    "monotone-response", .choice(["none", "increasing", "decreasing"]), default: "none",
    "Assume that treatment lowers (increasing) or raises (decreasing) nobody's outcome.")
  static let monotoneSelection = OptionKey(
    "monotone-selection", .choice(["none", "positive", "negative"]), default: "none",
    "Assume that in either state the treated would on average do at least as well (positive), or no"
      + " better (negative), than the others.")
  static let missingOutcome = OptionKey(
    "missing-outcome", .choice(["worst-case", "drop"]), default: "worst-case",
    "Whether rows without outcome are read in the worst way or left out.")

  static let controlOutcomes = OptionKey(
    "outcome", .texts, "Columns of outcomes that the treatment can't have affected: a,b.")

  static let rosenbaum: [OptionKey] =
    [
      outcome, gammas, biasStatistics, alternative, pValueMethod, huber, treatmentOutcome,
      comparisonOutcome, pairColumn, matchMethod,
    ] + matchDesign
  static let robustness: [OptionKey] = [
    biasTerm, benchmark, multiples, explainedShare, alpha, treatmentShare, outcomeShare, contour,
    givenEstimate, givenError, givenDegrees,
  ]
  static let evalue: [OptionKey] = [
    ratioScale, givenEstimate, givenLow, givenHigh, givenError, givenDeviation, rare,
    treatedEvents, treatedCount, comparisonEvents, comparisonCount,
  ]
  static let manski: [OptionKey] = [
    outcome, lowerValue, upperValue, boundsEstimand, monotoneResponse, monotoneSelection,
    missingOutcome,
  ]
  /// What a study file takes of them; the design and the outcome are the study's.
  static let rosenbaumStudy: [OptionKey] = [
    gammas, biasStatistics, alternative, pValueMethod, huber,
  ]
  static let robustnessStudy: [OptionKey] = [benchmark, multiples, explainedShare, alpha]
  static let manskiStudy: [OptionKey] = [
    lowerValue, upperValue, boundsEstimand, monotoneResponse, monotoneSelection,
  ]
  static let negativeControl: [OptionKey] =
    [controlOutcomes, effectMethod, effectScale, outcomeModel] + matchDesign + [trim]
}
