internal import Cohorts
internal import Contracts
internal import Statistics
internal import Tables

/// Costs, payments and clients of sites, read from tables of the schema.
struct ValueRecords {
  var sites: [CostedSite] = []
  var items: [CostItem] = []
  var clients: [ServedClients] = []
  /// The stages that are counted, `accepted` first.
  var stages: [String] = []
  var notes: [String] = []
  /// Each site's place by its name.
  private(set) var place: [String: Int] = [:]
  /// The first and last day of each site's costs.
  private(set) var spans: [(first: Int32, last: Int32)?] = []
  /// The periods of each site's costs that do not overlap, in order.
  private(set) var periods: [[(first: Int32, last: Int32)]] = []

  /// Reads the sites and their costs.
  ///
  /// - Throws: what is wrong with a cell, located.
  init(costs: Table, sites records: Sites) throws(SiblingError) {
    var unarmed = 0
    for (row, name) in records.ids.enumerated() {
      guard records.arm[row] >= 0 else {
        unarmed += 1
        continue
      }
      place[name] = sites.count
      sites.append(
        CostedSite(
          name: name, isTreated: SiteArm.allCases[Int(records.arm[row])] == .sib))
    }
    if unarmed > 0 { notes.append("\(unarmed) site(s) without an arm are left out") }
    let known = Set(records.ids)
    var skipped = 0
    let texts = try ["site_id", "period", "category"].map { name throws(SiblingError) in
      try costs.strings(name)
    }
    let amounts = try costs.doubles("amount_gbp")
    let years =
      costs["price_base_year"] == nil ? nil : try costs.doubles("price_base_year")
    let bearers = costs["borne_by"] == nil ? nil : try costs.strings("borne_by")
    for row in 0..<costs.rowCount {
      func cell(_ column: Int, _ name: String) throws(SiblingError) -> String {
        guard let text = texts[column][row] else { throw Self.missing(costs, row, name) }
        return text
      }
      let site = try cell(0, "site_id")
      guard known.contains(site) else {
        throw Self.bad(
          costs, row, "site_id", site, "a cost belongs to a site that is not in the table of sites",
          suggestion: nearestName(to: site, among: records.ids))
      }
      guard let own = place[site] else {
        skipped += 1
        continue
      }
      let text = try cell(1, "period")
      guard let period = SchemaPeriod(text) else {
        throw Self.bad(
          costs, row, "period", text, "a period is a month or quarter: 2024-04 or 2024-Q2")
      }
      let name = try cell(2, "category")
      guard let category = CostCategory(rawValue: name) else {
        let all = CostCategory.allCases.map(\.rawValue)
        throw Self.bad(
          costs, row, "category", name, "costs are of: " + all.joined(separator: ", "),
          suggestion: nearestName(to: name, among: all))
      }
      guard !amounts[row].isNaN else { throw Self.missing(costs, row, "amount_gbp") }
      let amount = try Self.money(amounts[row], costs, row, "amount_gbp")
      guard amount >= .zero else {
        throw Self.bad(
          costs, row, "amount_gbp", nil,
          "a cost is negative; take what was given back off its period's cost")
      }
      try Self.checkBearer(bearers?[row], costs, row)
      var year: Int?
      if let value = years?[row], !value.isNaN {
        guard let whole = Int(exactly: value), (1900...2100).contains(whole) else {
          throw Self.bad(
            costs, row, "price_base_year", nil, "a year of prices is a year from 1900 to 2100")
        }
        year = whole
      }
      items.append(
        CostItem(
          site: own, first: period.first, last: period.last, category: category, amount: amount,
          priceYear: year, bearer: bearers?[row], row: row))
    }
    if skipped > 0 { notes.append("\(skipped) costs of sites without an arm are left out") }
    findSpans()
  }

  private mutating func findSpans() {
    spans = sites.map { _ in nil }
    var own = sites.map { _ in [Int32: Int32]() }
    for item in items {
      let span = spans[item.site]
      spans[item.site] = (
        min(span?.first ?? item.first, item.first), max(span?.last ?? item.last, item.last)
      )
      own[item.site][item.first] = min(own[item.site][item.first] ?? .max, item.last)
    }
    periods = own.map { lasts in
      var found: [(first: Int32, last: Int32)] = []
      for first in lasts.keys.sorted() where found.last.map({ $0.last < first }) ?? true {
        if let last = lasts[first] { found.append((first, last)) }
      }
      return found
    }
  }

  /// A number of pounds as money, located when it is none.
  static func money(
    _ pounds: Double, _ table: Table, _ row: Int, _ column: String
  ) throws(SiblingError) -> Money {
    do throws(SiblingError) {
      return try Money(pounds: pounds)
    } catch {
      throw error.located(table.location(row: row, column: column))
    }
  }

  /// Refuses a bearer that is nearly, but not quite, one of those that perspectives know: its cost would
  /// count for nobody, and nobody would be told.
  private static func checkBearer(
    _ bearer: String?, _ costs: Table, _ row: Int
  ) throws(SiblingError) {
    // A name that goes on, such as commissioner_north, is one of its own.
    guard let bearer, !bearers.contains(where: { bearer.hasPrefix($0) }),
      let meant = nearestName(to: bearer, among: bearers)
    else { return }
    throw bad(
      costs, row, "borne_by", bearer, "who bears a cost is misspelt, or nobody that payers name",
      suggestion: meant)
  }

  private static let bearers = [
    "commissioner", "sof", "cbo", "lcf", "mhep_bii", "provider", "investor", "other",
  ]

  static func missing(_ table: Table, _ row: Int, _ column: String) -> SiblingError {
    SiblingError(
      .missingValue, "'\(column)' is empty", location: table.location(row: row, column: column),
      row: row, column: column)
  }

  static func bad(
    _ table: Table, _ row: Int, _ column: String, _ cell: String?, _ message: String,
    suggestion: String? = nil
  ) -> SiblingError {
    SiblingError(
      .badValue, message, suggestion: suggestion,
      location: table.location(row: row, column: column), row: row, column: column, cell: cell)
  }
}
