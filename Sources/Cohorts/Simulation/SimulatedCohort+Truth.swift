internal import LinearAlgebra
internal import Statistics

extension SimulatedCohort {
  /// What is true of these data: effects, what monitors should find, and the sites' own effects.
  public func truth() -> SimulatedTruth {
    var truth = SimulatedTruth(world: simulation.world)
    effects(&truth)
    selection(&truth)
    gaming(&truth)
    evidence(&truth)
    shocks(&truth)
    return truth
  }

  /// The truth with the effects in the population that people and sites are drawn from.
  public func fullTruth() -> SimulatedTruth {
    var truth = truth()
    truth.values += simulation.superpopulation()
    return truth
  }

  /// The outcome of each accepted person without (0) and with the bond (1), in the clients' order.
  public func potentialOutcomes(_ outcome: SimulatedOutcome) -> [(Double, Double)] {
    clients.filter(\.isAccepted).map { (outcome.value($0.untreated), outcome.value($0.treated)) }
  }

  private func arm(_ client: SimulatedClient) -> SiteArm { sites[Int(client.site)].arm }

  /// The mean of what is true over some people.
  private func mean(_ people: [SimulatedClient], _ value: (SimulatedClient) -> Double) -> Double {
    people.reduce(0) { $0 + value($1) } / Double(people.count)
  }

  private func effects(_ truth: inout SimulatedTruth) {
    typealias Model = SimulationModel
    let accepted = clients.filter(\.isAccepted)
    let bond = accepted.filter { arm($0) == .sib }
    let others = accepted.filter { arm($0) == .nonSIB }
    let observable = Model.dataCut - Model.horizon
    let mature = bond.filter { $0.accepted <= observable }
    for outcome in SimulatedOutcome.allCases {
      func add(_ quantity: String, _ unit: SiteArm, _ value: Double, _ meaning: String) {
        truth.values.append(
          .init(
            quantity: quantity, outcome: outcome.rawValue, unit: unit.rawValue, value: value,
            meaning: "\(meaning); \(outcome.meaning)"))
      }
      let difference = { (client: SimulatedClient) in
        outcome.value(client.treated) - outcome.value(client.untreated)
      }
      add("att", .sib, mean(bond, difference), "mean of Y(1) - Y(0) over accepted SIB clients")
      add(
        "att_mature", .sib, mean(mature, difference),
        "the same over those accepted 364 days or more before the data cut")
      add("mean_y1", .sib, mean(bond) { outcome.value($0.treated) }, "mean of Y(1) over them")
      add("mean_y0", .sib, mean(bond) { outcome.value($0.untreated) }, "mean of Y(0) over them")
      add(
        "mean_y0", .nonSIB, mean(others) { outcome.value($0.untreated) },
        "mean of Y(0) over accepted comparison clients")
    }
  }

  private func selection(_ truth: inout SimulatedTruth) {
    let settings = simulation.world.settings
    let atLarge = SimulatedPerson.atLarge
    for unit in [SiteArm.sib, .nonSIB] {
      truth.values.append(
        .init(
          quantity: "creaming_slope", outcome: nil, unit: unit.rawValue,
          value: unit == .sib ? settings.selection : 0,
          meaning: "log odds of acceptance by the service for a standard deviation of the index"))
      let people = clients.filter { $0.isAccepted && arm($0) == unit }
      truth.values.append(
        .init(
          quantity: "accepted_index", outcome: nil, unit: unit.rawValue,
          value: mean(people) { ($0.person.index - atLarge.mean) / atLarge.deviation },
          meaning: "mean index of accepted clients, in standard deviations of people at large"))
    }
  }

  private func gaming(_ truth: inout SimulatedTruth) {
    for unit in [SiteArm.sib, .nonSIB] {
      let people = clients.filter { $0.isAccepted && arm($0) == unit }
      let (moved, all) = people.reduce((0, 0)) {
        ($0.0 + Int($1.movedEnds), $0.1 + Int($1.trueJobs))
      }
      truth.values.append(
        .init(
          quantity: "moved_ends", outcome: nil, unit: unit.rawValue,
          value: Double(moved) / Double(all),
          meaning: "share of jobs whose end was moved to days 92-104, just after 13 weeks"))
    }
  }

  private func evidence(_ truth: inout SimulatedTruth) {
    typealias Model = SimulationModel
    let observable = Model.dataCut - Model.horizon - Model.thirteenWeeks
    for unit in [SiteArm.sib, .nonSIB] {
      let people = clients.filter {
        $0.isAccepted && arm($0) == unit && $0.accepted <= observable
          && (unit == .sib ? $0.treated : $0.untreated).lasting13
      }
      truth.values.append(
        .init(
          quantity: "lost_evidence", outcome: SimulatedOutcome.lasting13.rawValue,
          unit: unit.rawValue, value: mean(people) { $0.isEvidenced ? 0 : 1 },
          meaning: "share of people with a job that lasted 13 weeks whose record does not show it"
        ))
    }
  }

  private func shocks(_ truth: inout SimulatedTruth) {
    truth.values.append(
      .init(
        quantity: "site_deviation", outcome: nil, unit: nil,
        value: simulation.world.settings.siteDeviation,
        meaning: "standard deviation of sites' effects on the log hazard of a job start"))
    for site in sites {
      truth.values.append(
        .init(
          quantity: "site_effect", outcome: nil, unit: site.id, value: site.effect,
          meaning: "the site's own effect on the log hazard of a job start"))
    }
    for site in sites where site.shock > 0 {
      truth.values.append(
        .init(
          quantity: "hiring_shock", outcome: nil, unit: site.id, value: site.shock,
          meaning: "fall of the hazard of a job start from 2020-03-23 to 2021-06-30, as a share"))
    }
  }
}

extension CohortSimulation {
  /// The average effects on accepted people of the bond's sites in the population of people and sites.
  ///
  /// Sites, quarters and people are drawn anew, many times over, from streams that do not depend on
  /// the seed; in worlds without an effect the values are exactly zero.
  func superpopulation(replicates: Int = 50, people: Int = 4000) -> [SimulatedTruth.Value] {
    let settings = world.settings
    let parts: [([Double], Double)] =
      settings.hasEffect
      ? Parallel.mapBlocks(replicates) { number in
        let seed = 0x5EED_0000 + UInt64(number)
        let sites = SimulatedSite.all(
          self.sites, sib: sibSites, seed: seed, settings: settings
        ).filter { $0.arm == .sib }
        let maker = ClientMaker(
          sites: sites, calendars: CohortSimulation.calendars(sites, seed: seed),
          settings: settings, stream: RandomStream(seed: seed, name: "simulated-population"))
        var sums = [Double](repeating: 0, count: SimulatedOutcome.allCases.count)
        var (count, jobs): (Double, [SimulatedJob]) = (0, [])
        for person in 0..<people {
          jobs.removeAll(keepingCapacity: true)
          let client = maker.client(person, jobs: &jobs)
          guard client.isAccepted else { continue }
          count += 1
          for (place, outcome) in SimulatedOutcome.allCases.enumerated() {
            sums[place] += outcome.value(client.treated) - outcome.value(client.untreated)
          }
        }
        return (sums, count)
      } : []
    let count = parts.reduce(0) { $0 + $1.1 }
    return SimulatedOutcome.allCases.enumerated().map { place, outcome in
      .init(
        quantity: "att_population", outcome: outcome.rawValue, unit: SiteArm.sib.rawValue,
        value: settings.hasEffect ? parts.reduce(0) { $0 + $1.0[place] } / count : 0,
        meaning: "att where sites, quarters and people are drawn anew (mean over "
          + "\(replicates) draws of the sites); \(outcome.meaning)")
    }
  }
}
