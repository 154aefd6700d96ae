// What a design could find before any outcome is compared, as result files.

extension ResultTable {
  private static var planCounts: [String] {
    ["n_treated", "n_comparison", "events_comparison", "others_comparison"]
  }

  /// What a study's own design could find: `results/planning.csv`.
  public static var planning: ResultTable {
    func statistic(_ name: String, _ meaning: String) -> Column {
      .derived(name, from: planCounts, meaning).coarse(2)
    }
    return ResultTable(
      unchecked: "planning",
      summary: "What the design could find, from its sites, clients and the comparisons' spread.",
      columns: [
        .label("outcome", "The outcome"),
        .text("assigned", "Whether sites or people were assigned"),
        .number("sites_treated", "Treated sites; blank where people were assigned"),
        .number("sites_comparison", "Comparison sites"),
        .count("n_treated", "Treated clients"),
        .count("n_comparison", "Comparison clients"),
        .derived(
          "clients_per_site", from: ["n_treated", "n_comparison"], "Clients of a site, on average"
        ).coarse(2),
        .derived(
          "size_cv", from: ["n_treated", "n_comparison"],
          "The coefficient of variation of the sites' sizes"
        ).coarse(2),
        statistic("icc", "The intracluster correlation"),
        .text("icc_source", "declared, or observed among comparison sites"),
        statistic("baseline", "The rate or mean of the comparison clients, or the declared one")
          .remade(
            .fraction(
              Fraction("events_comparison", of: ["events_comparison", "others_comparison"])),
            otherwise: .coarse(2)),
        statistic("sd", "The standard deviation between clients of an arm"),
        .text("baseline_source", "declared, or observed among comparison sites"),
        statistic("design_effect", "How far clustering inflates the variance"),
        statistic(
          "effective_treated", "How many clients assigned one by one the treated are worth"),
        statistic("effective_comparison", "The same of the comparisons"),
        statistic("detectable", "The smallest improvement found with the power asked for"),
        statistic("detectable_limit", "The same with ever more clients at the same sites"),
        .number("power", "The power asked for"),
        .number("test_level", "The two-sided level of the test"),
        .number("df", "Degrees of freedom; blank for the normal"),
        .number("smallest_p", "The smallest p-value that exchanging whole sites can reach"),
        .hiddenCount("events_comparison"), .hiddenCount("others_comparison"),
      ])
  }

  /// The same by clients of a site: `results/planning_curve.csv`.
  public static var planningCurve: ResultTable {
    ResultTable(
      unchecked: "planning_curve",
      summary: "The smallest detectable improvement by clients of a site.",
      columns: [
        .label("outcome", "The outcome"),
        .label("line", "What the line assumes of sites or their correlation"),
        .label(
          "clients", "Clients of a site; of both arms where people are assigned", type: .number),
        .number("sites_treated", "Treated sites; blank where people are assigned"),
        .number("sites_comparison", "Comparison sites"),
        .derived(
          "detectable", from: planCounts, "The smallest improvement found; blank where none is"),
        .hiddenCount("n_treated"), .hiddenCount("n_comparison"),
        .hiddenCount("events_comparison"), .hiddenCount("others_comparison"),
      ])
  }
}
