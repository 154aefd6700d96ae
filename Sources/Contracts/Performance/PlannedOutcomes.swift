public import Statistics

/// Sets outcomes reached by quarter against those expected in the original and in the latest plan.
///
/// Reached over expected has Garwood's exact interval of the Poisson mean divided by the expected
/// number, and as p-value twice the smaller Poisson tail: **the plan is taken as fixed**, and the
/// interval says only how far chance could have moved the count. A plan that states nothing for a
/// quarter, or a count that is not reported, is nil and never zero: it enters no ratio, and
/// cumulative figures stop there. Totals compare the quarters that have both.
///
/// Conversion is the later stage's count over the earlier's in the same quarters, with Clopper and
/// Pearson's interval and an exact test against the planned share. Sustained jobs of a quarter began
/// in an earlier one, so it is a ratio of flows: near the truth over years, poor over a few quarters.
///
/// Garwood (1936), doi:10.1093/biomet/28.3-4.437; Clopper and Pearson (1934),
/// doi:10.1093/biomet/26.4.404.
public struct PlannedOutcomes: Sendable, Equatable {
  /// The confidence level.
  public var level: Double

  /// A comparison with its settings.
  public init(level: Double = 0.95) { self.level = level }

  /// Compares plans and counts; counts of contracts without targets are passed over.
  ///
  /// - Throws: `badValue` for a level outside 0–1.
  public func compare(
    _ targets: PlannedTargets, _ reached: ReachedOutcomes
  ) throws(SiblingError) -> PlanComparison {
    guard level > 0, level < 1 else {
      throw SiblingError(.badValue, "the confidence level must lie between 0 and 1")
    }
    var result = PlanComparison(quarters: [], totals: [], conversions: [], anomalies: [])
    var pooled: [OutcomeStage: [PlanQuarter: PlanLine]] = [:]
    for contract in targets.contracts {
      var totals: [PlanComparison.Total] = []
      for stage in OutcomeStage.allCases {
        guard let plan = targets.cells[contract]?[stage] else { continue }
        let counts = reached.cells[contract]?[stage] ?? [:]
        let lines = Dictionary(
          uniqueKeysWithValues: plan.map { ($0, PlanLine($1).with(counts[$0])) })
        result.anomalies += anomalies(contract, stage, lines, counts)
        let without = PlanLine.outside(lines, counts)
        for (quarter, line) in lines {
          pooled[stage, default: [:]][quarter, default: .none] += line
        }
        result.quarters += quarters(contract, stage, lines)
        if let total = total(contract, stage, lines, without) { totals.append(total) }
      }
      result.totals += totals
      result.conversions += conversions(totals)
    }
    guard targets.contracts.count > 1 else { return result }
    let all = OutcomeStage.allCases.compactMap { stage in
      sum(result.totals.filter { $0.stage == stage })
    }
    for stage in OutcomeStage.allCases {
      result.quarters += quarters("all", stage, pooled[stage] ?? [:])
    }
    result.totals += all
    result.conversions += conversions(all)
    return result
  }

  private func quarters(
    _ contract: String, _ stage: OutcomeStage, _ lines: [PlanQuarter: PlanLine]
  ) -> [PlanComparison.Quarter] {
    var sum = PlanLine(original: 0, latest: 0, reached: 0)
    return lines.sorted { $0.key < $1.key }.map { quarter, line in
      sum += line
      return PlanComparison.Quarter(
        contract: contract, stage: stage, quarter: quarter,
        version: contract == "all" ? "" : line.version, own: standing(line),
        cumulative: standing(sum))
    }
  }

  private func standing(_ line: PlanLine) -> PlanComparison.Standing {
    PlanComparison.Standing(
      original: line.original, latest: line.latest, reached: line.reached,
      interval: line.reached.map { ExactInference.poissonMean($0, level: level) },
      toOriginal: ratio(line.reached, line.original), toLatest: ratio(line.reached, line.latest))
  }

  /// Reached over expected; nil where one is missing or nothing was expected.
  private func ratio(_ reached: Int?, _ expected: Double?) -> Estimate? {
    guard let reached, let expected, expected > 0 else { return nil }
    let interval = ExactInference.poissonMean(reached, level: level)
    return Estimate(
      term: "reached/expected", estimate: Double(reached) / expected, standardError: nil,
      statistic: nil, degreesOfFreedom: nil,
      pValue: ExactInference.poissonTwoSided(reached, mean: expected),
      interval: ConfidenceInterval(
        low: interval.low / expected, high: interval.high / expected, level: level),
      convention: "exact Poisson (Garwood), expected fixed")
  }

  private func total(
    _ contract: String, _ stage: OutcomeStage, _ lines: [PlanQuarter: PlanLine], _ outside: Int
  ) -> PlanComparison.Total? {
    let sorted = lines.sorted { $0.key < $1.key }
    guard let first = sorted.first?.key, let last = sorted.last?.key else { return nil }
    func against(_ plan: (PlanLine) -> Double?) -> PlanComparison.Against {
      var (planned, reached, count, whole) = (0.0, 0, 0, 0.0)
      for (_, line) in sorted {
        guard let expected = plan(line) else { continue }
        whole += expected
        guard let own = line.reached else { continue }
        (planned, reached, count) = (planned + expected, reached + own, count + 1)
      }
      return PlanComparison.Against(
        planned: planned, reached: reached, quarters: count, whole: whole,
        ratio: count > 0 ? ratio(reached, planned) : nil)
    }
    return PlanComparison.Total(
      contract: contract, stage: stage, original: against { $0.original },
      latest: against { $0.latest },
      isRevised: sorted.contains { $0.value.original != $0.value.latest },
      quarters: sorted.count, reachedOutside: outside, first: first, last: last)
  }

  /// The sum over contracts; its quarters are contracts' quarters.
  private func sum(_ totals: [PlanComparison.Total]) -> PlanComparison.Total? {
    guard var sum = totals.first else { return nil }
    sum.contract = "all"
    for total in totals.dropFirst() {
      sum.original = sum.original + total.original
      sum.latest = sum.latest + total.latest
      sum.isRevised = sum.isRevised || total.isRevised
      sum.quarters += total.quarters
      sum.reachedOutside += total.reachedOutside
      sum.first = min(sum.first, total.first)
      sum.last = max(sum.last, total.last)
    }
    for plan in [\PlanComparison.Total.original, \.latest] {
      let against = sum[keyPath: plan]
      sum[keyPath: plan].ratio =
        against.quarters > 0 ? ratio(against.reached, against.planned) : nil
    }
    return sum
  }

  private func conversions(
    _ totals: [PlanComparison.Total]
  ) -> [PlanComparison.Conversion] {
    var result: [PlanComparison.Conversion] = []
    for (from, to) in OutcomeStage.steps {
      guard let before = totals.first(where: { $0.stage == from }),
        let after = totals.first(where: { $0.stage == to })
      else { continue }
      let (n, x) = (before.latest.reached, after.latest.reached)
      let planned =
        before.latest.planned > 0 ? after.latest.planned / before.latest.planned : nil
      var conversion = PlanComparison.Conversion(
        contract: before.contract, from: from, to: to, denominator: n, numerator: x,
        planned: planned, rate: nil, refusal: nil)
      if before.latest.quarters != after.latest.quarters || before.first != after.first {
        conversion.refusal = "the two stages are not reported for the same quarters"
      } else if x > n {
        conversion.refusal =
          "there are more \(to.plural) (\(x)) than \(from.plural) (\(n)), so they can't be of the"
          + " same clients once each"
      } else if n == 0 {
        conversion.refusal = "there are no \(from.plural)"
      } else {
        conversion.rate = Estimate(
          term: "\(from.rawValue)→\(to.rawValue)", estimate: Double(x) / Double(n),
          standardError: nil, statistic: nil, degreesOfFreedom: nil,
          pValue: planned.flatMap { share in
            (0...1).contains(share)
              ? ExactInference.binomialTwoSided(x, of: n, probability: share) : nil
          }, interval: ExactInference.proportion(x, of: n, level: level),
          convention: "exact binomial (Clopper–Pearson), planned share fixed")
      }
      result.append(conversion)
    }
    return result
  }
}
