internal import LinearAlgebra
internal import Matching
internal import Reporting
internal import Statistics
internal import Tables

/// Estimates one combination of choices after the other, each as the report would were it the study's own.
struct SpecificationRunner: Sendable {
  let table: Table
  let settings: CommonSettings
  /// The column of sites where few may stand behind an effect; nil where people were assigned or chance
  /// assigned the sites.
  let site: String?
  let level: Double
  let seed: UInt64
  /// Whether each row is treated; nil where it is neither.
  let arms: Factor
  /// Fewer people than this may not be told apart; nil without such a rule.
  let leastPeople: Int?

  init(_ run: EvaluationRun, _ table: Table, _ design: DesignPhase) throws(SiblingError) {
    self.table = table
    settings = design.settings
    let isRandomised = run.study.node["assignment"]?["mechanism"]?.text == "randomised"
    site = isRandomised ? nil : run.study.siteColumn
    level = run.study.level
    seed = run.study.seed
    arms = try run.study.arms(table)
    leastPeople = run.study.disclosureProfile.minimumCount
  }

  /// What a combination gave.
  enum Outcome: Sendable {
    case estimated(EffectRow, sample: FewClusterSample?)
    case skipped(SiblingError)
  }

  /// Every plan's estimate, in order, whatever the number of threads.
  func estimates(_ plans: [SpecificationChoices.Plan]) -> [Outcome] {
    Parallel.mapBlocks(plans.count) { place in
      do throws(SiblingError) {
        return try estimate(plans[place])
      } catch {
        return .skipped(error)
      }
    }
  }

  private func estimate(_ plan: SpecificationChoices.Plan) throws(SiblingError) -> Outcome {
    let kept = try rows(plan.filter)
    let sample = try plan.design.apply(to: kept, settings: settings, alsoComplete: [plan.outcome])
    guard let site else {
      return .estimated(try effect(plan, sample), sample: nil)
    }
    let sites = try kept.factor(site)
    guard
      let few = try FewSitesEffect(sample, outcome: kept.doubles(plan.outcome), sites: sites),
      few.isFew
    else { return .estimated(try effect(plan, sample), sample: nil) }
    if plan.isPlain {
      guard
        let row = try few.row(
          outcome: plan.outcome, estimand: plan.design.estimand.rawValue, level: level, seed: seed)
      else {
        throw SiblingError(.badDesign, "so few sites give no interval")
      }
      return .estimated(row, sample: few.sample)
    }
    // Another estimator can't be exchanged: its error by site goes with the sites of the smaller arm.
    var row = try effect(plan, sample)
    guard row.scale == "difference", let error = row.estimate.standardError else {
      return .estimated(row, sample: nil)
    }
    let degrees = Double(max(1, smallerArm(sample, sites) - 1))
    row.estimate = Estimate(
      term: row.estimate.term, estimate: row.estimate.estimate, standardError: error,
      degreesOfFreedom: degrees, level: level,
      convention: row.estimate.convention.replacing(", z", with: "")
        + ", t with the sites of the smaller arm less one")
    return .estimated(row, sample: nil)
  }

  private func effect(
    _ plan: SpecificationChoices.Plan, _ sample: MatchedSample
  ) throws(SiblingError) -> EffectRow {
    EffectRow(
      analysis: "specification", estimator: plan.analysis.method.rawValue, outcome: plan.outcome,
      effect: try plan.analysis.estimate(on: sample).effect)
  }

  private func smallerArm(_ sample: MatchedSample, _ sites: Factor) -> Int {
    var found: [Set<Int32>] = [[], []]
    for (place, row) in sample.rows.enumerated()
    where sample.weights[place] > 0 && sites.codes[row] >= 0 {
      found[sample.treated[place] ? 1 : 0].insert(sites.codes[row])
    }
    return min(found[0].count, found[1].count)
  }

  /// The rows that an expression keeps.
  ///
  /// - Throws: what is wrong with it; `disclosure` where it leaves out so few people that the difference
  ///   of two estimates would tell of them.
  private func rows(_ filter: String?) throws(SiblingError) -> Table {
    guard let filter else { return table }
    let rows = try Expression(parsing: filter).filter(on: table)
    guard !rows.isEmpty else {
      throw SiblingError(.noRows, "its expression keeps nobody")
    }
    if let leastPeople {
      var left = [0, 0]
      var isKept = [Bool](repeating: false, count: table.rowCount)
      for row in rows { isKept[row] = true }
      for (row, arm) in arms.codes.enumerated() where arm >= 0 && !isKept[row] {
        left[Int(arm)] += 1
      }
      guard left.allSatisfy({ $0 == 0 || $0 >= leastPeople }) else {
        throw SiblingError(
          .disclosure, "it leaves out fewer people than may be told under the disclosure profile")
      }
    }
    return table.rememberingCodes().selecting(rows: rows)
  }
}
