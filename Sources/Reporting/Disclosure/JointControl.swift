import Statistics

/// Secondary suppression over all tables of a run together.
///
/// Each table has been controlled by itself. Here the reader has them all: counts that stand in
/// several tables, sums across tables, small differences between counts of nested groups. As long as one small
/// count is bounded more narrowly than the profile allows, further counts are withheld, at the least
/// cost in cells and statistics: the cheapest moves of other counts that would let it be something else
/// (after Kelly, Golden and Assad, "Cell suppression: disclosure protection for sensitive tabular data",
/// *Networks* 22 (1992), doi:10.1002/net.3230220407).
struct JointControl {
  private var controls: [TableControl]
  private var system: JointSystem
  private var worlds: PossibleWorlds
  private static let rule = "secondary suppression across tables"

  /// Protects the tables of a run, already controlled one by one, from being compared.
  ///
  /// - Throws: `disclosure` when no safe suppression exists.
  static func protect(
    _ controls: inout [TableControl], _ profile: DisclosureProfile, reading: CountReading? = nil
  ) throws(SiblingError) {
    guard profile.minimumCount != nil, !controls.isEmpty else { return }
    var joint = JointControl(controls, profile, reading ?? profile.reading)
    try joint.run()
    controls = joint.controls
  }

  private init(
    _ controls: [TableControl], _ profile: DisclosureProfile, _ reading: CountReading
  ) {
    self.controls = controls
    system = JointSystem(controls, profile, reading: reading)
    worlds = PossibleWorlds(system)
  }

  private mutating func run() throws(SiblingError) {
    while true {
      var isChanged = false
      for number in system.quantities.indices {
        while !worlds.protects(number, system) {
          try repair(number)
          isChanged = true
        }
      }
      guard isChanged else { return }
      for table in controls.indices { try controls[table].settle() }
      system.read(controls)
    }
  }

  /// Withholds what it takes to let one quantity be something else.
  private mutating func repair(_ number: Int) throws(SiblingError) {
    if !system.quantities[number].isOpen { return withhold(number) }
    for radius in [2, 3, 5, 8] {
      let near = system.neighbourhood(of: number, radius: radius) { _ in true }
      if near.count > JointSystem.greatest && radius > 2 { break }
      let (moved, opened) = cheapest(number, near)
      guard !opened.isEmpty, moved >= system.quantities[number].needs || radius == 8 else {
        continue
      }
      for quantity in opened { withhold(quantity) }
      return
    }
    try withholdNeighbour(of: number)
  }

  /// What the cheapest moves withhold, and how far they take the quantity.
  private func cheapest(_ number: Int, _ near: [Int]) -> (moved: Int, opened: [Int]) {
    let needs = system.quantities[number].needs
    var (moved, opened): (Int, Set<Int>) = (0, [])
    for direction in [1, -1] where moved < needs {
      let moves = system.moves(
        within: near, push: number, by: direction * (needs - moved), openingCosts: true)
      moved += Int((moves[number] ?? 0).magnitude)
      for (quantity, move) in moves {
        let own = system.quantities[quantity]
        if !own.isOpen && (move > own.up || -move > own.down) { opened.insert(quantity) }
      }
    }
    return (moved, opened.sorted())
  }

  /// Where the search gives nothing, the cheapest shown count that hangs together with it goes.
  private mutating func withholdNeighbour(of number: Int) throws(SiblingError) {
    var radius = 1
    var last = 0
    while true {
      let near = system.neighbourhood(of: number, radius: radius) { _ in true }
      let shown = near.filter {
        !system.quantities[$0].isOpen && !system.quantities[$0].isNought
      }
      if let next = shown.min(by: { rank($0) < rank($1) }) { return withhold(next) }
      if near.count == last {
        let files = Set(near.flatMap { system.quantities[$0].cells }.map(\.table))
          .map { controls[$0].table.path }.sorted().joined(separator: ", ")
        throw SiblingError(
          .disclosure, "no suppression is safe: a small count in \(files) could be worked out",
          help: "merge groups or steps until the small counts are gone")
      }
      last = near.count
      radius += 1
    }
  }

  private func rank(_ number: Int) -> (Double, Double, Int) {
    let quantity = system.quantities[number]
    return (quantity.cost, quantity.value, number)
  }

  private mutating func withhold(_ number: Int) {
    for place in system.quantities[number].cells {
      controls[place.table].withhold(
        row: place.row, position: place.position, rule: JointControl.rule)
    }
    system.open(number)
  }
}
