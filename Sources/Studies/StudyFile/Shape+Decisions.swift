// What the study decides between: several outcomes, margins, choices of the analysis.

extension Shape {
  private static let name = Shape.scalar(.text)

  /// Several outcomes, and margins of non-inferiority and equivalence.
  static let decisionsStudy = Shape.fields(
    "decisions",
    [
      Field(
        "triangulation", .scalar(.choice(["all", "declared", "off"])),
        "The primary effect by several methods: those that the study runs and cheap further ones its"
          + " design permits (all, unless given), its own only (declared), or no such section (off)."
      ),
      Field(
        "same-by-survival",
        .fields(
          "survival of the primary outcome",
          [
            Field("analysis", name, required: true, "The name of a survival analysis."),
            Field(
              "time", .scalar(.number), required: true,
              "The time, one of its 'times', by which its event is the primary outcome."),
          ]),
        "A survival analysis whose event by some time is the primary outcome, to be compared with it."
      ),
      Field(
        "family", .list(name),
        "Outcomes whose p-values allow for each other: names of outcomes, or of survival analyses for"
          + " their differences at all 'times'. All declared outcomes unless given."),
      Field(
        "draws", .scalar(.integer),
        "Resamples of the p-values that allow for several outcomes, 1999 unless given. Where exchanges of"
          + " sites lead, they are those of the effects themselves."),
      Field(
        "margins",
        .list(
          .fields(
            "margin",
            [
              Field("outcome", name, required: true, "The outcome's name."),
              Field(
                "non-inferiority", .scalar(.number),
                "The least difference that would still do: -0.05 is five percentage points fewer. Above"
                  + " zero where lower is better. For ratios a ratio, such as 0.9."),
              Field(
                "equivalence", .list(.scalar(.number)),
                "The largest difference either way that makes no odds, or both limits: 0.05 or"
                  + " [-0.05, 0.05]. For ratios both limits."),
              Field("why", name, required: true, "Why this margin, in a sentence for the report."),
            ])),
        "Margins within which one service is as good as the other, decided before the results."),
    ])

  /// The choices over which the primary effect is estimated again.
  static let specificationsStudy = Shape.fields(
    "specifications",
    [
      Field(
        "choices",
        .list(
          .fields(
            "choice",
            [
              Field("name", name, required: true, "What is chosen: covariates, method, people."),
              Field(
                "options", .list(specificationOption), required: true,
                "What may be chosen; one with a name only leaves all as in the study."),
            ])), required: true, "The choices; every combination of their options is estimated."),
      Field("maximum", .scalar(.integer), "The most combinations that may run, 200 unless given."),
      Field(
        "draws", .scalar(.integer),
        "Exchanges of treatment between sites for a test of all combinations together; none unless"
          + " given."),
    ])

  /// One option: whatever it sets replaces what the study has.
  private static let specificationOption = Shape.fields(
    "option",
    [
      Field("name", name, required: true, "What the option is called."),
      Field("formula", name, "treatment ~ covariates, in R's notation."),
      Field("estimator", .scalar(.choice(OptionKey.estimators)), "The estimator."),
      Field("outcome-model", name, "Covariates of the outcome model."),
      Field("outcome", name, "Another column of the same kind in place of the primary outcome."),
      Field("where", name, "Expression that is true for the rows to keep."),
    ] + SpecificationChoices.designKeys.map { Field($0) })
}
