/// Rounds counts so that declared sums still hold: a total is the sum of its rounded parts.
///
/// Counts that are no total of parts that are all shown are rounded by themselves. A total some of
/// whose parts are withheld is rounded by itself too: made of the parts that are left it would be
/// wrong, and made of all it would tell of them.
struct RoundedSums {
  private let values: [Double?]
  private let rounding: CountRounding
  /// The class of cells that are the same count, by cell.
  private var root: [Int]
  /// The parts of the first sum that makes a class, by class.
  private var parts: [Int: [Int]] = [:]

  /// Counts (nil where there is none), whether each is shown, and the sums that tie them.
  init(
    values: [Double?], isShown: [Bool], relations: [SumAudit.Relation], rounding: CountRounding
  ) {
    self.values = values
    self.rounding = rounding
    root = Array(values.indices)
    let whole = relations.compactMap { relation -> (whole: Int, parts: [Int])? in
      guard let whole = relation.whole, !relation.parts.isEmpty else { return nil }
      let members = [whole] + relation.parts
      guard members.allSatisfy({ values[$0] != nil && isShown[$0] }) else { return nil }
      let sum = relation.parts.reduce(0) { $0 + (values[$1] ?? 0) }
      guard let total = values[whole], (total - sum).magnitude <= 1e-6 * max(1, total.magnitude)
      else { return nil }
      return (whole, relation.parts)
    }
    // One step's rest is the next step's start: the same count in two places.
    for relation in whole where relation.parts.count == 1 {
      let (a, b) = (found(relation.whole), found(relation.parts[0]))
      if a != b { root[max(a, b)] = min(a, b) }
    }
    for relation in whole where relation.parts.count > 1 {
      let name = found(relation.whole)
      if parts[name] == nil { parts[name] = relation.parts }
    }
  }

  private func found(_ cell: Int) -> Int {
    var cell = cell
    while root[cell] != cell { cell = root[cell] }
    return cell
  }

  /// The rounded counts, in the order of the cells; nil where there is no count.
  func rounded() -> [Double?] {
    var known: [Int: Double] = [:]
    var open: Set<Int> = []
    return values.indices.map { value(of: $0, &known, &open) }
  }

  private func value(of cell: Int, _ known: inout [Int: Double], _ open: inout Set<Int>) -> Double?
  {
    guard let exact = values[cell] else { return nil }
    let name = found(cell)
    if let value = known[name] { return value }
    // A sum that leads back to itself, as a total that is also a part, is cut here.
    guard let parts = parts[name], open.insert(name).inserted else {
      let value = rounding.applied(to: exact)
      if !open.contains(name) { known[name] = value }
      return value
    }
    var total = 0.0
    for part in parts { total += value(of: part, &known, &open) ?? 0 }
    open.remove(name)
    known[name] = total
    return total
  }
}
