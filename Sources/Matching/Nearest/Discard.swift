/// Which units outside the region of common support are left out before matching.
public enum Discard: String, Sendable, CaseIterable {
  /// Nobody.
  case none
  /// Treated units whose score lies outside the comparisons' range.
  case treated
  /// Comparisons whose score lies outside the treated range.
  case comparison
  /// Anybody outside the intersection of the two ranges.
  case both

  /// For each row whether it is discarded; bounds themselves are kept.
  ///
  /// `treatment` and `score` have one entry a row; without discarding the score isn't read.
  public func flags(treatment: [Bool], score: [Double]) -> [Bool] {
    guard self != .none else { return [Bool](repeating: false, count: treatment.count) }
    var (low1, high1) = (Double.infinity, -Double.infinity)
    var (low0, high0) = (Double.infinity, -Double.infinity)
    for (value, treated) in zip(score, treatment) {
      if treated {
        low1 = min(low1, value)
        high1 = max(high1, value)
      } else {
        low0 = min(low0, value)
        high0 = max(high0, value)
      }
    }
    let (low, high) = (max(low0, low1), min(high0, high1))
    return zip(score, treatment).map { value, treated in
      switch self {
      case .none: false
      case .treated: treated && (value < low0 || value > high0)
      case .comparison: !treated && (value < low1 || value > high1)
      case .both: value < low || value > high
      }
    }
  }
}
