/// What a reader learns of a count from the number that is shown for it.
enum CountReading: Equatable {
  /// Counts are shown as they are.
  case exact
  /// Counts are shown to the nearest multiple.
  case nearest(Int)
  /// Counts are shown as the middle of steps: with six, 1 to 6 as 3, 7 to 12 as 9.
  case midpoint(Int)

  /// The counts that are shown as this one is, none below the threshold unless nought.
  func possible(behind truth: Double, minimum: Int) -> ClosedRange<Double> {
    guard truth > 0 else { return truth...truth }
    let range: ClosedRange<Double>
    switch self {
    case .exact: return truth...truth
    case .nearest(let base):
      range = around((truth / Double(base)).rounded(.toNearestOrEven) * Double(base), base)
    case .midpoint(let base):
      let step = max(1, (truth / Double(base) - 1e-9).rounded(.up)) * Double(base)
      range = (step - Double(base) + 1)...step
    }
    let low = max(range.lowerBound, min(Double(minimum), truth))
    return min(low, truth)...max(range.upperBound, truth)
  }

  /// The counts that a shown number can stand for.
  func possible(shown: Double) -> ClosedRange<Double> {
    guard shown > 0 else { return shown...shown }
    switch self {
    case .exact: return shown...shown
    case .nearest(let base): return around(shown, base)
    case .midpoint(let base):
      let low = shown - Double((base + 1) / 2) + 1
      return low...(low + Double(base) - 1)
    }
  }

  /// How wide the interval of a small difference between two counts is at the narrowest.
  func differenceWidth(minimum: Int) -> Int {
    switch self {
    case .exact: max(0, minimum - 1)
    case .nearest(let base), .midpoint(let base): max(0, min(minimum, base) - 1)
    }
  }

  private func around(_ shown: Double, _ base: Int) -> ClosedRange<Double> {
    max(0, shown - Double(base / 2))...(shown + Double(base / 2))
  }
}

extension DisclosureProfile {
  /// What a reader learns of a count that is shown.
  var reading: CountReading {
    switch rounding {
    case .exact: .exact
    case .nearest(let step): .nearest(step)
    case .midpoint(let step): .midpoint(step)
    }
  }
}
