internal import LinearAlgebra
internal import Statistics
internal import Survival
internal import Tables

extension CoxFromSums {
  /// What the rows of people tell: notes, and whether some person has several events.
  func spells(_ frame: EngineFrame) throws(SiblingError) -> (notes: [String], repeated: Bool) {
    guard let id else { return ([], false) }
    var division = SurvivalCells.Division()
    division.strata = true
    division.id = id
    let cells = try SurvivalCells(frame, by: division)
    guard let people = cells.people else { return ([], false) }
    do throws(SiblingError) {
      return try CoxRegression.spells(cells.times, id: people, strata: cells.strata)
    } catch {
      throw error.withoutRow
    }
  }

  /// Columns that the risk sets can tell apart, found from the information at zero.
  static func independentColumns(
    _ sums: CoxSums, _ names: [String]
  ) throws(SiblingError) -> ColumnRank {
    let p = sums.kept.count
    var information = try sums.evaluate(at: [Double](repeating: 0, count: p)).information
    // What is left of such a column is rounding: it is constant in every risk set. Sums over many rows are good
    // to fewer digits than sums in memory.
    for j in 0..<p where !(information[j, j] > 1e-11 * sums.uncancelledAtZero[j]) {
      for k in 0..<p { (information[j, k], information[k, j]) = (0, 0) }
    }
    let rank = ColumnRank(gram: information, tolerance: 1e-6)
    guard !rank.kept.isEmpty else {
      throw SiblingError(
        .rankDeficient, "no covariate varies among the rows at risk when an event happens",
        help: "check that the terms are not constant, nor constant within strata",
        column: names.first)
    }
    return rank
  }

  /// Of a covariate with two values that are small whole numbers, the one no row of which has the event.
  func emptyValue(_ known: Known, _ column: Int) throws(SiblingError) -> String? {
    guard known.survey.isSmall[column], let event = known.frame.event else { return nil }
    let cells = try known.frame.data.aggregate(
      keys: [GroupKey("value", .number(known.design.columns[column]))],
      sums: [NamedExpression("events", event)])
    guard cells.count == 2 else { return nil }
    let empty = cells.sums[0].map { $0 == 0 }
    guard empty[0] != empty[1] else { return nil }
    return numberKeyText(cells.numbers(0)[empty[0] ? 0 : 1])
  }
}

extension CoxSums {
  /// Coefficients whose next step would still be large: the likelihood rises for ever along them.
  func infiniteColumns(_ solution: NewtonSolver.Solution, _ variance: Matrix) -> [Int] {
    let step = variance.times(solution.final.gradient)
    let events = groups.deathWeight.reduce(0, +)
    return step.indices.filter { j in
      guard step[j].isFinite, variance[j, j].isFinite else { return true }
      // In units of the covariate's spread among those at risk.
      let scaled = step[j].magnitude * (uncancelledAtZero[j] / events).squareRoot()
      return scaled > 1e-6 && step[j].magnitude > 1e-6 * solution.coefficients[j].magnitude
    }
  }

  /// The concordance of the linear predictor with the order of events, from each row's score.
  ///
  /// - Throws: `disclosure` where only cells may leave the engine; the engine's failures.
  func concordance(
    at coefficients: [Double], _ centres: [Double]
  ) throws(SiblingError) -> Concordance {
    if let least = rows.data.minimumCell { throw HeldCells.error(least) }
    let level = zip(kept, coefficients).reduce(0) { $0 + centres[$1.0] * $1.1 }
    let layers = rows.risk(kept, coefficients)
    var columns = rows.keys
    columns.append(GroupKey("score", .number(.name("r_raw") + .constant(level))))
    columns.append(GroupKey("weight", .number(rows.weight ?? .constant(1))))
    if let cluster = rows.cluster { columns.append(cluster) }
    var parts = [EngineColumnBuffer](repeating: EngineColumnBuffer(), count: columns.count)
    rows.data.progress?("scores for the concordance")
    try rows.data.engine.stream(
      RowQuery(
        rows.data.source, keep: rows.data.keep, layers: [layers[0]], columns: columns)
    ) { block throws(SiblingError) in
      for (place, values) in block.columns.enumerated() { parts[place].append(values) }
    }
    let first = rows.keys.count - (groups.hasStart ? 3 : 2)
    var strata: Factor?
    for part in parts.prefix(first) {
      strata = strata.map { $0.crossed(with: part.factor) } ?? part.factor
    }
    let times = try SurvivalTimes(
      start: groups.hasStart ? parts[first + 2].numbers : nil, time: parts[first + 1].numbers,
      event: parts[first].numbers.map { $0 == 1 })
    let score = parts[rows.keys.count].numbers
    return Concordance(
      times, predictor: score, strata: strata,
      weights: rows.weight == nil ? nil : parts[rows.keys.count + 1].numbers,
      cluster: rows.cluster == nil ? nil : parts[rows.keys.count + 2].factor)
  }
}

/// A streamed column.
struct EngineColumnBuffer {
  private(set) var numbers: [Double] = []
  private var texts: [String?] = []

  mutating func append(_ values: EngineValues) {
    switch values {
    case .numbers(let more): numbers += more
    case .text(let more): texts += more
    }
  }

  /// The column as a factor.
  var factor: Factor {
    guard texts.isEmpty else { return Factor(texts) }
    var place: [Double: Int32] = [:]
    let codes = numbers.map { value -> Int32 in
      if let known = place[value] { return known }
      place[value] = Int32(place.count)
      return Int32(place.count - 1)
    }
    return Factor(codes: codes, levels: (0..<place.count).map(String.init))
  }
}
