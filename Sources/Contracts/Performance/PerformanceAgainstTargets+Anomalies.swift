extension PerformanceAgainstTargets {
  func anomalies(_ projects: [ProjectCounts], _ counts: [OutcomeCount]) -> [DataAnomaly] {
    var found: [DataAnomaly] = []
    for project in projects {
      for basis in [Performance.Basis.target, .achieved] {
        for (earlier, later) in OutcomeStage.steps {
          guard let before = project.total(earlier)?.of(basis),
            let after = project.total(later)?.of(basis), after > before
          else { continue }
          found.append(notNested(project, basis, earlier: earlier, later: later))
        }
      }
      for count in counts where count.project == project.project {
        if let excess = farAboveTarget(count) { found.append(excess) }
      }
    }
    return found
  }

  func notNested(
    _ project: ProjectCounts, _ basis: Performance.Basis, earlier: OutcomeStage,
    later: OutcomeStage
  ) -> DataAnomaly {
    let before = project.total(earlier)?.of(basis) ?? 0
    let after = project.total(later)?.of(basis) ?? 0
    let verb = basis == .achieved ? "reports" : "plans"
    return DataAnomaly(
      later == .sustained && earlier == .jobStart
        ? .sustainedAboveStarts : .laterStageExceedsEarlier,
      project: project.project, subject: later.rawValue,
      sentence: "\(project.site) \(verb) \(after) \(later.plural) but only \(before)"
        + " \(earlier.plural): the two can't count the same clients once each, so its conversion"
        + " rates are refused.",
      counts: [after, before])
  }

  private func farAboveTarget(_ count: OutcomeCount) -> DataAnomaly? {
    guard count.target > 0, Double(count.achieved) > excessFactor * Double(count.target) else {
      return nil
    }
    let band =
      switch count.band {
      case .any: ""
      case .under16: " under 16 hours a week"
      case .atLeast16: " of 16 hours a week or more"
      }
    return DataAnomaly(
      .achievedFarAboveTarget, project: count.project, subject: count.stage.rawValue,
      sentence: "\(count.site) reports \(count.achieved) \(count.stage.plural)\(band) against a"
        + " target of \(count.target): the target was far too low, or the figures count something"
        + " else.",
      counts: [count.achieved, count.target])
  }
}
