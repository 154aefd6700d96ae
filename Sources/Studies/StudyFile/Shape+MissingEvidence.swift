// What missing outcomes could change, in the study file.

extension Shape {
  static let missingEvidence = Shape.fields("missing evidence", [])
}
