internal import Cohorts
internal import Statistics
internal import Tables

/// What contracts pay for, as the audit of incentives reads it: for each version the lengths of jobs
/// and the days to claim.
struct PaidLengths {
  /// A version of a contract.
  struct Version {
    var contract: String
    var site: String
    var from, to: Int32
    /// Days of a job that are paid for, 7 for each week of the tariff.
    var lengths: Set<Int32> = []
    /// Days within which each outcome has to be claimed.
    var deadlines: [String: Int32] = [:]

    func holds(_ day: Int32) -> Bool { from <= day && day <= to }
  }

  /// The versions by site.
  private(set) var versions: [String: [Version]] = [:]

  /// The contracts of a cohort; none where it has no such tables.
  ///
  /// - Throws: what is wrong with them, located.
  init(_ cohort: Cohort) throws(SiblingError) {
    guard let contracts = cohort.others["contracts"], let tariffs = cohort.others["tariffs"],
      contracts.names.contains("site_id")
    else { return }
    var made: [String: Version] = [:]
    var order: [String] = []
    let names = try contracts.strings("contract_id")
    let sites = try contracts.strings("site_id")
    let numbers = try Self.words(contracts, "version")
    let from = try Self.dates(contracts, "effective_from")
    let to = try Self.dates(contracts, "effective_to")
    for row in names.indices {
      guard let name = names[row], let site = sites[row] else { continue }
      let key = Self.key(name, numbers[row])
      made[key] = Version(
        contract: name, site: site, from: from[row] ?? .min, to: to[row] ?? .max)
      order.append(key)
    }
    try price(tariffs, &made)
    for key in order {
      if let version = made[key] { versions[version.site, default: []].append(version) }
    }
  }

  private func price(_ tariffs: Table, _ made: inout [String: Version]) throws(SiblingError) {
    let names = try tariffs.strings("contract_id")
    let numbers = try Self.words(tariffs, "version")
    let outcomes = try tariffs.strings("outcome")
    let weeks = try Self.numbers(tariffs, "duration_weeks")
    let deadlines = try Self.numbers(tariffs, "claim_deadline_days")
    for row in names.indices {
      guard let name = names[row], let outcome = outcomes[row] else { continue }
      let key = Self.key(name, numbers[row])
      if outcome == "sustained", let value = weeks[row] {
        guard value >= 0, value <= 520 else {
          throw SiblingError(
            .badValue, "a tariff's weeks lie between 0 and 520",
            location: tariffs.location(row: row, column: "duration_weeks"), column: "duration_weeks"
          )
        }
        if value > 0 { made[key]?.lengths.insert(Int32((value * 7).rounded())) }
      }
      if let days = deadlines[row], days >= 0, days <= 36_600 {
        let own = made[key]?.deadlines[outcome] ?? 0
        made[key]?.deadlines[outcome] = max(own, Int32(days))
      }
    }
  }

  /// Every length that any contract pays for, in days.
  var lengths: [Int32] {
    Set(versions.values.joined().flatMap(\.lengths)).sorted()
  }

  /// The version in force at a site on a day.
  func version(site: String, on day: Int32) -> Version? {
    versions[site]?.first { $0.holds(day) }
  }

  /// The days on which a contract's later versions began.
  func changes(contract: String, site: String) -> [Int32] {
    (versions[site] ?? []).filter { $0.contract == contract }.map(\.from).sorted().dropFirst()
      .filter { $0 != .min }
  }

  private static func key(_ contract: String, _ version: String) -> String {
    "\(contract)\u{1F}\(version)"
  }

  private static func words(_ table: Table, _ name: String) throws(SiblingError) -> [String] {
    let factor = try table.factor(name)
    return factor.codes.map { $0 < 0 ? "" : factor.levels[Int($0)] }
  }

  private static func dates(_ table: Table, _ name: String) throws(SiblingError) -> [Int32?] {
    guard table[name] != nil, !isEmpty(table, name) else {
      return [Int32?](repeating: nil, count: table.rowCount)
    }
    return try table.dates(name).map { $0 == missingDay ? nil : $0 }
  }

  private static func numbers(_ table: Table, _ name: String) throws(SiblingError) -> [Double?] {
    guard table[name] != nil, !isEmpty(table, name) else {
      return [Double?](repeating: nil, count: table.rowCount)
    }
    return try table.doubles(name).map { $0.isNaN ? nil : $0 }
  }

  private static func isEmpty(_ table: Table, _ name: String) -> Bool {
    guard let column = table[name] else { return true }
    return (0..<column.count).allSatisfy { column.isMissing($0) }
  }
}
