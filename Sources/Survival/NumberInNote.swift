/// Numbers inside sentences.
enum NumberInNote {
  /// A number, whole ones without a fraction.
  static func text(_ value: Double) -> String {
    guard let whole = Int(exactly: value) else {
      // Two decimals of a time are enough to read; small shares keep their digits.
      let short = (100 * value).rounded() / 100
      return abs(value) < 1 ? "\(value)" : "\(short)"
    }
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
