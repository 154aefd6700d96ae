internal import LinearAlgebra
public import Statistics

/// Simulates futures of an outcome contract: what it pays, what it costs, who bears the risk.
///
/// Referrals are Poisson (gamma–Poisson where rates vary), conversions binomial, so that small
/// caseloads carry their risk. A simulation under stated assumptions, no forecast. Every future is
/// drawn from a stream of its own and used in all scenarios; the same seed gives the same bytes on
/// any number of threads.
public struct ScenarioModel: Sendable {
  /// What the contract was planned on.
  public var plan: ScenarioPlan
  /// How many futures are drawn.
  public var simulations: Int
  /// The seed of the draws.
  public var seed: UInt64
  /// The level of the intervals of Monte-Carlo error.
  public var level: Double

  /// A model.
  public init(
    plan: ScenarioPlan, simulations: Int = 2000, seed: UInt64 = 1, level: Double = 0.95
  ) {
    self.plan = plan
    self.simulations = simulations
    self.seed = seed
    self.level = level
  }

  /// Futures simulated by one piece of work.
  private static let block = 50
  /// The most numbers that are kept at once.
  private static let room = 60_000_000

  /// What is kept of every future.
  public enum Detail: Sendable {
    /// Every measure.
    case measures
    /// Every measure, and cash by quarter.
    case paths
    /// The surplus and whether it is a loss, which is all that break-even asks for.
    case surplus
  }

  /// Simulates every setting under every split.
  ///
  /// - Parameters:
  ///   - settings: what goes otherwise than planned.
  ///   - blockShares: the shares of the contract's value that are paid as block.
  ///   - detail: what is kept of every future.
  /// - Returns: a cell for each setting and split, splits within settings.
  /// - Throws: `badValue` for a plan, setting or split out of range, or too much to hold.
  public func run(
    _ settings: [ScenarioSetting], blockShares: [Double], detail: Detail = .measures
  ) throws(SiblingError) -> [ScenarioCell] {
    try check(settings)
    let terms = try blockShares.map { share throws(SiblingError) in
      try plan.terms(blockShare: share)
    }
    let measures = ScenarioMeasures(plan, onlySurplus: detail == .surplus)
    let paths = detail == .paths
    let length = measures.names.count + (paths ? plan.quarters + plan.paymentLag + 1 : 0)
    let (cells, size) = (settings.count * terms.count, simulations)
    guard cells > 0 else {
      throw SiblingError(.badValue, "there is no scenario to simulate", column: "shortfall")
    }
    guard cells <= 20_000, cells * size <= Self.room / length else {
      throw SiblingError(
        .badValue, "so many scenarios and simulations are too many to hold",
        help: "ask for fewer scenarios or simulations", column: "simulations")
    }
    let schedule = try plan.schedule()
    let instalments = terms.map { $0.blocks.map(\.pounds) }
    let ranges = Parallel.ranges(of: size, size: Self.block)
    let blocks = Parallel.mapBlocks(ranges.count) { block in
      var values: [[Double]] = Array(repeating: [], count: cells * length)
      for index in ranges[block] {
        let draws = ScenarioDraws(
          plan, stream: RandomStream(seed: seed, name: "scenario", index: UInt64(index)))
        var cell = 0
        for setting in settings {
          let counts = ScenarioCounts(plan, setting, draws)
          let payments = ScenarioPayments(plan, counts)
          let cost = plan.quarterlyCost(vacancy: setting.vacancy)
          for (term, blocks) in zip(terms, instalments) {
            let row: [Double]
            if detail == .surplus {
              row = measures.surplus(payments, term, cost: cost)
            } else {
              let finance = ScenarioFinance(
                plan, blocks: blocks, scale: term.scale,
                payments: payments.byQuarter, cost: cost, schedule: schedule)
              let own = measures.values(counts, payments, term, finance, cost: cost)
              row = paths ? own + finance.cash : own
            }
            for (place, value) in row.enumerated() {
              values[cell * length + place].append(value)
            }
            cell += 1
          }
        }
      }
      return values
    }
    let level = level
    return Parallel.mapBlocks(cells) { cell in
      func column(_ place: Int) -> [Double] { blocks.flatMap { $0[cell * length + place] } }
      let own = measures.names.indices.map { place in
        ScenarioMeasure(measures.names[place], column(place), level: level)
      }
      let cash = (measures.names.count..<length).map { place in
        ScenarioMeasure(.amount("cash"), column(place), level: level)
      }
      return ScenarioCell(
        setting: settings[cell / terms.count], blockShare: blockShares[cell % terms.count],
        measures: own, path: cash)
    }
  }

  private func check(_ settings: [ScenarioSetting]) throws(SiblingError) {
    try plan.check()
    guard (10...1_000_000).contains(simulations) else {
      throw SiblingError(
        .badValue, "simulations takes a whole number from 10 to 1000000", column: "simulations")
    }
    guard level > 0, level < 1 else {
      throw SiblingError(.badValue, "level takes a number between 0 and 1", column: "level")
    }
    for setting in settings {
      for (name, share) in [("shortfall", setting.shortfall), ("vacancy", setting.vacancy)] {
        guard share >= 0, share <= 1 else {
          throw SiblingError(.badValue, "\(name) takes shares from 0 to 1", column: name)
        }
      }
      guard setting.conversion >= 0, setting.conversion <= 3 else {
        throw SiblingError(
          .badValue, "conversion takes factors from 0 to 3", column: "conversion")
      }
    }
  }
}

extension ScenarioPlan {
  /// When the loan is to be paid back; nil without one.
  func schedule() throws(SiblingError) -> LoanSchedule? {
    guard loan > .zero else { return nil }
    return try LoanSchedule(
      principal: loan, rate: LoanSchedule.periodRate(yearly: loanRate, periodsPerYear: 4),
      periods: max(1, Int((loanYears * 4).rounded())), kind: loanKind)
  }
}
