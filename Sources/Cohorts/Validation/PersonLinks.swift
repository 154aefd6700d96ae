internal import Statistics
internal import Tables

/// Which person and which row of the clients each row of another table is about.
struct PersonLinks {
  let clients: CheckedTable
  let people: Factor
  /// The episode of each row of the clients, 1 where no column says.
  let episodes: [Int32]
  private let starts: [Int]
  private let rows: [Int]

  init?(_ clients: CheckedTable) {
    guard let people = clients.factor("client_id") else { return nil }
    self.clients = clients
    self.people = people
    episodes = Self.episodes(clients)
    (starts, rows) = KeyClasses(people).members()
  }

  /// The numbers of the episodes, 1 where missing or no number of an episode.
  static func episodes(_ table: CheckedTable) -> [Int32] {
    table.numbers("episode_no")?.map { $0.isNaN ? 1 : Int32(exactly: $0) ?? 1 }
      ?? [Int32](repeating: 1, count: table.count)
  }

  /// The person's first row of an episode; −1 where there is none.
  func row(person: Int32, episode: Int32) -> Int {
    guard person >= 0 else { return -1 }
    return rows[starts[Int(person)]..<starts[Int(person) + 1]].first { episodes[$0] == episode }
      ?? -1
  }

  /// The rows of people with several, each person's in ascending order.
  func peopleOfSeveralRows() -> [ArraySlice<Int>] {
    (0..<(starts.count - 1)).lazy.filter { starts[$0 + 1] - starts[$0] > 1 }.map {
      rows[starts[$0]..<starts[$0 + 1]]
    }
  }
}
