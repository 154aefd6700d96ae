// Effects across sites by outcome share or management intensity.

extension Shape {
  static let doseResponseStudy = Shape.fields(
    "dose response",
    [
      Field(
        "outcomes", .list(.scalar(.text)),
        "Names of the study's outcomes; the first one if absent."),
      Field(
        "doses", .list(.scalar(.text)),
        "What sites differ in: outcome_share (of the income that the contracts' first plan expects),"
          + " management_contacts (per specialist and quarter), management_cost (per client), or a"
          + " numeric column of the sites. Those of the first two that the tables allow if absent."),
    ] + OptionKey.doseResponseOfStudies.map { Field($0) })
}
