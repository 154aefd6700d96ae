import Contracts
import Statistics
import TestSupport
import Testing

@Suite struct CostAccountsTests {
  private static let sites = [
    CostedSite(name: "bond", isTreated: true), CostedSite(name: "other", isTreated: false),
  ]

  private static func item(
    _ site: Int, _ category: CostCategory, _ pounds: Int, by bearer: String?, year: Int? = 2020,
    first: Int32 = 18_262, last: Int32 = 18_352
  ) -> CostItem {
    CostItem(
      site: site, first: first, last: last, category: category, amount: Money(pence: pounds * 100),
      priceYear: year, bearer: bearer)
  }

  /// One bond site with everything, one comparison site.
  ///
  /// Outcome payer: block 10,000 + its part of outcomes 1,500 + its management 1,000 = 12,500.
  /// Public sector: block 10,000 + outcomes 1,500 + 4,500 + management 1,000 + set-up grant 2,000
  /// = 19,000. All-in: delivery 18,000 + management 1,000 + set-up 2,000 + investors 500 + reporting
  /// 300 = 21,800. The comparison: delivery 20,000 + reporting 200 = 20,200 from every side.
  private static let items = [
    item(0, .blockPayment, 10_000, by: "commissioner"),
    item(0, .outcomePayment, 1_500, by: "commissioner"),
    item(0, .outcomePayment, 4_500, by: "lcf"), item(0, .delivery, 18_000, by: "commissioner"),
    item(0, .performanceManagement, 1_000, by: "commissioner"),
    item(0, .setUp, 2_000, by: "lcf"), item(0, .investorReturn, 500, by: "lcf"),
    item(0, .evidenceReporting, 300, by: "provider"), item(0, .evaluation, 700, by: "lcf"),
    item(1, .delivery, 20_000, by: "commissioner"),
    item(1, .evidenceReporting, 200, by: "commissioner"),
  ]
  private static let clients = [
    ServedClients(site: 0, first: 18_262, last: 18_352, counts: [10, 8, 5, 4]),
    ServedClients(site: 1, first: 18_262, last: 18_352, counts: [12, 9, 4, 2]),
  ]

  private static func accounts(discount: Double = 0) throws -> CostAccounts {
    CostAccounts(prices: try PriceBase(discountRate: discount))
  }

  @Test func eachSideCountsEveryPoundOnce() throws {
    let result = try Self.accounts().add(Self.items, clients: Self.clients, sites: Self.sites)
    #expect(close(result.sites[0].costs, [12_500, 19_000, 21_800], .closedForm))
    #expect(close(result.sites[1].costs, [20_200, 20_200, 20_200], .closedForm))
    #expect(result.sites[0].counts == [10, 8, 5, 4])
    #expect(result.sites[0].isPaid && !result.sites[1].isPaid)
    // To the penny, by category.
    func counted(_ category: CostCategory, _ side: CostPerspective) -> Int? {
      result.lines.first { $0.isTreated && $0.category == category && $0.perspective == side }?
        .counted.pence
    }
    #expect(counted(.outcomePayment, .outcomePayer) == 150_000)
    #expect(counted(.outcomePayment, .publicSector) == 600_000)
    #expect(counted(.outcomePayment, .allIn) == 0)
    #expect(counted(.delivery, .outcomePayer) == 0)
    #expect(counted(.delivery, .allIn) == 1_800_000)
    #expect(counted(.evaluation, .allIn) == 0)
    #expect(result.lines.filter { $0.sites > 0 }.allSatisfy { !$0.reasons.isEmpty })
    // Delivery said to be borne by a payer beside payments is told, not added.
    #expect(result.notes.contains { $0.contains("the same money") })
  }

  @Test func withoutPaymentsDeliveryIsWhatThePayerPays() throws {
    let items = Self.items.filter { !$0.category.isTransfer }
    let result = try Self.accounts().add(items, clients: Self.clients, sites: Self.sites)
    // 18,000 + 1,000; public too: + 2,000 + 500.
    #expect(close(result.sites[0].costs, [19_000, 21_500, 21_800], .closedForm))
    #expect(result.notes.contains { $0.contains("no payments recorded") })
  }

  @Test func discountingByTheMiddleOfThePeriod() throws {
    // 2020-01-01 is day 18262; the year's middle is 183 days on: 1000/1.035^(183/365.25).
    let prices = try PriceBase(discountRate: 0.035)
    let factor = prices.presentValue(first: 18_262, last: 18_627, on: 18_262)
    #expect(close(factor, 0.982_911_657_568_745_2, .closedForm))
    #expect(close(prices.factor(years: 10), 0.708_918_813_709_772_2, .closedForm))
    // Costs and clients of one period are discounted alike, so their ratio does not move.
    let plain = try Self.accounts().add(Self.items, clients: Self.clients, sites: Self.sites)
    let later = try Self.accounts(discount: 0.035).add(
      Self.items, clients: Self.clients, sites: Self.sites)
    for (a, b) in zip(plain.sites, later.sites) {
      #expect(
        close(a.costs[2] / a.presentCounts[0], b.costs[2] / b.presentCounts[0], .closedForm))
      #expect(b.costs[2] < a.costs[2])
    }
  }

  @Test func deflatesToPricesOfTheBaseYear() throws {
    // 20,200 in prices of 2020 (level 105) are 20,200·100/105 in those of 2019.
    let prices = try PriceBase(
      baseYear: 2019, deflator: [2019: 100, 2020: 105], discountRate: 0)
    let result = try CostAccounts(prices: prices).add(
      Self.items, clients: Self.clients, sites: Self.sites)
    #expect(close(result.sites[1].costs[0], 20_200 * 100 / 105, .closedForm))
    #expect(!result.isNominal)
    let mixed = Self.items + [Self.item(1, .delivery, 5, by: "commissioner", year: 2021)]
    let nominal = try Self.accounts().add(mixed, clients: Self.clients, sites: Self.sites)
    #expect(nominal.isNominal)
    #expect(throws: SiblingError.self) {
      try CostAccounts(prices: prices).add(mixed, clients: Self.clients, sites: Self.sites)
    }
  }

  @Test func theOrderOfRowsDoesNotMatter() throws {
    let a = try Self.accounts(discount: 0.035).add(
      Self.items, clients: Self.clients, sites: Self.sites)
    let b = try Self.accounts(discount: 0.035).add(
      Self.items.reversed(), clients: Self.clients.reversed(), sites: Self.sites)
    for (left, right) in zip(a.sites, b.sites) {
      #expect(close(left.costs, right.costs, .closedForm))
    }
    #expect(a.lines.map(\.counted) == b.lines.map(\.counted))
  }

  @Test func averagesAreRatiosOfSums() throws {
    let sites = ["a", "b", "c"].map { CostedSite(name: $0, isTreated: true) }
    let items = [100, 200, 600].enumerated().map { Self.item($0, .delivery, $1, by: nil) }
    let clients = [10, 10, 20].enumerated().map {
      ServedClients(site: $0, first: 18_262, last: 18_352, counts: [$1])
    }
    let accounts = try Self.accounts().add(items, clients: clients, sites: sites)
    let averages = AverageCosts(resamples: 200).averages(accounts.sites)
    let all = try #require(averages.first { $0.perspective == .allIn && $0.site == nil })
    // 900/40 = 22.5. Residuals −125, −25, 150 over 40; shares 1/4, 1/4, 1/2:
    // 125²/1600/(3/4) + 25²/1600/(3/4) + 150²/1600/(1/2) = 13.0208… + 0.5208… + 28.125.
    #expect(close(all.estimate ?? 0, 22.5, .closedForm))
    let variance = (15_625.0 + 625) / 1_200 + 22_500.0 / 800
    #expect(close(all.standardError ?? 0, variance.squareRoot(), .closedForm))
    #expect(all.resampled.map { $0.low <= 22.5 && 22.5 <= $0.high } == true)
    #expect(averages.first { $0.perspective == .allIn && $0.site == "b" }?.estimate == 20)
  }

  @Test func whatCanNotBeRightIsRefused() throws {
    func refuses(_ items: [CostItem], _ clients: [ServedClients]) -> SiblingError? {
      do throws(SiblingError) {
        _ = try CostAccounts(prices: PriceBase()).add(items, clients: clients, sites: Self.sites)
        return nil
      } catch {
        return error
      }
    }
    #expect(refuses([], Self.clients)?.code == .noRows)
    #expect(refuses([Self.item(7, .delivery, 1, by: nil)], [])?.code == .badValue)
    #expect(refuses([Self.item(0, .blockPayment, -1, by: nil)], [])?.column == "amount_gbp")
    #expect(
      refuses([Self.item(0, .delivery, 1, by: nil, first: 5, last: 4)], [])?.column == "period")
    let negative = ServedClients(site: 0, first: 0, last: 0, counts: [-1])
    #expect(refuses(Self.items, [negative])?.code == .badValue)
    #expect(refuses([Self.item(0, .delivery, 90_000_000_000_000, by: nil)], []) != nil)
    for rate in [-1, -2, 1.5, .nan] {
      #expect(throws: SiblingError.self) { try PriceBase(discountRate: rate) }
    }
    #expect(throws: SiblingError.self) { try PriceBase(baseYear: 2019, deflator: [2020: 1]) }
    #expect(throws: SiblingError.self) { try PriceBase(deflator: [2019: -1]) }
  }
}
