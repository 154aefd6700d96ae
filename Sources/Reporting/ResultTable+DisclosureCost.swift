// What disclosure control did and what it cost in accuracy, as result files.

extension ResultTable {
  /// The rules that were applied: `results/disclosure_rules.csv`.
  public static var disclosureRules: ResultTable {
    ResultTable(
      unchecked: "disclosure_rules", summary: "The rules of disclosure control that were applied.",
      columns: [
        .label("rule", "The rule"), .number("value", "Its number; blank where it has none"),
        .text("setting", "The rule in words"),
      ])
  }

  /// What the rules cost: `results/disclosure_cost.csv`.
  ///
  /// Changes of curves are upper bounds in whole steps of the threshold over the people of the curve,
  /// at least 0.005: exact changes would tell by how much a count was rounded.
  public static var disclosureCost: ResultTable {
    ResultTable(
      unchecked: "disclosure_cost", summary: "How much disclosure control withheld and changed.",
      columns: [
        .label("file", "The file"), .label("analysis", "The analysis of a curve"),
        .label("arm", "The arm of a curve"),
        .label(
          "measure", "withheld, rounded, survival change or restricted mean change"),
        .number("value", "How many cells, or by how much at most"),
        .number("share", "The share of the cells with a number"),
        .number("horizon", "The time to which a restricted mean was compared"),
      ])
  }
}
