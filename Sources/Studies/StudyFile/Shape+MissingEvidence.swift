// What missing outcomes could change, in the study file.

extension Shape {
  static let missingEvidence = Shape.fields(
    "missing evidence",
    [
      Field(
        "outcomes", .list(.scalar(.text)),
        "Outcomes to look at, by their names under 'outcomes'; the first one if absent.")
    ] + OptionKey.missingEvidenceStudy.map { Field($0) })
}
