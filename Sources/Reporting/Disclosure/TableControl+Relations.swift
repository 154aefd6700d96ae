extension TableControl {
  /// The sums that tie this table's cells to each other, as positions row × width + column.
  ///
  /// A sum with a missing member ties nothing, and one that the numbers contradict is no sum.
  func relations() -> [SumAudit.Relation] {
    var relations: [SumAudit.Relation] = []
    for sum in table.sums {
      switch sum {
      case .inRow(let whole, let parts): relations += inRow(whole: whole, parts: parts)
      case .overRows(let label, let total): relations += overRows(label: label, total: total)
      case .partition(let count, let within): relations += partition(count: count, within: within)
      case .chain(let from, let to, let within):
        relations += chain(from: from, to: to, within: within)
      }
    }
    return relations
  }

  private func cell(_ row: Int, _ column: String) -> Int? {
    table.position(of: column).map { row * table.columns.count + $0 }
  }

  private func inRow(whole: String, parts: [String]) -> [SumAudit.Relation] {
    table.rows.indices.map { row in
      SumAudit.Relation(whole: cell(row, whole), parts: parts.compactMap { cell(row, $0) })
    }
  }

  private func overRows(label: String, total: String) -> [SumAudit.Relation] {
    let labels = table.columns.filter { $0.role == .label && $0.name != label }.map(\.name)
    let counts = table.columns.filter { $0.role == .count || $0.role == .hiddenCount }.map(\.name)
    var relations: [SumAudit.Relation] = []
    for rows in table.blocks(by: labels) {
      guard let whole = rows.first(where: { table[$0, label] == .text(total) }) else { continue }
      let parts = rows.filter { $0 != whole }
      guard !parts.isEmpty else { continue }
      for count in counts {
        relations.append(
          SumAudit.Relation(whole: cell(whole, count), parts: parts.compactMap { cell($0, count) }))
      }
    }
    return relations
  }

  private func partition(count: String, within: [String]) -> [SumAudit.Relation] {
    table.blocks(by: within).compactMap { rows in
      // A sum below the threshold is withheld where it stands too, so that nobody knows it.
      let sum = rows.reduce(0) { $0 + (original[$1, count].number ?? 0) }
      if profile.withholds(sum) { return nil }
      return SumAudit.Relation(whole: nil, parts: rows.compactMap { cell($0, count) })
    }
  }

  private func chain(from: String, to: String, within: [String]) -> [SumAudit.Relation] {
    table.blocks(by: within).flatMap { rows in
      zip(rows, rows.dropFirst()).compactMap { row, next in
        cell(row, from).flatMap { part in
          cell(next, to).map { SumAudit.Relation(whole: $0, parts: [part]) }
        }
      }
    }
  }
}
