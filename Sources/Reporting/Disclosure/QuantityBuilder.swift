/// Finds which cells of the tables are one quantity, and what ties the quantities.
struct QuantityBuilder {
  private let controls: [TableControl]
  private let profile: DisclosureProfile
  private let reading: CountReading
  private(set) var quantities: [JointSystem.Quantity] = []
  /// The factors of the quantities of every relation.
  private(set) var relations: [[Int: Int]] = []
  private var places: [JointSystem.Place] = []
  private var numbers: [JointSystem.Place: Int] = [:]
  /// The cell that stands for all cells of a quantity, for each cell.
  private var leader: [Int] = []
  private var quantityOfLeader: [Int: Int] = [:]

  /// A cell that a link names.
  private struct Named {
    var cell: Int
    var kind: CountLink.Kind
  }

  init(_ controls: [TableControl], _ profile: DisclosureProfile, _ reading: CountReading) {
    self.controls = controls
    self.profile = profile
    self.reading = reading
  }

  mutating func gather() {
    // Tables without the rows that they were made with, such as those of single people, show nothing.
    let order = controls.indices.filter {
      controls[$0].table.rows.count == controls[$0].original.rows.count
    }.sorted { controls[$0].table.name < controls[$1].table.name }
    for table in order { number(table) }
    leader = Array(places.indices)
    var names: [String: [Named]] = [:]
    for table in order { collect(table, &names) }
    let sorted = names.keys.sorted()
    for name in sorted { merge(names[name] ?? []) }
    makeQuantities()
    for name in sorted {
      for item in names[name] ?? [] where item.kind == .nought && value(item.cell) == 0 {
        quantities[quantity(item.cell)].isNought = true
      }
    }
    for table in order { addSums(table) }
    for table in order { addCurves(table) }
    for table in order { addParts(table, names) }
    for name in sorted { addDifferences(names[name] ?? []) }
  }

  private func value(_ cell: Int) -> Double {
    let place = places[cell]
    return controls[place.table].original.rows[place.row][place.position].number ?? 0
  }

  private mutating func number(_ table: Int) {
    let original = controls[table].original
    let counts = original.columns.indices.filter {
      original.columns[$0].role == .count || original.columns[$0].role == .hiddenCount
    }
    let keys = original.rows.indices.map { original.key(ofRow: $0) }
    for row in original.rows.indices.sorted(by: { keys[$0] < keys[$1] }) {
      for position in counts where original.rows[row][position].number != nil {
        let place = JointSystem.Place(table: table, row: row, position: position)
        numbers[place] = places.count
        places.append(place)
      }
    }
  }

  private func cell(_ table: Int, _ row: Int, _ column: String) -> Int? {
    controls[table].original.position(of: column).flatMap {
      numbers[JointSystem.Place(table: table, row: row, position: $0)]
    }
  }

  private func collect(_ table: Int, _ names: inout [String: [Named]]) {
    let original = controls[table].original
    for link in original.links {
      if case .parts = link.kind { continue }
      for row in link.rows(of: original) {
        let name = link.name(in: original, row: row)
        for column in link.columns {
          guard let cell = cell(table, row, column) else { continue }
          names[name, default: []].append(Named(cell: cell, kind: link.kind))
        }
      }
    }
  }

  private mutating func merge(_ named: [Named]) {
    var first: [Double: Int] = [:]
    for item in named.sorted(by: { $0.cell < $1.cell }) where item.kind == .same {
      if let other = first[value(item.cell)] {
        unite(item.cell, other)
      } else {
        first[value(item.cell)] = item.cell
      }
    }
    for item in named where item.kind == .within || item.kind == .equal {
      if let other = first[value(item.cell)] { unite(item.cell, other) }
    }
  }

  private func root(_ cell: Int) -> Int {
    var cell = cell
    while leader[cell] != cell { cell = leader[cell] }
    return cell
  }

  private mutating func unite(_ one: Int, _ other: Int) {
    let (a, b) = (root(one), root(other))
    leader[max(a, b)] = min(a, b)
  }

  private mutating func makeQuantities() {
    for (cell, place) in places.enumerated() {
      let root = root(cell)
      if let quantity = quantityOfLeader[root] {
        quantities[quantity].cells.append(place)
      } else {
        quantityOfLeader[root] = quantities.count
        quantities.append(JointSystem.Quantity(value: value(cell), cells: [place]))
      }
      quantities[quantityOfLeader[root] ?? 0].cost += cost(place)
    }
  }

  private func quantity(_ cell: Int) -> Int { quantityOfLeader[root(cell)] ?? 0 }

  /// A cell costs more, the more statistics vanish with it.
  private func cost(_ place: JointSystem.Place) -> Double {
    let original = controls[place.table].original
    let column = original.columns[place.position]
    var cost = column.role == .hiddenCount ? 0.5 : 1.0
    for (position, other) in original.columns.enumerated() {
      guard case .derived(let counts) = other.role, counts.contains(column.name) else { continue }
      if original.rows[place.row][position] != .missing { cost += 0.5 }
    }
    return cost
  }
}

extension QuantityBuilder {
  /// Adds a relation when its numbers bear it out; without a whole it is known from elsewhere.
  private mutating func relate(whole: Int?, parts: [Int]) {
    guard !parts.isEmpty else { return }
    if let whole {
      let sum = parts.reduce(0) { $0 + quantities[$1].value }
      guard (quantities[whole].value - sum).magnitude <= 0.5 else { return }
    }
    var factors: [Int: Int] = [:]
    for part in parts { factors[part, default: 0] += 1 }
    if let whole { factors[whole, default: 0] -= 1 }
    relations.append(factors)
  }

  /// The sums inside a table; a part that is missing is nobody's, when the others make the whole.
  private mutating func addSums(_ table: Int) {
    let width = controls[table].original.columns.count
    for relation in controls[table].relations() {
      func quantity(_ number: Int) -> Int? {
        numbers[
          JointSystem.Place(table: table, row: number / width, position: number % width)
        ].map { self.quantity($0) }
      }
      let whole = relation.whole.map { quantity($0) }
      if case .some(.none) = whole { continue }
      relate(whole: whole ?? nil, parts: relation.parts.compactMap { quantity($0) })
    }
  }

  /// Those at risk are those who leave now and those at risk at the next step.
  private mutating func addCurves(_ table: Int) {
    let original = controls[table].original
    guard let curve = original.curve else { return }
    for rows in original.blocks(by: curve.arms) {
      for (row, next) in zip(rows, rows.dropFirst()) {
        guard let whole = cell(table, row, curve.atRisk), let rest = cell(table, next, curve.atRisk)
        else { continue }
        let leaving = curve.leaving.compactMap { cell(table, row, $0) }
        relate(whole: quantity(whole), parts: leaving.map { quantity($0) } + [quantity(rest)])
      }
    }
  }

  /// Parts that add up to a quantity of another table; parts that are one quantity count once.
  private mutating func addParts(_ table: Int, _ names: [String: [Named]]) {
    let original = controls[table].original
    for link in original.links {
      guard case .parts(let within) = link.kind else { continue }
      for rows in original.blocks(by: within, among: link.rows(of: original)) {
        guard let first = rows.first else { continue }
        let cells = rows.flatMap { row in link.columns.compactMap { cell(table, row, $0) } }
        let parts = Array(Set(cells.map { quantity($0) })).sorted()
        let sum = parts.reduce(0) { $0 + quantities[$1].value }
        let wholes = (names[link.name(in: original, row: first)] ?? []).filter {
          $0.kind == .same && (value($0.cell) - sum).magnitude <= 0.5
        }.map { quantity($0.cell) }
        for whole in Set(wholes).sorted() where !parts.contains(whole) {
          relate(whole: whole, parts: parts)
        }
      }
    }
  }

  /// Small differences between counts of which one stands within the other.
  private mutating func addDifferences(_ named: [Named]) {
    guard let minimum = profile.minimumCount else { return }
    let outer = named.filter { $0.kind == .same || $0.kind == .near }
    let inner = named.filter { $0.kind == .within }
    var pairs: Set<[Int]> = []
    let members = Set(outer.map { quantity($0.cell) }).sorted {
      (quantities[$0].value, $0) < (quantities[$1].value, $1)
    }
    func isSmall(_ less: Int, _ more: Int) -> Bool {
      let gap = quantities[more].value - quantities[less].value
      return gap >= 0.5 && gap < Double(minimum) && quantities[less].value > 0
    }
    for (position, less) in members.enumerated() {
      for more in members[(position + 1)...] {
        if quantities[more].value - quantities[less].value >= Double(minimum) { break }
        if isSmall(less, more) { pairs.insert([less, more]) }
      }
    }
    for less in Set(inner.map { quantity($0.cell) }) {
      for more in members where more != less && isSmall(less, more) { pairs.insert([less, more]) }
    }
    for pair in pairs.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let gap = quantities[pair[1]].value - quantities[pair[0]].value
      var difference = JointSystem.Quantity(value: gap, cells: [])
      difference.isOpen = true
      difference.needs = reading.differenceWidth(minimum: minimum)
      difference.down = Int(gap)
      difference.up = 6 * minimum
      quantities.append(difference)
      relate(whole: pair[1], parts: [pair[0], quantities.count - 1])
    }
  }
}
