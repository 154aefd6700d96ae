internal import LinearAlgebra
internal import Statistics

extension SunAbraham {
  /// An average of cells.
  private struct Average {
    var term: String
    var position: Double
    /// Each cell's share.
    var shares: [Double]
  }

  /// The rows asked for, with the joint test of those before treatment.
  func effects(
    _ panel: PanelDesign, _ cells: CohortCells, _ regression: CohortRegression,
    _ variance: CohortVariance
  ) throws(SiblingError) -> PanelEffects {
    let sample = cells.sample
    let averages = averages(cells)
    let small = sample.starts.indices.filter {
      variance.independent[$0] <= GroupTimeResult.smallCohort
    }
    let isReferenceSmall =
      variance.independent[sample.groups - 1] <= GroupTimeResult.smallCohort
    let degrees = Double(variance.clusters - 1)
    let convention =
      "Sun–Abraham, CR1, G=\(variance.clusters), t(\(variance.clusters - 1))"
      + (aggregation == nil ? "" : ", shares fixed")
    let combinations = Matrix(columns: averages.map(\.shares))
    let values = combinations.transposedTimes(regression.effects)
    let covariance = Matrix.product(
      combinations, variance.matrix * combinations, transposeLeft: true)
    var rows: [PanelEffects.Row] = []
    for (place, average) in averages.enumerated() {
      let used = cells.cells.indices.filter { average.shares[$0] != 0 }
      let isHonest =
        !isReferenceSmall && !used.contains { small.contains(cells.cells[$0].group) }
      let square = covariance[place, place]
      let only = aggregation == nil ? used.first.map { cells.cells[$0] } : nil
      rows.append(
        PanelEffects.Row(
          Estimate(
            term: average.term, estimate: values[place],
            standardError: isHonest && square > 0 ? square.squareRoot() : nil,
            degreesOfFreedom: degrees, level: level, convention: convention),
          group: only.map { sample.starts[$0.group] } ?? position(average, of: .group),
          time: only.map { sample.periods[$0.period] } ?? position(average, of: .calendar),
          treatedRows: used.reduce(0) { $0 + cells.cells[$1].rows }))
    }
    var notes = panel.notes + sample.notes + cells.notes
    notes.append(
      "\(convention); cells are compared with the last period before treatment"
        + (anticipation > 0 ? " and its anticipation." : "."))
    if !regression.dropped.isEmpty {
      notes.append(
        regression.dropped.map { "`\($0)`" }.joined(separator: ", ")
          + ": explained by unit and cohort-by-period effects or earlier covariates, and left out.")
    }
    if isReferenceSmall {
      notes.append(
        "The reference has one or two independent units: no honest standard error can be had from"
          + " this formula; use randomisation inference.")
    } else if !small.isEmpty {
      let list = small.map { PanelDesign.label(sample.starts[$0]) }.joined(separator: ", ")
      notes.append(
        "Cohorts of one or two independent units (\(list)) have no honest standard error from this"
          + " formula; pool cohorts or use randomisation inference.")
    }
    var test: WaldTest?
    let before = averages.indices.filter { place in
      rows[place].estimate.standardError != nil && isBefore(averages[place], cells)
    }
    if !before.isEmpty {
      do {
        test = try WaldTest(
          terms: before.map { averages[$0].term }, deviations: before.map { values[$0] },
          covariance: covariance.selecting(both: before), denominator: degrees,
          convention: convention)
      } catch {
        notes.append("No joint test of the effects before treatment: \(error.message)")
      }
    }
    return PanelEffects(
      rows: rows, observations: sample.rows.count, clusters: variance.clusters, notes: notes,
      preTest: test)
  }

  private func position(
    _ average: Average, of kind: GroupTimeResult.Aggregation
  ) -> Double? {
    aggregation == kind && average.term != "overall" ? average.position : nil
  }

  /// Whether an average holds only cells before treatment and any anticipation of it.
  private func isBefore(_ average: Average, _ cells: CohortCells) -> Bool {
    cells.cells.indices.allSatisfy { place in
      average.shares[place] == 0
        || cells.cells[place].eventTime(cells.sample) < -anticipation
    }
  }

  private func averages(_ cells: CohortCells) -> [Average] {
    let sample = cells.sample
    let all = cells.cells
    let after = all.indices.filter { all[$0].eventTime(sample) >= 0 }
    func weighed(_ chosen: [Int], _ letter: String, _ position: Double) -> Average {
      let total = chosen.reduce(0) { $0 + all[$1].weight }
      var shares = [Double](repeating: 0, count: all.count)
      for place in chosen { shares[place] = all[place].weight / total }
      return Average(
        term: "\(letter)=\(PanelDesign.label(position))", position: position, shares: shares)
    }
    func mean(_ parts: [Average], _ weights: [Double]) -> Average {
      let total = weights.reduce(0, +)
      var shares = [Double](repeating: 0, count: all.count)
      for (part, weight) in zip(parts, weights) {
        for place in shares.indices { shares[place] += weight / total * part.shares[place] }
      }
      return Average(term: "overall", position: 0, shares: shares)
    }
    func distinct(_ values: [Double]) -> [Double] { Array(Set(values)).sorted() }
    switch aggregation {
    case nil:
      return all.enumerated().map { place, cell in
        var shares = [Double](repeating: 0, count: all.count)
        shares[place] = 1
        let names = [sample.starts[cell.group], sample.periods[cell.period]]
        return Average(
          term: "ATT(\(names.map { PanelDesign.label($0) }.joined(separator: ",")))",
          position: 0, shares: shares)
      }
    case .simple:
      return [mean([weighed(after, "", 0)], [1])]
    case .dynamic:
      let parts = distinct(all.map { $0.eventTime(sample) }).map { time in
        weighed(all.indices.filter { all[$0].eventTime(sample) == time }, "e", time)
      }
      let late = parts.filter { $0.position >= 0 }
      return parts + [mean(late, late.map { _ in 1 })]
    case .group:
      let groups = Array(Set(after.map { all[$0].group })).sorted()
      let parts = groups.map { group in
        weighed(after.filter { all[$0].group == group }, "g", sample.starts[group])
      }
      return parts + [mean(parts, groups.map { cells.totals[$0][sample.base[$0]] })]
    case .calendar:
      let periods = Array(Set(after.map { all[$0].period })).sorted()
      let parts = periods.map { period in
        weighed(after.filter { all[$0].period == period }, "t", sample.periods[period])
      }
      return parts + [mean(parts, parts.map { _ in 1 })]
    }
  }
}

extension CohortCells.Cell {
  /// The cell's period less the start of its cohort's treatment.
  func eventTime(_ sample: CohortSample) -> Double { sample.periods[period] - sample.starts[group] }
}
