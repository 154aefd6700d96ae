// Simulated futures of contracts.

extension Shape {
  static let scenarioStudy = Shape.fields("scenario", [])
}
