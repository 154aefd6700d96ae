internal import Contracts
internal import Statistics

/// Rates of services beside each other: stage to stage, and achieved over target.
struct SiteRates {
  /// One project's counts, all hours bands together.
  struct Project {
    var id: String
    var site: String
    var cohort: String
    /// The counts by stage.
    var reached: [OutcomeStage: Int] = [:]
    /// The targets by stage, which need not be whole.
    var planned: [OutcomeStage: Double] = [:]
  }

  /// One rate compared across the projects of one kind of clients.
  struct Comparison {
    /// What the rate is, as `job_start/engagement` or `job_start/target`.
    var measure: String
    var cohort: String
    var projects: [Project]
    var funnel: SiteFunnelResult
    /// How far true rates differ; nil for ratios to targets.
    var heterogeneity: RateHeterogeneity.Result?
  }

  var widening = SiteFunnel.Widening.multiplicative
  var level = 0.95
  var seed: UInt64 = 1

  /// The steps between stages that have rates.
  static let steps: [(from: OutcomeStage, to: OutcomeStage)] = [
    (.engagement, .jobStart), (.jobStart, .sustained), (.engagement, .sustained),
  ]

  /// The projects of published counts.
  static func projects(_ counts: [OutcomeCount]) -> [Project] {
    var order: [String] = []
    var projects: [String: Project] = [:]
    for count in counts {
      if projects[count.project] == nil { order.append(count.project) }
      var project =
        projects[count.project]
        ?? Project(id: count.project, site: count.site, cohort: count.cohort)
      project.reached[count.stage, default: 0] += count.achieved
      project.planned[count.stage, default: 0] += Double(count.target)
      projects[count.project] = project
    }
    return order.compactMap { projects[$0] }
  }

  /// The contracts of plans, over the quarters that have a target and a count.
  static func projects(
    _ plans: PlanComparison, sites: [String: String], cohorts: [String: String]
  ) -> [Project] {
    var projects: [Project] = []
    for total in plans.totals where total.contract != "all" && total.latest.quarters > 0 {
      if projects.last?.id != total.contract {
        let site = sites[total.contract] ?? total.contract
        projects.append(
          Project(id: total.contract, site: site, cohort: cohorts[site] ?? ""))
      }
      projects[projects.count - 1].reached[total.stage] = total.latest.reached
      projects[projects.count - 1].planned[total.stage] = total.latest.planned
    }
    return projects
  }

  /// Compares the projects of each kind of clients that has at least two.
  ///
  /// - Returns: the comparisons, and in words what was left out of them and why.
  /// - Throws: `internalError` at most: what can't be compared is left out.
  func compare(
    _ projects: [Project]
  ) throws(SiblingError) -> (comparisons: [Comparison], leftOut: [String]) {
    var (comparisons, leftOut): ([Comparison], [String]) = ([], [])
    var cohorts: [String] = []
    for project in projects where !cohorts.contains(project.cohort) {
      cohorts.append(project.cohort)
    }
    for project in projects { if let why = breach(project) { leftOut.append(why) } }
    for cohort in cohorts {
      let own = projects.filter { $0.cohort == cohort }
      guard own.count > 1 else {
        leftOut.append(
          "\(own[0].site) is the only project of its kind, so it stands beside no other")
        continue
      }
      let nested = own.filter { breach($0) == nil }
      for step in Self.steps {
        let measured = nested.filter {
          ($0.reached[step.from] ?? 0) > 0 && $0.reached[step.to] != nil
        }
        let counts = measured.map {
          SiteCount(
            site: $0.id, count: $0.reached[step.to] ?? 0, base: Double($0.reached[step.from] ?? 0))
        }
        guard
          let funnel = try possible({ () throws(SiblingError) in
            try SiteFunnel(widening: widening, level: level).compare(counts, as: .proportion)
          })
        else { continue }
        let differences = try possible { () throws(SiblingError) in
          try RateHeterogeneity(level: level, seed: seed).compare(counts)
        }
        comparisons.append(
          Comparison(
            measure: "\(step.to.rawValue)/\(step.from.rawValue)", cohort: cohort,
            projects: measured, funnel: funnel, heterogeneity: differences))
      }
      for stage in OutcomeStage.allCases {
        let measured = own.filter { ($0.planned[stage] ?? 0) > 0 && $0.reached[stage] != nil }
        let counts = measured.map {
          SiteCount(site: $0.id, count: $0.reached[stage] ?? 0, base: $0.planned[stage] ?? 0)
        }
        guard
          let funnel = try possible({ () throws(SiblingError) in
            try SiteFunnel(widening: widening, level: level).compare(counts, as: .ratio)
          })
        else { continue }
        comparisons.append(
          Comparison(
            measure: "\(stage.rawValue)/target", cohort: cohort, projects: measured,
            funnel: funnel, heterogeneity: nil))
      }
    }
    return (comparisons, leftOut)
  }

  /// Why a project's rates are refused; nil when its stages are nested.
  private func breach(_ project: Project) -> String? {
    for step in Self.steps {
      guard let before = project.reached[step.from], let after = project.reached[step.to],
        after > before
      else { continue }
      let words: [OutcomeStage: String] = [
        .engagement: "engagements", .jobStart: "job starts", .sustained: "sustained jobs",
      ]
      return "\(project.site) reports \(before) \(words[step.from] ?? "") and \(after)"
        + " \(words[step.to] ?? ""), which can't be the same clients once each, so it has no rates"
    }
    return nil
  }

  /// A comparison, or nil where there is too little to compare.
  private func possible<Value>(
    _ compare: () throws(SiblingError) -> Value
  ) throws(SiblingError) -> Value? {
    do throws(SiblingError) {
      return try compare()
    } catch {
      guard error.code == .tooFewClusters || error.code == .noEvents else { throw error }
      return nil
    }
  }
}
