internal import LinearAlgebra
public import Statistics

/// How two arms' curves lie to each other.
public struct CurveCrossing: Sendable, Equatable {
  /// The arm.
  public let arm: String
  /// The arm that it is compared with.
  public let reference: String
  /// The largest difference in favour of the arm's survival; z is zero when there is none.
  public let above: Distance
  /// The largest difference against it, likewise; its z is negative.
  public let below: Distance
  /// The p-value of the test of proportional hazards, computed where the curves may cross.
  public let proportionalHazards: Double?
  /// Whether the curves cross beyond what chance would do.
  public let crosses: Bool

  /// A difference of survival in its standard errors, and when it is reached.
  public struct Distance: Sendable, Equatable {
    /// The difference in standard errors.
    public var z: Double
    /// The time.
    public var time: Double
  }
}

extension SurvivalGuards {
  /// How each later arm's curve lies to the first arm's.
  ///
  /// Differences are read at event times at which both arms have at least `minimumAtRisk` people (or
  /// their weight) at risk and some have had the event. The curves cross when a difference reaches 1.96
  /// standard errors to both sides, or one standard error to both sides while hazards are not
  /// proportional at `level` (Grambsch and Therneau's test of a Cox model of the two arms).
  /// - Throws: as the Kaplan–Meier estimator.
  public func crossings(
    _ times: SurvivalTimes, by group: Factor, weights: [Double]? = nil, cluster: Factor? = nil
  ) throws(SiblingError) -> [CurveCrossing] {
    let fit = try KaplanMeier().fit(times, by: group, weights: weights, cluster: cluster)
    guard let base = fit.curves.first else { return [] }
    var result: [CurveCrossing] = []
    for curve in fit.curves.dropFirst() {
      let (above, below) = extremes(curve, base)
      var test: Double?
      if above.z >= 1, below.z <= -1 {
        test = proportionality(times, group, [base.arm, curve.arm], weights, cluster)
      }
      let isFar = above.z >= Self.farOut && below.z <= -Self.farOut
      result.append(
        CurveCrossing(
          arm: curve.arm, reference: base.arm, above: above, below: below,
          proportionalHazards: test, crosses: isFar || test.map { $0 < level } ?? false))
    }
    return result
  }

  /// What the arms' curves have to say against one ratio or test for all of the time.
  ///
  /// - Throws: as `crossings`.
  public func crossingCurves(
    _ times: SurvivalTimes, by group: Factor, weights: [Double]? = nil, cluster: Factor? = nil
  ) throws(SiblingError) -> [GuardFinding] {
    try crossings(times, by: group, weights: weights, cluster: cluster).compactMap { pair in
      guard pair.crosses else { return nil }
      let first = pair.above.time < pair.below.time
      let (early, late) = first ? (pair.above, pair.below) : (pair.below, pair.above)
      let test = pair.proportionalHazards.map {
        "; proportional hazards p \(NumberInNote.pValue($0))"
      }
      return GuardFinding(
        kind: .crossingCurves,
        sentence: "the curves cross: \(pair.arm) lies \(first ? "above" : "below")"
          + " \(pair.reference) at \(NumberInNote.text(early.time)) and"
          + " \(first ? "below" : "above") it at \(NumberInNote.text(late.time))\(test ?? "");"
          + " a hazard ratio or log-rank test hides it, the restricted mean leads")
    }
  }

  /// Two-sided 5%.
  private static let farOut = 1.959_963_984_540_054

  private func extremes(
    _ curve: Curve, _ base: Curve
  ) -> (above: CurveCrossing.Distance, below: CurveCrossing.Distance) {
    var above = CurveCrossing.Distance(z: 0, time: 0)
    var below = above
    var (i, j) = (0, 0)
    // Both curves step by step: after each time the last step of each is read.
    while i < curve.times.count, j < base.times.count {
      let time = Swift.min(curve.times[i], base.times[j])
      let few = Double(minimumAtRisk)
      if curve.atRisk[i] < few || base.atRisk[j] < few { break }
      if curve.times[i] == time { i += 1 }
      if base.times[j] == time { j += 1 }
      // Before its first step a curve is at one.
      let (a, b) = (
        i > 0 ? curve.standardError[i - 1] : 0, j > 0 ? base.standardError[j - 1] : 0
      )
      let spread = (a * a + b * b).squareRoot()
      guard spread > 0 else { continue }
      let (s, t) = (i > 0 ? curve.estimate[i - 1] : 1, j > 0 ? base.estimate[j - 1] : 1)
      let z = (s - t) / spread
      if z > above.z { above = CurveCrossing.Distance(z: z, time: time) }
      if z < below.z { below = CurveCrossing.Distance(z: z, time: time) }
    }
    return (above, below)
  }

  private func proportionality(
    _ times: SurvivalTimes, _ group: Factor, _ arms: [String], _ weights: [Double]?,
    _ cluster: Factor?
  ) -> Double? {
    let codes = arms.map { arm in group.levels.firstIndex(of: arm).map { Int32($0) } ?? -1 }
    let rows = group.codes.indices.filter {
      codes.contains(group.codes[$0]) && (weights?[$0] ?? 1) > 0
    }
    let arm = rows.map { group.codes[$0] == codes[1] ? 1.0 : 0 }
    let design = DesignMatrix(matrix: Matrix(columns: [arm]), names: [arms[1]])
    // A model that can't be fitted tells nothing here.
    guard let some = try? times.selectingWeighted(rows),
      let fit = try? CoxRegression().fit(
        some, design, weights: weights.map { weights in rows.map { weights[$0] } },
        cluster: cluster?.selecting(rows)),
      let test = try? ProportionalHazardsTest().test(fit)
    else { return nil }
    return test.rows.last?.test.pValue
  }
}
