/// Secondary suppression: withholds further cells until no sum gives a withheld cell away.
///
/// Three tests, repeated until all hold. A sum never has exactly one withheld member. Where the
/// whole is shown, the withheld parts together reach the threshold, or they would tell of a small
/// group. And no withheld cell is determined by all the sums taken together, which elimination
/// over the withheld cells finds. The next cell to go is always the smallest part still shown.
struct SumAudit {
  /// A whole and its parts, as cell numbers; without a cell the whole is known from elsewhere.
  struct Relation: Equatable {
    var whole: Int?
    var parts: [Int]
  }

  private let values: [Double?]
  private(set) var suppressed: [Bool]
  private let relations: [Relation]
  private let threshold: Double
  /// The cells withheld by the audit, in order.
  private(set) var added: [Int] = []

  /// An audit of cells (nil where missing) tied by relations.
  init(values: [Double?], suppressed: [Bool], relations: [Relation], threshold: Double) {
    self.values = values
    self.suppressed = suppressed
    self.threshold = threshold
    self.relations = relations.filter { relation in
      let members = (relation.whole.map { [$0] } ?? []) + relation.parts
      guard members.allSatisfy({ values[$0] != nil }) else { return false }
      guard let whole = relation.whole.flatMap({ values[$0] }) else { return true }
      let sum = relation.parts.reduce(0) { $0 + (values[$1] ?? 0) }
      return (whole - sum).magnitude <= 0.5
    }
  }

  /// Whether the table is safe once the cells in `added` are withheld as well.
  mutating func protect() -> Bool {
    while true {
      if relations.contains(where: { isWeak($0) }) {
        for relation in relations {
          while isWeak(relation) {
            guard withholdOne(of: relation) else { return false }
          }
        }
        continue
      }
      let determined = determinedCells()
      if determined.isEmpty { return true }
      let tied = relations.filter { relation in
        members(relation).contains { determined.contains($0) }
      }
      guard tied.contains(where: { withholdOne(of: $0) }) else { return false }
    }
  }

  private func members(_ relation: Relation) -> [Int] {
    (relation.whole.map { [$0] } ?? []) + relation.parts
  }

  private func isWeak(_ relation: Relation) -> Bool {
    let hidden = relation.parts.filter { suppressed[$0] }
    let wholeHidden = relation.whole.map { suppressed[$0] } ?? false
    if hidden.count + (wholeHidden ? 1 : 0) == 1 { return true }
    if hidden.isEmpty || wholeHidden { return false }
    return hidden.reduce(0) { $0 + (values[$1] ?? 0) } < threshold
  }

  private mutating func withholdOne(of relation: Relation) -> Bool {
    let shown = relation.parts.filter { !suppressed[$0] }
    let smallest = shown.min { (values[$0] ?? 0, $0) < (values[$1] ?? 0, $1) }
    guard let next = smallest ?? relation.whole.flatMap({ suppressed[$0] ? nil : $0 }) else {
      return false
    }
    suppressed[next] = true
    added.append(next)
    return true
  }

  /// The withheld cells that the sums determine exactly: the pivots that stand alone in their row
  /// of the reduced echelon form.
  private func determinedCells() -> Set<Int> {
    var unknowns: [Int: Int] = [:]
    var cells: [Int] = []
    var rows: [[Double]] = []
    for relation in relations {
      for cell in members(relation) where suppressed[cell] && unknowns[cell] == nil {
        unknowns[cell] = cells.count
        cells.append(cell)
      }
    }
    for relation in relations {
      var row = [Double](repeating: 0, count: cells.count)
      for part in relation.parts { if let unknown = unknowns[part] { row[unknown] += 1 } }
      if let whole = relation.whole, let unknown = unknowns[whole] { row[unknown] -= 1 }
      if row.contains(where: { $0 != 0 }) { rows.append(row) }
    }
    var rank = 0
    for column in cells.indices where rank < rows.count {
      let best = (rank..<rows.count).max { rows[$0][column].magnitude < rows[$1][column].magnitude }
      guard let best, rows[best][column].magnitude > 1e-9 else { continue }
      rows.swapAt(rank, best)
      let pivot = rows[rank][column]
      for entry in cells.indices { rows[rank][entry] /= pivot }
      for other in rows.indices where other != rank && rows[other][column] != 0 {
        let factor = rows[other][column]
        for entry in cells.indices { rows[other][entry] -= factor * rows[rank][entry] }
      }
      rank += 1
    }
    var determined: Set<Int> = []
    for row in rows.prefix(rank) {
      let alone = cells.indices.filter { row[$0].magnitude > 1e-9 }
      if alone.count == 1 { determined.insert(cells[alone[0]]) }
    }
    return determined
  }
}
