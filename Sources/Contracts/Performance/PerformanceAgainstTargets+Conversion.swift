internal import Statistics

extension PerformanceAgainstTargets {
  func conversions(
    _ projects: [ProjectCounts], _ pools: [Pool]
  ) -> [Performance.Conversion] {
    var conversions: [Performance.Conversion] = []
    for project in projects {
      for basis in [Performance.Basis.target, .achieved] {
        let breach = project.firstBreach(basis).map {
          notNested(project, basis, earlier: $0.earlier, later: $0.later)
        }
        for (from, to) in OutcomeStage.steps {
          guard let before = project.total(from), let after = project.total(to) else { continue }
          conversions.append(
            conversion(
              Performance.Conversion(
                project: project.project, site: project.site, cohort: project.cohort,
                basis: basis, from: from, to: to, denominator: before.of(basis),
                numerator: after.of(basis), rate: nil, refusal: breach)))
        }
      }
    }
    for pool in pools {
      for basis in [Performance.Basis.target, .achieved] {
        let breached = pool.members.filter { $0.firstBreach(basis) != nil }
        for (from, to) in OutcomeStage.steps {
          guard let before = pool.total(from), let after = pool.total(to) else { continue }
          conversions.append(
            conversion(
              Performance.Conversion(
                project: "all", site: "all", cohort: pool.cohort, basis: basis, from: from, to: to,
                denominator: before.of(basis), numerator: after.of(basis), rate: nil,
                refusal: breached.isEmpty ? nil : contains(breached))))
        }
      }
    }
    return conversions
  }

  /// The conversion with its rate, or with the reason why there is none.
  private func conversion(_ asked: Performance.Conversion) -> Performance.Conversion {
    var conversion = asked
    guard conversion.refusal == nil else { return conversion }
    guard asked.denominator > 0 else {
      conversion.refusal = DataAnomaly(
        .emptyStage, project: asked.project, subject: asked.from.rawValue,
        sentence: "\(asked.site) has no \(asked.from.plural), so nothing can follow from them.",
        counts: [asked.denominator])
      return conversion
    }
    let achieved = asked.basis == .achieved
    conversion.rate = Estimate(
      term: "\(asked.from.rawValue)→\(asked.to.rawValue)",
      estimate: Double(asked.numerator) / Double(asked.denominator), standardError: nil,
      statistic: nil, degreesOfFreedom: nil, pValue: nil,
      interval: achieved
        ? ExactInference.proportion(asked.numerator, of: asked.denominator, level: level) : nil,
      convention: achieved
        ? "exact binomial (Clopper–Pearson), clients independent and counted once"
        : "planned, no interval")
    return conversion
  }

  private func contains(_ breached: [ProjectCounts]) -> DataAnomaly {
    let names = breached.map(\.site).joined(separator: ", ")
    return DataAnomaly(
      .laterStageExceedsEarlier, project: "all", subject: "conversion",
      sentence: "The total contains \(names), whose stages are not nested, so it has no"
        + " conversion rate.")
  }
}
