internal import Glibc
import Statistics

extension Milestones {
  /// One arm at one time.
  struct Reading {
    let arm: String
    /// Survival or its complement.
    let value: Double
    let standardError: Double?
    let limits: (low: Double, high: Double)?
    /// What each cluster adds to the value, when the variance is the jackknife's.
    let influence: [Double]
    let atRisk: Double
    let events: Double
    /// The arm's last time, when the time lies past it.
    let lastTime: Double?
  }

  func readings(
    _ arm: String, _ steps: RiskSteps, at wanted: [Double], cluster: Factor?, rows: Int?
  ) -> [Reading] {
    let hazard = HazardSteps(steps, estimator)
    let cumulative = estimator == .kaplanMeier ? [] : hazard.cumulative
    let survival = estimator == .kaplanMeier ? steps.survival : cumulative.map { exp(-$0) }
    let errors = rows == nil ? hazard.standardErrors : []
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    return wanted.map { time in
      let step = steps.times.partitionPoint { $0 <= time } - 1
      let next = steps.times.partitionPoint { $0 < time }
      let last = steps.times.last ?? 0
      let s = step >= 0 ? survival[step] : 1
      // Survival that has reached zero stays there; anything else is unknown past the last time.
      let known = time <= last || s == 0
      var influence: [Double] = []
      var error: Double? = 0
      if let rows {
        influence = steps.influences(hazard, through: step, cluster: cluster, rows: rows)
        let scale = (quantity == .survival ? -s : s)
        for k in influence.indices { influence[k] *= scale }
        error = influence.reduce(0) { $0 + $1 * $1 }.squareRoot()
      } else if step >= 0 {
        error = s * errors[step]
      }
      // Nobody is left, or nobody has yet had the event: there is no error to estimate.
      if !known || s == 0 || error?.isFinite != true { error = nil }
      let limits = error.flatMap { error -> (low: Double, high: Double)? in
        let both = interval.limits([s], [error], reach: reach)
        guard both.low[0].isFinite, both.high[0].isFinite else { return nil }
        return quantity == .survival
          ? (both.low[0], both.high[0]) : (1 - both.high[0], 1 - both.low[0])
      }
      return Reading(
        arm: arm, value: known ? (quantity == .survival ? s : 1 - s) : .nan,
        standardError: error, limits: limits, influence: influence,
        atRisk: next < steps.times.count ? steps.atRisk[next] : 0,
        events: steps.events[..<(step + 1)].reduce(0, +), lastTime: known ? nil : last)
    }
  }

  func milestone(_ time: Double, _ arms: [Reading]) -> Milestone {
    let convention =
      (quantity == .survival ? "survival" : "share with the event")
      + (arms.first?.influence.isEmpty ?? true ? ", Greenwood" : ", infinitesimal jackknife")
    return Milestone(
      time: time,
      arms: arms.map { reading in
        var estimate = Estimate(
          term: reading.arm, estimate: reading.value, standardError: reading.standardError,
          level: level, convention: convention + ", \(interval.rawValue) interval")
        // A share is not tested against zero.
        (estimate.statistic, estimate.pValue) = (nil, nil)
        estimate.interval = reading.limits.map {
          ConfidenceInterval(low: $0.low, high: $0.high, level: level)
        }
        return Milestone.Arm(
          name: reading.arm, estimate: estimate, atRisk: reading.atRisk, events: reading.events)
      },
      contrasts: arms.dropFirst().map { contrast($0, arms[0], convention) },
      notes: arms.compactMap { reading in
        reading.lastTime.map { last in
          "\(reading.arm) is followed to \(NumberInNote.text(last)) only: nothing can be said of it"
            + " at \(NumberInNote.text(time))"
        }
      })
  }

  private func contrast(
    _ arm: Reading, _ base: Reading, _ convention: String
  ) -> Milestone.Contrast {
    let shared = zip(arm.influence, base.influence).reduce(0) { $0 + $1.0 * $1.1 }
    var (spread, ratioSpread): (Double?, Double?)
    if let a = arm.standardError, let b = base.standardError {
      spread = Swift.max(0, a * a + b * b - 2 * shared).squareRoot()
      let (p, q) = (arm.value, base.value)
      if p > 0, q > 0 {
        let own = a * a / (p * p) + b * b / (q * q) - 2 * shared / (p * q)
        ratioSpread = Swift.max(0, own).squareRoot()
      }
    }
    var difference = Estimate(
      term: "difference", estimate: arm.value - base.value, standardError: spread, level: level,
      convention: convention + ", z")
    if differenceInterval == .combined {
      difference.interval = combined(arm, base, shared)
      difference.convention += ", interval from those of the arms"
    }
    return Milestone.Contrast(
      arm: arm.arm, reference: base.arm, difference: difference,
      ratio: Estimate(
        term: "ratio", ratio: base.value == 0 ? .nan : arm.value / base.value,
        logStandardError: ratioSpread, level: level,
        convention: convention + ", z"))
  }

  /// Zou and Donner's recovery of variances from the arms' limits, correlated arms too.
  private func combined(
    _ arm: Reading, _ base: Reading, _ shared: Double
  ) -> ConfidenceInterval? {
    guard let a = arm.limits, let b = base.limits, let se = arm.standardError,
      let sb = base.standardError
    else { return nil }
    let correlation = se > 0 && sb > 0 ? shared / (se * sb) : 0
    func side(_ x: Double, _ y: Double) -> Double {
      Swift.max(0, x * x + y * y - 2 * correlation * x * y).squareRoot()
    }
    let gap = arm.value - base.value
    return ConfidenceInterval(
      low: gap - side(arm.value - a.low, b.high - base.value),
      high: gap + side(a.high - arm.value, base.value - b.low), level: level)
  }
}
