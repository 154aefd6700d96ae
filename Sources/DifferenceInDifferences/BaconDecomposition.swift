public import Statistics

/// The two-way fixed-effects coefficient as a weighted average of two-by-two comparisons.
///
/// Every pair of cohorts (units whose treatment begins in one period, the never treated, and those
/// treated from the first period on) is compared before and after a change of treatment of one of
/// them. Weights grow with the size of the pair and with the variance of treatment within it;
/// they add up to 1 and the weighted estimates to the coefficient. Comparisons of later with
/// earlier treated cohorts use treated units as controls, which biases the coefficient where effects
/// grow (Goodman-Bacon 2021, doi 10.1016/j.jeconom.2021.03.014).
public struct BaconDecomposition: Sendable {
  /// A decomposition; it has no settings.
  public init() {}

  /// Decomposes the coefficient of treatment in a regression with unit and period effects.
  ///
  /// The outcome and weights have one entry a row; weights are a fact of the unit. The formula needs a
  /// balanced panel: units without a row (of positive weight) in some period are left out and
  /// counted. The coefficient is also computed by regression on the same rows, and the difference
  /// returned.
  /// - Throws: `sizeMismatch`, `missingValue`, `badWeight` also for weights that differ within a
  ///   unit, `badDesign` where no unit has every period, what a panel or the regression throws, and
  ///   `internalError` should the comparisons not add up to the regression's coefficient.
  /// - Complexity: linear in rows, quadratic in cohorts.
  public func fit(
    _ panel: PanelDesign, outcome: [Double], weights: [Double]? = nil
  ) throws(SiblingError) -> BaconResult {
    try panel.check(outcome: outcome, covariates: nil, weights: weights)
    let whole = try balanced(panel, weights)
    let rows = whole.rows
    let values = rows.map { rows in rows.map { outcome[$0] } } ?? outcome
    let used = rows.flatMap { rows in weights.map { w in rows.map { w[$0] } } } ?? weights
    let cohorts = try BaconCohorts(whole.panel, values, used)
    let dyads = cohorts.dyads()
    let regression = try TwoWayFixedEffects().fit(whole.panel, outcome: values, weights: used)
    var (sum, total) = (0.0, 0.0)
    for dyad in dyads {
      sum += dyad.weight * dyad.estimate
      total += dyad.weight
    }
    let residual = sum - regression.estimate.estimate
    let scale = dyads.reduce(0) { max($0, $1.estimate.magnitude) }
    guard residual.magnitude <= 1e-9 * scale, (total - 1).magnitude <= 1e-9 else {
      throw SiblingError(
        .internalError,
        "The two-by-two comparisons do not add up to the two-way coefficient (\(residual)).",
        help: "Please report this with the data's shape.")
    }
    var notes = whole.panel.notes
    if whole.dropped > 0 {
      notes.insert(
        "\(whole.dropped) of \(panel.units) units lack a row in some period and were left out: the"
          + " decomposition needs a balanced panel.", at: 0)
    }
    return BaconResult(
      dyads: dyads, coefficient: regression.estimate.estimate, residual: residual,
      observations: values.count, units: whole.panel.units, droppedUnits: whole.dropped,
      notes: notes)
  }

  /// The panel of the units seen in every period, with its rows (nil for all).
  private func balanced(
    _ panel: PanelDesign, _ weights: [Double]?
  ) throws(SiblingError) -> (panel: PanelDesign, rows: [Int]?, dropped: Int) {
    var seen = [Int](repeating: 0, count: panel.units)
    for row in 0..<panel.rows where weights?[row] ?? 1 > 0 { seen[Int(panel.unit.codes[row])] += 1 }
    let periods = panel.periods.count
    let dropped = seen.reduce(0) { $0 + ($1 < periods ? 1 : 0) }
    if dropped == 0 { return (panel, nil, 0) }
    guard dropped < panel.units else {
      throw SiblingError(
        .badDesign, "No unit has a row in every period, so that nothing is left to decompose.",
        help: "Keep periods in which most units are seen (--where).")
    }
    let rows = (0..<panel.rows).filter { seen[Int(panel.unit.codes[$0])] == periods }
    let kept = try PanelDesign(
      unit: panel.unit.selecting(rows), time: rows.map { panel.periods[Int(panel.period[$0])] },
      group: rows.map { panel.groups[Int(panel.unit.codes[$0])] })
    return (kept, rows, dropped)
  }
}

/// One two-by-two comparison of a decomposition.
public struct BaconDyad: Sendable, Equatable {
  /// What is compared with what.
  public enum Kind: String, Sendable, CaseIterable {
    /// A cohort with one that is treated later, until that one is treated.
    case earlierVersusLater = "earlier-vs-later"
    /// A cohort with one that is treated already: a comparison that growing effects bias.
    case laterVersusEarlier = "later-vs-earlier"
    /// A cohort with the never treated.
    case treatedVersusUntreated = "treated-vs-untreated"
    /// A cohort with units treated from the first period on.
    case laterVersusAlwaysTreated = "later-vs-always-treated"
  }

  /// What is compared with what.
  public let kind: Kind
  /// The first treated period of the cohort whose treatment changes.
  public let treatedCohort: Double
  /// The first treated period of the cohort it is compared with; nil for the never treated.
  public let controlCohort: Double?
  /// The comparison's weight; all add up to 1.
  public let weight: Double
  /// The difference in differences of mean outcomes.
  public let estimate: Double
  /// Units of the cohort whose treatment changes.
  public let treatedUnits: Int
  /// Units that it is compared with.
  public let controlUnits: Int
}

/// A decomposition of the two-way fixed-effects coefficient.
public struct BaconResult: Sendable, Equatable {
  /// The comparisons, by kind, treated and control cohort.
  public let dyads: [BaconDyad]
  /// The coefficient of treatment with unit and period effects, from a regression.
  public let coefficient: Double
  /// The weighted sum of the comparisons less the coefficient: rounding.
  public let residual: Double
  /// Unit-periods used.
  public let observations: Int
  /// Units used.
  public let units: Int
  /// Units left out because they lack a period.
  public let droppedUnits: Int
  /// Things that the reader must know.
  public let notes: [String]

  /// The comparisons of one kind together: their weight and their weighted mean.
  public struct Share: Sendable, Equatable {
    /// The kind.
    public let kind: BaconDyad.Kind
    /// The sum of weights.
    public let weight: Double
    /// The weighted mean of the estimates.
    public let estimate: Double
  }

  /// The kinds that occur, each with its weight and weighted mean.
  public var shares: [Share] {
    BaconDyad.Kind.allCases.compactMap { kind in
      let chosen = dyads.filter { $0.kind == kind }
      guard !chosen.isEmpty else { return nil }
      let weight = chosen.reduce(0) { $0 + $1.weight }
      let sum = chosen.reduce(0) { $0 + $1.weight * $1.estimate }
      return Share(kind: kind, weight: weight, estimate: sum / weight)
    }
  }
}

/// Cohorts with their shares of units and their mean outcomes by period.
struct BaconCohorts {
  private struct Cohort {
    /// nil for the never treated; the first period or before for the always treated.
    var start: Double?
    var units = 0
    var weight = 0.0
    /// The number of periods before treatment.
    var before: Int
    var means: [Double]
  }

  private var cohorts: [Cohort]
  private let periods: Int

  init(
    _ panel: PanelDesign, _ outcome: [Double], _ weights: [Double]?
  ) throws(SiblingError) {
    let periods = panel.periods.count
    self.periods = periods
    let first = panel.periods[0]
    // Whoever is treated throughout is one cohort, whenever treatment began.
    let starts = panel.groups.map { $0.map { max($0, first) } }
    let distinct = Array(Set(starts.compactMap { $0 })).sorted()
    var place: [Double: Int] = [:]
    for (index, start) in distinct.enumerated() { place[start] = index }
    cohorts = distinct.map { start in
      Cohort(
        start: start, before: panel.periods.count { $0 < start },
        means: [Double](repeating: 0, count: periods))
    }
    cohorts.append(
      Cohort(start: nil, before: periods, means: [Double](repeating: 0, count: periods)))
    let never = cohorts.count - 1
    let home = starts.map { $0.flatMap { place[$0] } ?? never }
    var unitWeight = [Double](repeating: -1, count: panel.units)
    for row in 0..<panel.rows {
      let unit = Int(panel.unit.codes[row])
      let weight = weights?[row] ?? 1
      if unitWeight[unit] < 0 {
        unitWeight[unit] = weight
        cohorts[home[unit]].units += 1
        cohorts[home[unit]].weight += weight
      } else if unitWeight[unit] != weight {
        throw SiblingError(
          .badWeight, "A unit's weight differs between periods, which the decomposition can't use.",
          help: "Give each unit one weight, or leave weights out.", row: row)
      }
      cohorts[home[unit]].means[Int(panel.period[row])] += weight * outcome[row]
    }
    cohorts.removeAll { $0.units == 0 }
    let total = cohorts.reduce(0) { $0 + $1.weight }
    for index in cohorts.indices {
      for period in 0..<periods { cohorts[index].means[period] /= cohorts[index].weight }
      cohorts[index].weight /= total
    }
  }

  /// The share of periods in which a cohort is treated.
  private func treatedShare(_ cohort: Cohort) -> Double {
    Double(periods - cohort.before) / Double(periods)
  }

  /// The comparisons with weights that add up to 1.
  func dyads() -> [BaconDyad] {
    var dyads: [BaconDyad] = []
    for treated in cohorts where treated.before > 0 && treated.before < periods {
      for control in cohorts where control.before != treated.before {
        dyads.append(dyad(treated, control))
      }
    }
    let total = dyads.reduce(0) { $0 + $1.weight }
    let kinds = BaconDyad.Kind.allCases
    return kinds.flatMap { kind in
      dyads.filter { $0.kind == kind }.map { dyad in
        BaconDyad(
          kind: kind, treatedCohort: dyad.treatedCohort, controlCohort: dyad.controlCohort,
          weight: dyad.weight / total, estimate: dyad.estimate, treatedUnits: dyad.treatedUnits,
          controlUnits: dyad.controlUnits)
      }
    }
  }

  /// A comparison with its weight times the variance of treatment within units and periods.
  ///
  /// The window runs from the control's change of treatment, when that came earlier, to it, when it
  /// comes later; there the treated cohort changes and the control does not. The weight is
  /// (n_a + n_b)² · n_ab(1 − n_ab) · (share of the window after) · (share before), shares of all
  /// periods, in which sizes of windows cancel.
  private func dyad(_ treated: Cohort, _ control: Cohort) -> BaconDyad {
    let isEarlier = control.before > treated.before
    let from = isEarlier ? 0 : control.before
    let to = isEarlier ? control.before : periods
    let change =
      mean(treated, treated.before..<to) - mean(treated, from..<treated.before)
      - mean(control, treated.before..<to) + mean(control, from..<treated.before)
    let length = Double(periods)
    let after = Double(to - treated.before) / length
    let before = Double(treated.before - from) / length
    let kind: BaconDyad.Kind =
      control.start == nil
      ? .treatedVersusUntreated
      : isEarlier
        ? .earlierVersusLater
        : control.before == 0 ? .laterVersusAlwaysTreated : .laterVersusEarlier
    return BaconDyad(
      kind: kind, treatedCohort: treated.start ?? .nan, controlCohort: control.start,
      weight: treated.weight * control.weight * after * before, estimate: change,
      treatedUnits: treated.units, controlUnits: control.units)
  }

  private func mean(_ cohort: Cohort, _ window: Range<Int>) -> Double {
    window.reduce(0) { $0 + cohort.means[$1] } / Double(window.count)
  }
}
