import Engines
import Statistics
import Survival
import Tables
import Testing

/// What is read off curves, from cells of people and from their rows.
struct SurvivalReadingsTests {
  private let sample: SurvivalSample

  init() throws { sample = try SurvivalSample() }

  private func expectAlike(_ a: Estimate, _ b: Estimate) {
    #expect(a.term == b.term)
    #expect(agree(a.estimate, b.estimate))
    #expect(agree(a.standardError, b.standardError))
    #expect(agree(a.interval?.low, b.interval?.low))
    #expect(agree(a.interval?.high, b.interval?.high))
    #expect(agree(a.pValue, b.pValue))
  }

  @Test(
    arguments: SurvivalCellsTests.settings, ["Surv(week, event)", "Surv(start, week, event)"])
  func restrictedMeansFromCellsAreThoseOfTheRows(
    _ setting: SurvivalCellsTests.Setting, _ response: String
  ) throws {
    let formula = response + " ~ region"
    let rows = try sample.rows(
      formula, weights: setting.weights, cluster: setting.cluster, arms: true)
    let cells = try sample.cells(formula, weights: setting.weights, cluster: setting.cluster)
    for tau in [nil, 9.5] {
      let means = RestrictedMean(tau: tau, robust: setting.robust)
      let expected = try means.fit(
        rows.times, by: rows.frame.groups, weights: rows.weights, cluster: rows.cluster)
      let found = try means.fit(
        cells.times, by: cells.groups, weights: cells.weights, cluster: cells.cluster)
      #expect(found.tau == expected.tau)
      #expect(found.robust == expected.robust)
      #expect(found.observations == expected.observations)
      #expect(found.clusters == expected.clusters)
      #expect(found.notes == expected.notes)
      #expect(found.arms.count == 3)
      for (a, b) in zip(found.arms, expected.arms) { expectAlike(a, b) }
      #expect(found.contrasts.count == expected.contrasts.count)
      for (a, b) in zip(found.contrasts, expected.contrasts) {
        expectAlike(a.difference, b.difference)
        expectAlike(a.ratio, b.ratio)
        expectAlike(a.timeLostRatio, b.timeLostRatio)
      }
    }
  }

  @Test(
    arguments: SurvivalCellsTests.settings, ["Surv(week, event)", "Surv(start, week, event)"])
  func milestonesFromCellsAreThoseOfTheRows(
    _ setting: SurvivalCellsTests.Setting, _ response: String
  ) throws {
    let formula = response + " ~ region"
    let rows = try sample.rows(
      formula, weights: setting.weights, cluster: setting.cluster, arms: true)
    let cells = try sample.cells(formula, weights: setting.weights, cluster: setting.cluster)
    for estimator in CurveEstimator.allCases {
      let milestones = Milestones(
        times: [0, 6, 12, 60], robust: setting.robust, estimator: estimator)
      let expected = try milestones.fit(
        rows.times, by: rows.frame.groups, weights: rows.weights, cluster: rows.cluster)
      let found = try milestones.fit(
        cells.times, by: cells.groups, weights: cells.weights, cluster: cells.cluster)
      #expect(found.robust == expected.robust)
      #expect(found.observations == expected.observations)
      #expect(found.clusters == expected.clusters)
      #expect(found.notes == expected.notes)
      #expect(found.milestones.count == 4)
      for (a, b) in zip(found.milestones, expected.milestones) {
        #expect(a.arms.map(\.name) == b.arms.map(\.name))
        #expect(agree(a.arms.map(\.atRisk), b.arms.map(\.atRisk)))
        #expect(agree(a.arms.map(\.events), b.arms.map(\.events)))
        for (x, y) in zip(a.arms, b.arms) { expectAlike(x.estimate, y.estimate) }
        for (x, y) in zip(a.contrasts, b.contrasts) {
          expectAlike(x.difference, y.difference)
          expectAlike(x.ratio, y.ratio)
        }
      }
    }
  }

  @Test(arguments: ["Surv(week, event)", "Surv(start, week, event)"])
  func followUpFromCellsIsThatOfTheRows(_ response: String) throws {
    let formula = response + " ~ treated"
    let rows = try sample.rows(formula, arms: true)
    let cells = try sample.cells(formula)
    let (one, other) = (try #require(rows.frame.groups), try #require(cells.groups))
    let guards = SurvivalGuards(minimumAtRisk: 1000, level: 1.1)
    for horizon in [3.0, 10, 18] {
      let expected = try guards.followUp(rows.times, by: one, to: horizon)
      let found = try guards.followUp(cells.times, by: other, to: horizon)
      #expect(found.map(\.arm) == expected.map(\.arm))
      #expect(found.map(\.count) == expected.map(\.count))
      #expect(found.map(\.atRisk) == expected.map(\.atRisk))
      #expect(agree(found.map(\.shareFollowed), expected.map(\.shareFollowed)))
      #expect(agree(found.map(\.medianFollowUp), expected.map(\.medianFollowUp)))
      let sentences = try guards.immatureCohorts(cells.times, by: other, at: horizon)
      let own = try guards.immatureCohorts(rows.times, by: one, at: horizon)
      #expect(sentences == own)
      #expect(sentences.count == 2)
    }
    let ends = try guards.informativeFollowUp(cells.times, by: other)
    let own = try guards.informativeFollowUp(rows.times, by: one)
    #expect(ends == own)
    #expect(ends != nil)
  }
}
