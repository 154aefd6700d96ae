internal import LinearAlgebra
internal import Statistics

/// From a panel to a result: what both estimators share.
enum SyntheticEstimation {
  static func run(
    _ kind: SyntheticKind, _ design: PanelDesign, _ outcome: [Double],
    _ covariates: DesignMatrix?, solver: SyntheticSolver, inference: SyntheticInference
  ) throws(SiblingError) -> SyntheticResult {
    var panel = try SyntheticPanel(
      design, outcome: outcome, covariates: covariates, periodsBefore: kind == .uniform ? 1 : 2)
    if kind != .control { panel = try panel.withoutCovariates() }
    var noise: [Int: Double] = [:]
    for cohort in panel.cohorts {
      noise[cohort.start] = panel.noise(of: panel.donors, before: cohort.start)
    }
    let fitter = SyntheticFit(panel: panel, kind: kind, solver: solver, noise: noise)
    let fits = try fitter.fit(fitter.blocks(panel.cohorts), donors: panel.donors)
    let uncertainty = try fitter.uncertainty(fits, inference)
    let parts = fits.map { part($0, panel) }
    return SyntheticResult(
      estimate: uncertainty.estimate, parts: parts, donors: panel.donors.map { panel.labels[$0] },
      periods: panel.periods, placebos: uncertainty.placebos, ratio: uncertainty.ratio,
      attainablePValue: uncertainty.attainable,
      observations: (panel.donors.count + fitter.treatedUnits) * panel.periods.count,
      notes: panel.notes + notes(fits, parts, fitter) + uncertainty.notes)
  }

  private static func part(
    _ fit: SyntheticFit.Fitted, _ panel: SyntheticPanel
  ) -> SyntheticResult.Part {
    let start = fit.block.start
    let before = fit.gaps[..<start]
    let squares = before.reduce(0) { $0 + $1 * $1 } / Double(start)
    let path = fit.treated[..<start]
    let mean = path.reduce(0, +) / Double(start)
    let variance = path.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(start)
    let outside = (0..<start).count { t in
      let values = fit.donors.map { panel.outcome[t, $0] }
      return fit.treated[t] > (values.max() ?? .infinity)
        || fit.treated[t] < (values.min() ?? -.infinity)
    }
    return SyntheticResult.Part(
      units: fit.block.units.map { panel.labels[$0] }, start: panel.periods[start],
      periodsBefore: start, estimate: fit.effect, treated: fit.treated,
      synthetic: fit.synthetic, gaps: fit.gaps, unitWeights: fit.unitWeights,
      periodWeights: fit.periodWeights, intercept: fit.intercept,
      rootMeanSquaredGapBefore: squares.squareRoot(),
      fitIndex: variance > 0 ? 1 - squares / variance : nil, periodsOutsideDonors: outside,
      certificates: fit.certificates, isTieBroken: fit.isTieBroken,
      treatedRows: fit.block.units.count * (panel.periods.count - start))
  }

  private static func notes(
    _ fits: [SyntheticFit.Fitted], _ parts: [SyntheticResult.Part], _ fitter: SyntheticFit
  ) -> [String] {
    var notes: [String] = []
    let gap = parts.flatMap(\.certificates).map(\.relativeGap).max()
    switch (fitter.kind, fitter.solver) {
    case (.uniform, _): notes.append("equal weights for all donors and all periods before")
    case (_, .exact):
      notes.append(
        "weights are exact: the largest relative duality gap is \(short(gap ?? 0)), within 1e-12")
    case (_, .frankWolfe):
      notes.append(
        "weights by the published iteration, which stops early: the largest relative duality gap"
          + " is \(short(gap ?? 0)); --solver exact proves the optimum")
      let unfinished = fits.count { $0.isUnfinished }
      if unfinished > 0 {
        notes.append("\(unfinished) iterations reached 10,000 steps before the stopping rule")
      }
    }
    if fitter.kind == .control, !fitter.panel.covariates.isEmpty {
      notes.append(
        "predictors (every outcome before the start, and the covariates' means before it) are"
          + " divided by their standard deviations; V is the identity")
    } else if !fitter.panel.covariates.isEmpty {
      notes.append("covariates were taken out with slopes from the never treated units")
    }
    let tied = fits.count { $0.isTieBroken }
    if tied > 0 {
      notes.append(
        "many weights fit equally well"
          + (parts.count > 1 ? " for \(tied) of \(parts.count) comparisons" : "")
          + "; those with the smallest sum of squares were taken, and the effect depends on that")
    }
    if fitter.kind == .control, fits.contains(where: { perfect($0, fitter) }) {
      notes.append(
        "the fit before the start is perfect to rounding, as it can be by chance with more donors"
          + " than periods: neither the fit nor the ratio of gaps is evidence")
    }
    if parts.count > 3 { return notes + fitSummary(parts, fitter.kind) }
    for part in parts { notes += fitNotes(part, fitter.kind, parts.count > 1) }
    return notes
  }

  private static func perfect(_ fit: SyntheticFit.Fitted, _ fitter: SyntheticFit) -> Bool {
    fit.gaps[..<fit.block.start].allSatisfy { $0.magnitude <= 1e-8 * fitter.spread }
  }

  private static func name(_ part: SyntheticResult.Part, _ kind: SyntheticKind) -> String {
    kind == .control ? "unit \(part.units[0])" : "start \(PanelDesign.label(part.start))"
  }

  /// One note on many fits, with the poor ones named.
  private static func fitSummary(
    _ parts: [SyntheticResult.Part], _ kind: SyntheticKind
  ) -> [String] {
    let sizes = parts.map(\.rootMeanSquaredGapBefore).sorted()
    func named(_ some: [SyntheticResult.Part]) -> String {
      some.prefix(10).map { name($0, kind) }.joined(separator: ", ")
        + (some.count > 10 ? ", and \(some.count - 10) more" : "")
    }
    var notes = [
      "fit before the start: root mean squared gaps from \(short(sizes.first ?? 0)) to"
        + " \(short(sizes.last ?? 0)), median \(short(sizes[sizes.count / 2])), over"
        + " \(sizes.count) comparisons"
    ]
    let poor = parts.filter { ($0.fitIndex ?? 1) < 0.8 }
    if kind == .control, !poor.isEmpty {
      notes.append(
        "the fit before the start is poor for \(poor.count) of \(parts.count) (fit index below 0.8:"
          + " Ferman and Pinto 2021), whose gaps after it are not effects alone: \(named(poor))")
    }
    let outside = parts.filter { $0.periodsOutsideDonors > 0 }
    if kind == .control, !outside.isEmpty {
      notes.append(
        "before the start \(outside.count) of \(parts.count) lie in some period outside the range of"
          + " all donors, so no weights can fit them there: \(named(outside))")
    }
    return notes
  }

  private static func fitNotes(
    _ part: SyntheticResult.Part, _ kind: SyntheticKind, _ isNamed: Bool
  ) -> [String] {
    let name = isNamed ? name(part, kind) + ": " : ""
    var notes = [
      "\(name)fit before the start: root mean squared gap"
        + " \(short(part.rootMeanSquaredGapBefore)) over \(part.periodsBefore) periods;"
        + " \(part.weightedDonors) of \(part.unitWeights.count) donors have weight"
    ]
    if kind == .control, let index = part.fitIndex, index < 0.8 {
      notes.append(
        "\(name)the fit before the start is poor (fit index \(short(index)), below 0.8: Ferman and"
          + " Pinto 2021): gaps after it are not effects alone")
    }
    if part.periodsOutsideDonors > 0, kind == .control {
      notes.append(
        "\(name)in \(part.periodsOutsideDonors) of \(part.periodsBefore) periods before the start"
          + " the treated lie outside the range of all donors, so no weights can fit them there")
    }
    return notes
  }

  /// A number with four significant digits.
  static func short(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
    var (size, exponent) = (value.magnitude, 0)
    while size >= 10 {
      size /= 10
      exponent += 1
    }
    while size < 1 {
      size *= 10
      exponent -= 1
    }
    var digits = Int((size * 1000).rounded())
    if digits == 10_000 { (digits, exponent) = (1000, exponent + 1) }
    let sign = value < 0 ? "-" : ""
    if exponent < -5 || exponent > 8 {
      return "\(sign)\(digits / 1000).\(String(digits % 1000 + 1000).dropFirst())e\(exponent)"
    }
    var scaled = Double(digits) / 1000
    for _ in 0..<exponent.magnitude { scaled = exponent > 0 ? scaled * 10 : scaled / 10 }
    let decimals = max(0, 3 - exponent)
    var unit = 1
    for _ in 0..<decimals { unit *= 10 }
    let whole = Int((scaled * Double(unit)).rounded())
    let fraction = String(whole % unit + unit).dropFirst()
    return sign + "\(whole / unit)" + (decimals > 0 ? ".\(fraction)" : "")
  }
}
