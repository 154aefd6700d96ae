internal import LinearAlgebra
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
  /// on a cohort of one or two units has no standard error.
  /// - Throws: `badDesign` where no treated cell was estimated.
  public func aggregate(
    _ aggregation: Aggregation, balance: Double? = nil
  ) throws(SiblingError) -> EstimateTable {
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
      overall = plainMean(parts.filter { $0.position >= 0 })
    case .calendar:
      parts = positions(after.map { cells[$0].time }).map { time in
        average(after.filter { cells[$0].time == time }, "t", time)
      }
      overall = plainMean(parts)
    case .group:
      parts = positions(after.map { cells[$0].group }).map { group in
        equalMean(after.filter { cells[$0].group == group }, group)
      }
      overall = shareMean(parts)
    }
    overall.term = "overall"
    let rows = (parts + [overall]).map { estimate($0, aggregation) }
    return EstimateTable(
      rows: rows, observations: units.count, clusters: clusters, notes: notes)
  }

  // MARK: - Averages with their influence functions

  struct Part {
    var term: String
    var position: Double
    var value: Double
    var influence: [Double]
    var isHonest: Bool
  }

  private func estimate(_ part: Part, _ aggregation: Aggregation) -> Estimate {
    let error = InfluenceFunction.standardError(part.influence, clusters: clusterOfUnit)
    let clustering = clusterOfUnit.map { ", clustered, G=\($0.levels.count)" } ?? ""
    // A universal base's own event time is 0 by construction.
    return Estimate(
      term: part.term, estimate: part.value,
      standardError: part.isHonest && error > 0 ? error : nil, level: level,
      convention: "\(aggregation.rawValue) average, influence function\(clustering), z")
  }

  private func positions(_ values: [Double]) -> [Double] { Array(Set(values)).sorted() }

  func dynamicParts(_ balance: Double?) -> [Part] {
    var chosen = cells.indices.filter { cells[$0].isEstimated || cells[$0].isBase }
    if let balance {
      let last = cells.map(\.time).max() ?? 0
      chosen = chosen.filter {
        last - cells[$0].group >= balance && cells[$0].eventTime <= balance
      }
    }
    return positions(chosen.map { cells[$0].eventTime }).map { time in
      average(chosen.filter { cells[$0].eventTime == time }, "e", time)
    }
  }

  /// The share of unit weight in a cohort, as a mean over units.
  private func share(_ group: Double) -> Double {
    var sum = 0.0
    for (unit, own) in groupOfUnit.enumerated() where own == group { sum += unitWeights[unit] }
    return sum / Double(groupOfUnit.count)
  }

  private func isHonest(_ chosen: [Int]) -> Bool {
    chosen.allSatisfy { cells[$0].estimate.standardError != nil || cells[$0].isBase }
  }

  /// Cells weighed by their cohorts' shares.
  private func average(_ chosen: [Int], _ letter: String = "", _ position: Double = 0) -> Part {
    weighed(
      chosen.map { cells[$0].estimate.estimate }, chosen.map { influence[$0] ?? [] },
      chosen.map { cells[$0].group }, term: "\(letter)=\(PanelDesign.label(position))",
      position: position, isHonest: isHonest(chosen))
  }

  /// The cohorts' own averages weighed by their shares.
  private func shareMean(_ parts: [Part]) -> Part {
    weighed(
      parts.map(\.value), parts.map(\.influence), parts.map(\.position), term: "overall",
      position: 0, isHonest: parts.allSatisfy(\.isHonest))
  }

  private func weighed(
    _ values: [Double], _ influences: [[Double]], _ groups: [Double], term: String,
    position: Double, isHonest: Bool
  ) -> Part {
    let shares = groups.map(share)
    let total = shares.reduce(0, +)
    let value = zip(values, shares).reduce(0) { $0 + $1.0 * $1.1 } / total
    var sum = [Double](repeating: 0, count: groupOfUnit.count)
    for (place, influence) in influences.enumerated() {
      let weight = shares[place] / total
      for unit in sum.indices { sum[unit] += weight * influence[unit] }
    }
    // The shares are estimated too: moving p_g moves the average by (value_g − average)/Σp.
    for (place, group) in groups.enumerated() {
      let pull = (values[place] - value) / total
      for unit in sum.indices {
        let member = groupOfUnit[unit] == group ? unitWeights[unit] : 0
        sum[unit] += pull * (member - shares[place])
      }
    }
    return Part(term: term, position: position, value: value, influence: sum, isHonest: isHonest)
  }

  private func equalMean(_ chosen: [Int], _ group: Double) -> Part {
    let parts = chosen.map { index in
      Part(
        term: "", position: group, value: cells[index].estimate.estimate,
        influence: influence[index] ?? [], isHonest: isHonest([index]))
    }
    var mean = plainMean(parts)
    mean.term = "g=\(PanelDesign.label(group))"
    mean.position = group
    return mean
  }

  private func plainMean(_ parts: [Part]) -> Part {
    let count = Double(parts.count)
    var sum = [Double](repeating: 0, count: groupOfUnit.count)
    for part in parts {
      for unit in sum.indices { sum[unit] += part.influence[unit] / count }
    }
    return Part(
      term: "overall", position: 0, value: parts.reduce(0) { $0 + $1.value } / count,
      influence: sum, isHonest: parts.allSatisfy(\.isHonest))
  }
}
