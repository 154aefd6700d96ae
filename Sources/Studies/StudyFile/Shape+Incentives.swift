// What the rules of payment may have done to the records.

extension Shape {
  static let incentivesStudy = Shape.fields("incentives", [])
}
