// Achievements against targets in the study file.

extension Shape {
  static let performance = Shape.fields(
    "performance",
    [
      Field("targets", .scalar(.text), required: true, "CSV of project, outcome, target and achieved."),
      Field("payments", .scalar(.text), "CSV of quarterly payments: first plan, latest plan, actual."),
      Field("projects", .scalar(.text), "CSV of the projects' names and contract values."),
    ])
}
