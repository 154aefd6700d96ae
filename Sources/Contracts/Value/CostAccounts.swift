public import Statistics

/// A cost or payment of a site in a period.
public struct CostItem: Sendable, Equatable {
  /// The site's place in the list of sites.
  public var site: Int
  /// The first and last day of the period, since 1970-01-01.
  public var first, last: Int32
  /// What it was for.
  public var category: CostCategory
  /// How much.
  public var amount: Money
  /// The year of its prices; nil = not stated.
  public var priceYear: Int?
  /// Who bore it; nil = not stated.
  public var bearer: String?
  /// The row of the costs' table, for messages; nil for what came from elsewhere.
  public var row: Int?

  /// A cost.
  public init(
    site: Int, first: Int32, last: Int32, category: CostCategory, amount: Money,
    priceYear: Int? = nil, bearer: String? = nil, row: Int? = nil
  ) {
    self.site = site
    self.first = first
    self.last = last
    self.category = category
    self.amount = amount
    self.priceYear = priceYear
    self.bearer = bearer
    self.row = row
  }
}

/// Clients whom a site accepted on a day or in a period, and what they reached.
public struct ServedClients: Sendable, Equatable {
  /// The site's place in the list of sites.
  public var site: Int
  /// The first and last day of the period in which they were accepted.
  public var first, last: Int32
  /// How many were accepted, engaged, started a job, and kept one; fewer stages where later ones are
  /// not recorded.
  public var counts: [Int]

  /// Clients of a site.
  public init(site: Int, first: Int32, last: Int32, counts: [Int]) {
    self.site = site
    self.first = first
    self.last = last
    self.counts = counts
  }
}

/// A site that is compared.
public struct CostedSite: Sendable, Equatable {
  /// What it is called.
  public var name: String
  /// Whether it has a bond.
  public var isTreated: Bool

  /// A site.
  public init(name: String, isTreated: Bool) {
    self.name = name
    self.isTreated = isTreated
  }
}

/// Adds up what sites cost, from three perspectives, without counting any money twice.
///
/// Costs and clients of a site are both discounted to the first day on which the site has either, so
/// that a site that ran for longer is neither cheaper nor dearer for it: a cost per client is the
/// present value of costs over the present value of clients. Their ratio at one site does not depend
/// on the base day.
public struct CostAccounts: Sendable, Equatable {
  /// What counts from where.
  public var rules: CostRules
  /// Prices and discounting.
  public var prices: PriceBase

  /// Accounts with their rules.
  public init(rules: CostRules = CostRules(), prices: PriceBase) {
    self.rules = rules
    self.prices = prices
  }

  /// A site's sums.
  public struct Site: Sendable, Equatable {
    /// The site.
    public var site: CostedSite
    /// The present value of its costs in pounds, by perspective in the order of the cases.
    public var costs: [Double]
    /// Clients at each stage.
    public var counts: [Int]
    /// Their present values.
    public var presentCounts: [Double]
    /// Whether payments for it are recorded, and whether any cost is.
    public var isPaid, hasCosts: Bool
  }

  /// A category's sum from a perspective, for the sites of an arm.
  public struct Line: Sendable, Equatable {
    /// The category.
    public var category: CostCategory
    /// The perspective.
    public var perspective: CostPerspective
    /// The arm.
    public var isTreated: Bool
    /// The sum as given, and the part of it that counts: to the penny, in the prices given.
    public var amount, counted: Money
    /// The present value of what counts, in pounds.
    public var presentValue: Double
    /// Why it counts or does not; several where bearers or sites differ.
    public var reasons: [String]
    /// Sites with such a cost.
    public var sites: Int
    /// The amounts of the two sites that gave most, greatest first; fewer where fewer have any.
    public var greatest: [Money] = []
  }

  /// The accounts.
  public struct Result: Sendable, Equatable {
    /// The sites, in the order given.
    public var sites: [Site]
    /// The categories, each from every perspective, bond sites first.
    public var lines: [Line]
    /// What the reader must know.
    public var notes: [String]
    /// Whether amounts of different years of prices stand beside each other.
    public var isNominal: Bool
  }

  /// The most that one amount may be, in pence, so that sums can't overflow: £10 billion.
  private static let largest = 1_000_000_000_000

  /// Adds up.
  ///
  /// - Throws: `noRows` without costs; `badValue` for a site that is not in the list, a period that
  ///   ends before it begins, a negative count or payment, counts that are not nested or an amount
  ///   beyond £10 billion; `missingValue` for an amount that can't be deflated. Errors of a cost name
  ///   its row.
  public func add(
    _ items: [CostItem], clients: [ServedClients], sites: [CostedSite]
  ) throws(SiblingError) -> Result {
    guard !items.isEmpty else {
      throw SiblingError(.noRows, "there are no costs", help: "give amounts by site and period")
    }
    try check(items, clients, sites)
    var starts = [Int32](repeating: .max, count: sites.count)
    var isPaid = [Bool](repeating: false, count: sites.count)
    for item in items {
      starts[item.site] = min(starts[item.site], item.first)
      if item.category.isTransfer { isPaid[item.site] = true }
    }
    for row in clients { starts[row.site] = min(starts[row.site], row.first) }
    let stages = clients.map(\.counts.count).max() ?? 0
    var sums = sites.enumerated().map { index, site in
      Site(
        site: site, costs: CostPerspective.allCases.map { _ in 0 },
        counts: [Int](repeating: 0, count: stages),
        presentCounts: [Double](repeating: 0, count: stages), isPaid: isPaid[index],
        hasCosts: false)
    }
    for row in clients {
      let factor = prices.presentValue(first: row.first, last: row.last, on: starts[row.site])
      for (stage, count) in row.counts.enumerated() {
        sums[row.site].counts[stage] += count
        sums[row.site].presentCounts[stage] += Double(count) * factor
      }
    }
    var lines = CostLines(sites)
    for item in items {
      let factor =
        try located(item) { () throws(SiblingError) in try prices.priceFactor(of: item.priceYear) }
        * prices.presentValue(first: item.first, last: item.last, on: starts[item.site])
      sums[item.site].hasCosts = true
      for (place, perspective) in CostPerspective.allCases.enumerated() {
        let verdict = rules.verdict(
          item.category, bearer: item.bearer, isPaid: isPaid[item.site], from: perspective)
        let value = verdict.counts ? item.amount.pounds * factor : 0
        sums[item.site].costs[place] += value
        lines.add(item, place, verdict, value)
      }
    }
    let years = Set(items.compactMap(\.priceYear))
    let isNominal = years.count > 1 && (prices.baseYear == nil || prices.deflator.isEmpty)
    return Result(
      sites: sums, lines: lines.finished, notes: notes(items, sums, isNominal), isNominal: isNominal
    )
  }

  private func located(
    _ item: CostItem, _ body: () throws(SiblingError) -> Double
  ) throws(SiblingError) -> Double {
    do throws(SiblingError) {
      return try body()
    } catch {
      var error = error
      error.row = item.row
      throw error
    }
  }

  private func check(
    _ items: [CostItem], _ clients: [ServedClients], _ sites: [CostedSite]
  ) throws(SiblingError) {
    func fail(_ message: String, _ item: CostItem, _ column: String) -> SiblingError {
      SiblingError(.badValue, message, row: item.row, column: column)
    }
    for item in items {
      guard sites.indices.contains(item.site) else {
        throw fail("a cost belongs to a site that is not among the sites", item, "site_id")
      }
      guard item.first <= item.last else {
        throw fail("a cost's period ends before it begins", item, "period")
      }
      guard item.amount.pence.magnitude <= UInt(Self.largest) else {
        throw fail("an amount is beyond £10 billion", item, "amount_gbp")
      }
      guard !item.category.isTransfer || item.amount >= .zero else {
        throw fail("a payment is negative", item, "amount_gbp")
      }
    }
    for row in clients {
      guard sites.indices.contains(row.site), row.first <= row.last else {
        throw SiblingError(.badValue, "clients belong to no site, or to a period without days")
      }
      guard row.counts.allSatisfy({ (0...100_000_000).contains($0) }) else {
        throw SiblingError(
          .badValue, "a site has a number of clients that is negative or impossibly large",
          help: "counts of clients are whole numbers from zero up", cell: sites[row.site].name)
      }
    }
  }

  private func notes(_ items: [CostItem], _ sites: [Site], _ isNominal: Bool) -> [String] {
    var notes: [String] = []
    let twice = Set(
      items.filter { item in
        sites[item.site].isPaid && item.category == .delivery
          && (item.bearer.map { rules.publicBodies.contains($0) } ?? true)
      }.map(\.site))
    if !twice.isEmpty {
      notes.append(
        "\(twice.count) site(s) have payments and also delivery said to be borne by a payer; these"
          + " are the same money, so payers' perspectives count the payments and only all resources (all-in) count"
          + " delivery")
    }
    let bare = sites.filter { $0.isPaid && $0.costs[2] == 0 }
    if !bare.isEmpty {
      notes.append(
        "\(bare.count) site(s) have payments and no costs: the costs of all resources (all-in) leave out what they used"
      )
    }
    let unpaid = sites.count { $0.site.isTreated && $0.hasCosts && !$0.isPaid }
    if unpaid > 0 {
      notes.append(
        "\(unpaid) bond site(s) have no payments recorded, so that what a payer spends on delivery"
          + " counts instead")
    }
    if isNominal {
      notes.append(
        "amounts are in the prices of different years as given (no deflator), so that later years"
          + " look dearer than they were")
    }
    return notes
  }
}
