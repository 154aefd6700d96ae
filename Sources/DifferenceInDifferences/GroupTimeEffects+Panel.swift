internal import LinearAlgebra
internal import Statistics

extension GroupTimeEffects {
  /// What a job found for its cells.
  private struct Solution: Sendable {
    var answers: [GroupTimeAnswer]
    /// A column for each cell, rows in the order of the runs; nil where the comparison failed.
    var influence: Matrix?
  }

  /// Estimates the cells of a balanced panel and their influence columns.
  func panelCells(
    _ wide: WidePanel, _ sample: GroupTimeSample, _ plans: [GroupTimePlan]
  ) -> (answers: [GroupTimeAnswer], influence: InfluenceColumns) {
    let (done, counted) = jobs(sample, plans, wide.version)
    var answers = counted
    let solutions = Parallel.mapBlocks(done.count) { solve(done[$0], wide, sample, plans) }
    var influence = InfluenceColumns(
      blocks: sample.blocks.map { InfluenceColumns.Block(rows: $0.count) },
      columns: plans.count + sample.cohorts.count + 1)
    for (job, solution) in zip(done, solutions) {
      for (index, place) in job.places.enumerated() {
        let counted = answers[place]
        answers[place] = solution.answers[index]
        answers[place].treated = counted.treated
        answers[place].controls = counted.controls
        guard let found = solution.influence else { continue }
        var at = index * found.rows
        for cohort in [job.cohort] + job.controls(of: sample.cohorts.count) {
          let size = sample.blocks[cohort].count
          influence.blocks[cohort].append(place, found.storage[at..<(at + size)])
          at += size
        }
      }
    }
    influence.appendShares(sample, cells: plans.count, weights: wide.weights?[0], parts: nil)
    return (answers, influence)
  }

  private func solve(
    _ job: GroupTimeJob, _ wide: WidePanel, _ sample: GroupTimeSample, _ plans: [GroupTimePlan]
  ) -> Solution {
    let cohorts = [job.cohort] + job.controls(of: sample.cohorts.count)
    let runs = cohorts.map { sample.blocks[$0] }
    let n = runs.reduce(0) { $0 + $1.count }
    let treatedCount = runs[0].count
    let weights = wide.weights.map { wide.gather($0[job.version], runs) }
    var changes = Matrix(rows: n, columns: job.places.count)
    for (index, place) in job.places.enumerated() {
      let (late, early) = (plans[place].timeIndex, plans[place].baseIndex)
      var at = index * n
      for run in runs {
        for member in run {
          changes.storage[at] =
            wide.outcome[member + late * wide.members]
            - wide.outcome[member + early * wide.members]
          at += 1
        }
      }
    }
    func failed(_ problem: String) -> Solution {
      var answer = GroupTimeAnswer()
      answer.problem = problem
      return Solution(
        answers: [GroupTimeAnswer](repeating: answer, count: job.places.count), influence: nil)
    }
    if let weights,
      !(weights[..<treatedCount].contains { $0 > 0 }
        && weights[treatedCount...].contains { $0 > 0 })
    {
      return failed("the weights of treated units or of controls are all zero.")
    }
    let covariates = wide.covariates.map { all -> DesignMatrix in
      let design = all[job.version]
      let columns = (0..<design.columns).map { column in
        wide.gather(design.matrix.storage, runs, from: column * wide.members)
      }
      return DesignMatrix(
        matrix: Matrix(columns: columns), names: design.names, assignment: design.assignment,
        terms: design.terms)
    }
    let comparison = ChangeComparison(
      changes: changes, treated: (0..<n).map { $0 < treatedCount }, weights: weights,
      covariates: covariates)
    do throws(SiblingError) {
      // Without covariates all estimators agree, influence functions included.
      let solved = try comparison.solveAll(
        comparison.names.count == 1 ? .outcomeRegression : estimator)
      if let propensity = solved.propensity,
        propensity[..<treatedCount].contains(where: { $0 >= 0.999 })
      {
        return failed("treated units have a fitted probability of treatment of 0.999 or more.")
      }
      let answers = solved.effects.map { effect in
        var answer = GroupTimeAnswer()
        answer.effect = effect
        answer.trimmed = solved.trimmed
        return answer
      }
      return Solution(answers: answers, influence: solved.influence.scaled(by: 1 / Double(n)))
    } catch {
      return failed(error.message)
    }
  }
}

extension InfluenceColumns {
  /// Appends the columns of the cohorts' shares of weight and of the number of members.
  ///
  /// `parts` says what each member counts for; without it all count alike.
  mutating func appendShares(
    _ sample: GroupTimeSample, cells: Int, weights: [Double]?, parts: [Double]?
  ) {
    let part = 1 / Double(sample.members.count)
    for (index, range) in sample.blocks.enumerated() {
      let own = range.map { parts?[$0] ?? part }
      let weighed = zip(range, own).map { (weights?[$0] ?? 1) * $1 }
      blocks[index].append(cells + index / sample.blocksPerCohort, weighed)
      blocks[index].append(cells + sample.cohorts.count, own)
    }
  }
}
