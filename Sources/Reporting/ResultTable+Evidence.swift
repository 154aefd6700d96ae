// How sure one may be, and what is reported where, as result files.

extension ResultTable {
  /// Whose outcome is unknown, by outcome and arm: `results/outcomes_known.csv`.
  ///
  /// Leave `unknown` missing where every outcome is known: nobody is no count to be withheld. Both counts
  /// go together, as other tables tell how many are known.
  public static var outcomesKnown: ResultTable {
    ResultTable(
      unchecked: "outcomes_known",
      summary: "Of how many of those analysed each outcome is unknown, by arm.",
      columns: [
        .label("outcome", "The outcome"),
        .label("arm", "treated or comparison"),
        .count("n", "People, or units in periods, after the inclusion rules"),
        .count("unknown", "Those whose outcome is unknown; blank where there are none"),
        .derived("share_unknown", from: ["n", "unknown"], "Their share"),
      ], blocks: [BlockRule(["n", "unknown"], within: ["outcome", "arm"])])
  }

  /// The rating of the evidence with its working: `results/evidence.csv`.
  ///
  /// It is made of released tables alone, so that it tells nothing that they do not.
  public static var evidence: ResultTable {
    ResultTable(
      unchecked: "evidence", summary: "How sure one may be of the leading effect, by domain.",
      columns: [
        .label("domain", "What is judged; `start` is the design, `rating` the whole"),
        .text("measure", "What the value is"),
        .number("value", "The value; blank where there is none"),
        .text("comparator", "How value and threshold compare"),
        .number("threshold", "From where on there is no concern"),
        .text("judgement", "no, some or serious concern; for the rating its word"),
        .number("points", "What it costs; three points cost one level"),
        .text("why", "Why"),
      ])
  }

  /// The candidate level on the Maryland scale: `results/maryland.csv`.
  public static var maryland: ResultTable {
    ResultTable(
      unchecked: "maryland",
      summary:
        "The candidate level on the Maryland Scientific Methods Scale; a person must confirm it.",
      columns: [
        .label("scale", "The scale"),
        .number("level", "The candidate level, 1 to 5; blank where nothing is compared"),
        .text("why", "Why"), .text("to_confirm", "What a person must confirm"),
        .number("authors_level", "The level that the authors give"),
        .text("authors_why", "Their reason"),
      ])
  }

  /// ROBINS-I's domains: `results/robins_i.csv`.
  public static var robinsI: ResultTable {
    ResultTable(
      unchecked: "robins_i", summary: "Risk of bias by the domains of ROBINS-I.",
      columns: [
        .label("domain", "The domain; `overall` is the whole"),
        .text("judgement", "What this run can say"), .text("evidence", "Its evidence"),
        .text("to_judge", "What a person must still judge"),
        .text("authors_judgement", "What the authors judge"), .text("authors_why", "Their reason"),
      ])
  }

  /// Items of reporting checklists: `results/checklists.csv`.
  public static var checklists: ResultTable {
    ResultTable(
      unchecked: "checklists",
      summary: "Items of reporting checklists and where the report has them.",
      columns: [
        .label("checklist", "TARGET or STROBE"), .label("item", "The item's number"),
        .text("topic", "What it asks for, in short"),
        .text("state", "reported, reported by the authors, or not established"),
        .text("where", "The section that has it"),
      ])
  }
}
