import Statistics

/// A linear functional of one arm's Kaplan–Meier curve, and what each row's weight does to it.
///
/// Raising a row's weight moves the hazard step at u by (dN − Y·d/n)/n, and with it everything that the
/// functional takes from the curve from u on. With K = 1/(n − d) and `after[k]` what it takes from
/// the curve from the k-th time on, the derivative is Σ Y·(d/n)·K·after less K·after at the row's own
/// event: a running sum, read where the row leaves and, with left truncation, where it enters.
struct ArmFunctional {
  let steps: RiskSteps
  let survival: [Double]

  init(_ steps: RiskSteps) {
    self.steps = steps
    survival = steps.survival
  }

  /// The last time of the arm.
  var last: Double { steps.times.last ?? 0 }

  /// Whether the curve is known at a time: up to the last, and from there on once it is zero.
  func isKnown(at time: Double) -> Bool { time <= last || survival.last == 0 }

  /// S just after a time.
  func survival(at time: Double) -> Double {
    guard isKnown(at: time) else { return .nan }
    let step = steps.times.partitionPoint { $0 <= time }
    return step > 0 ? survival[step - 1] : 1
  }

  /// The area under the curve up to a horizon.
  func area(to horizon: Double) -> Double {
    guard isKnown(at: horizon) else { return .nan }
    return areas(to: horizon).total
  }

  /// The area up to a horizon, the last survival held.
  func heldArea(to horizon: Double) -> Double { areas(to: horizon).total }

  /// Adds `factor` times dS(t)/dw of each row.
  func addSurvivalSlope(
    at time: Double, times factor: Double, to slope: UnsafeMutableBufferPointer<Double>
  ) {
    let within = steps.times.partitionPoint { $0 <= time }
    guard within > 0 else { return }
    add([Double](repeating: survival[within - 1], count: within), factor, to: slope)
  }

  /// Adds `factor` times the derivative of the area in each row's weight.
  func addAreaSlope(
    to horizon: Double, times factor: Double, to slope: UnsafeMutableBufferPointer<Double>
  ) {
    add(areas(to: horizon).after, factor, to: slope)
  }

  /// The area, and the part of it from each time on.
  private func areas(to horizon: Double) -> (total: Double, after: [Double]) {
    let within = steps.times.partitionPoint { $0 <= horizon }
    var after = [Double](repeating: 0, count: within)
    var rest = 0.0
    for k in stride(from: within - 1, through: 0, by: -1) {
      let end = k + 1 < within ? steps.times[k + 1] : horizon
      rest += survival[k] * (end - steps.times[k])
      after[k] = rest
    }
    return (rest + (within > 0 ? steps.times[0] : horizon), after)
  }

  /// The derivative of a functional that takes `after` from the curve from each time on.
  func add(
    _ after: [Double], _ factor: Double, to slope: UnsafeMutableBufferPointer<Double>
  ) {
    let base = steps.rows.startIndex
    var cumulative = 0.0
    for k in survival.indices {
      if let entrants = steps.entrants, cumulative != 0 {
        for position in entrants.begins[k]..<entrants.begins[k + 1] {
          slope[Int(entrants.rows[position])] -= factor * cumulative
        }
      }
      var jump = 0.0
      let (d, n) = (steps.events[k], steps.atRisk[k])
      if d > 0, k < after.count, survival[k] > 0 {
        jump = after[k] / (n - d)
        cumulative += d / n * jump
      }
      for position in steps.begins[k]..<steps.begins[k + 1] {
        let row = Int(steps.rows[base + position])
        slope[row] += factor * (cumulative - (steps.event[row] ? jump : 0))
      }
    }
  }
}
