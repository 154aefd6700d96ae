// What the study decides between: several outcomes, margins, choices of the analysis.

extension Shape {
  /// Several outcomes, and margins of non-inferiority and equivalence.
  static let decisionsStudy = Shape.fields("decisions", [])
  /// The choices over which the primary effect is estimated again.
  static let specificationsStudy = Shape.fields("specifications", [])
}
