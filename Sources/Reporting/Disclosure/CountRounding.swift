internal import Glibc

/// How counts of people are rounded before they are shown.
public enum CountRounding: Sendable, Equatable, Codable {
  /// They are shown as they are.
  case exact
  /// To the nearest multiple; what lies half-way goes to the even one.
  case nearest(Int)
  /// To the middle of steps: with six, 0 stays 0, 1 to 6 become 3, 7 to 12 become 9.
  ///
  /// ⌈x/k⌉·k − ⌊k/2⌋ for x > 0, as OpenSAFELY rounds; of the counts in a step the middle one is the
  /// least biased.
  case midpoint(Int)

  /// The width of the steps; 1 for none.
  public var step: Int {
    switch self {
    case .exact: 1
    case .nearest(let base), .midpoint(let base): base
    }
  }

  /// The rounded count; a count below zero, as of weights that cancel, rounds like its opposite.
  public func applied(to count: Double) -> Double {
    guard count.isFinite, count != 0 else { return count }
    if count < 0 { return -applied(to: -count) }
    let base = Double(step)
    switch self {
    case .exact: return count
    case .nearest: return (count / base).rounded(.toNearestOrEven) * base
    // What lies above a step by no more than rounding of weights is in the step.
    case .midpoint:
      return max(1, (count / base - 1e-9).rounded(.up)) * base - (base / 2).rounded(.down)
    }
  }

  /// The name that study files and data packages know it by.
  var name: String? {
    switch self {
    case .exact: nil
    case .nearest(let base): "\(base)"
    case .midpoint(let base): "midpoint-\(base)"
    }
  }

  /// The rounding in words, without numerals, for a sentence after "Counts are"; nil for none.
  var words: String? {
    switch self {
    case .exact: nil
    case .nearest(let base): "rounded to the nearest \(Self.spelled(base))"
    case .midpoint(let base): "rounded to the middle of steps of \(Self.spelled(base))"
    }
  }

  private static func spelled(_ number: Int) -> String {
    let names = [
      "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
      "eleven", "twelve",
    ]
    return names.indices.contains(number) ? names[number] : "\(number)"
  }
}

/// A number with few significant digits, so that it does not tell the counts behind it.
func coarse(_ value: Double, digits: Int) -> Double {
  guard value.isFinite, value != 0 else { return value }
  let place = digits - 1 - Int(log10(value.magnitude).rounded(.down))
  return rounded(value, decimals: place)
}

/// A number rounded to a decimal place; negative places are tens, hundreds and so on.
func rounded(_ value: Double, decimals: Int) -> Double {
  guard value.isFinite, decimals.magnitude < 300 else { return value }
  // Dividing by a power of ten is exact to the last digit where multiplying by its inverse is not.
  let power = pow(10, Double(decimals.magnitude))
  return decimals >= 0
    ? (value * power).rounded(.toNearestOrEven) / power
    : (value / power).rounded(.toNearestOrEven) * power
}
