internal import LinearAlgebra
internal import Statistics

/// The balanced part of a panel as synthetic controls need it: outcomes by period and unit.
struct SyntheticPanel: Sendable {
  let periods: [Double]
  /// Outcomes, a row a period and a column a unit.
  var outcome: Matrix
  /// The names of the units.
  let labels: [String]
  /// Units never treated within the panel.
  let donors: [Int]
  /// Treated units by start, ascending.
  let cohorts: [Cohort]
  /// One matrix a covariate, shaped as `outcome`.
  let covariates: [Matrix]
  let covariateNames: [String]
  var notes: [String]

  /// Units whose treatment begins in one period.
  struct Cohort: Sendable, Equatable {
    var units: [Int]
    /// The index of the first treated period: the number of periods before.
    var start: Int
  }

  /// Keeps units seen in every period and not treated from the first on; counts the others.
  ///
  /// - Throws: `sizeMismatch`, `missingValue`; `badDesign` without a treated unit, with fewer than
  ///   two never treated units, or fewer than `periodsBefore` periods before a start.
  init(
    _ panel: PanelDesign, outcome: [Double], covariates: DesignMatrix?, periodsBefore: Int
  ) throws(SiblingError) {
    try panel.check(outcome: outcome, covariates: covariates, weights: nil)
    let table = panel.rowTable()
    let length = panel.periods.count
    var (kept, incomplete, always) = ([Int](), 0, 0)
    for unit in 0..<panel.units {
      if (panel.groups[unit] ?? .infinity) <= panel.periods[0] {
        always += 1
      } else if (0..<length).contains(where: { table[unit * length + $0] < 0 }) {
        incomplete += 1
      } else {
        kept.append(unit)
      }
    }
    func matrix(_ value: (Int) -> Double) -> Matrix {
      Matrix(
        rows: length, columns: kept.count,
        storage: kept.flatMap { unit in
          (0..<length).map { value(Int(table[unit * length + $0])) }
        })
    }
    periods = panel.periods
    labels = kept.map { panel.unit.levels[$0] }
    self.outcome = matrix { outcome[$0] }
    let design = covariates?.removingIntercept()
    self.covariates = (0..<(design?.columns ?? 0)).map { column in
      matrix { design?.matrix[$0, column] ?? 0 }
    }
    covariateNames = design?.names ?? []
    donors = kept.indices.filter { panel.groups[kept[$0]] == nil }
    var cohorts: [Cohort] = []
    for cohort in panel.cohorts {
      let units = kept.indices.filter { panel.groups[kept[$0]] == cohort.start }
      let before = panel.periods.count { $0 < cohort.start }
      if !units.isEmpty { cohorts.append(Cohort(units: units, start: before)) }
    }
    self.cohorts = cohorts
    notes = Self.notes(panel, incomplete: incomplete, always: always)
    try requireComparison(incomplete, periodsBefore)
  }

  private static func notes(_ panel: PanelDesign, incomplete: Int, always: Int) -> [String] {
    var notes: [String] = []
    if incomplete > 0 {
      notes.append(
        "\(incomplete) \(incomplete == 1 ? "unit" : "units") without a row in some period"
          + " \(incomplete == 1 ? "was" : "were") left out: every unit must be seen in all periods")
    }
    if always > 0 {
      notes.append(
        "\(always) \(always == 1 ? "unit" : "units") treated from the first period on"
          + " \(always == 1 ? "was" : "were") left out: no before to fit")
    }
    if panel.treatedLater > 0 {
      notes.append(
        "\(panel.treatedLater) units treated only after the last period serve as donors")
    }
    return notes
  }

  private func requireComparison(_ incomplete: Int, _ periodsBefore: Int) throws(SiblingError) {
    let lost =
      incomplete > 0 ? " (\(incomplete) units without a row in some period were left out)" : ""
    guard let first = cohorts.first else {
      throw SiblingError(
        .badDesign,
        "No treated unit is seen in every period with a period before its start\(lost).",
        help: "Fill the missing unit-periods, or keep only periods in which the treated are seen.")
    }
    guard donors.count > 1 else {
      throw SiblingError(
        .badDesign,
        donors.isEmpty
          ? "No never treated unit is seen in every period, so there are no donors\(lost)."
          : "Only one never treated unit is seen in every period: weights need at least two\(lost).",
        help: "Add units that are never treated, or end the panel before the last ones start.")
    }
    guard first.start >= periodsBefore else {
      throw SiblingError(
        .badDesign,
        "Only \(first.start) period stands before the first start; weights need \(periodsBefore)"
          + " or more.",
        help: "Add earlier periods, leave the earliest starters out, or use --method did.")
    }
  }

  /// The mean outcome by period of some units.
  func mean(of units: [Int]) -> [Double] {
    (0..<periods.count).map { t in
      units.reduce(0) { $0 + outcome[t, $1] } / Double(max(1, units.count))
    }
  }

  /// The weighted sum of outcomes by period.
  func combination(of units: [Int], _ weights: [Double]) -> [Double] {
    (0..<periods.count).map { t in
      zip(units, weights).reduce(0) { $0 + outcome[t, $1.0] * $1.1 }
    }
  }

  /// The standard deviation (n − 1) of the units' changes from period to period before a start.
  func noise(of units: [Int], before start: Int) -> Double {
    guard start > 1 else { return 0 }
    let changes = units.flatMap { unit in
      (1..<start).map { outcome[$0, unit] - outcome[$0 - 1, unit] }
    }
    guard changes.count > 1 else { return 0 }
    let mean = changes.reduce(0, +) / Double(changes.count)
    let squares = changes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(changes.count - 1)).squareRoot()
  }
}
