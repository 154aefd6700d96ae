import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Contracts

/// Simulated futures against what is expected of them.
@Suite struct ScenarioModelTests {
  private func mean(_ cell: ScenarioCell, _ name: String) throws -> Double {
    try #require(cell[name]).mean
  }

  /// With many people chance averages out: income is what the plan says, less what goes otherwise.
  @Test func largeNumbersGiveTheExpectation() throws {
    let plan = ScenarioPlan(referralsPerYear: 800_000, years: 1)
    let settings = [
      ScenarioSetting(), .init(shortfall: 0.25), .init(conversion: 0.8),
      .init(shortfall: 0.5, conversion: 0.5),
    ]
    let cells = try ScenarioModel(plan: plan, simulations: 20).run(settings, blockShares: [0, 0.4])
    let sums = plan.expectedOutcomes.reduce(into: [0.0, 0, 0, 0, 0]) { sums, counts in
      for item in sums.indices { sums[item] += counts[item] }
    }
    let parts = zip(sums, plan.prices.list).map { $0 * $1.pounds }
    for (index, cell) in cells.enumerated() {
      let setting = settings[index / 2]
      let jobs = parts.dropFirst().reduce(0, +) * setting.conversion
      let terms = try plan.terms(blockShare: cell.blockShare)
      let expected =
        terms.block.pounds + terms.scale * (1 - setting.shortfall) * (parts[0] + jobs)
      let income = try #require(cell["income"])
      #expect((income.mean - expected).magnitude < 5 * income.standardError + 1)
      #expect(income.standardError < 1e-3 * expected)
      #expect(try mean(cell, "waiting") == 0)
    }
  }

  /// Rates of 1 leave the Poisson referrals as the only chance: income varies as they do.
  @Test func spreadOfSmallCaseloads() throws {
    let plan = ScenarioPlan(
      referralsPerYear: 40, years: 2, engagement: 1, start: 0, sustained: 0, workers: 100,
      conversionOf: .start)
    let cell = try ScenarioModel(plan: plan, simulations: 1500).run([.init()], blockShares: [0])[0]
    let income = try #require(cell["income"])
    // 80 expected engagements at 1000: a standard deviation of 1000 √80, within 4 errors of it.
    let deviation = income.standardError * 1500.0.squareRoot()
    #expect((deviation / (1000 * 80.0.squareRoot()) - 1).magnitude < 4 / (2 * 1500.0).squareRoot())
    #expect((income.mean - 80_000).magnitude < 4 * income.standardError)
    // The median of a Poisson count of mean 80 is 80.
    #expect((income.quantiles[2] - 80_000).magnitude <= 1000)
  }

  @Test func overdispersionWidens() throws {
    func deviation(_ plan: ScenarioPlan) throws -> Double {
      let cell = try ScenarioModel(plan: plan, simulations: 400).run([.init()], blockShares: [0])[0]
      return try #require(cell["income"]).standardError
    }
    let base = ScenarioPlan(years: 1, sites: 2, workers: 50)
    let plain = try deviation(base)
    for change in [
      { (plan: inout ScenarioPlan) in plan.quarterVariation = 0.8 },
      { $0.siteVariation = 0.5 }, { $0.startVariation = 0.25 },
    ] {
      var plan = base
      change(&plan)
      #expect(try deviation(plan) > 1.2 * plain)
    }
  }

  @Test func worseScenariosPayLess() throws {
    let model = ScenarioModel(plan: ScenarioPlan(years: 2), simulations: 200)
    func incomes(_ settings: [ScenarioSetting]) throws -> [Double] {
      try model.run(settings, blockShares: [0.2]).map { try mean($0, "income") }
    }
    for settings in [
      [0, 0.1, 0.3, 0.6, 1].map { ScenarioSetting(shortfall: $0) },
      [0, 0.2, 0.4, 0.8, 1].map { ScenarioSetting(vacancy: $0) },
      [1.5, 1.2, 1, 0.5, 0].map { ScenarioSetting(conversion: $0) },
    ] {
      let found = try incomes(settings)
      #expect(zip(found, found.dropFirst()).allSatisfy { $0 > $1 })
    }
    // Nobody is referred: the block alone, exactly.
    let none = try model.run([.init(shortfall: 1)], blockShares: [0.2])[0]
    #expect(close(try mean(none, "income"), try model.plan.terms(blockShare: 0.2).block.pounds))
    #expect(try #require(none["income"]).standardError < 1e-9)
    // More block, less spread.
    let spreads = try model.run([.init()], blockShares: [0, 0.5, 1]).map {
      try #require($0["income"]).standardError
    }
    #expect(spreads[0] > spreads[1] && spreads[1] > spreads[2] && spreads[2] < 1e-6)
  }

  @Test func payersPayWhatIsReceived() throws {
    let plan = ScenarioPlan(
      years: 1, cap: Money(pence: 9_000_000),
      payers: [
        .init(name: "commissioner", engagement: 0.7),
        .init(name: "sof", engagement: 0.3, start: 1, sustained: 1, cap: Money(pence: 4_000_000)),
      ])
    let cells = try ScenarioModel(plan: plan, simulations: 100).run(
      [.init(), .init(conversion: 1.6)], blockShares: [0, 0.3])
    for cell in cells {
      let paid = try mean(cell, "payer:commissioner") + mean(cell, "payer:sof")
      #expect(close(paid, try mean(cell, "income"), .converged))
      let terms = try plan.terms(blockShare: cell.blockShare)
      // Caps are scaled with the prices, and hold.
      let sof = try #require(cell["payer:sof"]).quantiles[4]
      #expect(sof <= terms.scale * 40_000 * (1 + 1e-9))
      let income = try #require(cell["income"]).quantiles[4]
      #expect(income <= terms.block.pounds + terms.scale * 90_000 * (1 + 1e-9))
    }
    #expect(try mean(cells[2], "cap.binds") > mean(cells[0], "cap.binds"))
  }

  @Test func investorsGetWhatIsLeft() throws {
    let plan = ScenarioPlan(
      years: 2, paymentLag: 0, equity: Money(pence: 1_000_000), loan: Money(pence: 2_000_000),
      loanYears: 2)
    let schedule = try plan.schedule()
    func finance(_ block: Double, cost: Double) -> ScenarioFinance {
      ScenarioFinance(
        plan, blocks: [Double](repeating: block, count: 8), scale: 1,
        payments: [Double](repeating: 0, count: 8), cost: cost, schedule: schedule)
    }
    // Costs are covered: the loan is paid as agreed and earns 8%, equity gets the rest.
    let even = finance(1000, cost: 1000)
    #expect(even.isLoanOnTime && even.need == 0)
    let rate = ScenarioFinance.yearly(paid: 20_000, back: even.loanBack)
    #expect(close(rate ?? .nan, 0.08, .converged))
    #expect(close(even.equityBack, 30_000 - even.loanBack.reduce(0, +), .converged))
    // A surplus is equity's, to the penny.
    let good = finance(1500, cost: 1000)
    #expect(close(good.equityBack - even.equityBack, 4000, .converged))
    // All is lost: nothing comes back, and the need is all of the cost.
    let bad = finance(0, cost: 30_000)
    #expect(bad.equityBack == 0 && bad.loanBack.allSatisfy { $0 == 0 })
    #expect(bad.need == 240_000 && !bad.isLoanOnTime)
    #expect(ScenarioFinance.yearly(paid: 20_000, back: bad.loanBack) == -1)
    // Late is paid with interest: a loan that is repaid in the end earns its 8% all the same.
    var late = plan
    late.loanYears = 0.25
    let delayed = ScenarioFinance(
      late, blocks: [0, 0, 0, 0, 0, 0, 0, 200_000], scale: 1,
      payments: [Double](repeating: 0, count: 8), cost: 12_000, schedule: try late.schedule())
    #expect(!delayed.isLoanOnTime && delayed.equityBack > 0)
    let earned = ScenarioFinance.yearly(paid: 20_000, back: delayed.loanBack)
    #expect(close(earned ?? .nan, 0.08, .converged))
  }

  /// Income is linear in conversion, so that the line of no surplus has a closed form.
  @Test func breakEvenLies() throws {
    let plan = ScenarioPlan(
      referralsPerYear: 400_000, years: 1, workers: 100_000, salary: .zero,
      overhead: Money(pence: 47_900_000_000))
    let settings = [0, 0.1, 0.2].flatMap { shortfall in
      [0.4, 0.8, 1.2, 1.6].map { ScenarioSetting(shortfall: shortfall, conversion: $0) }
    }
    let cells = try ScenarioModel(plan: plan, simulations: 10).run(
      settings, blockShares: [0.2], detail: .surplus)
    #expect(cells.allSatisfy { $0.measures.map(\.name.text) == ["surplus", "loss"] })
    let points = try ScenarioBreakEven(lossLevels: [0.5]).points(cells)
    #expect(points.count == 6)
    let sums = plan.expectedOutcomes.reduce(into: [0.0, 0, 0, 0, 0]) { sums, counts in
      for item in sums.indices { sums[item] += counts[item] }
    }
    let parts = zip(sums, plan.prices.list).map { $0 * $1.pounds }
    let terms = try plan.terms(blockShare: 0.2)
    for point in points where point.line == .expectedSurplus {
      let need = (479_000_000 - terms.block.pounds) / terms.scale / (1 - point.shortfall)
      let conversion = (need - parts[0]) / parts.dropFirst().reduce(0, +)
      if point.place == .inside {
        #expect((try #require(point.conversion) - conversion).magnitude < 0.01)
      } else {
        #expect(conversion > 1.6 && point.conversion == nil)
      }
    }
    #expect(points.contains { $0.place == .inside })
    #expect(throws: SiblingError.self) { try ScenarioBreakEven(lossLevels: [1]).points(cells) }
    #expect(throws: SiblingError.self) { try ScenarioBreakEven().points([cells[0]]) }
  }

  @Test func sameBytesOnAnyNumberOfThreads() throws {
    let plan = ScenarioPlan(
      years: 1, sites: 2, equity: Money(pence: 1_000_000), loan: Money(pence: 1_000_000),
      quarterVariation: 0.3, startVariation: 0.1)
    let model = ScenarioModel(plan: plan, simulations: 120, seed: 7)
    let settings = [ScenarioSetting(), .init(shortfall: 0.2, vacancy: 0.1, conversion: 0.9)]
    let before = Parallel.threads
    Parallel.setThreads(1)
    let one = try model.run(settings, blockShares: [0, 0.7], detail: .paths)
    Parallel.setThreads(3)
    let three = try model.run(settings, blockShares: [0, 0.7], detail: .paths)
    Parallel.setThreads(before)
    #expect(one == three)
    #expect(one[0].path.count == 6)
    // A scenario does not depend on which others are asked for.
    #expect(try model.run([settings[1]], blockShares: [0.7], detail: .paths)[0] == one[3])
    var other = model
    other.seed = 8
    #expect(try other.run(settings, blockShares: [0, 0.7], detail: .paths) != one)
  }

  /// The quick inversions are the distributions' quantile functions.
  @Test func inversionsAreQuantiles() {
    var stream = RandomStream(seed: 3, name: "inversions")
    for mean in [0.01, 0.7, 3, 20, 39.9, 41, 500] {
      for _ in 0..<40 {
        let uniform = stream.uniform()
        #expect(
          ScenarioDraws.poisson(mean, uniform) == Int(Poisson(mean: mean).quantile(uniform)))
      }
    }
    for (trials, chance) in [(1, 0.3), (25, 0.35), (25, 0.9), (60, 0.5), (1000, 0.01), (1000, 0.4)]
    {
      for _ in 0..<40 {
        let uniform = stream.uniform()
        #expect(
          ScenarioDraws.binomial(trials, chance, uniform)
            == Int(Binomial(trials: trials, probability: chance).quantile(uniform)))
      }
    }
    #expect(ScenarioDraws.binomial(5, 0, 0.9) == 0 && ScenarioDraws.binomial(5, 1, 0.1) == 5)
    #expect(ScenarioDraws.poisson(0, 0.99) == 0)
  }

  /// By hand: one worker with 10 places, clients stay two quarters, everybody waits for a place.
  @Test func placesLimitEngagements() {
    let plan = ScenarioPlan(
      referralsPerYear: 4000, years: 1, engagement: 1, stay: 2, caseload: 10, workers: 1)
    let draws = ScenarioDraws(plan, stream: RandomStream(seed: 1, name: "places"))
    let full = ScenarioCounts(plan, ScenarioSetting(), draws)
    #expect(full.outcomes.map { $0[0] } == [10, 0, 10, 0])
    let half = ScenarioCounts(plan, ScenarioSetting(vacancy: 0.5), draws)
    #expect(half.outcomes.map { $0[0] } == [5, 0, 5, 0])
    #expect(half.waiting == full.waiting + 10)
  }
}
