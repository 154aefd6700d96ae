internal import Glibc

extension RandomStream {
  /// A uniform draw in the open interval (0, 1), on the 2⁵² midpoints of equal cells.
  public mutating func uniform() -> Double {
    (Double(next() >> 12) + 0.5) * 0x1p-52
  }

  /// A standard normal draw, by inversion: one uniform a draw.
  public mutating func normal() -> Double { Normal.standard.quantile(uniform()) }

  /// A draw from the exponential distribution with mean 1.
  public mutating func exponential() -> Double { -log(uniform()) }

  /// −1 or 1, each with probability one half.
  public mutating func rademacher() -> Double { next() >> 63 == 0 ? -1 : 1 }

  /// One of ±√1.5, ±1, ±√0.5 with equal probability: mean 0, variance 1, for few clusters.
  ///
  /// Webb, "Reworking wild bootstrap-based inference for clustered errors" (2023,
  /// doi 10.1111/caje.12661).
  public mutating func webb() -> Double {
    switch integer(below: 6) {
    case 0: -1.5.squareRoot()
    case 1: -1
    case 2: -0.5.squareRoot()
    case 3: 0.5.squareRoot()
    case 4: 1
    default: 1.5.squareRoot()
    }
  }

  /// Mammen's two-point draw with mean 0, variance 1 and third moment 1.
  ///
  /// (1 − √5)/2 with probability (√5 + 1)/(2√5), otherwise (1 + √5)/2. Mammen, "Bootstrap and wild
  /// bootstrap for high dimensional linear models" (1993, doi 10.1214/aos/1176349025).
  public mutating func mammen() -> Double {
    let root = 5.0.squareRoot()
    return uniform() < (root + 1) / (2 * root) ? (1 - root) / 2 : (1 + root) / 2
  }

  /// A whole number in `0..<bound`, each equally likely; `bound` must be positive.
  ///
  /// Lemire, "Fast random integer generation in an interval" (2019, doi 10.1145/3230636).
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "a whole number can't be drawn below \(bound)")
    let range = UInt64(bound)
    var (high, low) = next().multipliedFullWidth(by: range)
    if low < range {
      let threshold = (0 &- range) % range
      while low < threshold { (high, low) = next().multipliedFullWidth(by: range) }
    }
    return Int(high)
  }

  /// True with the given probability.
  public mutating func bernoulli(_ probability: Double) -> Bool { uniform() < probability }

  /// Puts an array into random order (Fisher & Yates), every order equally likely.
  public mutating func shuffle<T>(_ array: inout [T]) {
    for i in stride(from: array.count - 1, to: 0, by: -1) {
      array.swapAt(i, integer(below: i + 1))
    }
  }

  /// The numbers `0..<count` in random order.
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<max(0, count))
    shuffle(&order)
    return order
  }

  /// `count` of the numbers `0..<total` without replacement, in random order.
  ///
  /// `count` above `total` gives all of them.
  public mutating func sample(_ count: Int, of total: Int) -> [Int] {
    var order = Array(0..<max(0, total))
    let wanted = min(max(0, count), order.count)
    for i in 0..<wanted { order.swapAt(i, i + integer(below: order.count - i)) }
    return Array(order.prefix(wanted))
  }

  /// `count` draws of `0..<total` with replacement: the rows of a bootstrap sample.
  public mutating func resample(_ count: Int, of total: Int) -> [Int] {
    (0..<max(0, count)).map { _ in integer(below: total) }
  }

  /// `count` uniform draws in (0, 1).
  public mutating func uniforms(_ count: Int) -> [Double] {
    (0..<max(0, count)).map { _ in uniform() }
  }

  /// `count` standard normal draws.
  public mutating func normals(_ count: Int) -> [Double] {
    (0..<max(0, count)).map { _ in normal() }
  }
}
