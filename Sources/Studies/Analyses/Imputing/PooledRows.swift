internal import Statistics
internal import Tables

/// Pools the rows that one verb printed for several imputed copies.
struct PooledRows {
  let verb: String
  let level: Double

  /// The scale on which a row is pooled: that of its standard error, or that of a curve.
  ///
  /// A probability of a curve is pooled as the complementary log-log of survival (Marshall et al.
  /// 2009, https://doi.org/10.1186/1471-2288-9-57).
  enum Scale {
    case plain
    case logarithm
    case survival
    case incidence
  }

  static let verbsOfCurves: [String: Scale] = ["km": .survival, "cif": .incidence]
  /// Numbers that say which row it is.
  private static let labelNames: Set<String> = ["group", "time", "quantile", "tau", "conf.level"]
  /// Texts that describe the numbers and not the row.
  private static let remarks: Set<String> = ["se_type", "convention", "verdict", "gate"]
  /// Columns that pooling makes anew.
  static let made: Set<String> = [
    "estimate", "survival", "std.error", "robust.se", "statistic", "df", "p.value", "conf.low",
    "conf.high",
  ]

  /// The pooled rows; those of the first copy in their order.
  ///
  /// - Throws: `invalidOption` for rows without standard errors, `badDesign` for copies whose rows
  ///   differ.
  func pool(
    _ outputs: [AnalysisOutput], _ levels: [String]
  ) throws(SiblingError) -> AnalysisOutput {
    let first = outputs[0]
    let names = first.columns.map(\.name)
    guard let value = ["estimate", "survival"].first(where: { names.contains($0) }),
      names.contains("std.error")
    else {
      throw SiblingError(
        .invalidOption,
        "these rows of '\(verb)' hold no estimates with standard errors, so they can't be pooled"
          + " over imputations",
        help: "run it on each copy with --where, or pool an estimate instead",
        column: OptionKey.imputation.name)
    }
    let aligned = try align(outputs, levels)
    var result = Result(first, aligned.rows.count)
    var notes = Notes()
    for (row, places) in aligned.rows.enumerated() {
      pool(row, aligned.outputs, places, value: value, &result, &notes)
    }
    return finish(first, outputs, aligned, result, &notes)
  }

  // MARK: rows of copies that belong together

  struct Aligned {
    var outputs: [AnalysisOutput]
    /// What the copies are called.
    var levels: [String]
    /// For each row of the result its row in each copy.
    var rows: [[Int]]
    var missing: Int
  }

  private func align(
    _ outputs: [AnalysisOutput], _ levels: [String]
  ) throws(SiblingError) -> Aligned {
    let first = outputs[0]
    for (output, level) in zip(outputs, levels)
    where output.columns.map(\.name) != first.columns.map(\.name) {
      throw SiblingError(
        .badDesign, "imputation \(level) gives other columns than imputation \(levels[0])")
    }
    let keys = outputs.map(keys)
    let places = keys.map { list in
      Dictionary(list.enumerated().map { ($1, $0) }) { first, _ in first }
    }
    var rows: [[Int]] = []
    var missing = 0
    // Subgroups are estimated one by one, so that one may lack in a copy; a model's rows may not.
    let mayLack = first.columns.contains { $0.name == "subgroup" }
    for key in keys[0] {
      let found = places.compactMap { $0[key] }
      if found.count == outputs.count { rows.append(found) } else { missing += 1 }
    }
    let differs = keys.firstIndex { $0.count != keys[0].count }
    if !mayLack, missing > 0 || differs != nil {
      let index =
        differs ?? places.firstIndex { place in keys[0].contains { place[$0] == nil } } ?? 0
      throw SiblingError(
        .badDesign,
        "imputation \(levels[index]) gives other rows than imputation \(levels[0]), so they can't be"
          + " pooled",
        help: verb == "km" || verb == "cif"
          ? "give --times, so that every copy prints the same times"
          : "a level or period may lack in one copy; use --where or --derive so that copies agree")
    }
    return Aligned(outputs: outputs, levels: levels, rows: rows, missing: missing)
  }

  /// What tells a row apart: its texts and labels, and its number among equal ones.
  private func keys(_ output: AnalysisOutput) -> [String] {
    let labels = output.columns.filter { isLabel($0, output) }.map(\.asStrings)
    var seen: [String: Int] = [:]
    return (0..<(output.columns.first?.count ?? 0)).map { row in
      let key = labels.map { $0[row] ?? "" }.joined(separator: "\u{1F}")
      seen[key, default: 0] += 1
      return "\(key)\u{1F}\(seen[key] ?? 0)"
    }
  }

  private func isLabel(_ column: Column, _ output: AnalysisOutput) -> Bool {
    switch column.values {
    case .text, .dates, .booleans:
      !output.derivedTexts.contains(column.name) && !Self.remarks.contains(column.name)
    case .integers, .doubles:
      Self.labelNames.contains(column.name) || output.labels.contains(column.name)
    }
  }

  // MARK: one row

  struct Result {
    /// The made columns by name, and the information that is missing.
    var cells: [String: [Double]] = [:]
    var fraction: [Double]
    var isPooled: [Bool]

    init(_ output: AnalysisOutput, _ rows: Int) {
      fraction = [Double](repeating: .nan, count: rows)
      isPooled = [Bool](repeating: false, count: rows)
      for column in output.columns where PooledRows.made.contains(column.name) {
        cells[column.name] = [Double](repeating: .nan, count: rows)
      }
      cells["df"] = cells["df"] ?? [Double](repeating: .nan, count: rows)
    }
  }

  struct Notes {
    var withoutError = 0
    var otherIntervals = false
    var blank: [String] = []
    var fewest: [String] = []
  }

  private func pool(
    _ row: Int, _ outputs: [AnalysisOutput], _ places: [Int], value: String,
    _ result: inout Result, _ notes: inout Notes
  ) {
    func numbers(_ name: String) -> [Double] {
      zip(outputs, places).map { output, place in
        output.columns.first { $0.name == name }?.asDoubles?[place] ?? .nan
      }
    }
    let (values, errors, robust) = (numbers(value), numbers("std.error"), numbers("robust.se"))
    let used = robust.allSatisfy(\.isFinite) ? robust : errors
    guard errors.allSatisfy(\.isFinite), values.allSatisfy(\.isFinite) else {
      copy(row, numbers, &result, &notes)
      return
    }
    let statistics = numbers("statistic")
    let (low, high) = (numbers("conf.low"), numbers("conf.high"))
    let scale =
      Self.verbsOfCurves[verb]
      ?? Self.scale(
        values, used, statistics, low, high, numbers("df"), level, &notes.otherIntervals)
    guard let moved = Self.move(values, scale),
      let naive = try? rule(numbers("df")).pool(
        estimates: moved.values,
        variances: zip(errors, moved.slopes).map { $0 * $1 * $0 * $1 }),
      let judged = try? rule(numbers("df")).pool(
        estimates: moved.values, variances: zip(used, moved.slopes).map { $0 * $1 * $0 * $1 })
    else {
      copy(row, numbers, &result, &notes)
      return
    }
    let estimate = judged.row(term: "", convention: "")
    let back = Self.back(estimate.estimate, scale)
    // Errors of probabilities are printed on their own scale, by the delta method.
    let slope = Self.move([back], scale)?.slopes[0] ?? 1
    result.cells[value]?[row] = back
    result.cells["std.error"]?[row] = naive.standardError / slope
    if robust.allSatisfy(\.isFinite) {
      result.cells["robust.se"]?[row] = judged.standardError / slope
    }
    // A cell that no copy fills, such as the test of a mean against zero, stays empty.
    func fill(_ name: String, _ number: Double?) {
      guard numbers(name).contains(where: \.isFinite) else { return }
      result.cells[name]?[row] = number ?? .nan
    }
    fill("statistic", estimate.statistic)
    fill("p.value", estimate.pValue)
    let limits = [estimate.interval?.low, estimate.interval?.high].map { limit in
      limit.map { Self.back($0, scale) } ?? .nan
    }
    // The complementary log-log turns the limits of survival round.
    fill("conf.low", min(limits[0], limits[1]))
    fill("conf.high", max(limits[0], limits[1]))
    result.cells["df"]?[row] = judged.degreesOfFreedom ?? .nan
    result.fraction[row] = judged.fractionMissing
    result.isPooled[row] = true
  }

  /// A row that can't be pooled: as it is where the copies agree, else blank.
  private func copy(
    _ row: Int, _ numbers: (String) -> [Double], _ result: inout Result, _ notes: inout Notes
  ) {
    var isSame = true
    for name in result.cells.keys {
      let values = numbers(name)
      guard values.contains(where: { $0.isFinite }) else { continue }
      if values.allSatisfy({ $0 == values[0] }) {
        result.cells[name]?[row] = values[0]
      } else {
        isSame = false
      }
    }
    if !isSame {
      for name in result.cells.keys { result.cells[name]?[row] = .nan }
      notes.withoutError += 1
    }
  }

  /// The rule with the complete data's degrees of freedom: the fewest that a copy has.
  private func rule(_ degrees: [Double]) -> RubinPooling {
    let least = degrees.allSatisfy { $0.isFinite && $0 > 0 } ? degrees.min() : nil
    return RubinPooling(level: level, completeDegreesOfFreedom: least)
  }
}
