// Effects of sites by what the sites differ in, as result files.

extension ResultTable {
  private static var siteCounts: [String] {
    ["n", "n_comparison", "n_yes", "n_no", "n_comparison_yes", "n_comparison_no"]
  }

  /// The effect and the dose of each site: `results/dose_response.csv`.
  public static var doseResponse: ResultTable {
    func statistic(_ name: String, _ meaning: String) -> Column {
      .derived(name, from: siteCounts, meaning)
    }
    return ResultTable(
      unchecked: "dose_response",
      summary: "Effects of treated sites beside what the sites differ in (exploratory).",
      columns: Column.estimates(
        [
          .label("outcome", "The outcome"), .label("dose", "What the sites differ in"),
          .label("site", "The site"), statistic("dose_value", "How much of it the site has"),
          statistic("estimate", "The site's mean less that of the comparison clients"),
          statistic("own.error", "Standard error of the site's own mean").coarse(2),
          statistic("std.error", "Standard error with that of the comparison mean, common to all"),
          statistic("df", "Satterthwaite's degrees of freedom"),
          statistic("conf.low", "Lower limit"), statistic("conf.high", "Upper limit"),
          .count("n", "Clients of the site"), .count("n_comparison", "Comparison clients"),
          .hiddenCount("n_yes"), .hiddenCount("n_no"), .hiddenCount("n_comparison_yes"),
          .hiddenCount("n_comparison_no"),
        ],
        rules: [
          .difference(
            Fraction("n_yes", of: ["n_yes", "n_no"]),
            Fraction("n_comparison_yes", of: ["n_comparison_yes", "n_comparison_no"]))
        ]))
  }

  /// The slopes across sites: `results/dose_response_slope.csv`.
  public static var doseResponseSlope: ResultTable {
    func statistic(_ name: String, _ meaning: String) -> Column {
      .derived(name, from: ["n", "n_smallest"], meaning)
    }
    return ResultTable(
      unchecked: "dose_response_slope",
      summary: "How effects of sites go with what the sites differ in (exploratory).",
      columns: [
        .label("outcome", "The outcome"), .label("dose", "What the sites differ in"),
        .number("unit", "The step of the dose that the slope is for"),
        statistic("estimate", "Difference of the effect for one step more"),
        statistic("std.error", "Its standard error"), statistic("statistic", "t"),
        statistic("df", "Degrees of freedom"), statistic("p.value", "Two-sided p-value"),
        statistic(
          "p.holm",
          "Holm's adjustment for several slopes of p.permutation, of p.value where it is blank"),
        statistic("conf.low", "Lower limit"), statistic("conf.high", "Upper limit"),
        statistic("p.permutation", "p-value of exchanging doses between sites"),
        .number("attainable", "The smallest p-value that exchanging them could give"),
        .text("permutation", "What was exchanged"),
        statistic("without.low", "Least slope without one of the sites"),
        statistic("without.high", "Greatest slope without one of the sites"),
        statistic("detectable", "The slope found four times out of five at the 5% level"),
        statistic("tau", "Standard deviation between sites about the line"),
        statistic("tau.low", "Lower limit"), statistic("tau.high", "Upper limit"),
        statistic("i2", "Share of the spread about the line that is between sites"),
        statistic("r2", "Share of the variance between sites that the dose accounts for"),
        .text("convention", "How it was estimated"), .number("n_sites", "Sites"),
        .count("n", "Their clients"), .hiddenCount("n_smallest"),
      ])
  }

  /// The lines: `results/dose_response_line.csv`.
  public static var doseResponseLine: ResultTable {
    func statistic(_ name: String, _ meaning: String) -> Column {
      .derived(name, from: ["n_smallest"], meaning)
    }
    return ResultTable(
      unchecked: "dose_response_line",
      summary: "The line through the sites' effects, with its interval (exploratory).",
      columns: [
        .label("outcome", "The outcome"), .label("dose", "What the sites differ in"),
        .label("step", "Where on the line, from 0 to 20", type: .number),
        statistic("dose_value", "How much of the dose"), statistic("estimate", "Expected effect"),
        statistic("conf.low", "Lower limit"), statistic("conf.high", "Upper limit"),
        .hiddenCount("n_smallest"),
      ])
  }
}
