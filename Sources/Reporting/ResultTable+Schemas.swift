// The standard result files, with broom's column names and the role of every column. A table from
// here is empty: append rows by column name. Hidden counts are never written; give them, or a
// profile with thresholds withholds the statistics that rest on them.

extension ResultTable {
  /// Effects, one estimate a row: `results/estimates.csv`.
  public static var estimates: ResultTable {
    let counts = ["n_treated", "n_comparison", "events_treated", "events_comparison"]
    let (treated, comparison) = (
      Fraction("events_treated", of: ["n_treated"]),
      Fraction("events_comparison", of: ["n_comparison"])
    )
    return ResultTable(
      unchecked: "estimates", summary: "Estimated effects, one estimate a row.",
      columns: Column.estimates(
        [
          .label("analysis", "The analysis of the study file"),
          .label("estimand", "ATT, ATE, ATC, ATO, hazard ratio and so on"),
          .label("estimator", "The method"),
          .label("outcome", "The outcome"),
          .label("subgroup", "The subgroup; blank for everybody"),
          .label("term", "The coefficient or contrast"),
          .derived("estimate", from: counts, "The point estimate, on the scale of `scale`"),
          .derived("std.error", from: counts, "Its standard error"),
          .derived("statistic", from: counts, "The test statistic against the null value"),
          .derived("df", from: counts, "Degrees of freedom; blank means normal"),
          .derived("p.value", from: counts, "The two-sided p-value"),
          .derived("conf.low", from: counts, "The lower confidence limit"),
          .derived("conf.high", from: counts, "The upper confidence limit"),
          .number("conf.level", "The confidence level"),
          .text("scale", "The scale: difference, ratio, log ratio, money"),
          .count("n_treated", "People treated"),
          .count("n_comparison", "People compared with"),
          .count("events_treated", "People with the outcome among the treated"),
          .count("events_comparison", "People with the outcome among the comparisons"),
          .derived("se_type", from: counts, "How the standard error was made", type: .text),
          .number("n_clusters", "Clusters of the standard error; blank without clusters"),
          .text("gate", "The verdict of the design gate: causal, associational, descriptive"),
        ],
        rules: [
          .difference(treated, comparison), .ratio(treated, comparison),
          .oddsRatio(treated, comparison), .fraction(treated), .fraction(comparison),
        ]), residual: ResidualRule(column: "df", unless: "n_clusters"))
  }

  /// Balance before and after adjustment: `results/balance.csv`.
  ///
  /// `level_treated` and `level_comparison` count the people who have the level of a factor; leave
  /// them missing for a covariate that is measured.
  public static var balance: ResultTable {
    let counts = [
      "n_treated", "n_comparison", "level_treated", "level_comparison", "rest_treated",
      "rest_comparison",
    ]
    func statistic(_ name: String, _ meaning: String) -> Column {
      .derived(name, from: counts, meaning)
    }
    let (treated, comparison) = (
      Fraction("level_treated", of: ["level_treated", "rest_treated"]),
      Fraction("level_comparison", of: ["level_comparison", "rest_comparison"])
    )
    return ResultTable(
      unchecked: "balance", summary: "Covariate balance before and after adjustment.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("covariate", "The covariate; `distance` is the score, `ess` the sample size"),
        .label("level", "The level of a factor; blank for a measured covariate"),
        .label("stage", "unadjusted or adjusted"),
        statistic("mean_treated", "Mean or share among the treated")
          .remade(.fraction(treated), .sum(["n_treated"])),
        statistic("mean_comparison", "Mean or share among the comparisons")
          .remade(.fraction(comparison), .sum(["n_comparison"])),
        statistic("smd", "Standardised mean difference").coarse(2),
        statistic("var_ratio", "Ratio of variances; blank for shares"),
        statistic("ecdf_mean", "Mean difference of the distribution functions").coarse(2),
        statistic("ks", "Greatest difference of the distribution functions").coarse(2),
        statistic("overlap", "Overlap of the two densities").coarse(2),
        .text("smd_denominator", "The standard deviation that smd divides by"),
        .hiddenCount("n_treated"), .hiddenCount("n_comparison"),
        .hiddenCount("level_treated"), .hiddenCount("level_comparison"),
        .hiddenCount("rest_treated"), .hiddenCount("rest_comparison"),
      ])
  }

  /// Who was excluded and why, step by step: `results/attrition.csv`.
  ///
  /// An arm named `all` is the sum of the other arms of its step.
  public static var attrition: ResultTable {
    ResultTable(
      unchecked: "attrition", summary: "Rows excluded, step by step and by arm.",
      columns: [
        .label("step", "The order of the step, from 1", type: .number),
        .label("rule", "What the step excludes, in words"),
        .label("arm", "The arm; `all` is everybody"),
        .count("n_before", "Before the step"),
        .count("n_excluded", "Excluded by the step"),
        .count("n_after", "After the step"),
      ],
      sums: [
        .inRow(whole: "n_before", parts: ["n_excluded", "n_after"]),
        .overRows(label: "arm", total: "all"),
        .chain(from: "n_after", to: "n_before", within: ["arm"]),
      ])
  }

  /// Survival curves with their risk table: `results/survival.csv`.
  public static var survival: ResultTable {
    ResultTable(
      unchecked: "survival", summary: "Survival curves with numbers at risk.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("arm", "The arm"),
        .label("time", "Time since time zero, in the study's unit", type: .number),
        .count("n_risk", "At risk just before the time, or before a held step"),
        .count("n_event", "Events since the previous row"),
        .count("n_censor", "Censored since the previous row"),
        .derived("survival", from: ["n_risk"], "Share still surviving after the time"),
        .derived("std.error", from: ["n_risk"], "Standard error of survival"),
        .derived("conf.low", from: ["n_risk"], "The lower confidence limit"),
        .derived("conf.high", from: ["n_risk"], "The upper confidence limit"),
      ],
      curve: CurveRule(
        arms: ["analysis", "arm"], time: "time", atRisk: "n_risk",
        leaving: ["n_event", "n_censor"],
        statistics: ["survival", "std.error", "conf.low", "conf.high"]))
  }

  /// Effects by time relative to treatment: `results/event_study.csv`.
  public static var eventStudy: ResultTable {
    ResultTable(
      unchecked: "event_study", summary: "Effects by period relative to the start of treatment.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("rel_time", "Periods since the start of treatment", type: .number),
        .derived("estimate", from: ["n"], "The effect; 0 in the reference period"),
        .derived("std.error", from: ["n"], "Its standard error; blank in the reference period"),
        .derived("conf.low", from: ["n"], "The lower confidence limit"),
        .derived("conf.high", from: ["n"], "The upper confidence limit"),
        .flag("reference", "Whether the period is the reference"),
        .count("n", "Observations behind the estimate"),
        .derived("band.low", from: ["n"], "The lower limit that holds for all periods at once"),
        .derived("band.high", from: ["n"], "The upper limit that holds for all periods at once"),
      ])
  }

  /// The design gate's checks: `results/diagnostics.csv`.
  public static var diagnostics: ResultTable {
    ResultTable(
      unchecked: "diagnostics", summary: "Checks of the design gate and of the assumptions.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("check", "The check"),
        .number("value", "Its value; blank when not evaluated").coarse(2),
        .number("threshold", "What the value is held against"),
        .text("comparator", "How: `<=`, `>=`, `<`, `>`"),
        .text("status", "PASS, WARN, FAIL or NOT EVALUATED"),
      ])
  }

  /// The effect under changed choices: `results/sensitivity.csv`.
  public static var sensitivity: ResultTable {
    let counts = ["n_treated", "n_comparison"]
    return ResultTable(
      unchecked: "sensitivity", summary: "The effect when one choice is changed.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("changed", "What was changed"),
        .label("baseline", "What it is in the primary analysis"),
        .derived("estimate", from: counts, "The point estimate"),
        .derived("conf.low", from: counts, "The lower confidence limit"),
        .derived("conf.high", from: counts, "The upper confidence limit"),
        .derived("verdict", from: counts, "Whether the conclusion holds", type: .text),
        .hiddenCount("n_treated"), .hiddenCount("n_comparison"),
      ])
  }

  /// Propensity scores in bins: `results/overlap.csv`, for the overlap chart.
  public static var overlap: ResultTable {
    ResultTable(
      unchecked: "overlap", summary: "The distribution of the propensity score by arm, in bins.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("stage", "unadjusted or adjusted"),
        .label("arm", "treated or comparison"),
        .label("low", "The bin's lower edge", type: .number),
        .label("high", "The bin's upper edge", type: .number),
        .count("n", "People, or weight, in the bin"),
        .derived("share", from: ["n"], "The bin's share of its arm")
          .remade(
            .shareOfRows("n", within: ["analysis", "stage", "arm"]), otherwise: .coarse(2)),
      ], sums: [.partition(count: "n", within: ["analysis", "stage", "arm"])])
  }

  /// Achievements against targets: `results/performance.csv`.
  public static var performance: ResultTable {
    ResultTable(
      unchecked: "performance", summary: "Achievements against contract targets.",
      columns: [
        .label("contract", "The contract or project"),
        .label("outcome", "The paid outcome"),
        .label("period", "The period"),
        .label("payer", "The payer; blank for all payers together"),
        .number("target", "The target"),
        .count("actual", "What was achieved"),
        .derived("ratio", from: ["actual"], "Achieved divided by target")
          .remade(.fraction(Fraction("actual", of: ["target"])), otherwise: .coarse(2)),
        .derived("difference", from: ["actual"], "Achieved less target")
          .remade(.sum(["actual", "-target"]), otherwise: .coarse(2)),
        .text("note", "A data-quality remark"),
      ])
  }

  /// Payments by quarter as planned and as made: `results/payments.csv`.
  public static var payments: ResultTable {
    ResultTable(
      unchecked: "payments", summary: "Outcome payments by quarter, planned and made.",
      columns: [
        .label("contract", "The contract or project"),
        .label("quarter_end", "The quarter's last month, as YYYY-MM"),
        .number("first_plan", "First plan"),
        .number("latest_plan", "Latest plan"),
        .number("actual", "Paid; blank when not yet known"),
        .number("actual_less_first_plan", "Paid less first plan; blank where one is not known"),
        .number("actual_less_latest_plan", "Paid less latest plan; blank where one is not known"),
        .number("first_plan_total", "First plan, cumulative"),
        .number("latest_plan_total", "Latest plan, cumulative"),
        .number("actual_total", "Paid, cumulative"),
        .text("currency", "The currency's ISO code"),
      ])
  }
}
