internal import Glibc
public import Statistics

/// How a numeric covariate is cut into bins before matching on them exactly.
public enum Coarsening: Sendable, Equatable {
  /// So many bins of equal width over the range.
  case bins(Int)
  /// Bins of equal width, ⌈log₂ n + 1⌉ of them (Sturges 1926).
  case sturges
  /// Bins of equal width 2·IQR·n^(−1/3) (Freedman and Diaconis 1981).
  case freedmanDiaconis
  /// Bins of equal width 3.5·SD·n^(−1/3) (Scott 1979).
  case scott
  /// So many bins between type-7 quantiles at equal steps.
  case quantiles(Int)

  /// The bin of each value, from zero; bins are closed on the left, the outer ones without end.
  ///
  /// - Throws: `invalidOption` for less than one bin, `badValue` when the range overflows.
  func codes(_ values: [Double], name: String) throws(SiblingError) -> [Int] {
    guard let low = values.min(), let high = values.max() else { return [] }
    guard (high - low).isFinite else {
      throw SiblingError(
        .badValue, "the values of \(name) are too far apart to be cut into bins",
        help: "Rescale the column.", column: name)
    }
    if case .quantiles(let count) = self {
      try Self.check(count, name)
      let sorted = Sorting.order(values).map { values[Int($0)] }
      let breaks = (1..<max(1, count)).map {
        Quantile.type7(Double($0) / Double(count), of: sorted)
      }
      return values.map { Self.below($0, breaks) }
    }
    let count = try bins(values, range: high - low, name: name)
    guard count > 1, high > low else { return [Int](repeating: 0, count: values.count) }
    let width = (high - low) / Double(count)
    return values.map { value in
      // The division may round to the wrong side of a break; the breaks themselves decide.
      var code = min(count - 1, max(0, Int((value - low) / width)))
      while code > 0, value < low + Double(code) * width { code -= 1 }
      while code + 1 < count, value >= low + Double(code + 1) * width { code += 1 }
      return code
    }
  }

  /// How many breaks are not above a value.
  private static func below(_ value: Double, _ breaks: [Double]) -> Int {
    var (from, to) = (0, breaks.count)
    while from < to {
      let middle = (from + to) / 2
      if breaks[middle] <= value { from = middle + 1 } else { to = middle }
    }
    return from
  }

  private static func check(_ count: Int, _ name: String) throws(SiblingError) {
    guard count >= 1, count <= Int(Int32.max) else {
      throw SiblingError(
        .invalidOption, "the number of bins of \(name) must be at least 1", column: name)
    }
  }

  private func bins(
    _ values: [Double], range: Double, name: String
  ) throws(SiblingError) -> Int {
    let n = Double(values.count)
    func count(_ width: Double) -> Int {
      guard width > 0, range > 0 else { return 1 }
      return Int(min(max(1, (range / width).rounded(.up)), 1e9))
    }
    switch self {
    case .bins(let count):
      try Self.check(count, name)
      return count
    case .sturges: return Int((log2(n) + 1).rounded(.up))
    case .scott:
      return count(3.5 * deviation(values) * pow(n, -1 / 3))
    case .freedmanDiaconis:
      return count(spread(values) * pow(n, -1 / 3))
    case .quantiles(let count): return count
    }
  }

  private func deviation(_ values: [Double]) -> Double {
    Moments.standardDeviation(values, kept: [Bool](repeating: true, count: values.count))
  }

  /// Twice the interquartile range, of wider quantiles where that is zero, at five digits.
  private func spread(_ values: [Double]) -> Double {
    let rounded = values.map { value -> Double in
      guard value != 0 else { return 0 }
      let scale = pow(10, 4 - floor(log10(value.magnitude)))
      return scale.isFinite && scale > 0
        ? (value * scale).rounded(.toNearestOrEven) / scale : value
    }
    let sorted = Sorting.order(rounded).map { rounded[Int($0)] }
    var tail = 0.25
    while tail >= 1.0 / 512 {
      let inside = Quantile.type7(1 - tail, of: sorted) - Quantile.type7(tail, of: sorted)
      if inside > 0 { return inside / (1 - 2 * tail) }
      tail /= 2
    }
    return 3.5 * deviation(values)
  }
}

/// A covariate of exact or coarsened exact matching.
public struct CoarsenedCovariate: Sendable, Equatable {
  /// What the covariate holds.
  public enum Kind: Sendable, Equatable {
    /// Numbers, with how they are cut; nil keeps each distinct value apart.
    case numeric([Double], Coarsening?)
    /// Levels, each a bin of its own.
    case factor(Factor)
  }

  /// The covariate's name, for messages.
  public var name: String
  /// Its values.
  public var kind: Kind

  /// A covariate of numbers or levels.
  public init(name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }

  /// The bin of each row.
  ///
  /// - Throws: `sizeMismatch`, `missingValue`, `badValue`, `invalidOption`.
  func codes(rows: Int) throws(SiblingError) -> [Int] {
    switch kind {
    case .factor(let factor):
      try Inputs.complete(factor, expected: rows, column: name)
      return factor.codes.map { Int($0) }
    case .numeric(let values, let coarsening):
      try Inputs.finite(values, expected: rows, column: name)
      if let coarsening { return try coarsening.codes(values, name: name) }
      var codes = [Int](repeating: 0, count: rows)
      var code = 0
      var last: Int32?
      for row in Sorting.order(values) {
        if let last, values[Int(last)] != values[Int(row)] { code += 1 }
        codes[Int(row)] = code
        last = row
      }
      return codes
    }
  }
}
