import LinearAlgebra
import Statistics
import Tables
import Testing

@testable import Cohorts

/// The simulated worlds: calibrated, true to what they claim, and the same on any number of threads.
@Suite(.serialized) struct SimulationTests {
  private static func make(
    _ world: SimulatedWorld, clients: Int = 6000, sites: Int = 60, sib: Int = 24, seed: UInt64 = 11
  ) throws -> SimulatedCohort {
    try CohortSimulation(
      world: world, clients: clients, sites: sites, sibSites: sib, seed: seed
    ).run()
  }

  private static func share(_ jobs: [SimulatedJob], _ matches: (SimulatedJob) -> Bool) -> Double {
    Double(jobs.count(where: matches)) / Double(jobs.count)
  }

  private static func isSIB(_ job: SimulatedJob, _ cohort: SimulatedCohort) -> Bool {
    cohort.sites[Int(cohort.clients[Int(job.client)].site)].arm == .sib
  }

  // MARK: calibration

  /// Published bands: 31% of engaged participants (2016–19 evaluation) to 42.7% of those followed in
  /// two London services start a job; first jobs last about eight months; caseloads of 20 to 25.
  @Test func calibration() throws {
    let cohort = try Self.make(.null, clients: 12_000)
    let truth = cohort.truth()
    let starts = try #require(truth.value("mean_y0", .jobStart, unit: "non_sib"))
    #expect((0.31...0.42).contains(starts))
    let first = cohort.jobs.filter { $0.number == 0 }
    let months =
      first.reduce(0) { $0 + Double($1.trueEnd - $1.trueStart + 1) } / Double(first.count) / 30.4375
    #expect((7...9.5).contains(months))
    #expect((0.6...0.7).contains(Self.share(first) { $0.trueEnd - $0.trueStart + 1 >= 91 }))
    #expect((0.15...0.25).contains(Self.share(cohort.jobs) { $0.hours == 16 }))
    let accepted = cohort.clients.filter(\.isAccepted)
    #expect((0.7...0.85).contains(Double(accepted.count) / Double(cohort.clients.count)))
    #expect(
      (0.02...0.06).contains(Double(accepted.count(where: \.isLost)) / Double(accepted.count)))
    // The caseload of a specialist, over the days on which a site is open.
    let posts = cohort.specialists()
    var days = 0.0
    for client in accepted {
      let end = client.exited == missingDay ? client.lastContact : client.exited
      days += Double(end - client.accepted)
    }
    let capacity = cohort.sites.enumerated().reduce(0.0) { sum, site in
      let open = min(site.element.closes + 400, SimulationModel.dataCut) - site.element.opens
      return sum + posts[site.offset] * Double(open)
    }
    #expect((18...25).contains(days / capacity))
  }

  /// The intraclass correlation of job starts between sites, by analysis of variance.
  private static func correlation(_ cohort: SimulatedCohort) -> Double {
    var (starts, people) = (
      [Double](repeating: 0, count: cohort.sites.count),
      [Double](repeating: 0, count: cohort.sites.count)
    )
    for client in cohort.clients where client.isAccepted {
      people[Int(client.site)] += 1
      starts[Int(client.site)] += client.untreated.started ? 1 : 0
    }
    let (all, yes) = (people.reduce(0, +), starts.reduce(0, +))
    let groups = Double(people.count)
    var (between, within) = (0.0, 0.0)
    for site in people.indices where people[site] > 0 {
      let rate = starts[site] / people[site]
      between += people[site] * (rate - yes / all) * (rate - yes / all) / (groups - 1)
      within += people[site] * rate * (1 - rate) / (all - groups)
    }
    let size = (all - people.reduce(0) { $0 + $1 * $1 } / all) / (groups - 1)
    return (between - within) / (between + (size - 1) * within)
  }

  @Test func sitesDiffer() throws {
    let usual = Self.correlation(try Self.make(.null, clients: 20_000, sites: 100, sib: 20))
    #expect((0.01...0.04).contains(usual))
    let shocked = Self.correlation(try Self.make(.siteShock, clients: 20_000, sites: 100, sib: 20))
    #expect(shocked > 3 * usual)
  }

  // MARK: what each world claims

  @Test(arguments: SimulatedWorld.allCases) func truthIsTheMeanOfDifferences(
    _ world: SimulatedWorld
  ) throws {
    let cohort = try Self.make(world, clients: 1500, sites: 12, sib: 5)
    let truth = cohort.truth()
    let accepted = cohort.clients.filter(\.isAccepted)
    for outcome in SimulatedOutcome.allCases {
      let pairs = cohort.potentialOutcomes(outcome)
      #expect(pairs.count == accepted.count)
      let own = zip(pairs, accepted).filter { cohort.sites[Int($0.1.site)].arm == .sib }
      let mean = own.reduce(0) { $0 + $1.0.1 - $1.0.0 } / Double(own.count)
      #expect(abs(mean - truth.att(outcome)) < 1e-12)
      switch world {
      case .effect: if outcome != .engagement { #expect(mean > 0, "\(outcome)") }
      case .gaming: if outcome == .jobStart || outcome == .engagement { #expect(mean == 0) }
      default:
        #expect(pairs.allSatisfy { $0.0 == $0.1 })
        #expect(truth.att(outcome) == 0)
      }
    }
    #expect(truth.value("site_effect", unit: cohort.sites[0].id) == cohort.sites[0].effect)
  }

  @Test func theEffectIsEightPoints() throws {
    let simulation = try CohortSimulation(world: .effect)
    let values = simulation.superpopulation(replicates: 10, people: 2000)
    let start = try #require(values.first { $0.outcome == "job_start" }?.value)
    #expect((0.065...0.095).contains(start))
    let null = try CohortSimulation(world: .null).superpopulation()
    #expect(null.allSatisfy { $0.value == 0 })
    // The data set's own truth lies near it.
    let own = simulation.run().truth().att(.jobStart)
    #expect(abs(own - start) < 0.025)
  }

  @Test func gamingMovesEndsToAfterTheThreshold() throws {
    let cohort = try Self.make(.gaming)
    func excess(_ isSIB: Bool) -> Double {
      let jobs = cohort.jobs.filter { Self.isSIB($0, cohort) == isSIB }
      func within(_ days: ClosedRange<Int32>) -> Double {
        Self.share(jobs) { days.contains($0.trueEnd - $0.trueStart + 1) }
      }
      return within(92...104) / ((within(62...74) + within(122...134)) / 2)
    }
    #expect(excess(true) > 4)
    #expect((0.6...1.6).contains(excess(false)))
    let truth = cohort.truth()
    #expect(truth.att(.jobStart) == 0)
    #expect(truth.att(.lasting13) >= 0)
    #expect(truth.att(.lasting26) < 0)
    #expect(truth.value("moved_ends", unit: "non_sib") == 0)
    #expect(try #require(truth.value("moved_ends", unit: "sib")) > 0.15)
  }

  @Test func creamingSelectsOnWhatIsRecorded() throws {
    let cohort = try Self.make(.creaming)
    let truth = cohort.truth()
    let sib = try #require(truth.value("accepted_index", unit: "sib"))
    let other = try #require(truth.value("accepted_index", unit: "non_sib"))
    #expect(sib - other > 0.35)
    func motivation(_ arm: SiteArm) -> Double {
      let people = cohort.clients.filter {
        $0.isAccepted && cohort.sites[Int($0.site)].arm == arm
      }
      return people.reduce(0) { $0 + Double($1.person.motivation) } / Double(people.count)
    }
    #expect(motivation(.sib) - motivation(.nonSIB) > 0.2)
    #expect(
      try #require(truth.value("mean_y0", .jobStart, unit: "sib"))
        - #require(truth.value("mean_y0", .jobStart, unit: "non_sib")) > 0.02)
    #expect(truth.value("creaming_slope", unit: "sib") == 2)
  }

  @Test func evidenceIsLostInOneArm() throws {
    let truth = try Self.make(.evidenceLoss).truth()
    let sib = try #require(truth.value("lost_evidence", .lasting13, unit: "sib"))
    let other = try #require(truth.value("lost_evidence", .lasting13, unit: "non_sib"))
    #expect(sib < 0.06)
    #expect((0.33...0.5).contains(other))
  }

  @Test func theShockMeetsTheNewSites() throws {
    // The five named sites, three of them launched in April 2020.
    let cohort = try CohortSimulation(world: .covid, clients: 20_000, seed: 5).run()
    func exposed(_ arm: SiteArm) -> Double {
      let people = cohort.clients.filter {
        $0.isAccepted && cohort.sites[Int($0.site)].arm == arm
      }
      let hit = people.count { SimulationModel.shock.contains($0.accepted) }
      return Double(hit) / Double(people.count)
    }
    #expect(exposed(.sib) > 1.8 * exposed(.nonSIB))
    let truth = cohort.truth()
    #expect(
      try #require(truth.value("mean_y0", .jobStart, unit: "non_sib"))
        - #require(truth.value("mean_y0", .jobStart, unit: "sib")) > 0.01)
    #expect(cohort.sites[1].id == "sim-shropshire")
    #expect(CivilDate(days: cohort.sites[1].launch).isoText == "2020-04-01")
    #expect(cohort.sites.allSatisfy { $0.shock > 0.5 })
    #expect(cohort.jobs.contains { $0.furlough > 0 })
  }
}
