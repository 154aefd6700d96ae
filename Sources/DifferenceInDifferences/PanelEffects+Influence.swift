internal import LinearAlgebra
internal import Statistics

extension PanelEffects {
  /// Effects by group, then overall, with standard errors from each cluster's influence.
  ///
  /// No small-sample factor; a row that rests on two clusters or fewer has no standard error.
  init(
    _ means: [Double], _ influence: Matrix, _ partition: EffectPartition, level: Double,
    convention: String
  ) {
    var rows: [Row] = []
    var small: [String] = []
    for (place, group) in partition.groups.enumerated() {
      let error = influence.column(place).reduce(0) { $0 + $1 * $1 }.squareRoot()
      if group.isSmall { small.append(group.term) }
      rows.append(
        Row(
          Estimate(
            term: group.term, estimate: means[place],
            standardError: group.isSmall || !(error > 0) ? nil : error, level: level,
            convention: "\(partition.name), \(convention)"),
          group: group.cohort, time: group.time, treatedRows: group.rows, treatedUnits: group.units)
      )
    }
    if partition.hasOverall {
      let shares = partition.shares
      let pull = influence.times(shares)
      let error = pull.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let chosen = partition.groups.filter(\.isOverall)
      let isSmall = chosen.allSatisfy(\.isSmall)
      rows.append(
        Row(
          Estimate(
            term: "overall", estimate: zip(shares, means).reduce(0) { $0 + $1.0 * $1.1 },
            standardError: isSmall || !(error > 0) ? nil : error, level: level,
            convention: "average over treated unit-periods, \(convention)"),
          treatedRows: chosen.reduce(0) { $0 + $1.rows }, treatedUnits: partition.overallUnits))
    }
    self.init(
      rows: rows, observations: 0, clusters: nil,
      notes: ([partition.note] + [Self.smallNote(small)]).compactMap { $0 })
  }

  /// What is said of rows without standard error.
  static func smallNote(_ terms: [String]) -> String? {
    guard !terms.isEmpty else { return nil }
    return terms.joined(separator: ", ")
      + ": no standard error, because one or two treated clusters show no spread; pool cohorts, or"
      + " use randomisation inference."
  }
}

extension PanelDesign {
  /// Each row's cluster: its unit, or the one given, which must not change within units.
  func clustersOfUnits(_ clusters: Factor?) throws(SiblingError) -> Factor {
    guard let clusters else { return unit }
    let used = try InfluenceFunction.checked(clusters, rows: rows) ?? unit
    _ = try unitLevel(used)
    return used
  }
}
