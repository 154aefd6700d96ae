internal import Glibc
import Statistics

/// The two arms of a weighted sample, as functionals of their Kaplan–Meier curves.
struct WeightedArms {
  let treatment: [Bool]
  let weights: [Double]?
  /// The rows with positive weight.
  let rows: [Int]
  let treated: ArmFunctional
  let comparison: ArmFunctional
  private let count: Int

  /// - Throws: `size-mismatch`, `bad-weight`, `constant-treatment`, `bad-interval` or `no-events`.
  init(
    _ times: SurvivalTimes, treatment: [Bool], weights: [Double]?
  ) throws(SiblingError) {
    try Checks.count(treatment.count, is: times.count, "the treatment")
    try Checks.weights(weights, rows: times.count, allowingZero: true)
    if let row = times.time.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(
        .badInterval, "a time is negative: follow-up counts from zero", row: row, column: "time")
    }
    let used = treatment.indices.filter { (weights?[$0] ?? 1) > 0 }
    for (name, isTreated) in [("treated", true), ("comparison", false)]
    where !used.contains(where: { treatment[$0] == isTreated }) {
      throw SiblingError(
        .constantTreatment, "no \(name) row has weight",
        help: "loosen the design: both groups must keep rows")
    }
    guard used.contains(where: { times.event[$0] }) else {
      throw SiblingError(
        .noEvents, "no row with weight ends with the event",
        help: "check the event column: 1 is the event, 0 censored")
    }
    // Rows without weight form a third group that nothing reads.
    let codes = treatment.indices.map { row -> Int32 in
      (weights?[row] ?? 1) > 0 ? (treatment[row] ? 1 : 0) : 2
    }
    let grouped = GroupedRows(times.order, codes: codes, levels: 3)
    func arm(_ code: Int) -> ArmFunctional {
      ArmFunctional(
        RiskSteps(
          times, rows: grouped.rows[grouped.begins[code]..<grouped.begins[code + 1]],
          weights: weights))
    }
    (comparison, treated) = (arm(0), arm(1))
    (self.treatment, self.weights, rows, count) = (treatment, weights, used, times.count)
  }

  /// The horizon that survRM2 would choose.
  var horizon: Double { RestrictedMean.nearer(comparison.steps, treated.steps).times.last ?? 0 }

  /// The difference of survival at a time.
  func milestone(_ time: Double, _ notes: inout [String]) -> SurvivalContrast {
    let (one, zero) = (treated.survival(at: time), comparison.survival(at: time))
    guard isKnown(time, "survival at \(short(time))", &notes) else {
      return SurvivalContrast(
        scale: .survivalDifference, time: time, treated: one, comparison: zero, estimate: .nan,
        slope: [])
    }
    for (name, survival) in [("treated", one), ("comparisons", zero)] where survival == 1 {
      notes.append(
        "none of the \(name) has the event by \(short(time)): their share is 1 with no uncertainty of"
          + " its own, so the standard error is too small")
    }
    let slope = slope { buffer in
      treated.addSurvivalSlope(at: time, times: 1, to: buffer)
      comparison.addSurvivalSlope(at: time, times: -1, to: buffer)
    }
    return SurvivalContrast(
      scale: .survivalDifference, time: time, treated: one, comparison: zero,
      estimate: one - zero, slope: slope)
  }

  /// The difference and the ratio of restricted means.
  func means(_ horizon: Double, _ notes: inout [String]) -> [SurvivalContrast] {
    let (one, zero) = (treated.area(to: horizon), comparison.area(to: horizon))
    let isSound = isKnown(horizon, "the restricted mean to \(short(horizon))", &notes)
    let ratio = one > 0 && zero > 0
    return [SurvivalContrast.Scale.meanDifference, .meanRatio].map { scale in
      let isRatio = scale == .meanRatio
      guard isSound, ratio || !isRatio else {
        return SurvivalContrast(
          scale: scale, time: horizon, treated: one, comparison: zero, estimate: .nan, slope: [])
      }
      let slope = slope { buffer in
        treated.addAreaSlope(to: horizon, times: isRatio ? 1 / one : 1, to: buffer)
        comparison.addAreaSlope(to: horizon, times: isRatio ? -1 / zero : -1, to: buffer)
      }
      return SurvivalContrast(
        scale: scale, time: horizon, treated: one, comparison: zero,
        estimate: isRatio ? log(one / zero) : one - zero, slope: slope)
    }
  }

  /// A column of derivatives, filled by `body`.
  func slope(_ body: (UnsafeMutableBufferPointer<Double>) -> Void) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.initialize(repeating: 0)
      body(UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
      initialized = count
    }
  }

  private func isKnown(_ time: Double, _ what: String, _ notes: inout [String]) -> Bool {
    var isSound = true
    for (name, arm) in [("treated", treated), ("comparisons", comparison)]
    where !arm.isKnown(at: time) {
      isSound = false
      notes.append(
        "\(what) is left out: the follow-up of the \(name) ends at \(short(arm.last))")
    }
    return isSound
  }

  /// A time as it is said in a note.
  private func short(_ time: Double) -> String {
    Int(exactly: time).map { "\($0)" } ?? "\(time)"
  }
}
