internal import Statistics

/// How many of each group a matched set may hold.
struct SetSizes {
  /// Comparisons with a treated unit.
  let treated: (low: Int, high: Int)
  /// Treated units with a comparison.
  let comparison: (low: Int, high: Int)
  /// Whether any size will do.
  let isFree: Bool

  /// - Throws: `invalidOption` for ratios that are neither whole nor one over a whole number, or out
  ///   of order.
  init(minimum: Double?, maximum: Double?, rows: Int) throws(SiblingError) {
    let low = try minimum.map { value throws(SiblingError) in try Self.size(value, "minimum") }
    let high = try maximum.map { value throws(SiblingError) in try Self.size(value, "maximum") }
    if let minimum, let maximum, minimum > maximum {
      throw SiblingError(
        .invalidOption, "the minimum ratio is greater than the maximum",
        help: "Both are comparisons for each treated unit, 0.5 meaning two treated with one.")
    }
    isFree = minimum == nil && maximum == nil
    let most = max(1, rows)
    switch low {
    case .comparisons(let count):
      treated.low = min(count, most)
      comparison.high = 1
    case .treated(let count):
      treated.low = 1
      comparison.high = min(count, most)
    case nil:
      treated.low = 1
      comparison.high = most
    }
    switch high {
    case .comparisons(let count):
      treated.high = min(count, most)
      comparison.low = 1
    case .treated(let count):
      treated.high = 1
      comparison.low = min(count, most)
    case nil:
      treated.high = most
      comparison.low = 1
    }
  }

  /// A ratio as so many comparisons with a treated unit, or treated with a comparison.
  private enum Size {
    case comparisons(Int)
    case treated(Int)
  }

  private static func size(_ ratio: Double, _ name: String) throws(SiblingError) -> Size {
    if ratio >= 1, ratio == ratio.rounded(), ratio <= Double(Int32.max) {
      return .comparisons(Int(ratio))
    }
    if ratio > 0, ratio < 1 {
      let count = (1 / ratio).rounded()
      // 0.33 is meant for a third.
      if count <= Double(Int32.max), (1 / ratio - count).magnitude <= 0.02 * count {
        return .treated(Int(count))
      }
    }
    throw SiblingError(
      .invalidOption,
      "the \(name) ratio of full matching must be a whole number, or one over a whole number",
      help: "2 is two comparisons with each treated unit, 0.5 one comparison with two treated.")
  }

  /// Refuses sizes that the groups can't keep.
  ///
  /// - Throws: `badDesign` with the limits that they can keep.
  func check(_ groups: [(treated: Int, comparison: Int)]) throws(SiblingError) {
    guard !isFree else { return }
    var fits = true
    // The least and greatest ratio that some stratum asks for, as whole numbers of each group.
    var (least, most) = (Double.infinity, 0.0)
    for group in groups {
      let (n1, n0) = (group.treated, group.comparison)
      let needed = max(n1 * treated.low, n0 * comparison.low)
      let room = min(n1 * min(treated.high, n0), n0 * min(comparison.high, n1))
      if needed > room { fits = false }
      least = min(least, n0 >= n1 ? Double(n0 / n1) : 1 / Double((n1 + n0 - 1) / n0))
      most = max(most, n0 >= n1 ? Double((n0 + n1 - 1) / n1) : 1 / Double(n1 / n0))
    }
    guard !fits else { return }
    throw SiblingError(
      .badDesign,
      "the groups can't be put into sets of these sizes"
        + (groups.count > 1 ? " within the exact strata" : ""),
      help: "The minimum must not be above \(Self.text(least)), the maximum not below"
        + " \(Self.text(most)) comparisons for each treated unit.",
      column: "ratio")
  }

  /// A ratio as it is written in an option.
  static func text(_ ratio: Double) -> String {
    if ratio >= 1 { return "\(Int(ratio))" }
    let count = Int((1 / ratio).rounded())
    return count == 2 ? "0.5" : "1/\(count) (\((ratio * 10_000).rounded() / 10_000))"
  }
}
