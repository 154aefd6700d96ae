internal import LinearAlgebra
internal import Statistics

extension SyntheticFit {
  /// Moving-block permutations of the residuals under a constant effect, inverted.
  func conformal(
    _ fits: [Fitted], _ effect: Double, _ inference: SyntheticInference
  ) throws(SiblingError) -> Uncertainty {
    guard let cohort = panel.cohorts.first, panel.cohorts.count == 1 else {
      throw SiblingError(
        .badDesign, "Treatment starts in several periods; conformal inference needs one.",
        help: "Keep one cohort and the never treated with --where, or use placebo inference.")
    }
    guard kind != .differences else {
      throw SiblingError(
        .invalidOption,
        "Conformal inference needs residuals of every period; period weights leave none.",
        help: "Use synthetic-control or did with conformal, or sdid with placebo inference.",
        column: "inference")
    }
    guard kind == .uniform || panel.covariates.isEmpty else {
      throw SiblingError(
        .invalidOption, "Conformal inference of a synthetic control takes no covariates.",
        help: "Leave them out, or use placebo inference.", column: "inference")
    }
    let treated = panel.mean(of: cohort.units)
    let donors = Matrix(columns: panel.donors.map { panel.outcome.column($0) })
    let length = panel.periods.count
    let attainable = 1 / Double(length)
    let atZero = try shiftShare(0, treated, donors, cohort.start)
    var result = Uncertainty(estimate: Self.bare(effect, "conformal, moving blocks"))
    result.estimate.pValue = atZero
    result.attainable = attainable
    result.notes.append(
      "conformal: \(length) moving-block shifts of residuals from weights fitted to all periods"
        + " under the null of a constant effect, statistic mean |residual| after the start")
    if cohort.units.count > 1, kind == .control {
      result.notes.append(
        "conformal inference is for the mean path of the \(cohort.units.count) treated units")
    }
    let alpha = 1 - inference.level
    guard attainable <= alpha else {
      result.notes.append(
        "no interval: \(length) periods allow no p-value below 1/\(length), so nothing can be"
          + " rejected at this level")
      return result
    }
    let reach = (fits.flatMap(\.gaps).map { ($0 - effect).magnitude }.max() ?? 0)
    let ends = try inverted(
      around: effect, reach: max(reach, effect.magnitude, 1e-6 * spread), alpha: alpha
    ) { value throws(SiblingError) in
      try shiftShare(value, treated, donors, cohort.start)
    }
    switch ends {
    case .none:
      result.notes.append(
        "no interval: every constant effect near the estimate is rejected, so the effect changes"
          + " over time or the fit is poor")
    case .some(let set):
      guard let low = set.low, let high = set.high else {
        result.notes.append(
          "no interval: effects however large are not rejected on at least one side")
        break
      }
      result.estimate.interval = ConfidenceInterval(low: low, high: high, level: inference.level)
      if let (from, to) = set.around, (from - low) + (high - to) > 1e-6 * (high - low) {
        result.notes.append(
          "the effects not rejected are not one interval: its ends are printed; the part around"
            + " the estimate is \(SyntheticEstimation.short(from)) to"
            + " \(SyntheticEstimation.short(to))")
      }
    }
    return result
  }

  /// The share of cyclic shifts whose residuals after the start are at least as large.
  private func shiftShare(
    _ effect: Double, _ treated: [Double], _ donors: Matrix, _ start: Int
  ) throws(SiblingError) -> Double {
    let length = treated.count
    let target = treated.enumerated().map { $0.offset >= start ? $0.element - effect : $0.element }
    var residuals: [Double]
    if kind == .uniform {
      let equal = [Double](repeating: 1 / Double(donors.columns), count: donors.columns)
      residuals = zip(target, donors.times(equal)).map { $0 - $1 }
      let mean = residuals.reduce(0, +) / Double(length)
      residuals = residuals.map { $0 - mean }
    } else {
      let found = try SyntheticWeights(
        ridge: 0, hasIntercept: false, noise: 0, solver: .exact
      ).solve(donors, target)
      residuals = zip(target, donors.times(found.weights)).map { $0 - $1 }
    }
    let sizes = residuals.map(\.magnitude)
    func statistic(_ shift: Int) -> Double {
      (start..<length).reduce(0) { $0 + sizes[($1 + shift) % length] }
    }
    let own = statistic(0)
    let noise = 1e-10 * max(own, sizes.reduce(0, +) / Double(length)) + 1e-13 * spread
    let atLeast = (0..<length).count { statistic($0) >= own - noise }
    return Double(atLeast) / Double(length)
  }

  /// Effects that are not rejected; a nil end is open.
  private struct Kept {
    var low: Double?
    var high: Double?
    /// The ends of the part that holds the estimate, where there is one.
    var around: (Double, Double)?
  }

  /// The smallest and largest effect that are not rejected: a grid, then bisection of the ends.
  ///
  /// Nil where every effect of the grid is rejected.
  private func inverted(
    around center: Double, reach: Double, alpha: Double,
    _ share: @Sendable (Double) throws(SiblingError) -> Double
  ) throws(SiblingError) -> Kept? {
    var width = 2 * reach
    let half = 100
    var kept: Kept?
    for _ in 0..<5 {
      var isKept: [Bool] = []
      let step = width / Double(half)
      for k in -half...half { isKept.append(try share(center + Double(k) * step) > alpha) }
      guard let first = isKept.firstIndex(of: true), let last = isKept.lastIndex(of: true) else {
        return nil
      }
      func bisected(_ inside: Int, _ outside: Int) throws(SiblingError) -> Double {
        var accepted = center + Double(inside - half) * step
        var rejected = center + Double(outside - half) * step
        for _ in 0..<40 {
          let middle = (accepted + rejected) / 2
          if try share(middle) > alpha { accepted = middle } else { rejected = middle }
        }
        return accepted
      }
      let low: Double? = first > 0 ? try bisected(first, first - 1) : nil
      let high: Double? = last < isKept.count - 1 ? try bisected(last, last + 1) : nil
      kept = Kept(low: low, high: high)
      if let low, let high {
        if isKept[half] {
          let before = isKept[..<half].lastIndex(of: false) ?? -1
          let after = isKept[half...].firstIndex(of: false) ?? isKept.count
          kept?.around = (
            before + 1 == first ? low : try bisected(before + 1, before),
            after - 1 == last ? high : try bisected(after - 1, after)
          )
        }
        break
      }
      width *= 4
    }
    return kept
  }
}
