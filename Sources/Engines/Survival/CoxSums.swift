internal import LinearAlgebra
internal import Statistics
internal import Survival
internal import Tables

/// The partial log-likelihood of a Cox model by one aggregate of an engine for each point.
///
/// Rows of one stratum, time, start and end share all that the likelihood does to them, so that sums of r, rx and
/// rxx′ with r = w·exp(η) by such cells give value, score and information, Efron's ties included: with Λ the
/// hazard summed over the times at which a cell is at risk, the score is Σwδx − ΣΛrx and the information
/// ΣΛrxx′ less the outer products of the risk sets' sums.
final class CoxSums: SmoothObjective {
  let rows: CoxRows
  let cells: SurvivalCells
  let groups: CoxGroups
  let isEfron: Bool
  /// The covariates that are in the model.
  let kept: [Int]
  /// The weighted sums of covariates and offset over all events.
  private let eventSums: [Double]
  private let eventOffset: Double
  private var remembered: [(coefficients: [Double], value: ObjectiveValue, hazards: CoxHazards)] =
    []
  /// The diagonal of ΣΛrxx′ at the first evaluation, against which cancellation is judged.
  private(set) var uncancelledAtZero: [Double] = []

  /// The likelihood of all covariates; `cells` carry the weighted sums of covariates and offset.
  init(_ rows: CoxRows, _ cells: SurvivalCells, isEfron: Bool) {
    self.rows = rows
    self.cells = cells
    self.isEfron = isEfron
    groups = CoxGroups(cells)
    kept = Array(rows.covariates.indices)
    let events = cells.times.event.indices.filter { cells.times.event[$0] }
    func total(_ sum: Int) -> Double { events.reduce(0) { $0 + cells.sums[sum][$1] } }
    eventSums = rows.covariates.indices.map(total)
    eventOffset = rows.offset == nil ? 0 : total(rows.covariates.count)
  }

  /// The same of some covariates; what is known at zero is kept.
  init(_ whole: CoxSums, keeping kept: [Int]) {
    (rows, cells, groups, isEfron) = (whole.rows, whole.cells, whole.groups, whole.isEfron)
    self.kept = kept
    eventSums = kept.map { whole.eventSums[$0] }
    eventOffset = whole.eventOffset
    uncancelledAtZero = kept.map { whole.uncancelledAtZero[$0] }
    guard let (coefficients, value, hazards) = whole.remembered.first else { return }
    remembered = [
      (
        kept.map { coefficients[$0] },
        ObjectiveValue(
          value: value.value, gradient: kept.map { value.gradient[$0] },
          information: value.information.selecting(both: kept)),
        hazards.selecting(kept)
      )
    ]
  }

  func evaluate(at coefficients: [Double]) throws(SiblingError) -> ObjectiveValue {
    try state(at: coefficients).value
  }

  /// The likelihood and the hazards at coefficients; the first and the last are remembered.
  func state(
    at coefficients: [Double]
  ) throws(SiblingError) -> (value: ObjectiveValue, hazards: CoxHazards) {
    if let known = remembered.first(where: { $0.coefficients == coefficients }) {
      return (known.value, known.hazards)
    }
    let p = kept.count
    let columns = kept.map { rows.covariates[$0] }
    let cross = CrossProduct(columns)
    var layers = rows.risk(kept, coefficients)
    layers.append(
      columns.indices.map { NamedExpression("rx\($0)", .name("r") * columns[$0]) })
    var sums = [NamedExpression("r", .name("r"))]
    sums += columns.indices.map { NamedExpression("s\($0)", .name("rx\($0)")) }
    for j in columns.indices {
      for i in j..<p { sums.append(NamedExpression("x_\(j)_\(i)", .name("rx\(j)") * columns[i])) }
    }
    rows.data.progress?("a step of the Cox model")
    let answer = try rows.data.aggregate(layers: layers, keys: rows.keys, sums: sums)
    try check(answer)
    let hazards = CoxHazards(
      groups, risk: answer.sums[0], covariates: Array(answer.sums[1...p]), isEfron: isEfron)
    let value = value(coefficients, hazards, answer.sums, cross)
    if remembered.count > 1 { remembered.removeLast() }
    remembered.append((coefficients, value, hazards))
    return (value, hazards)
  }

  /// The answers of all steps must have the same cells.
  private func check(_ answer: Cells) throws(SiblingError) {
    guard answer.counts == cells.times.people?.counts else {
      throw SiblingError(
        .engineFailed, "the data changed while the model was being fitted",
        help: "fit it on a table that nobody writes to")
    }
  }

  private func value(
    _ coefficients: [Double], _ hazards: CoxHazards, _ sums: [[Double]], _ cross: CrossProduct
  ) -> ObjectiveValue {
    let p = kept.count
    var linear = eventOffset
    for (b, sum) in zip(coefficients, eventSums) { linear += b * sum }
    let log = linear - hazards.logarithms
    guard log.isFinite else {
      return ObjectiveValue(
        value: -.infinity, gradient: [Double](repeating: .nan, count: p),
        information: Matrix(rows: p, columns: p))
    }
    var expected = [Double](repeating: 0, count: sums.count)
    for cell in cells.times.event.indices where groups.stop[cell] >= 0 {
      var span = groups.span(hazards.cumulative, cell)
      if groups.event[cell] { span -= hazards.spared[groups.stop[cell]] }
      span = Swift.max(0, span)
      for k in 1..<sums.count { expected[k] += span * sums[k][cell] }
    }
    let whole = cross.matrix(expected[(p + 1)...])
    if uncancelledAtZero.isEmpty { uncancelledAtZero = whole.diagonal }
    return ObjectiveValue(
      value: log, gradient: eventSums.indices.map { eventSums[$0] - expected[$0 + 1] },
      information: whole - hazards.correction(groups.count))
  }
}

extension CoxHazards {
  /// The outer products of the risk sets' sums, as the information loses them.
  func correction(_ count: Int) -> Matrix {
    let p = sums.count
    var result = Matrix(rows: p, columns: p)
    for j in 0..<p {
      let (totalJ, tiedJ) = sums[j]
      for i in j..<p {
        let (totalI, tiedI) = sums[i]
        var sum = 0.0
        for g in 0..<count {
          sum += square[g] * totalJ[g] * totalI[g] + tiedSquare[g] * tiedJ[g] * tiedI[g]
          sum -= cross[g] * (totalJ[g] * tiedI[g] + tiedJ[g] * totalI[g])
        }
        result[i, j] = sum
        result[j, i] = sum
      }
    }
    return result
  }

  /// The same of some covariates.
  func selecting(_ kept: [Int]) -> CoxHazards {
    var result = self
    result.sums = kept.map { sums[$0] }
    return result
  }
}
