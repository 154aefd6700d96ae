internal import Glibc
internal import Statistics

extension ReportAudit {
  /// Tables every row of which has an interval that can be had from estimate and standard error.
  private static let strict: Set<String> = [
    "survival", "cumulative_incidence", "group_time", "imputed_effects", "creaming",
    "definition_differences", "dose_response_slope",
  ]

  /// What a row says.
  private struct Row {
    let estimate: Double
    let error: Double
    let low: Double?
    let high: Double?
    let statistic: Double?
    let pValue: Double?
    let df: Double?
    let level: Double

    /// Standard errors between estimate and limit.
    var multiplier: Double {
      let tail = (1 - level) / 2
      return df.map { StudentT(degreesOfFreedom: $0).upperQuantile(tail) }
        ?? Normal.standard.upperQuantile(tail)
    }

    /// The interval by each convention.
    var intervals: [(name: String, low: Double, high: Double)] {
      let size = multiplier * error
      var all = [("estimate ± q·SE", estimate - size, estimate + size)]
      guard estimate > 0 else { return all }
      all.append(("on the log scale", estimate * exp(-size), estimate * exp(size)))
      let relative = size / estimate
      all.append(
        ("on the log scale, delta method", estimate * exp(-relative), estimate * exp(relative)))
      return all
    }

    /// Whether two numbers of twelve digits are the same.
    func isSame(_ a: Double, _ b: Double) -> Bool {
      (a - b).magnitude <= 1e-8 * max(a.magnitude, b.magnitude, error)
    }

    /// Whether the limits are those of a convention; shares stop at one.
    func agrees(_ interval: (name: String, low: Double, high: Double)) -> Bool {
      guard let low, let high else { return false }
      let isRight = isSame(high, interval.high) || (high == 1 && interval.high > 1)
      return isRight && (isSame(low, interval.low) || (low == 0 && interval.low < 0))
    }
  }

  /// Interval, statistic and p-value of every row, from each other.
  mutating func intervals(_ file: String, _ rows: WrittenRows) {
    let center = rows.has("estimate") ? "estimate" : rows.has("survival") ? "survival" : ""
    guard !center.isEmpty, rows.has("std.error"), rows.has("conf.low") else { return }
    let level = commonLevel()
    let name = String(file.dropFirst("results/".count).dropLast(".csv".count))
    for index in rows.rows.indices {
      func number(_ column: String) -> Double? { Double(rows[index, column]) }
      guard let estimate = number(center), let error = number("std.error"), error > 0 else {
        continue
      }
      let row = Row(
        estimate: estimate, error: error, low: number("conf.low"), high: number("conf.high"),
        statistic: number("statistic"), pValue: number("p.value"),
        df: number("df"), level: number("conf.level") ?? level)
      let kind = rows[index, "se_type"]
      let isWald =
        kind.isEmpty
        ? Self.strict.contains(name) || Self.isWald(rows[index, "method"], name) : Self.isWald(kind)
      // Where counts are rounded, statistics have few digits.
      let isStrict = isWald && !isRounded
      let reason =
        isWald && isRounded
        ? "more digits than are left of rounded numbers"
        : kind.isEmpty ? "the table does not say by which convention" : "convention: \(kind)"
      let place = "\(file): row \(index + 1)"
      interval(row, place, isStrict, reason)
      test(row, place, isStrict, reason)
    }
  }

  /// The level of intervals whose table does not tell: that of the report's estimates.
  private func commonLevel() -> Double {
    guard let rows = try? report.rows("results/estimates.csv") else { return 0.95 }
    let told = rows.rows.indices.compactMap { Double(rows[$0, "conf.level"]) }
    return told.first ?? 0.95
  }

  /// Whether a standard error makes its interval and p-value by z or t.
  private static func isWald(_ kind: String) -> Bool {
    let words = ["exchange", "bootstrap", "bisection", "Manski", "uniform", "resampl"]
    if words.contains(where: { kind.contains($0) }) { return false }
    return kind.hasSuffix(", z") || kind.contains(", z;") || kind.contains(", t(")
      || kind.contains("Satterthwaite")
  }

  /// Whether a method for few clusters is one of z or t.
  private static func isWald(_ method: String, _ table: String) -> Bool {
    table == "few_clusters"
      && ["CR0", "CR1", "CR2", "CR3", "cluster-t", "ibragimov-muller"].contains(method)
  }

  private mutating func interval(
    _ row: Row, _ place: String, _ isStrict: Bool, _ reason: String
  ) {
    guard let low = row.low, let high = row.high else { return }
    if let known = row.intervals.first(where: { row.agrees($0) }) {
      return note("interval", place, known.name, known.name, .ok)
    }
    guard isStrict, let first = row.intervals.first else {
      let holds = low <= row.estimate && row.estimate <= high
      return note(
        "interval", place, holds ? reason : "limits on both sides of \(row.estimate)",
        "\(low) to \(high)", holds || low > high ? .notRecomputable : .mismatch)
    }
    note("interval", place, "\(first.low) to \(first.high)", "\(low) to \(high)", .mismatch)
  }

  private mutating func test(_ row: Row, _ place: String, _ isStrict: Bool, _ reason: String) {
    guard let statistic = row.statistic else { return }
    let ratio = row.estimate / row.error
    let isKnown =
      row.isSame(statistic, ratio)
      || (row.estimate > 0 && row.isSame(statistic, log(row.estimate) / row.error))
    guard isKnown || isStrict else {
      return note("statistic", place, reason, "\(statistic)", .notRecomputable)
    }
    note("statistic", place, "\(ratio)", "\(statistic)", isKnown ? .ok : .mismatch)
    guard let pValue = row.pValue else { return }
    let expected =
      row.df.map { StudentT(degreesOfFreedom: $0).twoSidedTail(statistic) }
      ?? min(1, 2 * Normal.standard.upperTail(statistic.magnitude))
    // Twelve digits of the statistic leave fewer of a small p-value.
    let isRight =
      (pValue - expected).magnitude
      <= 1e-9 * max(1, statistic * statistic) * max(pValue, expected) + 1e-300
    if isRight || isStrict {
      note("p-value", place, "\(expected)", "\(pValue)", isRight ? .ok : .mismatch)
    } else {
      note("p-value", place, reason, "\(pValue)", .notRecomputable)
    }
  }
}
