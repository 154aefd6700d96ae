public import LinearAlgebra
public import Statistics

extension GroupTimeResult {
  /// How cells are averaged; cohorts weigh by their share of units.
  public enum Aggregation: String, Sendable, CaseIterable {
    /// One average over all treated cells.
    case simple = "simple"
    /// By time since treatment began; overall the plain mean from 0 on.
    case dynamic = "dynamic"
    /// By cohort; overall weighed by the cohorts' shares.
    case group = "group"
    /// By period; overall the plain mean over periods.
    case calendar = "calendar"
  }

  /// Averages of the cells: terms `e=1`, `g=2004` or `t=2005`, and last `overall`.
  ///
  /// Standard errors include that of the weights. `balance` keeps, for dynamic averages, the cohorts
  /// seen at least that long after treatment began, and event times up to it. A row that rests
  /// on a cohort without a standard error has none. A uniform band covers all rows but `overall`,
  /// whose interval is its own.
  /// - Throws: `badDesign` where no treated cell was estimated, or none is left by `balance`.
  public func aggregate(
    _ aggregation: Aggregation, balance: Double? = nil
  ) throws(SiblingError) -> EstimateTable {
    try averages(aggregation, balance: balance).table
  }

  /// Averages as a table with the analytic covariance of its rows, `overall` last.
  ///
  /// - Throws: as `aggregate`.
  public func aggregateCovariance(
    _ aggregation: Aggregation, balance: Double? = nil
  ) throws(SiblingError) -> (table: EstimateTable, covariance: Matrix) {
    let found = try averages(aggregation, balance: balance)
    return (found.table, uncertainty.covariance(found.parts.map(\.form)))
  }

  func averages(
    _ aggregation: Aggregation, balance: Double?
  ) throws(SiblingError) -> (table: EstimateTable, parts: [Part]) {
    let after = cells.indices.filter { cells[$0].isEstimated && cells[$0].time >= cells[$0].group }
    guard !after.isEmpty else {
      throw SiblingError(
        .badDesign, "No effect after treatment could be estimated.",
        help: "Check cohorts, periods and controls; the notes say which cells failed.")
    }
    let parts: [Part]
    var overall: Part
    switch aggregation {
    case .simple:
      parts = []
      overall = average(after)
    case .dynamic:
      parts = dynamicParts(balance)
      let later = parts.filter { $0.position >= 0 }
      guard !later.isEmpty else {
        throw SiblingError(
          .badDesign, "No cohort is seen so long after treatment began.",
          help: "Give a smaller balance-e.", column: "balance-e")
      }
      overall = plainMean(later)
    case .calendar:
      parts = grouped(after) { cells[$0].time }.map { average($0.cells, "t", $0.position) }
      overall = plainMean(parts)
    case .group:
      parts = grouped(after) { cells[$0].group }.map { equalMean($0.cells, $0.position) }
      overall = shareMean(parts)
    }
    overall.term = "overall"
    let all = parts + [overall]
    let clustering = clusters.map { ", clustered, G=\($0)" } ?? ""
    let found = uncertainty.estimates(
      all.map(\.term), all.map(\.value), all.map(\.form), isHonest: all.map(\.isHonest),
      isBanded: all.map { $0.term != "overall" }
    ) { _ in "\(aggregation.rawValue) average, \(uncertainty.errorConvention)\(clustering), z" }
    var notes = notes
    if let critical = found.critical {
      notes.append(
        uncertainty.bandNote(critical, over: "rows but overall, whose interval is its own"))
    }
    return (
      EstimateTable(rows: found.rows, observations: observations, clusters: clusters, notes: notes),
      all
    )
  }

  // MARK: - Averages with their errors

  struct Part {
    var term: String
    var position: Double
    var value: Double
    var form: LinearForm
    var isHonest: Bool
    /// The cohort's place, for a cohort's own average.
    var cohort = -1
  }

  /// Cells by some position, ascending.
  private func grouped(
    _ chosen: [Int], by position: (Int) -> Double
  ) -> [(position: Double, cells: [Int])] {
    var groups: [Double: [Int]] = [:]
    for index in chosen { groups[position(index), default: []].append(index) }
    return groups.keys.sorted().map { ($0, groups[$0] ?? []) }
  }

  private func dynamicParts(_ balance: Double?) -> [Part] {
    var chosen = cells.indices.filter { cells[$0].isEstimated || cells[$0].isBase }
    if let balance {
      let last = cells.map(\.time).max() ?? 0
      chosen = chosen.filter {
        last - cells[$0].group >= balance && cells[$0].eventTime <= balance
      }
    }
    return grouped(chosen) { cells[$0].eventTime }.map { average($0.cells, "e", $0.position) }
  }

  private func isHonest(_ chosen: [Int]) -> Bool {
    chosen.allSatisfy { cells[$0].estimate.standardError != nil || cells[$0].isBase }
  }

  /// Cells weighed by their cohorts' shares.
  private func average(_ chosen: [Int], _ letter: String = "", _ position: Double = 0) -> Part {
    weighed(
      chosen.map { cells[$0].estimate.estimate }, chosen.map { form(cell: $0) },
      chosen.map { cohortOfCell[$0] }, term: "\(letter)=\(PanelDesign.label(position))",
      position: position, isHonest: isHonest(chosen))
  }

  /// The cohorts' own averages weighed by their shares.
  private func shareMean(_ parts: [Part]) -> Part {
    weighed(
      parts.map(\.value), parts.map(\.form), parts.map(\.cohort), term: "overall",
      position: 0, isHonest: parts.allSatisfy(\.isHonest))
  }

  private func weighed(
    _ values: [Double], _ forms: [LinearForm], _ cohorts: [Int], term: String,
    position: Double, isHonest: Bool
  ) -> Part {
    let weights = cohorts.map { shares[$0] }
    let total = weights.reduce(0, +)
    let value = zip(values, weights).reduce(0) { $0 + $1.0 * $1.1 } / total
    var terms: [LinearForm] = []
    for place in values.indices {
      terms.append(forms[place].scaled(by: weights[place] / total))
      // The shares are estimated too: moving p_g moves the average by (value_g − average)/Σp.
      terms.append(form(shareOf: cohorts[place]).scaled(by: (values[place] - value) / total))
    }
    return Part(
      term: term, position: position, value: value, form: .sum(terms), isHonest: isHonest)
  }

  private func equalMean(_ chosen: [Int], _ group: Double) -> Part {
    let count = Double(chosen.count)
    return Part(
      term: "g=\(PanelDesign.label(group))", position: group,
      value: chosen.reduce(0) { $0 + cells[$1].estimate.estimate } / count,
      form: .sum(chosen.map { form(cell: $0).scaled(by: 1 / count) }),
      isHonest: isHonest(chosen), cohort: chosen.first.map { cohortOfCell[$0] } ?? -1)
  }

  private func plainMean(_ parts: [Part]) -> Part {
    let count = Double(parts.count)
    return Part(
      term: "overall", position: 0, value: parts.reduce(0) { $0 + $1.value } / count,
      form: .sum(parts.map { $0.form.scaled(by: 1 / count) }),
      isHonest: parts.allSatisfy(\.isHonest))
  }
}
