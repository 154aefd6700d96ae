// The gate and the plan in the study file.

extension Shape {
  /// Settings of the design gate.
  static let gateStudy = Shape.fields("gate", [])
  /// The plan that was fixed before outcomes were seen.
  static let planStudy = Shape.fields("plan", [])
}
