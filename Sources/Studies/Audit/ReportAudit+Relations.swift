internal import Glibc

extension ReportAudit {
  /// What must hold between the numbers of a table.
  mutating func relations(_ file: String, _ rows: WrittenRows) {
    switch file {
    case "results/survival.csv": curves(file, rows)
    case "results/attrition.csv": steps(file, rows)
    case "results/balance.csv": balance(file, rows)
    case "results/performance.csv": quotients(file, rows, "ratio", "actual", ["target"])
    case "results/definitions.csv": quotients(file, rows, "rate", "n_yes", ["n_yes", "n_no"])
    case "results/diagnostics.csv": statuses(file, rows)
    case "results/sensitivity.csv": verdicts(file, rows)
    default: break
    }
  }

  private func number(_ rows: WrittenRows, _ row: Int, _ column: String) -> Double? {
    Double(rows[row, column])
  }

  /// Survival lies in [0, 1] and never rises; without rounding it is the product-limit estimate of the
  /// counts, and those at risk are those before less those who left.
  private mutating func curves(_ file: String, _ rows: WrittenRows) {
    var last: [String: (survival: Double, remaining: Double?)] = [:]
    for row in rows.rows.indices {
      guard let survival = number(rows, row, "survival") else { continue }
      let arm = rows[row, "analysis"] + "; " + rows[row, "arm"]
      let place = "\(file): row \(row + 1)"
      let before = last[arm]?.survival ?? 1
      let isCurve = (0...1).contains(survival) && survival <= before + 1e-12
      note(
        "survival", place, "from 0 to \(before)", "\(survival)", isCurve ? .ok : .mismatch)
      let atRisk = number(rows, row, "n_risk")
      let events = number(rows, row, "n_event")
      let censored = number(rows, row, "n_censor")
      if profile == "none", let atRisk, let events, atRisk > 0 {
        let expected = before * (1 - events / atRisk)
        let isProduct = (expected - survival).magnitude <= 1e-9
        note("survival", place, "\(expected)", "\(survival)", isProduct ? .ok : .mismatch)
        if let remaining = last[arm]?.remaining {
          let isChain = (remaining - atRisk).magnitude <= 1e-6 * max(1, remaining)
          note("at risk", place, "\(remaining)", "\(atRisk)", isChain ? .ok : .mismatch)
        }
      }
      var remaining: Double?
      if let atRisk, let events, let censored { remaining = atRisk - events - censored }
      last[arm] = (survival, remaining)
    }
  }

  /// What is left of a step is what there was less what was excluded, and begins the next step.
  private mutating func steps(_ file: String, _ rows: WrittenRows) {
    var last: [String: Double] = [:]
    let isExact = !isRounded
    for row in rows.rows.indices {
      let before = number(rows, row, "n_before")
      let after = number(rows, row, "n_after")
      let place = "\(file): row \(row + 1)"
      if let before, let after, let excluded = number(rows, row, "n_excluded"), isExact {
        let isSum = before - excluded == after
        note("steps", place, "\(before - excluded)", "\(after)", isSum ? .ok : .mismatch)
      }
      let arm = rows[row, "arm"]
      if let before, let earlier = last[arm] {
        note(
          "steps", place, "\(earlier)", "\(before)",
          earlier == before || !isExact ? .ok : .mismatch)
      }
      last[arm] = after
    }
  }

  /// Standardised differences before and after divide by the same standard deviation.
  private mutating func balance(_ file: String, _ rows: WrittenRows) {
    // Means are made of rounded counts, and standardised differences have few digits.
    guard !isRounded else {
      return note(
        "balance", file, "exact counts, which were rounded", "rounded", .notRecomputable)
    }
    var units: [String: Double] = [:]
    for row in rows.rows.indices {
      guard let smd = number(rows, row, "smd"), let treated = number(rows, row, "mean_treated"),
        let others = number(rows, row, "mean_comparison")
      else { continue }
      let key = ["analysis", "covariate", "level", "smd_denominator"].map { rows[row, $0] }
        .joined(separator: "|")
      let difference = treated - others
      let place = "\(file): row \(row + 1)"
      guard let unit = units[key] else {
        if smd.magnitude > 1e-6 {
          units[key] = difference / smd
          let isPositive = difference / smd > 0
          note(
            "balance", place, "the sign of the difference", "\(smd)", isPositive ? .ok : .mismatch)
        }
        continue
      }
      let isSame =
        (smd * unit - difference).magnitude
        <= 1e-8 * max(unit.magnitude, treated.magnitude, others.magnitude)
      note("balance", place, "\(difference / unit)", "\(smd)", isSame ? .ok : .mismatch)
    }
  }

  /// A share is one count over others.
  private mutating func quotients(
    _ file: String, _ rows: WrittenRows, _ share: String, _ part: String, _ whole: [String]
  ) {
    for row in rows.rows.indices {
      let parts = whole.compactMap { number(rows, row, $0) }
      guard let told = number(rows, row, share), let part = number(rows, row, part),
        parts.count == whole.count, parts.reduce(0, +) > 0
      else { continue }
      let expected = part / parts.reduce(0, +)
      let isSame = (told - expected).magnitude <= 1e-9 * max(1, expected)
      note("share", "\(file): row \(row + 1)", "\(expected)", "\(told)", isSame ? .ok : .mismatch)
    }
  }

  /// A check passed when its value is on the right side of its threshold.
  private mutating func statuses(_ file: String, _ rows: WrittenRows) {
    for row in rows.rows.indices {
      guard let value = number(rows, row, "value"), let limit = number(rows, row, "threshold"),
        [">=", "<="].contains(rows[row, "comparator"])
      else { continue }
      let holds = rows[row, "comparator"] == ">=" ? value >= limit : value <= limit
      let status = rows[row, "status"]
      let isRight = status == "PASS" ? holds : status == "NOT EVALUATED" || !holds
      note(
        "status", "\(file): row \(row + 1)", holds ? "PASS" : "not PASS", status,
        isRight ? .ok : .mismatch)
    }
  }

  /// A verdict is inconclusive when, and only when, its interval includes no difference.
  private mutating func verdicts(_ file: String, _ rows: WrittenRows) {
    for row in rows.rows.indices where !rows[row, "verdict"].isEmpty {
      guard let low = number(rows, row, "conf.low"), let high = number(rows, row, "conf.high")
      else { continue }
      let verdict = rows[row, "verdict"]
      let isOpen = low <= 0 && high >= 0
      guard ["favourable", "unfavourable", "inconclusive"].contains(verdict) else { continue }
      let isRight = isOpen == (verdict == "inconclusive")
      note(
        "verdict", "\(file): row \(row + 1)", isOpen ? "inconclusive" : "a direction", verdict,
        isRight ? .ok : .mismatch)
    }
  }
}
