internal import LinearAlgebra
internal import Statistics

/// Leads among untreated unit-periods.
///
/// They tell whether cohorts about to be treated already differ from themselves earlier, beyond unit and
/// period effects.
struct PreTrend {
  /// The leads, `e=-3` …, ascending.
  let rows: [PanelEffects.Row]
  /// The joint test that all are zero.
  let test: WaldTest?
  let notes: [String]

  /// Least squares with unit and period effects on base rows, clustered (CR1).
  ///
  /// Without a number of leads all but the earliest event time get one; earlier ones are the reference.
  init(
    _ panel: PanelDesign, _ model: UntreatedModel, outcome: [Double], covariates: DesignMatrix?,
    leads: Int?, clusters: Factor, level: Double
  ) throws(SiblingError) {
    if let leads, leads < 1 {
      throw SiblingError(.invalidOption, "The test before treatment needs at least one lead.")
    }
    let base = model.effects.rows.map(Int.init)
    let events = base.map { row in
      panel.groups[Int(panel.unit.codes[row])].map { panel.periods[Int(panel.period[row])] - $0 }
    }
    var distinct = Array(Set(events.compactMap { $0 })).sorted()
    if let leads, leads < distinct.count {
      distinct = Array(distinct.suffix(leads))
    } else {
      distinct = Array(distinct.dropFirst())
    }
    guard !distinct.isEmpty else {
      rows = []
      test = nil
      notes = ["No trend before treatment can be tested: cohorts have a single untreated period."]
      return
    }
    let own = clusters.selecting(base)
    let clusterCounts = Self.clusterCounts(events, distinct, own)
    let terms = distinct.map { "e=\(PanelDesign.label($0))" }
    var columns = distinct.map { lead in events.map { $0 == lead ? 1.0 : 0 } }
    var names = terms
    if let covariates {
      for j in 0..<covariates.columns where covariates.names[j] != "(Intercept)" {
        let column = covariates.matrix.column(j)
        columns.append(base.map { column[$0] })
        names.append(covariates.names[j])
      }
    }
    let time = Factor(
      codes: panel.period, levels: panel.periods.map { PanelDesign.label($0) })
    var rows: [PanelEffects.Row] = []
    var test: WaldTest?
    var notes: [String] = []
    do {
      let fit = try AbsorbedLeastSquares(keepsSingletons: true).fit(
        DesignMatrix(matrix: Matrix(columns: columns), names: names),
        response: base.map { outcome[$0] },
        absorbing: [panel.unit.selecting(base), time.selecting(base)],
        weights: model.weights.map { w in base.map { w[$0] } })
      let estimator = CovarianceEstimator.cluster(.cr1, [own])
      let table = try fit.estimates(covariance: estimator, level: level)
      for (place, term) in terms.enumerated() {
        guard var estimate = table[term] else { continue }
        let convention = "lead among untreated unit-periods, \(estimate.convention)"
        let isSmall = clusterCounts[place] <= EffectPartition.small
        estimate = Estimate(
          term: term, estimate: estimate.estimate,
          standardError: isSmall ? nil : estimate.standardError,
          degreesOfFreedom: estimate.degreesOfFreedom, level: level, convention: convention)
        let count = events.reduce(0) { $0 + ($1 == distinct[place] ? 1 : 0) }
        // A unit has at most one row at an event time.
        rows.append(PanelEffects.Row(estimate, treatedRows: count, treatedUnits: count))
      }
      let honest = rows.filter { $0.estimate.standardError != nil }.map(\.estimate.term)
      if honest.count < rows.count {
        let small = rows.filter { $0.estimate.standardError == nil }.map(\.estimate.term)
        notes.append(
          "\(small.joined(separator: ", ")): resting on one or two clusters, without standard error"
            + " and not tested.")
      }
      if !honest.isEmpty { test = try fit.wald(honest, covariance: estimator) }
    } catch {
      notes.append("No joint test of trends before treatment: \(error.message)")
    }
    self.rows = rows
    self.test = test
    self.notes = notes
  }

  /// The clusters behind each lead.
  private static func clusterCounts(
    _ events: [Double?], _ leads: [Double], _ clusters: Factor
  ) -> [Int] {
    var place: [Double: Int] = [:]
    for (index, lead) in leads.enumerated() { place[lead] = index }
    var last = [Int32](repeating: -1, count: leads.count)
    var counts = [Int](repeating: 0, count: leads.count)
    for row in Sorting.order(codes: clusters.codes, levels: clusters.levels.count) {
      guard let event = events[Int(row)], let index = place[event],
        last[index] != clusters.codes[Int(row)]
      else { continue }
      last[index] = clusters.codes[Int(row)]
      counts[index] += 1
    }
    return counts
  }
}
