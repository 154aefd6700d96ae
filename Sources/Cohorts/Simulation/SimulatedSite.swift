internal import Glibc
internal import Statistics

/// A site of a simulated world.
struct SimulatedSite: Sendable {
  var id: String
  var arm: SiteArm
  /// The launch of the bond's service; missing in the comparison arm.
  var launch: Int32
  /// Referrals come between these days.
  var opens, closes: Int32
  var isLearningDisability: Bool
  var provider, providerType, commissioner, region: String
  var priorIPS: Bool
  var fidelity: Int
  var fidelityDate: Int32
  var targetCaseload: Int
  var unemployment: Double
  var deprivation: Int
  /// The effect on the log hazard of a job start, and the part of it that a shock is.
  var effect: Double
  /// The share of referrals.
  var weight: Double
  /// The shock to hiring, as a share.
  var shock: Double
}

extension SimulatedSite {
  private struct Known {
    var id, provider, region: String
    var launch, closes: Int32
    var isLearningDisability = false
  }

  private static func day(_ year: Int, _ month: Int) -> Int32 {
    SimulationModel.day(year, month, 1)
  }

  /// The bond's sites and launches as published, those of the second wave first.
  private static var known: [Known] {
    let first = (day(2016, 4), SimulationModel.day(2019, 3, 31))
    let end = SimulationModel.lastReferral
    return [
      Known(
        id: "haringey-barnet", provider: "P01", region: "london", launch: day(2019, 4), closes: end),
      Known(
        id: "shropshire", provider: "P02", region: "west_midlands", launch: day(2020, 4),
        closes: end),
      Known(id: "enfield", provider: "P03", region: "london", launch: day(2020, 4), closes: end),
      Known(
        id: "tower-hamlets-mh", provider: "P03", region: "london", launch: day(2020, 4), closes: end
      ),
      Known(
        id: "staffordshire", provider: "P04", region: "west_midlands", launch: first.0,
        closes: first.1),
      Known(id: "haringey", provider: "P01", region: "london", launch: first.0, closes: first.1),
      Known(
        id: "tower-hamlets", provider: "P03", region: "london", launch: first.0, closes: first.1),
      Known(
        id: "tower-hamlets-ld", provider: "P05", region: "london", launch: day(2020, 7),
        closes: end,
        isLearningDisability: true),
    ]
  }

  private static let regions = [
    "london", "west_midlands", "north_west", "yorkshire", "south_east", "east", "south_west",
  ]

  /// The sites of a world: the bond's first.
  static func all(_ count: Int, sib: Int, seed: UInt64, settings: WorldSettings) -> [SimulatedSite]
  {
    let base = RandomStream(seed: seed, name: "simulated-site")
    let named = (5...8).contains(sib) ? known : []
    return (0..<count).map { number in
      var stream = base.substream(UInt64(number))
      let isSIB = number < sib
      let known = isSIB && number < named.count ? named[number] : nil
      let (open, months) = (stream.uniform(), Int(stream.uniform() * 60))
      let opens =
        known?.launch
        ?? (isSIB ? day(2017 + Int(open * 4), 4) : day(2015 + months / 12, months % 12 + 1))
      let closes = known?.closes ?? SimulationModel.lastReferral
      let (fidelity, own) = (stream.normal(), stream.normal())
      let share = SimulationModel.fidelityShare
      let effect =
        settings.siteDeviation * (share.squareRoot() * fidelity + (1 - share).squareRoot() * own)
      let size = exp(0.35 * stream.normal())
      let years = Double(closes - opens) / 365.25
      let region = known?.region ?? regions[stream.integer(below: regions.count)]
      let (type, prior, severity) = (stream.uniform(), stream.uniform(), stream.uniform())
      let deprivation = 1 + stream.integer(below: 10)
      let unemployment = 3.2 + 0.25 * Double(10 - deprivation) + 1.4 * stream.uniform()
      let provider = known?.provider ?? "P" + two(10 + stream.integer(below: max(2, count * 2 / 3)))
      return SimulatedSite(
        id: "sim-" + (known?.id ?? "site-" + two(number + 1)), arm: isSIB ? .sib : .nonSIB,
        launch: isSIB ? opens : missingDay, opens: opens, closes: closes,
        isLearningDisability: known?.isLearningDisability ?? false, provider: provider,
        providerType: isSIB || type < 0.5 ? "vcse" : type < 0.85 ? "nhs" : "la",
        commissioner: "C" + two(number + 1), region: region, priorIPS: prior < 0.5,
        fidelity: min(max(Int((101 + 9 * fidelity).rounded()), 75), 123),
        fidelityDate: opens + 365 + Int32(stream.integer(below: 180)),
        targetCaseload: 20 + stream.integer(below: 6),
        unemployment: (unemployment * 10).rounded() / 10, deprivation: deprivation, effect: effect,
        weight: size * max(years, 0.5).squareRoot(),
        shock: min(0.95, settings.hiringShock * (0.8 + 0.4 * severity)))
    }
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
