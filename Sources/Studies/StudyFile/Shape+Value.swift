// Costs, perspectives and willingness to pay.

extension Shape {
  static let valueStudy = Shape.fields("value for money", [])
}
