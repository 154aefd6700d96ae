internal import Glibc
internal import Statistics

/// An estimate with its standard error, test and interval, made consistent after rounding.
///
/// Exact limits or p-values would give the exact estimate, the degrees of freedom and with them the
/// number of people away. So the standard error is written with few digits, the estimate to the place
/// of the last of them, degrees of freedom that count people are rounded like people, and the rest is
/// computed from these where it was computed so before.
struct RoundedEstimate {
  /// The columns that belong together.
  static let names = [
    "estimate", "std.error", "statistic", "df", "p.value", "conf.low", "conf.high",
  ]

  /// The numbers of a row by column; absent where there is none.
  private(set) var values: [String: Double]
  private let level: Double

  /// - Parameters:
  ///   - exact: the exact numbers.
  ///   - remade: the estimate made again from rounded counts; nil where counts don't make it.
  ///   - level: the confidence level.
  ///   - rounding: how counts are rounded, when the degrees of freedom count people.
  init(_ exact: [String: Double], remade: Double?, level: Double, rounding: CountRounding) {
    self.level = level
    values = exact
    let error = exact["std.error"].flatMap { $0 > 0 ? $0 : nil }
    let digits = remade == nil ? 3 : 2
    if let error { values["std.error"] = coarse(error, digits: digits) }
    if let estimate = exact["estimate"] {
      values["estimate"] = remade ?? Self.placed(estimate, exact, digits: digits)
    }
    if let df = exact["df"] {
      values["df"] =
        df == df.rounded() && df >= 30
        ? max(rounding.applied(to: df), 1) : coarse(df, digits: 2)
    }
    limits(exact, error, digits)
    test(exact, error)
  }

  /// An estimate to the place of the last digit of its standard error.
  private static func placed(
    _ estimate: Double, _ exact: [String: Double], digits: Int
  ) -> Double {
    guard let error = exact["std.error"], error > 0, isAdditive(exact) != false else {
      return coarse(estimate, digits: 3)
    }
    return rounded(estimate, decimals: digits - 1 - Int(log10(error).rounded(.down)))
  }

  /// Whether limits lie evenly about the estimate (true), evenly on the log scale (false) or neither.
  private static func isAdditive(_ exact: [String: Double]) -> Bool? {
    guard let estimate = exact["estimate"], let low = exact["conf.low"],
      let high = exact["conf.high"]
    else { return nil }
    let scale = max((high - low).magnitude, 1e-300)
    if (high + low - 2 * estimate).magnitude < 1e-7 * scale { return true }
    guard estimate > 0, low > 0, high > 0 else { return nil }
    let (up, down) = (log(high / estimate), log(estimate / low))
    return (up - down).magnitude < 1e-7 * max(up.magnitude, 1e-300) ? false : nil
  }

  private func quantile(_ df: Double?) -> Double {
    let tail = (1 - level) / 2
    return df.map { StudentT(degreesOfFreedom: $0).upperQuantile(tail) }
      ?? Normal.standard.upperQuantile(tail)
  }

  private mutating func limits(_ exact: [String: Double], _ error: Double?, _ digits: Int) {
    guard let old = exact["estimate"], let new = values["estimate"] else {
      for name in ["conf.low", "conf.high"] {
        if let limit = exact[name] { values[name] = coarse(limit, digits: digits) }
      }
      return
    }
    if let isAdditive = Self.isAdditive(exact), let error, let rough = values["std.error"],
      let high = exact["conf.high"]
    {
      let exactReach = (isAdditive ? high - old : log(high / old)) / error
      let usual = quantile(exact["df"])
      let reach =
        (exactReach - usual).magnitude < 1e-6 * usual
        ? quantile(values["df"]) : coarse(exactReach, digits: 3)
      values["conf.low"] = isAdditive ? new - reach * rough : new * exp(-reach * rough)
      values["conf.high"] = isAdditive ? new + reach * rough : new * exp(reach * rough)
      return
    }
    // An interval of another kind keeps its distance from the estimate, roughly.
    for name in ["conf.low", "conf.high"] {
      if let limit = exact[name] { values[name] = new + coarse(limit - old, digits: digits) }
    }
  }

  private mutating func test(_ exact: [String: Double], _ error: Double?) {
    let oldStatistic = exact["statistic"]
    if let oldStatistic, let old = exact["estimate"], let error, let new = values["estimate"],
      let rough = values["std.error"]
    {
      let isPlain = (oldStatistic - old / error).magnitude < 1e-7 * max(1, oldStatistic.magnitude)
      let isLog =
        old > 0 && new > 0
        && (oldStatistic - log(old) / error).magnitude < 1e-7 * max(1, oldStatistic.magnitude)
      values["statistic"] =
        isPlain ? new / rough : isLog ? log(new) / rough : coarse(oldStatistic, digits: 2)
    } else if let oldStatistic {
      values["statistic"] = coarse(oldStatistic, digits: 2)
    }
    guard let p = exact["p.value"] else { return }
    guard let oldStatistic, let new = values["statistic"],
      (p - Self.tail(oldStatistic, exact["df"])).magnitude <= 1e-9 + 1e-6 * p
    else {
      values["p.value"] = coarse(p, digits: 2)
      return
    }
    values["p.value"] = Self.tail(new, values["df"])
  }

  private static func tail(_ statistic: Double, _ df: Double?) -> Double {
    let x = statistic.magnitude
    return 2
      * (df.map { StudentT(degreesOfFreedom: $0).upperTail(x) } ?? Normal.standard.upperTail(x))
  }
}
