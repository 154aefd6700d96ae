internal import Glibc
internal import Statistics

extension ResultTable.Fraction {
  /// Every column that it names, without signs.
  var columns: [String] { (top + bottom).map(ResultTable.CountRule.bare) }

  fileprivate func parts(_ number: (String) -> Double?) -> (top: Double, bottom: Double)? {
    guard let top = ResultTable.CountRule.sum(top, number),
      let bottom = ResultTable.CountRule.sum(bottom, number)
    else { return nil }
    return (top, bottom)
  }
}

extension ResultTable.CountRule {
  /// The levels that intervals of a report may have; which one it is shows in the exact limit.
  static let levels = [0.95, 0.9, 0.99, 0.8, 0.998]

  /// A name without its sign.
  static func bare(_ name: String) -> String {
    name.hasPrefix("-") ? String(name.dropFirst()) : name
  }

  /// The sum of named numbers, those after `-` taken off; nil when one is not there.
  static func sum(_ names: [String], _ number: (String) -> Double?) -> Double? {
    var total = 0.0
    for name in names {
      guard let value = number(bare(name)) else { return nil }
      total += name.hasPrefix("-") ? -value : value
    }
    return total
  }

  /// The counts that the rule reads in its row.
  var columns: [String] {
    switch self {
    case .sum(let names), .scaled(let names), .released(let names): names.map(Self.bare)
    case .each(let count, _): [count]
    case .fraction(let a), .complement(let a), .decimals(let a, _), .reaches(let a, _),
      .wilson(_, let a), .clopperPearson(_, let a):
      a.columns
    case .difference(let a, let b), .ratio(let a, let b), .oddsRatio(let a, let b),
      .newcombe(_, let a, let b), .logRatio(_, let a, let b), .pearson(let a, let b),
      .pearsonTail(let a, let b):
      a.columns + b.columns
    case .garwood(_, let count, let over): [count] + (over.map { [$0] } ?? [])
    case .shareOfRows(let count, _): [count]
    case .releasedRatio(let a, let b): [a, b]
    }
  }

  /// Whether the statistic depends on a confidence level.
  var hasLevel: Bool {
    switch self {
    case .wilson, .clopperPearson, .garwood, .newcombe, .logRatio: true
    default: false
    }
  }

  /// The statistic of counts; nil where they don't give one, or for a rule that needs more.
  func value(level: Double, _ number: (String) -> Double?) -> Double? {
    switch self {
    case .sum(let names): return Self.sum(names, number)
    case .fraction(let share): return Self.quotient(share.parts(number))
    case .complement(let share): return Self.quotient(share.parts(number)).map { 1 - $0 }
    case .decimals(let share, let places):
      return Self.quotient(share.parts(number)).map { rounded($0, decimals: places) }
    case .reaches(let share, let bound):
      return Self.quotient(share.parts(number)).map { $0 >= bound ? 1 : 0 }
    case .wilson(let side, let share):
      return share.parts(number).flatMap { Self.wilson($0, level) }.map { Self.end(side, $0) }
    case .clopperPearson(let side, let share):
      return share.parts(number).flatMap { Self.clopperPearson($0, level) }
        .map { Self.end(side, $0) }
    case .garwood(let side, let count, let over):
      guard let limit = number(count).map({ Self.end(side, Self.garwood($0, level)) }) else {
        return nil
      }
      guard let over else { return limit }
      return number(over).flatMap { $0 > 0 ? limit / $0 : nil }
    case .difference(let a, let b), .ratio(let a, let b), .oddsRatio(let a, let b),
      .newcombe(_, let a, let b), .logRatio(_, let a, let b), .pearson(let a, let b),
      .pearsonTail(let a, let b):
      guard let first = a.parts(number), let second = b.parts(number) else { return nil }
      return comparison(first, second, level)
    case .shareOfRows, .scaled, .each, .released, .releasedRatio: return nil
    }
  }

  private typealias Parts = (top: Double, bottom: Double)
  private typealias Limits = (low: Double, high: Double)

  private func comparison(_ a: Parts, _ b: Parts, _ level: Double) -> Double? {
    guard let p = Self.quotient(a), let q = Self.quotient(b) else { return nil }
    switch self {
    case .difference: return p - q
    case .ratio: return q > 0 ? p / q : nil
    case .oddsRatio: return p < 1 && q > 0 ? p / (1 - p) / (q / (1 - q)) : nil
    case .newcombe(let side, _, _):
      guard let own = Self.wilson(a, level), let other = Self.wilson(b, level) else { return nil }
      return side == .low
        ? p - q - hypot(p - own.low, other.high - q) : p - q + hypot(own.high - p, q - other.low)
    case .logRatio(let side, _, _):
      guard a.top > 0, b.top > 0 else { return nil }
      let error = max(0, 1 / a.top - 1 / a.bottom + 1 / b.top - 1 / b.bottom).squareRoot()
      let reach = Normal.standard.upperQuantile((1 - level) / 2) * error
      return p / q * exp(side == .low ? -reach : reach)
    case .pearson: return Self.pearson(a, b)
    case .pearsonTail:
      return Self.pearson(a, b).map { ChiSquared(degreesOfFreedom: 1).upperTail($0) }
    default: return nil
    }
  }

  private static func quotient(_ parts: Parts?) -> Double? {
    guard let parts, parts.bottom != 0 else { return nil }
    return parts.top / parts.bottom
  }

  private static func end(_ side: ResultTable.Side, _ limits: Limits) -> Double {
    side == .low ? limits.low : limits.high
  }

  private static func pearson(_ a: Parts, _ b: Parts) -> Double? {
    let pooled = (a.top + b.top) / (a.bottom + b.bottom)
    guard pooled > 0, pooled < 1 else { return nil }
    let difference = a.top / a.bottom - b.top / b.bottom
    return difference * difference / (pooled * (1 - pooled) * (1 / a.bottom + 1 / b.bottom))
  }

  /// Wilson's score interval (1927, doi:10.1080/01621459.1927.10502953).
  private static func wilson(_ parts: Parts, _ level: Double) -> Limits? {
    let (yes, n) = parts
    guard n > 0, yes >= 0, yes <= n else { return nil }
    let p = yes / n
    let z = Normal.standard.upperQuantile((1 - level) / 2)
    let middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    let reach = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
    return (yes == 0 ? 0 : max(0, middle - reach), yes == n ? 1 : min(1, middle + reach))
  }

  /// The exact interval of Clopper and Pearson (1934, doi:10.1093/biomet/26.4.404).
  private static func clopperPearson(_ parts: Parts, _ level: Double) -> Limits? {
    let (yes, n) = parts
    guard n > 0, yes >= 0, yes <= n else { return nil }
    let tail = (1 - level) / 2
    var (low, high) = (0.0, 1.0)
    if yes > 0 {
      let f = FDistribution(numerator: 2 * (n - yes + 1), denominator: 2 * yes).upperQuantile(tail)
      low = yes / (yes + (n - yes + 1) * f)
    }
    if yes < n {
      let f = FDistribution(numerator: 2 * (yes + 1), denominator: 2 * (n - yes))
        .upperQuantile(tail)
      high = (yes + 1) * f / (n - yes + (yes + 1) * f)
    }
    return (low, high)
  }

  /// The exact interval of a Poisson mean, after Garwood (1936, doi:10.1093/biomet/28.3-4.437).
  private static func garwood(_ count: Double, _ level: Double) -> Limits {
    let tail = (1 - level) / 2
    return (
      count <= 0 ? 0 : ChiSquared(degreesOfFreedom: 2 * count).quantile(tail) / 2,
      ChiSquared(degreesOfFreedom: 2 * count + 2).upperQuantile(tail) / 2
    )
  }
}
