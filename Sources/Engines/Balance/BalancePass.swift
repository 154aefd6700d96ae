internal import Matching
internal import Statistics
internal import Tables

/// The queries behind a balance table, over kept rows, and what they give for each part.
struct BalancePass {
  let balance: EngineBalance
  let rows: EngineData

  /// The sums at a value: rows, Σs and Σw of each group.
  private struct Masses {
    var rows = (treated: 0, comparison: 0)
    var sampling = (treated: 0.0, comparison: 0.0)
    var weight = (treated: 0.0, comparison: 0.0)

    mutating func add(_ isTreated: Bool, _ count: Int, _ s: Double, _ w: Double) {
      if isTreated {
        rows.treated += count
        sampling.treated += s
        weight.treated += w
      } else {
        rows.comparison += count
        sampling.comparison += s
        weight.comparison += w
      }
    }
  }

  /// What is known of one covariate in one part, with the people at the value 1 of an indicator.
  private struct Measured {
    var covariate: BalanceCells.Covariate
    var inLevel: (treated: Int, comparison: Int)?
  }

  private let t = RowExpression.column("t")
  private let s = RowExpression.column("s")
  private let w = RowExpression.column("w")

  init(balance: EngineBalance, rows: EngineData) {
    (self.balance, self.rows) = (balance, rows)
  }

  private var keys: [GroupKey] {
    var keys = [GroupKey("t", .number(t))]
    if let by = balance.by { keys.append(by.factor.keptKey("g")) }
    return keys
  }

  /// The part of each cell: the place of its level, or 0.
  private func parts(_ cells: Cells) -> [Int] {
    guard let by = balance.by else { return [Int](repeating: 0, count: cells.count) }
    return by.codes(cells, key: 1)
  }

  private var partCount: Int { balance.by?.levels.names.count ?? 1 }

  func run(
    _ assessment: BalanceAssessment
  ) throws(SiblingError) -> (parts: [EngineBalance.Part], notes: [String]) {
    let cells = try rows.aggregate(
      keys: keys,
      sums: [
        NamedExpression("s", s), NamedExpression("ss", s * s), NamedExpression("w", w),
        NamedExpression("ww", w * w),
      ])
    var groups = [[BalanceCells.Group]](
      repeating: [BalanceCells.Group](
        repeating: BalanceCells.Group(rows: 0, sampling: (0, 0), weight: (0, 0)), count: 2),
      count: partCount)
    let treated = cells.numbers(0)
    for (cell, part) in parts(cells).enumerated() where part >= 0 {
      groups[part][treated[cell] == 1 ? 1 : 0] = BalanceCells.Group(
        rows: Double(cells.counts[cell]), sampling: (cells.sums[0][cell], cells.sums[1][cell]),
        weight: (cells.sums[2][cell], cells.sums[3][cell]))
    }
    var columns = try number(Balance.distanceName, .column("d"))
    var notes: [String] = []
    func tell(_ name: String, _ isCoarse: Bool) {
      guard isCoarse else { return }
      notes.append(
        "\(name) has too many distinct values to leave the engine: no differences of distributions"
          + " and no overlap")
    }
    tell(Balance.distanceName, columns.isCoarse)
    var measured = [columns.parts]
    for (index, covariate) in balance.covariates.enumerated() {
      rows.progress?("measuring \(covariate.name)")
      switch covariate.value {
      case .number:
        columns = try number(covariate.name, .column("c\(index)"))
        tell(covariate.name, columns.isCoarse)
        measured.append(columns.parts)
      case .factor(let factor, let levels):
        measured += try self.levels(covariate.name, factor, levels, "c\(index)")
      }
    }
    let result = (0..<partCount).map { part -> EngineBalance.Part in
      let (one, zero) = (groups[part][1], groups[part][0])
      let level = balance.by.map { $0.levels.names[part] }
      guard one.rows > 0, zero.rows > 0 else {
        return EngineBalance.Part(level: level, balance: nil, people: [])
      }
      let own = measured.map { $0[part] }
      let table = assessment.assess(
        BalanceCells(treated: one, comparison: zero, covariates: own.map(\.covariate)))
      let all = (treated: Int(one.rows), comparison: Int(zero.rows))
      let people = table.rows.indices.map { row in
        EngineBalance.People(
          all: all, inLevel: row / 2 < own.count && row >= 2 ? own[row / 2].inLevel : nil)
      }
      return EngineBalance.Part(level: level, balance: table, people: people)
    }
    return (result, notes)
  }

  /// Every level of a factor.
  private func levels(
    _ name: String, _ factor: SymbolicFactor, _ levels: SymbolicLevels, _ column: String
  ) throws(SiblingError) -> [[Measured]] {
    let cells = try rows.aggregate(
      keys: keys + [factor.keptKey(column)],
      sums: [NamedExpression("s", s), NamedExpression("w", w)])
    let treated = cells.numbers(0)
    let codes = factor.codes(cells, key: keys.count, levels)
    var masses = [[Masses]](
      repeating: [Masses](repeating: Masses(), count: partCount), count: levels.names.count)
    var totals = [Masses](repeating: Masses(), count: partCount)
    for (cell, part) in parts(cells).enumerated() where part >= 0 && codes[cell] >= 0 {
      let (count, s, w) = (cells.counts[cell], cells.sums[0][cell], cells.sums[1][cell])
      masses[codes[cell]][part].add(treated[cell] == 1, count, s, w)
      totals[part].add(treated[cell] == 1, count, s, w)
    }
    return levels.names.indices.map { level in
      (0..<partCount).map { part in
        let (own, all) = (masses[level][part], totals[part])
        var rest = Masses()
        rest.add(
          true, all.rows.treated - own.rows.treated, all.sampling.treated - own.sampling.treated,
          all.weight.treated - own.weight.treated)
        rest.add(
          false, all.rows.comparison - own.rows.comparison,
          all.sampling.comparison - own.sampling.comparison,
          all.weight.comparison - own.weight.comparison)
        return Measured(
          covariate: BalanceCells.Covariate(
            name: name, level: levels.names[level], content: content([(0, rest), (1, own)])),
          inLevel: own.rows)
      }
    }
  }

  /// The distribution of masses by value, without values that nobody has.
  private func content(_ masses: [(value: Double, masses: Masses)]) -> BalanceCells.Content {
    let present = masses.filter { $0.masses.rows.treated + $0.masses.rows.comparison > 0 }
    return .values(
      present.map(\.value),
      sampling: (
        present.map(\.masses.sampling.treated), present.map(\.masses.sampling.comparison)
      ),
      weight: (present.map(\.masses.weight.treated), present.map(\.masses.weight.comparison)))
  }

  /// A number: its values where they are few enough, else its moments.
  private func number(
    _ name: String, _ value: RowExpression
  ) throws(SiblingError) -> (parts: [Measured], isCoarse: Bool) {
    if let fine = try values(name, value) { return (fine, false) }
    return (try moments(name, value), true)
  }

  private func values(_ name: String, _ value: RowExpression) throws(SiblingError) -> [Measured]? {
    let share = 256.0
    // Where a sample of so many values would be a handful, all are counted.
    if balance.propensity.fit.observations > balance.mostValues, balance.mostValues >= 10_000 {
      // A sample of values, not of rows: those that fall in a small interval modulo 1.
      let hash = value * .constant(9973 * 0.618_033_988_749_894_9)
      let isChosen = RowExpression.comparison(
        .less, hash - .function(.floor, hash), .constant(1 / share))
      let sample = try rows.engine.aggregate(
        AggregateQuery(rows.source, keep: isChosen, keys: [GroupKey("x", .number(value))]))
      if Double(sample.count) * share > 1.5 * Double(balance.mostValues) { return nil }
    }
    let cells: Cells
    do throws(SiblingError) {
      cells = try rows.aggregate(
        keys: keys + [GroupKey("x", .number(value))],
        sums: [NamedExpression("s", s), NamedExpression("w", w)])
    } catch {
      // Of values that few people share only moments may leave the engine.
      if error.code == .disclosure { return nil }
      throw error
    }
    let found = cells.numbers(keys.count)
    guard Set(found).count <= balance.mostValues else { return nil }
    let treated = cells.numbers(0)
    var masses = [[Double: Masses]](repeating: [:], count: partCount)
    for (cell, part) in parts(cells).enumerated() where part >= 0 {
      masses[part][found[cell] + 0, default: Masses()].add(
        treated[cell] == 1, cells.counts[cell], cells.sums[0][cell], cells.sums[1][cell])
    }
    let isIndicator = found.allSatisfy { $0 == 0 || $0 == 1 }
    return masses.map { own in
      let sorted = own.sorted { $0.key < $1.key }.map { (value: $0.key, masses: $0.value) }
      return Measured(
        covariate: BalanceCells.Covariate(name: name, content: content(sorted)),
        inLevel: isIndicator ? own[1]?.rows ?? (0, 0) : nil)
    }
  }

  /// Means and spreads from sums about the overall mean.
  private func moments(_ name: String, _ value: RowExpression) throws(SiblingError) -> [Measured] {
    let whole = try rows.aggregate(sums: [NamedExpression("x", value)])
    let center = (whole.sums[0].first ?? 0) / Double(max(1, whole.rowCount))
    let x = RowExpression.name("x")
    let cells = try rows.aggregate(
      layers: [[NamedExpression("x", value - .constant(center))]], keys: keys,
      sums: [
        NamedExpression("s", s), NamedExpression("sx", s * x), NamedExpression("sxx", s * x * x),
        NamedExpression("w", w), NamedExpression("wx", w * x), NamedExpression("wxx", w * x * x),
      ])
    let none = BalanceCells.Moments(mean: 0, spread: 0)
    var sampling = [[BalanceCells.Moments]](repeating: [none, none], count: partCount)
    var weight = sampling
    let treated = cells.numbers(0)
    for (cell, part) in parts(cells).enumerated() where part >= 0 {
      func moments(_ first: Int) -> BalanceCells.Moments {
        let total = cells.sums[first][cell]
        let mean = cells.sums[first + 1][cell] / total
        return BalanceCells.Moments(
          mean: center + mean, spread: cells.sums[first + 2][cell] / total - mean * mean)
      }
      let group = treated[cell] == 1 ? 1 : 0
      sampling[part][group] = moments(0)
      weight[part][group] = moments(3)
    }
    return (0..<partCount).map { part in
      Measured(
        covariate: BalanceCells.Covariate(
          name: name,
          content: .moments(
            sampling: (sampling[part][1], sampling[part][0]),
            weight: (weight[part][1], weight[part][0]))), inLevel: nil)
    }
  }
}
