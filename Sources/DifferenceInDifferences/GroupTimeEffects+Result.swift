internal import LinearAlgebra
internal import Statistics

extension GroupTimeEffects {
  /// Cells estimated, with what their errors are made from.
  struct Found {
    var answers: [GroupTimeAnswer]
    var source: InfluenceColumns?
    var moments: GroupTimeMoments?
    /// Sums of products of influence columns, where these were never made.
    var gram: Matrix?
    /// Each cohort's share of weight, as a mean over members.
    var shares: [Double]
    var plans: [GroupTimePlan]
  }

  /// The clusters of members, and whether cohorts have enough of them.
  struct Clustering {
    /// Each member's cluster in the order of the sample; nil where members stand for themselves.
    var factor: Factor?
    /// Whether the clusters are the panel's units, because members are their rows.
    var isByUnit = false
    /// How many clusters there are, where these are the units that members stand for.
    private var unitCount: Int?
    /// The number of clusters; nil where members stand for themselves.
    var count: Int? { unitCount ?? factor?.levels.count }
    /// The first few different clusters of each block.
    private var fewest: [[Int32]] = []

    init(
      _ panel: PanelDesign, _ sample: GroupTimeSample, _ clusters: Factor?, byRows: Bool
    ) throws(SiblingError) {
      let enough = GroupTimeResult.smallCohort + 1
      if byRows, clusters == nil, !panel.isCrossSections {
        factor = panel.unit.selecting(sample.members).droppingUnusedLevels()
        isByUnit = true
      } else if let clusters {
        let units = try panel.unitLevel(clusters)
        let own =
          byRows
          ? Factor(
            codes: sample.members.map { units.codes[Int(panel.unit.codes[$0])] },
            levels: units.levels) : units.selecting(sample.members)
        factor = try InfluenceFunction.checked(own, rows: sample.members.count)
      }
      for range in sample.blocks {
        guard let codes = factor?.codes else {
          fewest.append(range.prefix(enough).map { Int32(truncatingIfNeeded: $0) })
          continue
        }
        var found: [Int32] = []
        for member in range where found.count < enough && !found.contains(codes[member]) {
          found.append(codes[member])
        }
        fewest.append(found)
      }
    }

    /// The clusters of members that others stand for: their names, and those that each block meets.
    init(
      clusters names: [String]?, met: [Set<Int>], _ sample: GroupTimeSample, byUnit: Bool = false
    ) throws(SiblingError) {
      if byUnit { unitCount = sample.memberCount }
      let enough = GroupTimeResult.smallCohort + 1
      guard let names else {
        fewest = sample.blocks.map { $0.prefix(enough).map { Int32(truncatingIfNeeded: $0) } }
        return
      }
      guard names.count > 1 else { throw InfluenceFunction.oneCluster }
      factor = Factor(codes: [], levels: names)
      fewest = met.map { $0.sorted().prefix(enough).map { Int32($0) } }
    }

    /// Whether some blocks together hold more clusters, or members, than a small cohort has.
    func isEnough(_ blocks: [Int]) -> Bool {
      var found = Set<Int32>()
      for block in blocks {
        found.formUnion(fewest[block])
        if found.count > GroupTimeResult.smallCohort { return true }
      }
      return false
    }
  }

  /// The result: standard errors, bands and the test of effects before treatment.
  func result(
    of found: Found, _ panel: PanelDesign, _ sample: GroupTimeSample, _ clustering: Clustering
  ) throws(SiblingError) -> GroupTimeResult {
    let plans = found.plans
    var notes = panel.notes + sample.notes
    for (plan, answer) in zip(plans, found.answers) {
      if let problem = answer.problem {
        notes.append("\(plan.term) could not be estimated: \(problem)")
      }
    }
    let trimmed = found.answers.filter { $0.trimmed > 0 }
    if let most = trimmed.map(\.trimmed).max() {
      notes.append(
        "Controls with a fitted probability of treatment of 0.995 or more had no weight: in"
          + " \(trimmed.count) of \(plans.count) cells, at most \(most) in one.")
    }
    guard zip(plans, found.answers).contains(where: { !$0.isBase && $1.effect.isFinite }) else {
      throw SiblingError(
        .badDesign, "No cohort has both a period before treatment and controls to compare with.",
        help: "Use not-yet treated controls, or add earlier periods. \(notes.last ?? "")")
    }
    let isHonest = plans.map { self.hasEnough($0, sample, clustering) }
    notes += smallNotes(plans, isHonest, sample, clustering)
    let uncertainty = self.uncertainty(of: found, sample, clustering)
    let clusters = clustering.count
    if let bootstrap {
      let who =
        clustering.isByUnit
        ? "unit" : clusters != nil ? "cluster" : panel.isCrossSections ? "row" : "unit"
      notes.append(
        "Standard errors: multiplier bootstrap, \(bootstrap) Rademacher draws by \(who), seed \(seed);"
          + " interquartile range of the draws over a normal's.")
    }
    let clusterText = clusters.map {
      ", clustered\(clustering.isByUnit ? " by unit" : ""), G=\($0)"
    }
    let convention =
      "\(estimator.description), \(control.rawValue) controls"
      + (sampling == .crossSections ? ", repeated cross-sections" : "")
      + ", \(uncertainty.errorConvention)\(clusterText ?? ""), z"
    let forms = plans.indices.map { place in
      LinearForm(
        terms: plans[place].isBase || !found.answers[place].effect.isFinite ? [] : [(place, 1)])
    }
    let estimates = uncertainty.estimates(
      plans.map(\.term), found.answers.map(\.effect), forms,
      isHonest: isHonest.indices.map { isHonest[$0] && !forms[$0].terms.isEmpty },
      isBanded: plans.map { _ in true }
    ) { plans[$0].isBase ? "reference" : convention }
    let cells = plans.indices.map { place in
      GroupTimeCell(
        group: plans[place].group, time: plans[place].time, base: plans[place].base,
        treatedUnits: found.answers[place].treated, controlUnits: found.answers[place].controls,
        isBase: plans[place].isBase, estimate: estimates.rows[place])
    }
    let preTest = self.preTest(cells, forms, uncertainty, &notes)
    return GroupTimeResult(
      cells: cells, observations: sample.memberCount, clusters: clusters, preTest: preTest,
      criticalValue: estimates.critical, notes: notes, cohortOfCell: plans.map(\.cohort),
      shares: found.shares, uncertainty: uncertainty)
  }

  private func uncertainty(
    of found: Found, _ sample: GroupTimeSample, _ clustering: Clustering
  ) -> GroupTimeUncertainty {
    var draws: Matrix?
    let source: GroupTimeUncertainty.Source
    if let gram = found.gram {
      source = .gram(gram)
    } else if let moments = found.moments {
      source = .moments(moments)
    } else if var influence = found.source {
      if let factor = clustering.factor {
        influence = influence.clustered(
          factor.codes, clusters: factor.levels.count, blocksPerCohort: sample.blocksPerCohort)
      }
      if let bootstrap { draws = influence.signedSums(draws: bootstrap, seed: seed) }
      source = .gram(influence.gram)
    } else {
      source = .gram(Matrix(rows: 0, columns: 0))
    }
    return GroupTimeUncertainty(
      source: source, draws: draws, seed: seed, level: level, isUniform: bands == .uniform)
  }

  private func hasEnough(
    _ plan: GroupTimePlan, _ sample: GroupTimeSample, _ clustering: Clustering
  ) -> Bool {
    let sides = [[plan.cohort], plan.controls(of: sample.cohorts.count)]
    let periods = sample.blocksPerCohort == 1 ? [0] : [plan.timeIndex, plan.baseIndex]
    return periods.allSatisfy { period in
      sides.allSatisfy { side in
        clustering.isEnough(side.map { $0 * sample.blocksPerCohort + period })
      }
    }
  }

  /// Which cohorts have no standard error, and what to do instead.
  private func smallNotes(
    _ plans: [GroupTimePlan], _ isHonest: [Bool], _ sample: GroupTimeSample,
    _ clustering: Clustering
  ) -> [String] {
    let isClustered = clustering.count != nil && !clustering.isByUnit
    let what = isClustered ? "clusters" : sample.blocksPerCohort > 1 ? "rows or units" : "units"
    var (cohorts, cells): ([Double], [String]) = ([], [])
    for (place, plan) in plans.enumerated() where !isHonest[place] && !plan.isBase {
      let own = (0..<sample.blocksPerCohort).map { plan.cohort * sample.blocksPerCohort + $0 }
      if !clustering.isEnough(own) {
        if cohorts.last != plan.group { cohorts.append(plan.group) }
      } else {
        cells.append(plan.term)
      }
    }
    let instead =
      "; pool cohorts, use randomisation inference or the verb few-clusters."
    var notes: [String] = []
    if !cohorts.isEmpty {
      let list = cohorts.map { PanelDesign.label($0) }.joined(separator: ", ")
      notes.append(
        "Cohorts of one or two \(what) (\(list)) have no honest standard error from this formula"
          + instead)
    }
    if !cells.isEmpty {
      notes.append(
        "One or two \(what) stand on one side of \(cells.joined(separator: ", ")): no honest standard"
          + " error from this formula\(instead)")
    }
    return notes
  }

  private func preTest(
    _ cells: [GroupTimeCell], _ forms: [LinearForm], _ uncertainty: GroupTimeUncertainty,
    _ notes: inout [String]
  ) -> WaldTest? {
    let before = cells.indices.filter {
      cells[$0].isEstimated && cells[$0].time < cells[$0].group - anticipation
        && cells[$0].estimate.standardError != nil
    }
    guard !before.isEmpty else { return nil }
    do throws(SiblingError) {
      return try WaldTest(
        terms: before.map { cells[$0].estimate.term },
        deviations: before.map { cells[$0].estimate.estimate },
        covariance: uncertainty.covariance(before.map { forms[$0] }), denominator: nil,
        convention: "influence function, χ²")
    } catch {
      notes.append("No joint test of the effects before treatment: \(error.message)")
      return nil
    }
  }
}
