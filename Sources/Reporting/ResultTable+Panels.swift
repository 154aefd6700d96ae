// What panels show beyond one effect: cells, decompositions, few clusters, bounds, synthetic paths
// and interrupted series, as result files.

extension ResultTable {
  /// Effects by cohort and period: `results/group_time.csv`.
  public static var groupTime: ResultTable {
    let counts = ["n_treated", "n_comparison"]
    return ResultTable(
      unchecked: "group_time", summary: "Effects by cohort and period.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("group", "The period in which the cohort's treatment began", type: .number),
        .label("time", "The period of the effect", type: .number),
        .derived("estimate", from: counts, "The effect; 0 in the base period"),
        .derived("std.error", from: counts, "Its standard error; blank where none is honest"),
        .derived("conf.low", from: counts, "The lower confidence limit or band"),
        .derived("conf.high", from: counts, "The upper confidence limit or band"),
        .flag("reference", "Whether the period is the base"),
        .count("n_treated", "Treated units compared"),
        .count("n_comparison", "Units compared with"),
      ])
  }

  /// The two-by-two comparisons behind two-way fixed effects: `results/decomposition.csv`.
  public static var decomposition: ResultTable {
    let counts = ["n_treated", "n_comparison"]
    return ResultTable(
      unchecked: "decomposition",
      summary: "The comparisons that two-way fixed effects average, with their weights.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("type", "Which units are compared with which"),
        .label("treated_cohort", "First treated period of the treated units", type: .number),
        .label(
          "control_cohort", "First treated period of the controls; blank for never treated",
          type: .number),
        .derived("weight", from: counts, "The comparison's weight in the coefficient"),
        .derived("estimate", from: counts, "The comparison's own difference in differences"),
        .hiddenCount("n_treated"), .hiddenCount("n_comparison"),
      ])
  }

  /// What each method for few clusters says of an effect: `results/few_clusters.csv`.
  public static var fewClusters: ResultTable {
    func statistic(_ name: String, _ meaning: String) -> Column {
      .derived(name, from: ["n"], meaning)
    }
    return ResultTable(
      unchecked: "few_clusters",
      summary: "One effect judged by every method for few clusters, side by side.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("outcome", "The outcome"),
        .label("method", "The method; attainable-p is the smallest p-value that there can be"),
        .label("convention", "Weights drawn, degrees of freedom, small-sample factor"),
        statistic("estimate", "The effect that the method tests"),
        statistic("std.error", "Its standard error; blank where the method has none"),
        statistic("df", "Degrees of freedom; blank where there are none"),
        statistic("statistic", "The test statistic"),
        statistic("p.value", "The two-sided p-value"),
        statistic("conf.low", "The lower confidence limit"),
        statistic("conf.high", "The upper confidence limit"),
        .number("size", "How often the method rejects at 5% when there is no effect, simulated"),
        .text("note", "What the reader must know of the row"),
        .number("n_clusters", "Clusters"),
        .hiddenCount("n"),
      ])
  }

  /// Intervals when trends need not be parallel: `results/trend_bounds.csv`.
  public static var trendBounds: ResultTable {
    ResultTable(
      unchecked: "trend_bounds",
      summary: "Confidence intervals when trends may differ by a given amount.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("kind", "original, relative-magnitude or smoothness"),
        .label(
          "m", "How far trends may differ; blank for parallel trends as assumed", type: .number),
        .derived("conf.low", from: ["n"], "The lower confidence limit"),
        .derived("conf.high", from: ["n"], "The upper confidence limit"),
        .hiddenCount("n"),
      ])
  }

  /// Treated units, their synthetic controls and placebos over time: `results/synthetic.csv`.
  public static var synthetic: ResultTable {
    ResultTable(
      unchecked: "synthetic",
      summary: "Outcomes of the treated, of their synthetic control, and gaps of placebos.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("series", "treated, synthetic, gap or placebo"),
        .label("unit", "The unit of a placebo; blank for the treated"),
        .label("time", "The period", type: .number),
        .derived("value", from: ["n"], "The mean outcome, or its gap to the synthetic control"),
        .flag("after", "Whether treatment has begun"),
        .hiddenCount("n"),
      ])
  }

  /// Units' and periods' weights in a synthetic control: `results/synthetic_weights.csv`.
  public static var syntheticWeights: ResultTable {
    ResultTable(
      unchecked: "synthetic_weights", summary: "Weights of comparison units and of periods.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("kind", "unit or period"),
        .label("name", "The unit or period"),
        .derived("weight", from: ["n"], "Its weight"),
        .hiddenCount("n"),
      ])
  }

  /// Interrupted series with their fits: `results/series.csv`.
  public static var series: ResultTable {
    ResultTable(
      unchecked: "series", summary: "Series observed, fitted, and as they would have gone on.",
      columns: [
        .label("analysis", "The analysis of the study file"),
        .label("arm", "The series"),
        .label("time", "The period", type: .number),
        .derived("observed", from: ["n"], "The outcome observed; blank in excluded periods"),
        .derived("fitted", from: ["n"], "The segmented regression's fit"),
        .derived(
          "counterfactual", from: ["n"], "The fit as if there had been no interruption"),
        .flag("after", "Whether the interruption has come"),
        .hiddenCount("n"),
      ])
  }
}
