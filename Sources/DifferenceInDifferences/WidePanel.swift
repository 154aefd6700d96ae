internal import LinearAlgebra
internal import Statistics

/// A balanced panel with a member a row and a period a column, members sorted by cohort.
struct WidePanel: Sendable {
  var members: Int
  var periods: Int
  /// Entry `member + period · members`.
  var outcome: [Double]
  /// For each period of its own weights and covariates, the weights; nil without weights.
  var weights: [[Double]]?
  /// As `weights`: the covariates; nil without.
  var covariates: [DesignMatrix]?
  /// For each period the place of its weights and covariates; equal where they do not change.
  var version: [Int]

  init(
    _ sample: GroupTimeSample, table: [Int32], periods all: Int, outcome: [Double],
    covariates: DesignMatrix?, weights: [Double]?
  ) {
    let n = sample.members.count
    let used = sample.periods
    members = n
    periods = used
    let rows = Self.rows(sample, table, all)
    self.outcome = Self.gathered(outcome, rows, n, used)
    // Covariates that stay the same over time give all periods one model, made once.
    let isSame = Self.unchanged(rows, n, used, covariates, weights)
    var (version, firsts): ([Int], [Int]) = ([], [])
    for t in 0..<used {
      if !isSame[t] { firsts.append(t) }
      version.append(firsts.count - 1)
    }
    self.version = version
    self.weights = weights.map { weights in
      firsts.map { t in rows[(t * n)..<((t + 1) * n)].map { weights[Int($0)] } }
    }
    self.covariates = covariates.map { covariates in
      firsts.map { t in
        covariates.selecting(rows: rows[(t * n)..<((t + 1) * n)].map { Int($0) })
      }
    }
  }

  /// The panel's row of each member and period, members side by side.
  private static func rows(
    _ sample: GroupTimeSample, _ table: [Int32], _ all: Int
  ) -> [Int32] {
    let (n, used) = (sample.members.count, sample.periods)
    return [Int32](unsafeUninitializedCapacity: n * used) { buffer, count in
      table.withUnsafeBufferPointer { table in
        sample.members.withUnsafeBufferPointer { members in
          for place in 0..<n {
            let start = members[place] * all
            for t in 0..<used { buffer[place + t * n] = table[start + t] }
          }
        }
      }
      count = n * used
    }
  }

  /// Members in a block: all periods of one are read while they are in cache.
  private static let membersPerBlock = 8192

  private static func gathered(
    _ values: [Double], _ rows: [Int32], _ n: Int, _ periods: Int
  ) -> [Double] {
    let blocks = Parallel.ranges(of: n, size: membersPerBlock)
    return [Double](unsafeUninitializedCapacity: rows.count) { buffer, count in
      nonisolated(unsafe) let target = buffer
      values.withUnsafeBufferPointer { source in
        rows.withUnsafeBufferPointer { rows in
          nonisolated(unsafe) let (source, rows) = (source, rows)
          Parallel.forBlocks(blocks.count) { block in
            for member in blocks[block] {
              for t in 0..<periods {
                let place = member + t * n
                target[place] = source[Int(rows[place])]
              }
            }
          }
        }
      }
      count = rows.count
    }
  }

  /// For each period whether all members have the weights and covariates of the period before.
  private static func unchanged(
    _ rows: [Int32], _ n: Int, _ periods: Int, _ covariates: DesignMatrix?, _ weights: [Double]?
  ) -> [Bool] {
    let blocks = Parallel.ranges(of: n, size: membersPerBlock)
    let parts: [[Bool]] = Parallel.mapBlocks(blocks.count) { block in
      var same = [Bool](repeating: true, count: periods)
      func compare(_ values: UnsafeBufferPointer<Double>, from start: Int) {
        rows.withUnsafeBufferPointer { rows in
          for member in blocks[block] {
            var before = values[start + Int(rows[member])]
            for t in 1..<max(1, periods) {
              let own = values[start + Int(rows[member + t * n])]
              if own != before { same[t] = false }
              before = own
            }
          }
        }
      }
      if let weights { weights.withUnsafeBufferPointer { compare($0, from: 0) } }
      if let matrix = covariates?.matrix {
        matrix.storage.withUnsafeBufferPointer { storage in
          for column in 0..<matrix.columns { compare(storage, from: column * matrix.rows) }
        }
      }
      return same
    }
    return (0..<periods).map { t in t > 0 && parts.allSatisfy { $0[t] } }
  }

  /// Some runs of an array with an entry a member, one after another.
  func gather(_ values: [Double], _ runs: [Range<Int>], from start: Int = 0) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(runs.reduce(0) { $0 + $1.count })
    for run in runs {
      result.append(contentsOf: values[(start + run.lowerBound)..<(start + run.upperBound)])
    }
    return result
  }
}

extension GroupTimeEffects {
  /// Cells that share their units, covariates and weights, so that models are made once.
  private struct Job: Sendable {
    var places: [Int]
    var plan: GroupTimePlan
    var version: Int
  }

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
    var jobs: [Job] = []
    var answers = [GroupTimeAnswer](repeating: GroupTimeAnswer(), count: plans.count)
    for (place, plan) in plans.enumerated() {
      let controls = plan.controls(of: sample.cohorts.count)
      answers[place].treated = sample.blocks[plan.cohort].count
      answers[place].controls = controls.reduce(0) { $0 + sample.blocks[$1].count }
      if plan.isBase {
        answers[place].effect = 0
      } else if answers[place].controls == 0 {
        answers[place].problem = "there are no controls."
      } else {
        let version = wide.version[plan.earlier]
        let known = jobs.lastIndex {
          $0.plan.cohort == plan.cohort && $0.plan.firstControl == plan.firstControl
            && $0.version == version
        }
        if let known {
          jobs[known].places.append(place)
        } else {
          jobs.append(Job(places: [place], plan: plan, version: version))
        }
      }
    }
    let done = jobs
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
        for cohort in [job.plan.cohort] + job.plan.controls(of: sample.cohorts.count) {
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
    _ job: Job, _ wide: WidePanel, _ sample: GroupTimeSample, _ plans: [GroupTimePlan]
  ) -> Solution {
    let cohorts = [job.plan.cohort] + job.plan.controls(of: sample.cohorts.count)
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
