import Contracts
import Statistics
import TestSupport
import Testing

/// Plans and splits: what is paid when everything goes to plan.
@Suite struct ScenarioPlanTests {
  private static let splits = [0, 0.2, 0.275, 0.5, 0.7, 0.95, 1]

  /// Staffordshire's contract: 60000 block and 240000 outcomes a year, then 82500 and 217500.
  @Test func staffordshireToThePenny() throws {
    let plan = ScenarioPlan(
      referralsPerYear: 240, years: 3, valuePerYear: Money(pence: 30_000_000),
      blockPerYear: Money(pence: 6_000_000))
    #expect(plan.value == Money(pence: 90_000_000))
    #expect(plan.ownBlockShare == 0.2)
    let first = try plan.terms(blockShare: 0.2)
    #expect(first.block == Money(pence: 18_000_000))
    #expect(first.outcomes == Money(pence: 72_000_000))
    #expect(first.blocks == [Money](repeating: Money(pence: 1_500_000), count: 12))
    let second = try plan.terms(blockShare: 0.275)
    #expect(second.block == Money(pence: 3 * 8_250_000))
    #expect(second.outcomes == Money(pence: 3 * 21_750_000))
    // Tariffs are cut as the block grows, by the same ratio.
    #expect(close(second.scale / first.scale, 217.5 / 240, .closedForm))
  }

  @Test func everySplitPaysThePlanTheSame() throws {
    for plan in [
      ScenarioPlan(), ScenarioPlan(cap: Money(pence: 20_000_000)),
      ScenarioPlan(referralsPerYear: 77, years: 2, blockPerYear: Money(pence: 1_234_567)),
    ] {
      let prices = plan.prices.list.map(\.pounds)
      let paid = plan.expectedOutcomes.reduce(0.0) { sum, counts in
        sum + zip(counts, prices).reduce(0.0) { $0 + $1.0 * $1.1 }
      }
      for split in Self.splits {
        let terms = try plan.terms(blockShare: split)
        #expect(terms.block + terms.outcomes == plan.value)
        #expect(terms.blocks.reduce(.zero, +) == terms.block)
        // What the scaled prices pay for the plan, under the scaled cap, to the penny: the plan and
        // the split are each rounded.
        let outcomes = terms.scale * min(paid, plan.cap?.pounds ?? .infinity)
        #expect((outcomes * 100 - Double(terms.outcomes.pence)).magnitude <= 1)
      }
    }
  }

  @Test func aContractsOwnSplitKeepsItsPrices() throws {
    let plan = ScenarioPlan(blockPerYear: Money(pence: 1_300_000))
    let terms = try plan.terms(blockShare: plan.ownBlockShare)
    #expect(terms.block == Money(pence: 3_900_000))
    #expect(terms.scale == 1)
  }

  /// By hand: 10 engage a quarter, all start at once and sustain a quarter later, in two bands alike.
  @Test func expectedOutcomesByHand() {
    let plan = ScenarioPlan(
      referralsPerYear: 80, years: 1, engagement: 0.5, start: 1, sustained: 0.8, upperBand: 0.5,
      startDelays: [1], sustainedDelays: [0, 1])
    #expect(
      plan.expectedOutcomes == [
        [10, 5, 5, 0, 0], [10, 5, 5, 4, 4], [10, 5, 5, 4, 4], [10, 5, 5, 4, 4],
      ])
    // 40 × 1000 + 20 × (700 + 1350) + 12 × (1400 + 1650).
    #expect(plan.plannedOutcomePayments == 117_600)
    #expect(plan.value == Money(pence: 11_760_000))
    // 10 a quarter for 3 quarters are 30 clients: 30 / 22.5 × 1.1 = 1.47, so one and a half.
    #expect(plan.fullStrength == 1.5)
    // The first tariffs sum to 4000 and 3100 for a whole path.
    let prices = plan.prices.list.map(\.pounds)
    #expect(prices[0] + prices[2] + prices[4] == 4000)
    #expect(prices[0] + prices[1] + prices[3] == 3100)
  }

  @Test(arguments: 0..<16) func badPlansAreRefused(_ index: Int) throws {
    var plan = ScenarioPlan()
    let column: String
    switch index {
    case 0: (plan.referralsPerYear, column) = (0, "referrals")
    case 1: (plan.engagement, column) = (1.2, "rates")
    case 2: (plan.start, column) = (.nan, "rates")
    case 3: (plan.startDelays, column) = ([0.5, 0.2], "start-delay")
    case 4: (plan.salary, column) = (Money(pence: -1), "salary")
    case 5: (plan.cap, column) = (.zero, "cap")
    case 6:
      (plan.payers, column) = ([ScenarioPlan.Payer(name: "a", engagement: 1, start: 1)], "payers")
    case 7: (plan.paymentLag, column) = (-1, "lag")
    case 8: (plan.stay, column) = (0, "stay")
    case 9: (plan.loanRate, column) = (-0.01, "loan-rate")
    case 10: (plan.startVariation, column) = (0.5, "site-sd")
    case 11: (plan.siteVariation, column) = (-1, "site-cv")
    case 12: (plan.years, column) = (0, "years")
    case 13: (plan.vacancySaving, column) = (2, "vacancy-saving")
    case 14: (plan.valuePerYear, column) = (Money(pence: .max), "value")
    default: (plan.workers, column) = (.infinity, "workers")
    }
    let error = try #require(throws: SiblingError.self) { try plan.check() }
    #expect(error.column == column)
    #expect(throws: SiblingError.self) {
      try ScenarioModel(plan: plan, simulations: 10).run([.init()], blockShares: [0])
    }
  }

  @Test func badScenariosAreRefused() throws {
    let model = ScenarioModel(plan: ScenarioPlan(), simulations: 10)
    for setting in [
      ScenarioSetting(shortfall: -0.1), .init(shortfall: 1.1), .init(vacancy: .nan),
      .init(conversion: -1),
    ] {
      #expect(throws: SiblingError.self) { try model.run([setting], blockShares: [0]) }
    }
    #expect(throws: SiblingError.self) { try model.run([], blockShares: [0]) }
    #expect(throws: SiblingError.self) { try model.run([.init()], blockShares: []) }
    #expect(throws: SiblingError.self) { try model.run([.init()], blockShares: [1.01]) }
    #expect(throws: SiblingError.self) {
      try ScenarioModel(plan: ScenarioPlan(), simulations: 2).run([.init()], blockShares: [0])
    }
    // Nothing to be paid by outcomes: only a block can be.
    let empty = ScenarioPlan(engagement: 0, valuePerYear: Money(pence: 100))
    #expect(throws: SiblingError.self) { try empty.terms(blockShare: 0.5) }
    #expect(try empty.terms(blockShare: 1).scale == 0)
  }
}
