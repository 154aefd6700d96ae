internal import LinearAlgebra
internal import Statistics

/// Rows sorted by cohort and period, for comparisons of repeated cross-sections.
struct CrossSectionRows: Sendable {
  var outcome: [Double]
  var weights: [Double]?
  var covariates: DesignMatrix?
  /// What each row counts for in the cohorts' shares: all of a unit's rows together count once.
  var parts: [Double]

  init(
    _ panel: PanelDesign, _ sample: GroupTimeSample, outcome: [Double],
    covariates: DesignMatrix?, weights: [Double]?
  ) {
    var rowsOfUnit = [Double](repeating: 0, count: panel.units)
    for row in sample.members { rowsOfUnit[Int(panel.unit.codes[row])] += 1 }
    let units = Double(rowsOfUnit.count { $0 > 0 })
    parts = sample.members.map { 1 / (rowsOfUnit[Int(panel.unit.codes[$0])] * units) }
    self.outcome = sample.members.map { outcome[$0] }
    self.weights = weights.map { weights in sample.members.map { weights[$0] } }
    self.covariates = covariates?.selecting(rows: sample.members)
  }

  /// Each cohort's share of weight, as a mean over units.
  func shares(_ sample: GroupTimeSample) -> [Double] {
    sample.cohorts.indices.map { cohort in
      sample.range(cohort: cohort).reduce(0) { $0 + parts[$1] * (weights?[$1] ?? 1) }
    }
  }
}

extension GroupTimeEffects {
  /// What the comparison of one cell found; influence in the order of its blocks.
  private struct RowSolution: Sendable {
    var answer: GroupTimeAnswer
    var blocks: [Int] = []
    var influence: [Double]?
  }

  /// Estimates the cells from rows of two periods each, and their influence columns.
  func rowCells(
    _ rows: CrossSectionRows, _ sample: GroupTimeSample, _ plans: [GroupTimePlan]
  ) -> (answers: [GroupTimeAnswer], influence: InfluenceColumns) {
    let solutions = Parallel.mapBlocks(plans.count) { solve(plans[$0], rows, sample) }
    var influence = InfluenceColumns(
      blocks: sample.blocks.map { InfluenceColumns.Block(rows: $0.count) },
      columns: plans.count + sample.cohorts.count + 1)
    for (place, solution) in solutions.enumerated() {
      guard let values = solution.influence else { continue }
      var at = 0
      for block in solution.blocks {
        let size = sample.blocks[block].count
        influence.blocks[block].append(place, values[at..<(at + size)])
        at += size
      }
    }
    influence.appendShares(
      sample, cells: plans.count, weights: rows.weights, parts: rows.parts)
    return (solutions.map(\.answer), influence)
  }

  private func solve(
    _ plan: GroupTimePlan, _ rows: CrossSectionRows, _ sample: GroupTimeSample
  ) -> RowSolution {
    let controls = plan.controls(of: sample.cohorts.count)
    let periods = plan.isBase ? [plan.timeIndex] : [plan.baseIndex, plan.timeIndex]
    func blocks(_ cohorts: [Int], _ period: Int) -> [Int] {
      cohorts.map { $0 * sample.blocksPerCohort + period }
    }
    func size(_ blocks: [Int]) -> Int { blocks.reduce(0) { $0 + sample.blocks[$1].count } }
    var answer = GroupTimeAnswer()
    for period in periods {
      answer.treated += size(blocks([plan.cohort], period))
      answer.controls += size(blocks(controls, period))
    }
    if plan.isBase {
      answer.effect = 0
      return RowSolution(answer: answer)
    }
    let used = periods.flatMap { blocks([plan.cohort], $0) + blocks(controls, $0) }
    let runs = used.map { sample.blocks[$0] }
    var members: [Int] = []
    var (treated, after): ([Bool], [Bool]) = ([], [])
    for (block, run) in zip(used, runs) {
      let (cohort, period) = (block / sample.blocksPerCohort, block % sample.blocksPerCohort)
      members.append(contentsOf: run)
      treated.append(contentsOf: run.map { _ in cohort == plan.cohort })
      after.append(contentsOf: run.map { _ in period == plan.timeIndex })
    }
    let weights = rows.weights.map { all in members.map { all[$0] } }
    for (arm, name) in [(true, "treated rows"), (false, "controls")] {
      for late in [true, false] {
        let any = members.indices.contains {
          treated[$0] == arm && after[$0] == late && weights?[$0] ?? 1 > 0
        }
        guard !any else { continue }
        answer.problem =
          "there are no \(name) in \(PanelDesign.label(late ? plan.time : plan.base))."
        return RowSolution(answer: answer)
      }
    }
    let comparison = CrossSectionComparison(
      outcome: members.map { rows.outcome[$0] }, treated: treated, after: after, weights: weights,
      covariates: rows.covariates?.selecting(rows: members))
    do throws(SiblingError) {
      // Without covariates all agree but for weights that do not sum to one.
      let isPlain = comparison.hasNoCovariates && estimator != .inverseProbability
      let solved = try comparison.solve(isPlain ? .outcomeRegression : estimator)
      if let propensity = solved.propensity,
        treated.indices.contains(where: { treated[$0] && propensity[$0] >= 0.999 })
      {
        answer.problem = "treated units have a fitted probability of treatment of 0.999 or more."
        return RowSolution(answer: answer)
      }
      answer.effect = solved.effect
      answer.trimmed = solved.trimmed
      let n = Double(members.count)
      return RowSolution(answer: answer, blocks: used, influence: solved.influence.map { $0 / n })
    } catch {
      answer.problem = error.message
      return RowSolution(answer: answer)
    }
  }
}
