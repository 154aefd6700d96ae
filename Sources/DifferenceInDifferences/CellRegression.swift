internal import LinearAlgebra
internal import Statistics

/// Effects read off a regression that has a column for each cell or event time.
struct CellRegression {
  let fit: AbsorbedLeastSquaresFit
  /// What the columns stand for, in order from column `first` on.
  let columns: EffectPartition
  let first: Int
  let estimator: CovarianceEstimator

  /// For each row of the panel whether its cell's effect could be told from everything else.
  func identified() -> [Bool] {
    let kept = Set(fit.keptColumns)
    return columns.group.map { $0 >= 0 && kept.contains(first + Int($0)) }
  }

  /// Terms whose column was left out.
  var lost: [String] {
    let kept = Set(fit.keptColumns)
    return columns.groups.indices.filter { !kept.contains(first + $0) }.map {
      columns.groups[$0].term
    }
  }

  /// The averages of coefficients that a partition asks for, weights of the average taken as fixed.
  ///
  /// A row has no standard error where one of its coefficients rests on too few clusters.
  ///
  /// - Throws: what the covariance estimator finds wrong.
  func effects(
    _ partition: EffectPartition, weights: [Double]?, level: Double, label: String
  ) throws(SiblingError) -> PanelEffects {
    let covariance = try fit.covariance(estimator)
    var place = [Int](repeating: -1, count: fit.names.count)
    for (index, column) in fit.keptColumns.enumerated() { place[column] = index }
    var shares = Matrix(rows: columns.groups.count, columns: partition.groups.count)
    for row in partition.group.indices where partition.group[row] >= 0 && columns.group[row] >= 0 {
      let group = Int(partition.group[row])
      shares[Int(columns.group[row]), group] +=
        (weights?[row] ?? 1) / partition.groups[group].weight
    }
    var rows: [PanelEffects.Row] = []
    var small: [String] = []
    func estimate(_ term: String, _ share: [Double], _ convention: String) -> Estimate {
      var pick = [Double](repeating: 0, count: fit.keptColumns.count)
      var (value, isSmall) = (0.0, false)
      for (column, weight) in share.enumerated() where weight > 0 {
        value += weight * fit.coefficients[first + column]
        pick[place[first + column]] = weight
        isSmall = isSmall || columns.groups[column].isSmall
      }
      if isSmall { small.append(term) }
      let variance = covariance.matrix.quadraticForm(pick)
      return Estimate(
        term: term, estimate: value,
        standardError: isSmall || !(variance > 0) ? nil : variance.squareRoot(),
        degreesOfFreedom: covariance.degreesOfFreedom, level: level,
        convention: "\(convention), \(label), \(covariance.convention)")
    }
    for (index, group) in partition.groups.enumerated() {
      rows.append(
        PanelEffects.Row(
          estimate(group.term, shares.column(index), partition.name), group: group.cohort,
          time: group.time, treatedRows: group.rows, treatedUnits: group.units))
    }
    if partition.hasOverall {
      rows.append(
        PanelEffects.Row(
          estimate(
            "overall", shares.times(partition.shares), "average over treated unit-periods"),
          treatedRows: partition.groups.reduce(0) { $0 + ($1.isOverall ? $1.rows : 0) },
          treatedUnits: partition.overallUnits))
    }
    var notes = [partition.note, PanelEffects.smallNote(small)].compactMap { $0 }
    let lost = lost
    if !lost.isEmpty {
      notes.append("\(lost.joined(separator: ", ")): cannot be told from other terms; left out.")
    }
    return PanelEffects(
      rows: rows, observations: fit.observations, clusters: covariance.clusters, notes: notes)
  }
}

extension PanelDesign {
  /// Rows whose unit has an untreated row and whose period has an untreated unit, weights apart.
  ///
  /// Rows without weight are not counted among those left out.
  func comparableRows(
    weights: [Double]?, anticipation: Double
  ) -> (isUsed: [Bool], isUntreated: [Bool], notes: [String]) {
    var isUntreated = [Bool](repeating: false, count: rows)
    var unitHas = [Bool](repeating: false, count: units)
    var periodHas = [Bool](repeating: false, count: periods.count)
    for row in 0..<rows where weights?[row] ?? 1 > 0 {
      let start = groups[Int(unit.codes[row])] ?? .infinity
      guard periods[Int(period[row])] < start - anticipation else { continue }
      isUntreated[row] = true
      unitHas[Int(unit.codes[row])] = true
      periodHas[Int(period[row])] = true
    }
    var isUsed = [Bool](repeating: false, count: rows)
    var (noUnit, noPeriod) = (0, 0)
    for row in 0..<rows where weights?[row] ?? 1 > 0 {
      if !unitHas[Int(unit.codes[row])] {
        noUnit += 1
      } else if !periodHas[Int(period[row])] {
        noPeriod += 1
      } else {
        isUsed[row] = true
      }
    }
    var notes: [String] = []
    if noUnit > 0 {
      notes.append(
        "\(noUnit) treated unit-periods were left out: their units are never seen untreated.")
    }
    if noPeriod > 0 {
      notes.append(
        "\(noPeriod) treated unit-periods were left out: no unit is untreated in their periods.")
    }
    return (isUsed, isUntreated, notes)
  }
}
