// Where a study departs from its plan, as a result file.

extension ResultTable {
  /// What of the study file is not as the locked plan has it: `results/deviations.csv`.
  ///
  /// It holds what the study file says and nothing of the data.
  public static var deviations: ResultTable {
    ResultTable(
      unchecked: "deviations", summary: "Where the study departs from its locked plan.",
      columns: [
        .label("key", "The key of the study file; `design` is who is compared with whom"),
        .text("change", "changed, added or removed"),
        .text("planned", "What the locked plan says; blank where it says nothing"),
        .text("now", "What the study file says; blank where it says nothing"),
        .text("reason", "Why, in the author's words; blank without a reason"),
        .text("outcomes_seen", "Whether outcomes had been compared, as the author states"),
      ])
  }
}
