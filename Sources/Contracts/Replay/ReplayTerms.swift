internal import Statistics

/// Terms made ready for looking up: checked, by number instead of by name.
struct ReplayTerms: Sendable {
  let versions: [ContractVersion]
  /// The contracts' places by their names, and the versions of each by first day.
  private(set) var contracts: [String: Int] = [:]
  private(set) var versionsOf: [[Int]] = []
  /// Everyone who pays.
  private(set) var payers: [String] = []
  /// The contract of each version, and its prices and payers by outcome.
  private(set) var contractOf: [Int] = []
  private(set) var prices: [[Prices]] = []
  private(set) var sharings: [[[Sharing]]] = []
  /// The place of whoever pays where a version names nobody; among `payers` only when asked for.
  private var unnamed = 0

  /// The tariffs of an outcome: places among the version's, those that ask for most days first.
  struct Prices: Sendable {
    var isBanded = false
    var boundary: HoursBoundary?
    var any: [Int] = []
    var lower: [Int] = []
    var upper: [Int] = []

    var isEmpty: Bool { any.isEmpty && lower.isEmpty && upper.isEmpty }
  }

  /// Who pays an outcome from one day to another.
  struct Sharing: Sendable {
    var from, to: Int32
    var payers: [Int]
    /// The places of the shares among the version's.
    var shares: [Int]
    var split: ShareSplit
  }

  init(_ terms: ContractTerms) throws(SiblingError) {
    try terms.check()
    versions = terms.versions
    for (place, name) in terms.contracts.enumerated() { contracts[name] = place }
    versionsOf = Array(repeating: [], count: contracts.count)
    for (place, version) in versions.enumerated() {
      let contract = contracts[version.contract] ?? 0
      contractOf.append(contract)
      versionsOf[contract].append(place)
      prices.append(OutcomeStage.allCases.map { Self.prices(of: $0, in: version) })
    }
    for contract in versionsOf.indices {
      versionsOf[contract].sort { (versions[$0].from ?? .min) < (versions[$1].from ?? .min) }
    }
    var places: [String: Int] = [:]
    for share in versions.flatMap(\.shares) where places[share.payer] == nil {
      places[share.payer] = payers.count
      payers.append(share.payer)
    }
    if versions.contains(where: \.shares.isEmpty) { addUnnamedPayer() }
    sharings = versions.map { version in
      OutcomeStage.allCases.map { outcome in
        version.shares.isEmpty
          ? [unnamedSharing] : Self.sharings(of: outcome, in: version, places)
      }
    }
  }

  /// The version in force on a day, by its place.
  func version(of contract: Int, on day: Int32) -> Int? {
    versionsOf[contract].last { (versions[$0].from ?? .min) <= day }.flatMap {
      versions[$0].holds(on: day) ? $0 : nil
    }
  }

  /// Who pays an outcome on a day, as a place in its `sharings`; nil when no share is valid.
  func sharing(_ version: Int, _ outcome: OutcomeStage, on day: Int32) -> Int? {
    sharings[version][outcome.position].firstIndex { $0.from <= day && day <= $0.to }
  }

  /// Makes a payer of what nobody has a share in, if there is none yet.
  mutating func addUnnamedPayer() {
    unnamed = payers.firstIndex(of: ClaimReplay.unnamedPayer) ?? payers.count
    if unnamed == payers.count { payers.append(ClaimReplay.unnamedPayer) }
  }

  /// The sharing of what nobody has a share in.
  var unnamedSharing: Sharing {
    Sharing(
      from: .min, to: .max, payers: [unnamed], shares: [],
      split: ShareSplit(millionths: [ShareSplit.whole]))
  }

  private static func prices(of outcome: OutcomeStage, in version: ContractVersion) -> Prices {
    var prices = Prices()
    let places = version.tariffs.indices.filter { version.tariffs[$0].outcome == outcome }.sorted {
      version.tariffs[$0].durationWeeks > version.tariffs[$1].durationWeeks
    }
    for place in places {
      switch version.tariffs[place].band {
      case .any: prices.any.append(place)
      case .under16: prices.lower.append(place)
      case .atLeast16: prices.upper.append(place)
      }
      if version.tariffs[place].band != .any {
        prices.boundary = prices.boundary ?? version.tariffs[place].boundary
        prices.isBanded = true
      }
    }
    return prices
  }

  private static func sharings(
    of outcome: OutcomeStage, in version: ContractVersion, _ places: [String: Int]
  ) -> [Sharing] {
    let shares = version.shares.indices.filter { version.shares[$0].outcome == outcome }
    var days: Set<Int32> = [.min]
    for share in shares.map({ version.shares[$0] }) {
      if let from = share.from { days.insert(from) }
      if let to = share.to, to < .max { days.insert(to + 1) }
    }
    let starts = days.sorted()
    return starts.indices.compactMap { place in
      let valid = shares.filter { version.shares[$0].isValid(on: starts[place]) }
      guard !valid.isEmpty else { return nil }
      return Sharing(
        from: starts[place], to: place + 1 < starts.count ? starts[place + 1] - 1 : .max,
        payers: valid.map { places[version.shares[$0].payer] ?? 0 }, shares: valid,
        split: ShareSplit(millionths: valid.map { version.shares[$0].millionths }))
    }
  }
}
