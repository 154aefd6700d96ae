/// A target and an achievement that belong together.
struct CountPair: Sendable, Equatable {
  var target = 0
  var achieved = 0

  static func + (left: CountPair, right: CountPair) -> CountPair {
    CountPair(target: left.target + right.target, achieved: left.achieved + right.achieved)
  }

  func of(_ basis: Performance.Basis) -> Int {
    switch basis {
    case .target: target
    case .achieved: achieved
    }
  }
}

/// The counts of one project by stage and band.
struct ProjectCounts: Sendable {
  var project: String
  var site: String
  var cohort: String
  var cells: [OutcomeStage: [HoursBand: CountPair]] = [:]

  static func grouped(_ counts: [OutcomeCount]) -> [ProjectCounts] {
    var place: [String: Int] = [:]
    var projects: [ProjectCounts] = []
    for count in counts {
      let index = place[count.project] ?? projects.count
      if index == projects.count {
        place[count.project] = index
        projects.append(
          ProjectCounts(project: count.project, site: count.site, cohort: count.cohort))
      }
      projects[index].cells[count.stage, default: [:]][count.band] = CountPair(
        target: count.target, achieved: count.achieved)
    }
    return projects
  }

  /// The bands given for a stage, in their own order.
  func bands(of stage: OutcomeStage) -> [HoursBand] {
    HoursBand.allCases.filter { cells[stage]?[$0] != nil }
  }

  /// The stage's count over all its bands; nil when the project has no such stage.
  func total(_ stage: OutcomeStage) -> CountPair? {
    let bands = bands(of: stage)
    guard !bands.isEmpty else { return nil }
    return bands.reduce(CountPair()) { $0 + (cells[stage]?[$1] ?? CountPair()) }
  }

  /// The first pair of stages, if any, whose later count is larger than its earlier one.
  func firstBreach(_ basis: Performance.Basis) -> (earlier: OutcomeStage, later: OutcomeStage)? {
    for (earlier, later) in OutcomeStage.steps {
      guard let before = total(earlier)?.of(basis), let after = total(later)?.of(basis) else {
        continue
      }
      if after > before { return (earlier, later) }
    }
    return nil
  }
}

extension OutcomeStage {
  /// Every pair of an earlier and a later stage.
  static let steps: [(OutcomeStage, OutcomeStage)] = [
    (.engagement, .jobStart), (.jobStart, .sustained), (.engagement, .sustained),
  ]
}

/// Projects that are added up: those of one cohort, or all.
struct Pool: Sendable {
  var cohort: String
  var members: [ProjectCounts]

  /// A pool for each cohort of several projects, then one of all projects.
  ///
  /// A cohort with a single project has no total of its own: its rows are its total.
  static func pools(of projects: [ProjectCounts]) -> [Pool] {
    guard projects.count > 1 else { return [] }
    var cohorts: [String] = []
    for project in projects where !cohorts.contains(project.cohort) {
      cohorts.append(project.cohort)
    }
    var pools: [Pool] = []
    if cohorts.count > 1 {
      pools = cohorts.map { cohort in
        Pool(cohort: cohort, members: projects.filter { $0.cohort == cohort })
      }.filter { $0.members.count > 1 }
    }
    return pools + [Pool(cohort: "all", members: projects)]
  }

  /// The stage's total over its bands; nil unless every member has the stage.
  func total(_ stage: OutcomeStage) -> CountPair? {
    var sum = CountPair()
    for member in members {
      guard let count = member.total(stage) else { return nil }
      sum = sum + count
    }
    return sum
  }

  /// The total of a stage and band; nil unless every member has it (`any` is each member's total).
  func total(_ stage: OutcomeStage, _ band: HoursBand) -> CountPair? {
    guard band != .any else { return total(stage) }
    var sum = CountPair()
    for member in members {
      guard let count = member.cells[stage]?[band] else { return nil }
      sum = sum + count
    }
    return sum
  }
}
