internal import Glibc
public import Statistics

/// What informative censoring could do: the hazard after censoring is δ times that before.
///
/// Those who leave follow-up in an arm are taken to have, from then on, δ times the hazard of those of the
/// arm who stay: a censored row has, at a later time t, survived with probability (S(t)/S(c))^δ. With δ = 1
/// this is Kaplan and Meier's curve itself, for it is self-consistent; so the
/// answer needs no simulation (Jackson et al. 2014, doi:10.1002/sim.6274, impute instead; Zhao et al. 2014,
/// doi:10.1080/10543406.2013.860769). Finding the δ at which a conclusion turns, its tipping point,
/// shows how far from non-informative censoring would have to be.
/// - Complexity: O(n) a contrast.
public struct CensoringSensitivity: Sendable, Equatable {
  /// The times of milestones.
  public var times: [Double]
  /// The horizon of the restricted means; nil leaves them out.
  public var tau: Double?
  /// δ among the treated.
  public var treated: Double
  /// δ among the comparisons.
  public var comparison: Double

  /// An analysis with its δ in both arms.
  public init(times: [Double], tau: Double?, treated: Double, comparison: Double) {
    self.times = times
    self.tau = tau
    self.treated = treated
    self.comparison = comparison
  }

  /// The differences of survival at the milestones and of the restricted means.
  ///
  /// - Throws: `size-mismatch`, `bad-weight`, `constant-treatment`, `no-events`, `bad-interval` (a
  ///   negative time or late entry), `invalid-option` (a δ that is negative or not finite).
  public func fit(
    _ follow: SurvivalTimes, treatment: [Bool], weights: [Double]? = nil
  ) throws(SiblingError) -> [SurvivalContrast] {
    guard treated >= 0, comparison >= 0, treated.isFinite, comparison.isFinite else {
      throw SiblingError(.invalidOption, "delta must be a number from 0", column: "delta")
    }
    guard follow.start == nil else {
      throw SiblingError(
        .badInterval, "the sensitivity to censoring takes no late entry", column: "start")
    }
    let arms = try WeightedArms(follow, treatment: treatment, weights: weights)
    let one = DeltaArm(arms.treated, delta: treated)
    let zero = DeltaArm(arms.comparison, delta: comparison)
    func contrast(_ scale: SurvivalContrast.Scale, _ time: Double) -> SurvivalContrast {
      let isMean = scale == .meanDifference
      let (a, b) = (one.value(time, isMean: isMean), zero.value(time, isMean: isMean))
      let isKnown = arms.treated.isKnown(at: time) && arms.comparison.isKnown(at: time)
      guard isKnown else {
        return SurvivalContrast(
          scale: scale, time: time, treated: .nan, comparison: .nan, estimate: .nan, slope: [])
      }
      return SurvivalContrast(
        scale: scale, time: time, treated: a, comparison: b, estimate: a - b,
        slope: arms.slope { buffer in
          one.addSlope(time, isMean: isMean, value: a, times: 1, to: buffer)
          zero.addSlope(time, isMean: isMean, value: b, times: -1, to: buffer)
        })
    }
    return times.map { contrast(.survivalDifference, $0) }
      + (tau.map { [contrast(.meanDifference, $0)] } ?? [])
  }
}

/// One arm whose censored rows have δ times the hazard from then on.
private struct DeltaArm {
  let arm: ArmFunctional
  let delta: Double
  let total: Double
  /// S^δ at each time of the arm.
  let power: [Double]

  init(_ arm: ArmFunctional, delta: Double) {
    self.arm = arm
    self.delta = delta
    total = arm.steps.rows.reduce(0.0) { $0 + (arm.steps.weights?[Int($1)] ?? 1) }
    power = arm.survival.map { $0 > 0 ? pow($0, delta) : 0 }
  }

  /// What S^δ takes from each time to the end: itself at the end, or the area.
  private func rest(_ time: Double, isMean: Bool, _ within: Int) -> [Double] {
    guard isMean else {
      return [Double](repeating: within > 0 ? power[within - 1] : 1, count: within)
    }
    var rest = [Double](repeating: 0, count: within)
    var sum = 0.0
    for k in stride(from: within - 1, through: 0, by: -1) {
      let end = k + 1 < within ? arm.steps.times[k + 1] : time
      sum += power[k] * (end - arm.steps.times[k])
      rest[k] = sum
    }
    return rest
  }

  /// What a row contributes that leaves at the k-th time: the share or the time without the event.
  private func own(_ k: Int, isEvent: Bool, _ rest: [Double], isMean: Bool) -> Double {
    let before = isMean ? arm.steps.times[k] : 0
    return isEvent || power[k] == 0 ? before : before + rest[k] / power[k]
  }

  func value(_ time: Double, isMean: Bool) -> Double {
    let within = arm.steps.times.partitionPoint { $0 <= time }
    let rest = rest(time, isMean: isMean, within)
    var sum = 0.0
    for k in 0..<within {
      sum += arm.steps.events[k] * own(k, isEvent: true, rest, isMean: isMean)
      sum += arm.steps.censored[k] * own(k, isEvent: false, rest, isMean: isMean)
    }
    let beyond = within < arm.steps.times.count ? arm.steps.atRisk[within] : 0
    return (sum + beyond * (isMean ? time : 1)) / total
  }

  func addSlope(
    _ time: Double, isMean: Bool, value: Double, times factor: Double,
    to slope: UnsafeMutableBufferPointer<Double>
  ) {
    let steps = arm.steps
    let within = steps.times.partitionPoint { $0 <= time }
    let rest = rest(time, isMean: isMean, within)
    var after = [Double](repeating: 0, count: within)
    var censored = 0.0
    for k in 0..<within {
      after[k] = delta / total * censored * rest[k]
      if power[k] > 0 { censored += steps.censored[k] / power[k] }
    }
    arm.add(after, factor, to: slope)
    let base = steps.rows.startIndex
    for k in steps.times.indices {
      for position in steps.begins[k]..<steps.begins[k + 1] {
        let row = Int(steps.rows[base + position])
        let own =
          k < within
          ? own(k, isEvent: steps.event[row], rest, isMean: isMean) : isMean ? time : 1
        slope[row] += factor * (own - value) / total
      }
    }
  }
}
