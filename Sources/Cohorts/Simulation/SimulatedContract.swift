internal import Glibc
internal import Statistics

/// A version of a bond's contract, scaled to the size of its site.
struct SimulatedContract: Sendable {
  var site: Int
  var version: Int
  var from, to: Int32
  var reason: String?
  var block, cap, equity, loan, management: Double
  /// Pounds for an engagement, a start below 16 hours and from 16 on, and a sustained job of each.
  var rates: [Double]
  /// The fund that pays beside the commissioner.
  var fund: String

  var id: String { "K\(site + 1 < 10 ? "0" : "")\(site + 1)" }
}

extension SimulatedCohort {
  /// The expected numbers a year of acceptances at a site.
  func yearly(_ site: Int) -> Double {
    let total = sites.reduce(0) { $0 + $1.weight }
    let open = Double(sites[site].closes - sites[site].opens + 1) / 365.25
    return 0.78 * Double(clients.count) * sites[site].weight / total / open
  }

  /// The contracts of the bond's sites; every second one was renegotiated half way.
  ///
  /// Tariffs lie within the published ranges: £790–1,000 an engagement, £700 and £1,350 a start,
  /// £1,400 and £1,650 a sustained job. A renegotiation moves the block's share from 20% to 27.5%
  /// and cuts tariffs by a tenth, as at one site of the first wave.
  func contracts() -> [SimulatedContract] {
    let second = SimulationModel.day(2019, 4, 1)
    return sites.indices.filter { sites[$0].arm == .sib }.flatMap { number -> [SimulatedContract] in
      let site = sites[number]
      let people = yearly(number)
      func round(_ value: Double) -> Double { max(1000, (value / 1000).rounded() * 1000) }
      let engagement = [1000.0, 790, 900][number % 3]
      let outcomes = people * (0.88 * engagement + 0.38 * 1130 + 0.26 * 1570)
      let end = SimulationModel.dataCut
      let years = Double(end - site.launch + 1) / 365.25
      let first = SimulatedContract(
        site: number, version: 1, from: site.launch, to: end, block: round(outcomes * 0.25),
        cap: round(outcomes * years * 1.3), equity: round(outcomes * 0.1),
        loan: round(outcomes * 0.2), management: round(outcomes * 0.06),
        rates: [engagement, 700, 1350, 1400, 1650], fund: site.launch < second ? "sof" : "lcf")
      guard number % 2 == 0 else { return [first] }
      let quarter = SimulatedQuarter(day: (site.launch + site.closes) / 2)
      var (old, new) = (first, first)
      (old.to, new.from) = (quarter.firstDay - 1, quarter.firstDay)
      new.version = 2
      new.reason = "referral_shortfall"
      new.block = round(first.block * 1.375)
      new.rates = first.rates.map { $0 * 0.9 }
      return [old, new]
    }
  }
}
