internal import Matching
internal import Statistics
internal import Tables

extension EffectAnalysis {
  /// The rows of every imputed copy, pooled by Rubin's rules on the scale of the standard errors.
  ///
  /// - Throws: what is wrong with a copy; `tooFewObservations` for fewer than two copies.
  func pooledRows(_ table: Table) throws(SiblingError) -> (rows: [EffectRow], notes: [String]) {
    guard let column = imputation else { return try rows(table) }
    let factor = try table.factor(column)
    if let row = factor.codes.firstIndex(where: { $0 < 0 }) {
      throw table.locating(
        SiblingError(
          .missingValue, "a row belongs to no imputation", help: "Fill '\(column)' in every row.",
          row: row, column: column))
    }
    var sizes = [Int](repeating: 0, count: factor.levels.count)
    for code in factor.codes { sizes[Int(code)] += 1 }
    let used = factor.levels.indices.filter { sizes[$0] > 0 && factor.levels[$0] != "0" }
    if let other = used.first(where: { sizes[$0] != sizes[used[0]] }) {
      throw SiblingError(
        .badDesign,
        "imputation \(factor.levels[other]) has \(sizes[other]) rows where"
          + " \(factor.levels[used[0]]) has \(sizes[used[0]]): copies of one data set have the same",
        help: "'\(column)' must number the imputed copies of the data stacked in the file.",
        location: table.headerLocation(column), column: column)
    }
    var copies: [(level: String, rows: [EffectRow])] = []
    var notes: [String] = []
    for (code, level) in factor.levels.enumerated() where factor.codes.contains(Int32(code)) {
      guard level != "0" else {
        notes.append("imputation 0 is taken for the data before imputation and left out")
        continue
      }
      let chosen = factor.codes.indices.filter { factor.codes[$0] == Int32(code) }
      let result: (rows: [EffectRow], notes: [String])
      do throws(SiblingError) {
        result = try rows(table.selecting(rows: chosen))
      } catch {
        var said = error
        said.message = "imputation \(level): " + error.message
        throw said
      }
      copies.append((level, result.rows.filter { $0.estimate.term != "interaction" }))
      for note in result.notes where !notes.contains(note) { notes.append(note) }
    }
    guard let first = copies.first else {
      throw SiblingError(
        .tooFewObservations, "there is no imputed copy to pool", column: column)
    }
    var pooled: [EffectRow] = []
    for row in first.rows {
      let same = copies.compactMap { $0.rows.first { $0.subgroup == row.subgroup } }
      guard same.count == copies.count else {
        notes.append(
          "\(row.subgroup ?? "") has no effect in some imputations and is left out")
        continue
      }
      pooled.append(try pool(same, &notes))
    }
    if subgroup != nil { notes.append("the joint test of subgroups is not pooled") }
    return (pooled, notes)
  }

  private func pool(
    _ rows: [EffectRow], _ notes: inout [String]
  ) throws(SiblingError) -> EffectRow {
    let isLog = scale != .difference
    let errors = rows.compactMap(\.estimate.standardError)
    guard errors.count == rows.count else {
      throw SiblingError(
        .badValue, "an imputation has no standard error, so estimates can't be pooled")
    }
    let result = try RubinPooling(level: settings.level).pool(
      estimates: rows.map { isLog ? _logarithm($0.estimate.estimate) : $0.estimate.estimate },
      variances: errors.map { $0 * $0 })
    var pooled = rows[0]
    pooled.estimate = scale.shown(
      result.row(
        term: rows[0].estimate.term,
        convention: rows[0].estimate.convention.replacingReference(
          result.degreesOfFreedom == nil ? "z" : "t") + "; Rubin, m=\(rows.count)"))
    // Matched counts can differ between copies; the smallest are shown.
    pooled.treated = rows.compactMap(\.treated).min()
    pooled.comparison = rows.compactMap(\.comparison).min()
    pooled.treatedEvents = rows.compactMap(\.treatedEvents).min()
    pooled.comparisonEvents = rows.compactMap(\.comparisonEvents).min()
    pooled.clusters = rows.compactMap(\.clusters).min()
    let name = pooled.subgroup.map { "\($0): " } ?? ""
    notes.append(
      name + "pooled over \(rows.count) imputations; fraction of missing information "
        + NumberText.significant(result.fractionMissing, digits: 3)
        + ", relative increase in variance "
        + NumberText.significant(result.relativeIncrease, digits: 3))
    return pooled
  }
}

extension String {
  /// The convention with another reference distribution than the normal.
  fileprivate func replacingReference(_ name: String) -> String {
    guard name != "z", let range = ranges(of: ", z").last else { return self }
    return replacingCharacters(range, with: ", " + name)
  }

  private func replacingCharacters(_ range: Range<Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
