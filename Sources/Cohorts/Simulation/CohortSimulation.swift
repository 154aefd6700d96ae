internal import LinearAlgebra
public import Statistics

/// A complete data set in the client-level schema whose truth is known.
///
/// Every referral has its own random stream, from which both potential paths of an accepted person
/// are drawn with the same numbers; so effects are exact differences, referrals do not depend on
/// each other, and the first thousand of a million are those of a thousand. The bond's sites, their
/// launches and the order of figures are as published for the Mental Health and Employment
/// Partnership when there are five to eight of them; people, jobs and outcomes are made up. The
/// room's README has the model's formulas.
public struct CohortSimulation: Sendable {
  /// The world.
  public var world: SimulatedWorld
  /// The number of referrals, accepted or not.
  public var clients: Int
  /// The number of sites, and of those funded through the bond.
  public var sites, sibSites: Int
  /// The seed of every draw.
  public var seed: UInt64

  /// A simulation; a fifth of the sites, at least two, have a bond unless said otherwise.
  ///
  /// - Throws: `badValue` for fewer than one or more than ten million clients, fewer than four or
  ///   more than a thousand sites, or an arm with fewer than two sites.
  public init(
    world: SimulatedWorld, clients: Int = 10_000, sites: Int = 25, sibSites: Int? = nil,
    seed: UInt64 = 1
  ) throws(SiblingError) {
    func refuse(_ message: String, _ help: String) -> SiblingError {
      SiblingError(.badValue, message, help: help)
    }
    guard (1...10_000_000).contains(clients) else {
      throw refuse("\(clients) clients can't be simulated", "ask for 1 to 10,000,000")
    }
    guard (4...1000).contains(sites) else {
      throw refuse(
        "\(sites) sites can't be simulated", "ask for 4 to 1000: each arm needs at least two")
    }
    let sib = sibSites ?? max(2, sites / 5)
    guard (2...(sites - 2)).contains(sib) else {
      throw refuse(
        "\(sib) of \(sites) sites can't have a bond",
        "ask for 2 to \(sites - 2): each arm needs two")
    }
    self.world = world
    self.clients = clients
    self.sites = sites
    self.sibSites = sib
    self.seed = seed
  }

  /// Draws the data.
  /// - Complexity: O(clients), on all threads; the same bytes on any number of them.
  public func run() -> SimulatedCohort {
    let settings = world.settings
    let sites = SimulatedSite.all(self.sites, sib: sibSites, seed: seed, settings: settings)
    let maker = ClientMaker(
      sites: sites, calendars: Self.calendars(sites, seed: seed), settings: settings,
      stream: RandomStream(seed: seed, name: "simulated-client"))
    let ranges = Parallel.ranges(of: clients, size: 2048)
    let parts = Parallel.mapBlocks(ranges.count) { block in
      var (people, jobs): ([SimulatedClient], [SimulatedJob]) = ([], [])
      people.reserveCapacity(ranges[block].count)
      for number in ranges[block] { people.append(maker.client(number, jobs: &jobs)) }
      return (people, jobs)
    }
    var (people, jobs): ([SimulatedClient], [SimulatedJob]) = ([], [])
    people.reserveCapacity(clients)
    jobs.reserveCapacity(parts.reduce(0) { $0 + $1.1.count })
    for part in parts {
      people += part.0
      jobs += part.1
    }
    return SimulatedCohort(simulation: self, sites: sites, clients: people, jobs: jobs)
  }

  /// The cohort without a round trip through text; contracts and claims are left out.
  public func cohort() -> Cohort { run().cohort() }

  /// The calendar's hazard: one for all sites, or one for each where hiring is shocked.
  static func calendars(_ sites: [SimulatedSite], seed: UInt64) -> [CalendarHazard] {
    var stream = RandomStream(seed: seed, name: "simulated-quarter")
    let season = [0.03, 0.02, 0, -0.05]
    let quarters = (0..<80).map {
      season[$0 % 4] + SimulationModel.quarterDeviation * stream.normal()
    }
    if sites.allSatisfy({ $0.shock == 0 }) { return [CalendarHazard(quarters: quarters, shock: 0)] }
    return sites.map { CalendarHazard(quarters: quarters, shock: $0.shock) }
  }
}

/// A simulated data set: the records in the schema, and the truth beside them.
public struct SimulatedCohort: Sendable {
  /// What was simulated.
  public let simulation: CohortSimulation
  let sites: [SimulatedSite]
  let clients: [SimulatedClient]
  let jobs: [SimulatedJob]
}
