/// Worlds that agree with everything a reader sees, and how far each quantity differs among them.
///
/// A world is a whole number of people more or fewer for every quantity, such that every sum still
/// holds, no count is negative, and what is shown stays as it is. That a quantity is protected is
/// proved by two worlds in hand, checked in whole numbers: no reader, however clever, can rule either out from the
/// tables. A search that fails to find them errs towards withholding more.
struct PossibleWorlds {
  /// The least and the most that a quantity moves in the worlds found so far.
  private(set) var ranges: [ClosedRange<Int>]

  /// The true world only.
  init(_ system: JointSystem) { ranges = system.quantities.map { _ in 0...0 } }

  /// Whether a reader's interval for a quantity is as wide as it must be.
  func isWide(_ number: Int, _ system: JointSystem) -> Bool {
    ranges[number].upperBound - ranges[number].lowerBound >= system.quantities[number].needs
  }

  /// Searches until a quantity is protected, in the sums next to it first.
  mutating func protects(_ number: Int, _ system: JointSystem) -> Bool {
    let quantity = system.quantities[number]
    guard quantity.needs > 0 else { return true }
    if isWide(number, system) { return true }
    guard quantity.isOpen else { return false }
    var (radius, last) = (1, 0)
    while true {
      let near = system.neighbourhood(of: number, radius: radius) {
        system.quantities[$0].isMovable
      }
      if near.count == last || (near.count > JointSystem.greatest && last > 0) { return false }
      last = near.count
      for direction in [1, -1] {
        let moves = system.moves(
          within: near, push: number, by: direction * quantity.needs, openingCosts: false)
        take(moves, system)
        if isWide(number, system) { return true }
      }
      radius += radius < 3 ? 1 : radius
    }
  }

  /// Takes a world, when it is one: whole numbers that balance and stay within what is possible.
  mutating func take(_ moves: [Int: Int], _ system: JointSystem) {
    for (number, move) in moves {
      let quantity = system.quantities[number]
      guard move >= -quantity.down, move <= quantity.up else { return }
    }
    for relation in Set(moves.keys.flatMap { system.touching[$0] }) {
      let sum = system.relations[relation].reduce(0) { $0 + $1.factor * (moves[$1.quantity] ?? 0) }
      guard sum == 0 else { return }
    }
    for (number, move) in moves {
      let range = ranges[number]
      ranges[number] = min(range.lowerBound, move)...max(range.upperBound, move)
    }
  }
}

extension JointSystem.Quantity {
  /// Whether the reader can think it other than it is.
  var isMovable: Bool { down > 0 || up > 0 }
}

extension JointSystem {
  /// More quantities than this are not searched at once.
  static let greatest = 500

  /// Quantities that hang together with one by sums, in order, as far as a number of sums away.
  func neighbourhood(of number: Int, radius: Int, where isIn: (Int) -> Bool) -> [Int] {
    var found: Set<Int> = [number]
    var edge = [number]
    for _ in 0..<radius where !edge.isEmpty {
      var next: [Int] = []
      for relation in Set(edge.flatMap { touching[$0] }).sorted() {
        for member in relations[relation] where !found.contains(member.quantity) {
          guard isIn(member.quantity) else { continue }
          found.insert(member.quantity)
          next.append(member.quantity)
        }
      }
      edge = next
    }
    return found.sorted()
  }

  /// Moves that push a quantity as far as a number of people and keep every sum, all others outside
  /// the neighbourhood staying as they are; empty when the answer is not in whole numbers.
  ///
  /// With opening costs, quantities that are shown may move as well, at the least cost.
  func moves(
    within near: [Int], push number: Int, by amount: Int, openingCosts: Bool
  ) -> [Int: Int] {
    var rows: [Int: Int] = [:]
    for quantity in near {
      for relation in touching[quantity] where rows[relation] == nil { rows[relation] = rows.count }
    }
    var columns: [BoundedSimplex.Column] = []
    var owners: [(quantity: Int, sign: Int)] = []
    func add(_ quantity: Int, _ sign: Int, _ bound: Int, _ objective: Double) {
      guard bound > 0 else { return }
      var entries: [(row: Int, value: Double)] = []
      for relation in touching[quantity] {
        guard let row = rows[relation] else { continue }
        for member in relations[relation] where member.quantity == quantity {
          entries.append((row, Double(member.factor * sign)))
        }
      }
      columns.append(.init(objective: objective, bound: Double(bound), entries: entries))
      owners.append((quantity, sign))
    }
    for quantity in near {
      let own = quantities[quantity]
      if quantity == number {
        let bound = openingCosts || own.isOpen ? amount.magnitude : 0
        let room = amount > 0 ? own.up : own.down
        add(quantity, amount.signum(), min(Int(bound), room), JointSystem.reward)
        continue
      }
      add(quantity, 1, own.up, 0)
      add(quantity, -1, own.down, 0)
      guard openingCosts, !own.isOpen, !own.isNought else { continue }
      add(quantity, 1, reach - own.up, -own.cost)
      add(quantity, -1, min(reach, Int(own.value)) - own.down, -own.cost)
    }
    let amounts = BoundedSimplex.maximise(columns, rows: rows.count)
    var moves: [Int: Int] = [:]
    for (position, amount) in amounts.enumerated() where amount > 1e-6 {
      let whole = amount.rounded()
      guard (amount - whole).magnitude < 1e-6 else { return [:] }
      moves[owners[position].quantity, default: 0] += owners[position].sign * Int(whole)
    }
    return moves.filter { $0.value != 0 }
  }

  /// What pushing the quantity by one is worth; more than any chain of openings costs.
  private static let reward = 1e6
}
