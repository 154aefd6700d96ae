/// An attack on written tables by a reader who knows every sum.
///
/// It starts from what is shown and narrows the interval of every withheld count over all sums until
/// nothing moves. It does not know the truth, shares no reasoning with the control that withheld the cells,
/// and what it finds is a leak; that it finds nothing is no proof, which only the control has.
public struct JointAttack {
  private let tables: [PublishedTable]
  private let profile: DisclosureProfile
  private var low: [Double] = []
  private var high: [Double] = []
  private var shown: [Double?] = []
  private var isHidden: [Bool] = []
  private var places: [(table: Int, row: Int, column: Int)] = []
  private var cells: [[Int]: Int] = [:]
  private var relations: [(whole: Int, parts: [Int])] = []

  /// An attack on tables that were released together under a profile.
  public init(_ tables: [PublishedTable], _ profile: DisclosureProfile) {
    self.tables = tables
    self.profile = profile
    gather()
    for table in tables.indices { addSums(table) }
    widenTotals()
  }

  /// What a reader can work out.
  public mutating func run() -> [DisclosureFinding] {
    guard let minimum = profile.minimumCount else { return [] }
    var findings = differences(minimum)
    let noughts = Set(named([.nought]).values.joined())
    for cell in noughts where isHidden[cell] { high[cell] = 0 }
    linkTables()
    narrow()
    for (cell, place) in places.enumerated() where isHidden[cell] {
      let width = high[cell] - low[cell]
      guard low[cell] < Double(minimum), width < Double(minimum - 1) else { continue }
      // A nought that profiles let out is no secret, nor one that nobody can have come before.
      if high[cell] == 0 && (!profile.zerosAreDisclosive || noughts.contains(cell)) { continue }
      let table = tables[place.table]
      findings.append(
        DisclosureFinding(
          "withheld counts", table.path, row: table.table.key(ofRow: place.row),
          column: table.columns[place.column].name, .fail,
          width < 0.5
            ? "the withheld count follows from sums of what is shown"
            : "sums of what is shown bound the withheld count more narrowly than its rule"))
    }
    return findings
  }

  private mutating func gather() {
    for (number, table) in tables.enumerated() {
      for (row, line) in table.rows.enumerated() {
        for (column, cell) in line.enumerated() where table.columns[column].role == .count {
          if cell == .missing { continue }
          cells[[number, row, column]] = places.count
          places.append((number, row, column))
          isHidden.append(cell == .suppressed)
          let possible = cell.number.map { table.possible(shown: $0, under: profile) }
          shown.append(cell.number)
          low.append(possible?.lowerBound ?? 0)
          high.append(possible?.upperBound ?? .infinity)
        }
      }
    }
  }

  private func cell(_ table: Int, _ row: Int, _ name: String) -> Int? {
    tables[table].table.position(of: name).flatMap { cells[[table, row, $0]] }
  }

  /// Sums inside a table; those that the shown numbers contradict are none.
  private mutating func addSums(_ number: Int) {
    let table = tables[number].table
    for sum in table.sums {
      switch sum {
      case .inRow(let whole, let parts):
        for row in table.rows.indices {
          relate(cell(number, row, whole), parts.map { cell(number, row, $0) })
        }
      case .overRows(let label, let total):
        let others = table.columns.filter { $0.role == .label && $0.name != label }.map(\.name)
        for rows in table.blocks(by: others) {
          guard let whole = rows.first(where: { table[$0, label].plainText == total }) else {
            continue
          }
          for column in table.columns where column.role == .count {
            relate(
              cell(number, whole, column.name),
              rows.filter { $0 != whole }.map { cell(number, $0, column.name) })
          }
        }
      case .chain(let from, let to, let within):
        for rows in table.blocks(by: within) {
          for (row, next) in zip(rows, rows.dropFirst()) {
            relate(cell(number, next, to), [cell(number, row, from)])
          }
        }
      case .partition: break
      }
    }
  }

  private mutating func relate(_ whole: Int?, _ parts: [Int?]) {
    let parts = parts.compactMap { $0 }
    guard let whole, !parts.isEmpty else { return }
    let (least, most) = bounds(parts)
    if least > high[whole] + 0.5 || most < low[whole] - 0.5 { return }
    relations.append((whole, parts))
  }

  /// A total of rounded parts, all shown, can be as far off as all of them together.
  private mutating func widenTotals() {
    guard profile.reading != .exact else { return }
    // Totals of totals take a pass each.
    for _ in 0..<5 {
      for (whole, parts) in relations where !isHidden[whole] {
        guard parts.allSatisfy({ !isHidden[$0] }) else { continue }
        let (least, most) = bounds(parts)
        low[whole] = min(low[whole], least)
        high[whole] = max(high[whole], most)
      }
    }
  }

  private func bounds(_ cells: [Int]) -> (Double, Double) {
    (cells.reduce(0) { $0 + low[$1] }, cells.reduce(0) { $0 + high[$1] })
  }

  /// Narrows every interval until nothing moves.
  private mutating func narrow() {
    for _ in 0..<200 {
      var isMoved = false
      func set(_ cell: Int, _ least: Double, _ most: Double) {
        guard isHidden[cell] else { return }
        let (newLow, newHigh) = (max(low[cell], least), min(high[cell], most))
        // Sums of rounded numbers need not agree; such a sum tells nothing.
        guard newLow <= newHigh + 0.5 else { return }
        if newLow > low[cell] + 1e-6 || newHigh < high[cell] - 1e-6 { isMoved = true }
        (low[cell], high[cell]) = (min(newLow, newHigh), newHigh)
      }
      for (whole, parts) in relations {
        let (least, most) = bounds(parts)
        set(whole, least, most)
        let endless = parts.count { high[$0] == .infinity }
        let finite = parts.reduce(0) { $0 + (high[$1] == .infinity ? 0 : high[$1]) }
        for part in parts {
          let isEndless = high[part] == .infinity
          let others =
            endless > (isEndless ? 1 : 0) ? .infinity : finite - (isEndless ? 0 : high[part])
          set(part, low[whole] - others, high[whole] - (least - low[part]))
        }
      }
      if !isMoved { return }
    }
  }
}

extension JointAttack {
  /// Cells that links name, by the name.
  private func named(_ kinds: [CountLink.Kind]) -> [String: [Int]] {
    var names: [String: [Int]] = [:]
    for (number, published) in tables.enumerated() {
      for link in published.table.links where kinds.contains(link.kind) {
        for row in link.rows(of: published.table) {
          let name = link.name(in: published.table, row: row)
          names[name, default: []] += link.columns.compactMap { cell(number, row, $0) }
        }
      }
    }
    return names
  }

  /// Counts that stand in several tables, and parts that add up to another table's count, where only
  /// one number can be meant.
  private mutating func linkTables() {
    let same = named([.same])
    var wholes: [String: Int] = [:]
    var leader: [Int: Int] = [:]
    for name in same.keys.sorted() {
      guard let cells = same[name], let first = cells.first else { continue }
      let known = cells.filter { !isHidden[$0] }
      guard Set(known.map { shown[$0] }).count <= 1 else { continue }
      wholes[name] = known.first ?? first
      for cell in cells where leader[cell] == nil { leader[cell] = known.first ?? first }
      guard let known = known.first else { continue }
      for cell in cells where isHidden[cell] && places[cell].table != places[known].table {
        relations.append((cell, [known]))
      }
    }
    for (number, published) in tables.enumerated() {
      let table = published.table
      for link in table.links {
        guard case .parts(let within) = link.kind else { continue }
        for rows in table.blocks(by: within, among: link.rows(of: table)) {
          guard let first = rows.first, let whole = wholes[link.name(in: table, row: first)] else {
            continue
          }
          // Parts that are one count, as one a payer of the same people, count once.
          let parts = rows.flatMap { row in
            link.columns.compactMap { cell(number, row, $0).map { leader[$0] ?? $0 } }
          }
          relate(whole, Set(parts).sorted())
        }
      }
    }
  }

  /// Shown counts of nested groups that differ by few people.
  private func differences(_ minimum: Int) -> [DisclosureFinding] {
    guard profile.reading == .exact else { return [] }
    let outer = named([.same, .near])
    let inner = named([.within])
    var findings: [DisclosureFinding] = []
    for name in outer.keys.sorted() {
      let members = (outer[name] ?? []).filter { !isHidden[$0] }
      let smaller = members + (inner[name] ?? []).filter { !isHidden[$0] }
      var seen: Set<[Double]> = []
      for more in members {
        for less in smaller where low[less] > 0 && low[more] > low[less] {
          let gap = low[more] - low[less]
          guard gap >= 0.5, gap < Double(minimum), seen.insert([low[less], low[more]]).inserted
          else {
            continue
          }
          let (a, b) = (places[less], places[more])
          findings.append(
            DisclosureFinding(
              "differences", tables[a.table].path, row: tables[a.table].table.key(ofRow: a.row),
              column: tables[a.table].columns[a.column].name, .fail,
              "differs by few people from \(tables[b.table].columns[b.column].name) in "
                + "\(tables[b.table].path) (\(tables[b.table].table.key(ofRow: b.row)))"))
        }
      }
    }
    return findings
  }
}
