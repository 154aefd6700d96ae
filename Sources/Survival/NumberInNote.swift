/// Numbers inside sentences.
enum NumberInNote {
  /// A number, whole ones without a fraction.
  static func text(_ value: Double) -> String {
    guard let whole = Int(exactly: value) else { return "\(value)" }
    return "\(whole)"
  }

  /// A share in per cent, whole.
  static func percent(_ share: Double) -> String {
    text((100 * share).rounded()) + "%"
  }

  /// A p-value to three decimals.
  static func pValue(_ value: Double) -> String {
    value < 0.001 ? "< 0.001" : "\((1000 * value).rounded() / 1000)"
  }
}
