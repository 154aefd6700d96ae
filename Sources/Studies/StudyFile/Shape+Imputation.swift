// Multiple imputation in the study file.

extension Shape {
  static let imputation = Shape.fields("imputation", [])
}
