// The funnel, the creaming monitor and equity in the study file.

extension Shape {
  static let funnel = Shape.fields(
    "funnel",
    [
      Field(
        "by", .scalar(.text),
        "A column of the clients whose groups are shown besides arms and sites."),
      Field(.studyOutcomes), Field(.flowFollowUp),
    ])

  static let creaming = Shape.fields(
    "creaming monitor",
    [
      Field(
        "covariates", .scalar(.text), required: true, OptionKey.creamingCovariates.help),
      Field(.creamingOutcome), Field(.creamingReference), Field(.creamingWindow),
      Field(.flowFollowUp),
    ])

  static let equity = Shape.fields(
    "equity",
    [
      Field("profiles", .list(.scalar(.text)), required: true, OptionKey.studyProfiles.help),
      Field(.studyOutcomes), Field(.flowFollowUp),
    ])
}
