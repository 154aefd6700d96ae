// The funnel, the creaming monitor and equity in the study file.

extension Shape {
  static let funnel = Shape.fields("funnel", [])
  static let creaming = Shape.fields("creaming monitor", [])
  static let equity = Shape.fields("equity", [])
}
