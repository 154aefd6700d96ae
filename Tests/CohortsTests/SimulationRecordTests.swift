import LinearAlgebra
import Statistics
import Tables
import Testing

@testable import Cohorts

/// What a simulation writes: the schema's columns, dates in order, the same bytes, plain refusals.
@Suite(.serialized) struct SimulationRecordTests {
  private static func bytes(_ cohort: SimulatedCohort) throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for (name, table) in cohort.tables() {
      result[name] = try TableWriter(.csv).bytes(table.columns)
    }
    result["truth"] = try TableWriter(.csv).bytes(cohort.truth().table().columns)
    return result
  }

  @Test(arguments: SimulatedWorld.allCases) func datesAreInOrder(_ world: SimulatedWorld) throws {
    let cohort = try CohortSimulation(world: world, clients: 3000, sites: 16, sibSites: 8).run()
    for client in cohort.clients {
      let known = [client.referral, client.accepted, client.engaged, client.exited].filter {
        $0 != missingDay
      }
      #expect(known == known.sorted())
      #expect(client.lastContact >= known[known.count - 1])
      #expect(client.lastContact <= SimulationModel.dataCut)
      #expect(client.isAccepted == (client.decision == .accepted))
      if client.isLost { #expect(client.exited == missingDay) }
    }
    var previous: SimulatedJob?
    for job in cohort.jobs {
      let client = cohort.clients[Int(job.client)]
      #expect(job.start >= client.engaged && client.engaged != missingDay)
      #expect(job.start <= job.trueStart && job.trueStart <= client.lastContact)
      #expect(job.isOngoing == (job.endEarliest == missingDay))
      #expect(job.isOngoing == (job.endReason < 0))
      if !job.isOngoing {
        #expect(job.start <= job.endEarliest && job.endEarliest <= job.endLatest)
        #expect(job.endEarliest <= job.trueEnd && job.trueEnd <= job.endLatest)
        #expect(job.endLatest <= client.lastContact)
      }
      if job.verification != .none {
        #expect(job.lastVerified >= job.start && job.lastVerified <= client.lastContact)
        #expect(job.verificationDate >= job.start && job.verificationDate <= client.lastContact)
      }
      #expect(job.hours.isNaN || (0...80).contains(job.hours))
      if let previous, previous.client == job.client {
        #expect(!previous.isOngoing && job.start > previous.endLatest)
        #expect(job.number == previous.number + 1)
      }
      previous = job
    }
  }

  @Test func theTablesFitTogether() throws {
    let cohort = try CohortSimulation(world: .effect, clients: 4000).run()
    let tables = Dictionary(uniqueKeysWithValues: cohort.tables().map { ($0.name, $0.table) })
    #expect(tables.count == 10)
    // A column without a value has no reason to give where it has one, and the other way round.
    for table in tables.values {
      for column in table.columns where column.name.hasSuffix("_reason") && column.name.count > 12 {
        guard let field = table[String(column.name.dropLast(7))] else { continue }
        for row in 0..<table.rowCount {
          #expect(field.isMissing(row) || column.isMissing(row), "\(column.name)")
        }
      }
    }
    // Payers' shares sum to 1.
    let shares = try #require(tables["payer_shares"])
    var sums: [String: Double] = [:]
    let keys = try (shares.strings("contract_id"), shares.strings("outcome"))
    let (versions, values) = try (shares.doubles("version"), shares.doubles("share"))
    for row in 0..<shares.rowCount {
      sums["\(keys.0[row] ?? "") \(versions[row]) \(keys.1[row] ?? "")", default: 0] += values[row]
    }
    #expect(sums.values.allSatisfy { abs($0 - 1) < 1e-12 })
    // Every claim belongs to a job that covers its day, and no contract pays beyond its cap.
    let jobs = try #require(tables["jobs"])
    let claims = try #require(tables["claims"])
    var starts: [String: (Int32, Int32)] = [:]
    let ids = try jobs.strings("job_id")
    for (row, job) in cohort.jobs.enumerated() {
      starts[ids[row] ?? ""] = (job.start, job.isOngoing ? .max : job.endLatest)
    }
    #expect(starts.count == jobs.rowCount)
    let (claimed, days) = try (claims.strings("job_id"), claims.dates("event_date"))
    let kinds = try claims.strings("outcome")
    for row in 0..<claims.rowCount {
      guard let job = claimed[row] else {
        #expect(kinds[row] == "engagement")
        continue
      }
      let span = try #require(starts[job])
      #expect(span.0 <= days[row] && days[row] <= span.1)
    }
    #expect(Set(try claims.strings("claim_id")).count == claims.rowCount)
    let contracts = cohort.contracts()
    var spent: [Int: Double] = [:]
    for claim in cohort.claims(contracts, cohort.payableEvents()) {
      spent[Int(cohort.clients[Int(claim.event.client)].site), default: 0] += claim.pounds
    }
    for contract in contracts { #expect(spent[contract.site, default: 0] <= contract.cap) }
    // Counts of periods are those of the people.
    let periods = try #require(tables["site_periods"])
    let accepted = try periods.doubles("accepted").reduce(0, +)
    #expect(accepted == Double(cohort.clients.count(where: \.isAccepted)))
    #expect(try periods.doubles("referrals").reduce(0, +) == 4000)
  }

  /// The cohort made in memory is the one that its files would give.
  @Test func theCohortIsThatOfItsTables() throws {
    let simulated = try CohortSimulation(world: .covid, clients: 2000, seed: 3).run()
    var read: [String: Table] = [:]
    for (name, table) in simulated.tables().prefix(3) {
      read[name] = try CSVReader().read(
        bytes: TableWriter(.csv).bytes(table.columns), name: name)
    }
    let clients = try #require(read["clients"])
    let other = try Cohort(clients: clients, sites: read["sites"], jobs: read["jobs"])
    let own = simulated.cohort()
    #expect(own.clients.ids == other.clients.ids)
    #expect(own.clients.site == other.clients.site)
    #expect(own.clients.siteNames == other.clients.siteNames)
    #expect(own.clients.arm == other.clients.arm)
    #expect(own.clients.accepted == other.clients.accepted)
    #expect(own.clients.exited == other.clients.exited)
    #expect(own.clients.decision == other.clients.decision)
    #expect(own.clients.exitReason == other.clients.exitReason)
    #expect(own.sites?.launch == other.sites?.launch)
    let (jobs, others) = try (#require(own.jobs), #require(other.jobs))
    #expect(jobs.client == others.client)
    #expect(jobs.start == others.start)
    #expect(jobs.precision == others.precision)
    #expect(jobs.endLatest == others.endLatest)
    #expect(jobs.isOngoing == others.isOngoing)
    #expect(jobs.isCompetitive == others.isCompetitive)
    #expect(jobs.verification == others.verification)
    #expect(jobs.endReason == others.endReason)
    for (mine, theirs) in zip(own.clients.table.columns, other.clients.table.columns) {
      #expect(mine == theirs, "\(mine.name)")
    }
  }

  @Test func theSameBytesOnAnyNumberOfThreads() throws {
    let simulation = try CohortSimulation(world: .effect, clients: 5000, seed: 9)
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    Parallel.setThreads(1)
    let one = try Self.bytes(simulation.run())
    Parallel.setThreads(4)
    #expect(try Self.bytes(simulation.run()) == one)
    var other = simulation
    other.seed = 10
    #expect(try Self.bytes(other.run())["clients"] != one["clients"])
  }

  /// Referrals do not depend on how many there are.
  @Test func moreClientsLeaveTheFirstAsTheyWere() throws {
    let few = try CohortSimulation(world: .gaming, clients: 1000, seed: 2).run()
    let many = try CohortSimulation(world: .gaming, clients: 3000, seed: 2).run()
    #expect(few.clients.map(\.referral) == many.clients.prefix(1000).map(\.referral))
    #expect(few.clients.map(\.exited) == many.clients.prefix(1000).map(\.exited))
    #expect(few.jobs.map(\.endLatest) == many.jobs.prefix(few.jobs.count).map(\.endLatest))
    let identifiers = SimulatedIdentifiers(seed: 2)
    #expect(Set((0..<20_000).map { identifiers.bits($0) }).count == 20_000)
  }

  @Test func refusals() throws {
    func refusal(_ body: () throws(SiblingError) -> Void) -> SiblingError? {
      do throws(SiblingError) { try body() } catch { return error }
      return nil
    }
    let wrong = refusal { () throws(SiblingError) in _ = try SimulatedWorld(named: "efect") }
    #expect(wrong?.suggestion == "effect")
    for (clients, sites, sib) in [
      (0, 25, 5), (10_000_001, 25, 5), (100, 3, 1), (100, 1001, 5), (100, 10, 1), (100, 10, 9),
      (100, 10, -4),
    ] {
      let error = refusal { () throws(SiblingError) in
        _ = try CohortSimulation(world: .null, clients: clients, sites: sites, sibSites: sib)
      }
      #expect(error?.code == .badValue)
    }
    #expect(try CohortSimulation(world: .null).sibSites == 5)
    #expect(try CohortSimulation(world: .null, sites: 4).sibSites == 2)
  }

  /// The smallest worlds have tables all the same, and no truth where nobody is behind it.
  @Test func oneClient() throws {
    for seed in UInt64(0)..<6 {
      let cohort = try CohortSimulation(world: .effect, clients: 1, sites: 4, seed: seed).run()
      for (name, table) in cohort.tables() {
        #expect(try !TableWriter(.csv).bytes(table.columns).isEmpty, "\(name)")
      }
      let sib = cohort.clients.contains {
        $0.isAccepted && cohort.sites[Int($0.site)].arm == .sib
      }
      #expect(cohort.truth().att(.jobStart).isNaN != sib)
    }
  }
}
