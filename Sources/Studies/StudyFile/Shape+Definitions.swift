// Definitions of outcomes in the study file.

extension Shape {
  static let outcomeDefinition = Shape.fields("outcome definition", [])
}
