// The same clients counted under several definitions of an outcome, as result files.

extension ResultTable {
  /// Clients by definition and arm: `results/definitions.csv`.
  public static var definitions: ResultTable {
    ResultTable(
      unchecked: "definitions",
      summary: "The same clients counted under each definition of the outcome, by arm.",
      columns: [
        .label("definition", "The definition's name"),
        .label("arm", "sib, non_sib, or all for everybody"),
        .text("label", "What the definition is called"),
        .count("n", "Accepted clients"),
        .count(
          "n_not_eligible",
          "Of these, those whom the definition does not count; blank where it counts everybody"),
        .count("n_eligible", "Of these, those whom it counts"),
        .count(
          "n_immature",
          "Of those counted, those whose horizon lies after the data cut; blank where it is nobody's"
        ),
        .count("n_mature", "Of those counted, those who could be followed to the horizon"),
        .count("n_yes", "Mature clients with the outcome"),
        .count("n_no", "Mature clients known not to have it"),
        .count("n_unknown", "Mature clients whose evidence is missing"),
        .derived("rate", from: ["n_yes", "n_no"], "The share with it, of those known")
          .remade(.fraction(Fraction("n_yes", of: ["n_yes", "n_no"])), otherwise: .coarse(2)),
        .derived(
          "rate_low", from: ["n_yes", "n_mature"],
          "The share of all mature clients, everything unknown read as no"
        ).remade(.fraction(Fraction("n_yes", of: ["n_mature"])), otherwise: .coarse(2)),
        .derived(
          "rate_high", from: ["n_no", "n_mature"],
          "The share of all mature clients, everything unknown read as yes"
        ).remade(.complement(Fraction("n_no", of: ["n_mature"])), otherwise: .coarse(2)),
      ],
      sums: [
        .inRow(whole: "n", parts: ["n_not_eligible", "n_eligible"]),
        .inRow(whole: "n_eligible", parts: ["n_immature", "n_mature"]),
        .inRow(whole: "n_mature", parts: ["n_yes", "n_no", "n_unknown"]),
        .overRows(label: "arm", total: "all"),
      ])
  }

  /// The difference between the arms by definition: `results/definition_differences.csv`.
  public static var definitionDifferences: ResultTable {
    let known = ["n_yes_sib", "n_no_sib", "n_yes_non_sib", "n_no_non_sib"]
    return ResultTable(
      unchecked: "definition_differences",
      summary: "SIB less other sites under each definition, not adjusted for who the clients are.",
      columns: Column.estimates(
        [
          .label("definition", "The definition's name"),
          .text("label", "What the definition is called"),
          .derived("estimate", from: known, "The difference of the shares, of those known"),
          .derived("std.error", from: known, "CR2's standard error, clustered on sites"),
          .derived("df", from: known, "Satterthwaite's degrees of freedom"),
          .derived("statistic", from: known, "The t statistic"),
          .derived("p.value", from: known, "The two-sided p-value"),
          .derived("conf.low", from: known, "The lower confidence limit"),
          .derived("conf.high", from: known, "The upper confidence limit"),
          .number("conf.level", "The level of the interval"),
          .derived(
            "low", from: known, "Everything unknown read against SIB sites and for the others"
          ).coarse(2),
          .derived(
            "high", from: known, "Everything unknown read for SIB sites and against the others"
          ).coarse(2),
          .derived("change", from: known, "The estimate less that under the first definition")
            .coarse(2),
          // The table of definitions has the counts; here they could be had by subtraction.
          .hiddenCount("n_treated"), .hiddenCount("n_comparison"),
          .number("n_clusters", "Sites"),
          .text("note", "Why something is missing"),
          .hiddenCount("n_yes_sib"), .hiddenCount("n_no_sib"), .hiddenCount("n_yes_non_sib"),
          .hiddenCount("n_no_non_sib"),
        ],
        rules: [
          .difference(
            Fraction("n_yes_sib", of: ["n_yes_sib", "n_no_sib"]),
            Fraction("n_yes_non_sib", of: ["n_yes_non_sib", "n_no_non_sib"]))
        ]),
      sums: [
        .inRow(whole: "n_treated", parts: ["n_yes_sib", "n_no_sib"]),
        .inRow(whole: "n_comparison", parts: ["n_yes_non_sib", "n_no_non_sib"]),
      ])
  }
}
