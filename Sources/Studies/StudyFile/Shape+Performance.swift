// Achievements against targets in the study file.

extension Shape {
  static let performance = Shape.fields(
    "performance",
    [
      Field(
        "targets", .scalar(.text),
        "CSV of project, outcome, target and achieved: published totals of whole contracts."),
      Field(
        "payments", .scalar(.text), "CSV of quarterly payments: first plan, latest plan, actual."),
      Field("projects", .scalar(.text), "CSV of the projects' names and contract values."),
      Field(
        "from", .scalar(.choice(["tables"])),
        "Instead of totals: 'tables' sets the cohort's targets by period against what was reached."),
      Field(
        "case", .scalar(.choice(["median", "low", "high"])),
        "The case of the targets, with 'from: tables'; median if absent."),
      Field(
        "counts", .scalar(.choice(["periods", "records"])),
        "With 'from: tables': count by the sites' own periods, or from clients and jobs; periods"
          + " where there are any."),
    ])
}
