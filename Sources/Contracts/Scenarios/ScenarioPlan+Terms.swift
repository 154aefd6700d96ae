internal import Glibc
public import Statistics

extension ScenarioPlan {
  /// The quarters with referrals.
  public var quarters: Int { 4 * years }

  /// Workers at full strength: those given, or a tenth more than the plan needs, in halves.
  public var fullStrength: Double {
    if let workers { return workers }
    let clients = referralsPerYear / 4 * engagement * Double(stay)
    return max(0.5, (clients / caseload * 1.1 * 2 - 1e-9).rounded(.up) / 2)
  }

  /// Expected outcomes by quarter if everything goes to plan and nobody waits: engagements, job
  /// starts under and from 16 hours, sustained jobs under and from 16 hours.
  ///
  /// Outcomes after the last quarter are not paid, in the plan as in the scenarios.
  public var expectedOutcomes: [[Double]] {
    let engaged = referralsPerYear / 4 * engagement
    var counts = [[Double]](repeating: [0, 0, 0, 0, 0], count: quarters)
    for quarter in 0..<quarters {
      counts[quarter][0] = engaged
      for (delay, share) in startDelays.enumerated() where quarter + delay < quarters {
        counts[quarter + delay][1] += engaged * start * share * (1 - upperBand)
        counts[quarter + delay][2] += engaged * start * share * upperBand
      }
    }
    for quarter in 0..<quarters {
      for (delay, share) in sustainedDelays.enumerated() where quarter + delay < quarters {
        for band in 1...2 {
          counts[quarter + delay][2 + band] += counts[quarter][band] * sustained * share
        }
      }
    }
    return counts
  }

  /// What the planned outcomes are paid over the contract at the prices given, at most the cap.
  public var plannedOutcomePayments: Double {
    let prices = prices.list.map(\.pounds)
    let sum = expectedOutcomes.reduce(0.0) { sum, counts in
      sum + zip(counts, prices).reduce(0.0) { $0 + $1.0 * $1.1 }
    }
    return min(sum, cap?.pounds ?? .infinity)
  }

  /// What the contract is worth over all its years, to the penny.
  public var value: Money {
    if let valuePerYear { return Money(pence: valuePerYear.pence * years) }
    return Money(
      pence: blockPerYear.pence * years + Int((plannedOutcomePayments * 100).rounded()))
  }

  /// The share of the value that the contract as it stands pays as block.
  public var ownBlockShare: Double {
    let value = value
    return value == .zero ? 0 : Double(blockPerYear.pence * years) / Double(value.pence)
  }

  /// What a split pays: a block a quarter, and prices scaled so that the plan is paid the same in all.
  public struct Terms: Sendable, Equatable {
    /// The block, and what planned outcomes are paid; they sum to the contract's value.
    public var block, outcomes: Money
    /// The block of each quarter.
    public var blocks: [Money]
    /// By what prices and caps are multiplied.
    public var scale: Double
  }

  /// The terms when a share of the value is paid as block.
  ///
  /// - Throws: `badValue` for a share outside 0 to 1, or outcomes to be paid when the plan has none.
  public func terms(blockShare: Double) throws(SiblingError) -> Terms {
    guard blockShare >= 0, blockShare <= 1 else {
      throw SiblingError(.badValue, "the block's share is a number from 0 to 1", column: "split")
    }
    let total = value
    let block = Int((Double(total.pence) * blockShare).rounded())
    let planned = plannedOutcomePayments
    guard planned >= 0.01 || block == total.pence else {
      throw SiblingError(
        .badValue, "the plan has no outcomes that are paid, so that only a block of 100% can be",
        column: "split")
    }
    let (quarter, rest) = block.quotientAndRemainder(dividingBy: quarters)
    let blocks = (0..<quarters).map { index in
      // What can't be divided is paid a penny a quarter, from the first.
      Money(pence: quarter + (index < rest ? 1 : 0))
    }
    // Against the plan to the penny, so that a contract's own split leaves its prices as they are.
    let plannedPence = (planned * 100).rounded()
    return Terms(
      block: Money(pence: block), outcomes: Money(pence: total.pence - block), blocks: blocks,
      scale: plannedPence > 0 ? Double(total.pence - block) / plannedPence : 0)
  }

  /// Costs of a quarter under a vacancy rate, in pounds.
  func quarterlyCost(vacancy: Double) -> Double {
    (fullStrength * salary.pounds * (1 - vacancySaving * vacancy) + overhead.pounds) / 4
  }
}
