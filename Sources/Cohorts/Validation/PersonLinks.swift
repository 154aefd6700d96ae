internal import Statistics
internal import Tables

/// Which person and which row of the clients each row of another table is about.
struct PersonLinks {
  let clients: CheckedTable
  let people: Factor
  /// The episode of each row of the clients, 1 where no column says.
  let episodes: [Int32]
  private let starts: [Int]
  /// The rows of each person, by episode.
  private let rows: [Int]

  init?(_ clients: CheckedTable) {
    guard let people = clients.factor("client_id") else { return nil }
    self.clients = clients
    self.people = people
    let episodes = Self.episodes(clients)
    let (starts, members) = KeyClasses(people).members()
    var rows = members
    for person in 0..<(starts.count - 1) where starts[person + 1] - starts[person] > 1 {
      rows[starts[person]..<starts[person + 1]].sort { (episodes[$0], $0) < (episodes[$1], $1) }
    }
    (self.episodes, self.starts, self.rows) = (episodes, starts, rows)
  }

  /// The numbers of the episodes, 1 where missing or no number of an episode.
  static func episodes(_ table: CheckedTable) -> [Int32] {
    table.numbers("episode_no")?.map { $0.isNaN ? 1 : Int32(exactly: $0) ?? 1 }
      ?? [Int32](repeating: 1, count: table.count)
  }

  /// The person's first row of an episode; −1 where there is none.
  func row(person: Int32, episode: Int32) -> Int {
    guard person >= 0 else { return -1 }
    var (low, high) = (starts[Int(person)], starts[Int(person) + 1])
    let end = high
    while low < high {
      let middle = (low + high) / 2
      if episodes[rows[middle]] < episode { low = middle + 1 } else { high = middle }
    }
    return low < end && episodes[rows[low]] == episode ? rows[low] : -1
  }

  /// The rows of people with several, each person's by episode.
  func peopleOfSeveralRows() -> [ArraySlice<Int>] {
    (0..<(starts.count - 1)).lazy.filter { starts[$0 + 1] - starts[$0] > 1 }.map {
      rows[starts[$0]..<starts[$0 + 1]]
    }
  }
}
