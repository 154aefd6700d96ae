/// Everything that a reader can add and subtract in the tables of a run: the counts, which of them
/// are one quantity, and the sums that tie them.
///
/// What the reader does not see is open. The numbers of tables and rows do not depend on the order of the tables or of
/// their rows.
struct JointSystem {
  /// A number of people that one or several cells show.
  struct Quantity {
    var value: Double
    /// The cells that are this quantity; none for a difference that no table has.
    var cells: [Place]
    /// How far the reader can think the quantity below and above what it is.
    var down = 0
    var up = 0
    /// Whether it is a nought that is no secret.
    var isNought = false
    /// Whether no cell shows it.
    var isOpen = false
    /// How wide the reader's interval must be; nought where nothing must be kept.
    var needs = 0
    /// What it costs to withhold all its cells.
    var cost = 0.0
  }

  /// A cell of one of the tables.
  struct Place: Hashable {
    var table: Int
    var row: Int
    var position: Int
  }

  /// Quantities whose multiples add up to something that the reader knows.
  typealias Relation = [(quantity: Int, factor: Int)]

  var quantities: [Quantity] = []
  private(set) var relations: [Relation] = []
  /// The relations that a quantity is in.
  private(set) var touching: [[Int]] = []
  let profile: DisclosureProfile
  let reading: CountReading
  /// No world needs a count that is further off than this.
  let reach: Int
  private var seen: Set<[Int]> = []

  /// The system of tables that have been controlled one by one.
  init(_ controls: [TableControl], _ profile: DisclosureProfile, reading: CountReading) {
    self.profile = profile
    self.reading = reading
    reach = 6 * max(profile.minimumCount ?? 1, 1)
    var builder = QuantityBuilder(controls, profile, reading)
    builder.gather()
    quantities = builder.quantities
    for relation in builder.relations { add(relation) }
    touching = [[Int]](repeating: [], count: quantities.count)
    for (number, relation) in relations.enumerated() {
      for member in relation { touching[member.quantity].append(number) }
    }
    read(controls)
  }

  private mutating func add(_ factors: [Int: Int]) {
    let members = factors.filter { $0.value != 0 }.sorted { $0.key < $1.key }
    guard !members.isEmpty else { return }
    guard seen.insert(members.flatMap { [$0.key, $0.value] }).inserted else { return }
    relations.append(members.map { (quantity: $0.key, factor: $0.value) })
  }

  /// Looks again at what the tables show.
  mutating func read(_ controls: [TableControl]) {
    for number in quantities.indices
    where !quantities[number].cells.isEmpty && !quantities[number].isNought {
      var (low, high) = (0.0, Double.infinity)
      var isOpen = true
      var isSmall = false
      for place in quantities[number].cells {
        let control = controls[place.table]
        if control.table.rows[place.row][place.position] == .suppressed {
          isSmall = isSmall || profile.withholds(quantities[number].value)
          continue
        }
        isOpen = false
        let possible = reading.possible(
          behind: quantities[number].value, minimum: profile.minimumCount ?? 0)
        low = max(low, possible.lowerBound)
        high = min(high, possible.upperBound)
      }
      quantities[number].isOpen = isOpen
      quantities[number].needs = isSmall ? max(0, (profile.minimumCount ?? 1) - 1) : 0
      setRoom(number, low, high)
    }
  }

  /// Withholds a quantity here; the caller does in the tables.
  mutating func open(_ number: Int) {
    quantities[number].isOpen = true
    setRoom(number, 0, .infinity)
  }

  private mutating func setRoom(_ number: Int, _ low: Double, _ high: Double) {
    let value = quantities[number].value
    quantities[number].down = max(0, Int(min(Double(reach), value - low)))
    quantities[number].up = max(0, Int(min(Double(reach), high - value)))
  }
}
