import Statistics

/// Jackknife pseudo-observations of an arm's restricted mean, in linear time.
///
/// Leaving row i out of n turns every hazard step before its time into d/(n − 1), the same for
/// everybody who is still at risk, and changes none after it. So the mean without i is the area under one common
/// curve up to its time and, beyond, the arm's own area times a factor. Andersen, Hansen & Klein
/// (2004), doi:10.1007/s10985-004-4771-0.
struct PseudoValues {
  /// Writes W·θ − (W − 1)·θ₋ᵢ for each row of an arm, W its weight; weights are counts.
  static func jackknife(_ steps: RiskSteps, tau: Double, into result: inout [Double]) {
    let survival = steps.survival
    let within = steps.times.partitionPoint { $0 <= tau }
    // The area from each time on, and up to it under the curve with one fewer at risk.
    var after = [Double](repeating: 0, count: within)
    var rest = 0.0
    for k in stride(from: within - 1, through: 0, by: -1) {
      rest += survival[k] * ((k + 1 < within ? steps.times[k + 1] : tau) - steps.times[k])
      after[k] = rest
    }
    let mean = rest + (within > 0 ? steps.times[0] : tau)
    let total = steps.rows.reduce(0.0) { $0 + (steps.weights?[Int($1)] ?? 1) }
    let base = steps.rows.startIndex
    var (area, common, last) = (0.0, 1.0, 0.0)
    for k in steps.times.indices {
      guard k < within else {
        // Rows that outlive the horizon are left out of every step before it.
        let without = area + common * (tau - last)
        for position in steps.begins[k]..<steps.begins[k + 1] {
          result[Int(steps.rows[base + position])] = total * mean - (total - 1) * without
        }
        continue
      }
      area += common * (steps.times[k] - last)
      last = steps.times[k]
      let (d, n) = (steps.events[k], steps.atRisk[k])
      for position in steps.begins[k]..<steps.begins[k + 1] {
        let row = Int(steps.rows[base + position])
        let own = steps.event[row] ? 1.0 : 0
        var without = area
        if n - 1 <= 0 {
          // Nobody is left at risk without it, and the last survival is held.
          without += common * (tau - last)
        } else if survival[k] > 0 {
          without += common * RiskSteps.surviving(n - 1, d - own) * after[k] / survival[k]
        } else {
          // All at risk have the event now. Without this row they still do.
          without += common * RiskSteps.surviving(n - 1, d - own) * (tau - last)
        }
        result[row] = total * mean - (total - 1) * without
      }
      if d > 0, n - 1 > 0 { common *= RiskSteps.surviving(n - 1, d) }
    }
  }

  /// Writes θ + W·dθ/dw for each row of an arm: the pseudo-values of the infinitesimal jackknife.
  static func infinitesimal(_ steps: RiskSteps, tau: Double, into result: inout [Double]) {
    let arm = ArmFunctional(steps)
    let mean = arm.heldArea(to: tau)
    let total = steps.rows.reduce(0.0) { $0 + (steps.weights?[Int($1)] ?? 1) }
    result.withUnsafeMutableBufferPointer { buffer in
      for row in steps.rows { buffer[Int(row)] = 0 }
      arm.addAreaSlope(to: tau, times: total, to: buffer)
      for row in steps.rows { buffer[Int(row)] += mean }
    }
  }
}
