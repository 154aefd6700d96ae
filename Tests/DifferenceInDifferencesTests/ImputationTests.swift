import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct ImputationTests {
  private static let ways: [(String, GroupTimeResult.Aggregation?)] = [
    ("none", nil), ("simple", .simple), ("dynamic", .dynamic), ("group", .group),
    ("calendar", .calendar),
  ]

  @Test func publishedMinimumWage() throws {
    let panel = try PanelFixtures.counties().plain
    let overall = try panel.effects(Imputation())
    #expect(overall.rows.map(\.estimate.term) == ["overall"])
    #expect(close(overall.rows[0].estimate.estimate, -0.0477099183, Tolerance(relative: 1e-9)))
    #expect(overall.rows[0].treatedRows == 291 && overall.rows[0].treatedUnits == 191)
    #expect(overall.observations == 2500)
    #expect(overall.clusters == 500)
    let dynamic = try panel.effects(Imputation(aggregation: .dynamic))
    for (term, value) in [
      ("e=0", -0.031067), ("e=1", -0.052235), ("e=2", -0.136078), ("e=3", -0.104707),
    ] {
      let found = try #require(dynamic[term]).estimate.estimate
      #expect((found - value).magnitude < 1e-6)
    }
    #expect(
      dynamic.rows.map(\.estimate.term) == [
        "e=-3", "e=-2", "e=-1", "e=0", "e=1", "e=2", "e=3", "overall",
      ])
    #expect(dynamic.preTest?.terms == ["e=-3", "e=-2", "e=-1"])
  }

  /// Estimates and standard errors against dense matrices written out from the papers.
  @Test func writtenOutFromThePapers() throws {
    let golden = try Golden.json("panels/panel_estimators.json")
    let (plain, covariates, weights, site, _, _) = try PanelFixtures.counties()
    var withX = plain
    withX.covariates = covariates
    var weighted = plain
    weighted.weights = weights
    var sited = plain
    sited.clusters = site
    var holes = withX
    holes.weights = weights
    holes = holes.selecting((0..<2500).filter { $0 % 9 != 4 })
    for (name, way) in Self.ways {
      for (suffix, panel) in [
        ("", plain), ("_x", withX), ("_weighted", weighted), ("_site", sited), ("_holes", holes),
      ] {
        let imputed = try panel.effects(Imputation(aggregation: way))
        #expect(
          PanelFixtures.agrees(imputed, golden["imputation_\(name)\(suffix)"]),
          "imputation \(name)\(suffix)")
        let staged = try panel.effects(TwoStage(aggregation: way))
        #expect(
          PanelFixtures.agrees(staged, golden["two_stage_\(name)\(suffix)"]),
          "two-stage \(name)\(suffix)")
      }
    }
  }

  /// pyfixest's did2s, which leaves out units alone in a level, on cohorts without any.
  @Test func anotherTwoStage() throws {
    let (plain, covariates, _, _, _, _) = try PanelFixtures.counties()
    let rows = plain.group.indices.filter { plain.group[$0] != 2004 }
    let panel = plain.selecting(rows)
    // It removes fixed effects to about 1e-5 only.
    let digits = Tolerance(relative: 1e-6, absolute: 1e-5)
    let one = try panel.effects(TwoStage())
    #expect(close(one.rows[0].estimate.estimate, -0.033721562334, digits))
    #expect(close(one.rows[0].estimate.standardError ?? 0, 0.014684674274, digits))
    var adjusted = panel
    adjusted.covariates = covariates.selecting(columns: [0]).selecting(rows: rows)
    let two = try adjusted.effects(TwoStage())
    #expect(close(two.rows[0].estimate.estimate, -0.037409907074, digits))
    #expect(close(two.rows[0].estimate.standardError ?? 0, 0.014472253644, digits))
    let dynamic = try panel.effects(TwoStage(aggregation: .dynamic))
    #expect(close(dynamic["e=0"]?.estimate.standardError ?? 0, 0.015016852971, digits))
    #expect(close(dynamic["e=1"]?.estimate.standardError ?? 0, 0.023931881507, digits))
  }

  /// Cohorts of one or two states show no spread; their effects are taken about those of others.
  @Test func fewStatesInACohort() throws {
    let golden = try Golden.json("panels/panel_estimators.json")
    let states = try PanelFixtures.castle()
    let one = try states.effects(TwoStage())
    #expect(PanelFixtures.agrees(one, golden["castle_two_stage_simple"]))
    let cells = try states.effects(Imputation(aggregation: nil))
    for row in cells.rows {
      let isSmall = [2006, 2009, 2010].contains(row.group ?? 0)
      #expect((row.estimate.standardError == nil) == isSmall)
    }
    #expect(cells.notes.contains { $0.contains("rest on one or two clusters") })
    let groups = try states.effects(Imputation(aggregation: .group))
    let expected = golden["castle_imputation_group"]
    #expect(groups["g=2006"]?.estimate.standardError == nil)
    #expect(groups["g=2010"]?.estimate.interval == nil)
    for term in ["g=2007", "g=2008"] {
      #expect(
        close(groups[term]?.estimate.standardError ?? 0, expected[term].doubles[1], .converged))
    }
    // Their effects about their own means would make the overall error smaller.
    let naive = expected["overall"].doubles
    let overall = try #require(groups["overall"]).estimate
    #expect(close(overall.estimate, naive[0], .converged))
    #expect((overall.standardError ?? 0) > naive[1])
  }

  /// Leads that two states alone show have no standard error and take no part in the test.
  @Test func fewStatesBehindALead() throws {
    let states = try PanelFixtures.castle()
    let rows = states.group.indices.filter { ![2010, 2008].contains(states.group[$0]) }
    let result = try states.selecting(rows).effects(Imputation(aggregation: .dynamic))
    // Cohorts of 1, 13 and 2 states: before e=-7 the two of 2009 are alone.
    #expect(result["e=-8"]?.treatedUnits == 2)
    #expect(result["e=-8"]?.estimate.standardError == nil)
    #expect(result["e=-7"]?.estimate.standardError != nil)
    #expect(result.preTest?.terms.first == "e=-7")
    #expect(result.notes.contains { $0.hasPrefix("e=-8: resting on one or two clusters") })
  }

  @Test func leadsAreARegressionOfUntreatedRows() throws {
    let panel = try PanelFixtures.counties().plain
    let design = try panel.design()
    let result = try panel.effects(Imputation(aggregation: .dynamic, leads: 2))
    let rows = (0..<design.rows).filter { design.treatment[$0] == 0 }
    let events = design.eventTimes
    let columns = [-2.0, -1].map { lead in rows.map { events[$0] == lead ? 1.0 : 0 } }
    let fit = try AbsorbedLeastSquares(keepsSingletons: true).fit(
      DesignMatrix(matrix: Matrix(columns: columns), names: ["a", "b"]),
      response: rows.map { panel.outcome[$0] },
      absorbing: [
        design.unit.selecting(rows), Factor(rows.map { "\(panel.time[$0])" }),
      ])
    #expect(close(result["e=-2"]?.estimate.estimate ?? 0, fit.coefficients[0], .converged))
    #expect(close(result["e=-1"]?.estimate.estimate ?? 0, fit.coefficients[1], .converged))
    #expect(result.preTest?.degreesOfFreedom == 2)
    #expect(result["e=-3"] == nil)
  }

  @Test func recoversGrowingEffectsWhereTwoWayFails() throws {
    // Without noise every estimator but two-way fixed effects is exact.
    let exact = PanelFixtures.growing(unitsPerCohort: 10, noise: 0, seed: 3)
    for effects in [
      try exact.panel.effects(Imputation(aggregation: .dynamic)),
      try exact.panel.effects(TwoStage(aggregation: .dynamic)),
      try exact.panel.effects(ExtendedTwoWay(aggregation: .dynamic)),
    ] {
      for (event, value) in exact.truth {
        #expect(close(effects["e=\(Int(event))"]?.estimate.estimate ?? .nan, value, .published))
      }
      #expect(close(effects["overall"]?.estimate.estimate ?? .nan, exact.overall, .published))
    }
    let twoWay = try TwoWayFixedEffects().fit(exact.panel.design(), outcome: exact.panel.outcome)
    #expect((twoWay.estimate.estimate - exact.overall).magnitude > 0.5)
    // With noise its interval covers the truth as often as it says.
    var covered = 0
    var missed = 0
    let draws = 60
    for seed in 0..<draws {
      let drawn = PanelFixtures.growing(unitsPerCohort: 15, noise: 1, seed: UInt64(seed))
      let interval = try #require(try drawn.panel.effects(Imputation()).rows[0].estimate.interval)
      if interval.low <= drawn.overall, drawn.overall <= interval.high { covered += 1 }
      let plain = try TwoWayFixedEffects().fit(
        drawn.panel.design(), outcome: drawn.panel.outcome,
        covariance: .cluster(.cr1, [drawn.panel.design().unit]))
      let other = try #require(plain.estimate.interval)
      if !(other.low <= drawn.overall && drawn.overall <= other.high) { missed += 1 }
    }
    // Three binomial standard errors below 95% of 60.
    #expect(covered >= 51)
    #expect(missed == draws)
  }

  @Test func orderUnitsAndWeights() throws {
    let (plain, covariates, weights, _, _, _) = try PanelFixtures.counties()
    var panel = plain
    panel.covariates = covariates
    panel.weights = weights
    var stream = RandomStream(seed: 2, name: "rows")
    var shuffled = panel.selecting(stream.permutation(2500))
    shuffled.outcome = shuffled.outcome.map { 100 * $0 - 3 }
    for way in Self.ways.map(\.1) {
      let first = try panel.effects(Imputation(aggregation: way))
      let second = try shuffled.effects(Imputation(aggregation: way))
      #expect(first.rows.map(\.estimate.term) == second.rows.map(\.estimate.term))
      for (a, b) in zip(first.rows, second.rows) {
        #expect(close(100 * a.estimate.estimate, b.estimate.estimate, .published))
        #expect(
          close(100 * (a.estimate.standardError ?? 0), b.estimate.standardError ?? 1, .published))
      }
    }
    // A weight of three is a unit three times, its copies one cluster.
    let rows = (0..<2500).flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
    var copy = [Int](repeating: 0, count: 2500)
    let names = rows.map { row -> String in
      copy[row] += 1
      return "\(plain.unit.levels[Int(plain.unit.codes[row])])/\(copy[row])"
    }
    var copies = plain.selecting(rows)
    copies.unit = Factor(names.map { $0 })
    copies.clusters = plain.unit.selecting(rows)
    var weighed = plain
    weighed.weights = weights
    for way in Self.ways.map(\.1) {
      for (a, b) in [
        (
          try weighed.effects(Imputation(aggregation: way)),
          try copies.effects(Imputation(aggregation: way))
        ),
        (
          try weighed.effects(TwoStage(aggregation: way)),
          try copies.effects(TwoStage(aggregation: way))
        ),
      ] {
        for (x, y) in zip(a.rows, b.rows) where (x.estimate.term.first != "e" || way != .dynamic) {
          #expect(close(x.estimate.estimate, y.estimate.estimate, .published))
          #expect(
            close(x.estimate.standardError ?? 0, y.estimate.standardError ?? 1, .published))
        }
      }
    }
  }

  @Test func cohortsByAnotherCalendar() throws {
    let plain = try PanelFixtures.counties().plain
    var moved = plain
    moved.time = plain.time.map { $0 - 2000 }
    moved.group = plain.group.map { $0.map { $0 == 0 ? 0 : $0 - 2000 } }
    let first = try plain.effects(Imputation(aggregation: .dynamic))
    let second = try moved.effects(Imputation(aggregation: .dynamic))
    for (a, b) in zip(first.rows, second.rows) {
      #expect(a.estimate.term == b.estimate.term)
      #expect(close(a.estimate.estimate, b.estimate.estimate, .published))
      #expect(close(a.estimate.standardError ?? 0, b.estimate.standardError ?? 1, .published))
    }
  }

  @Test func anticipationAndBalance() throws {
    let plain = try PanelFixtures.counties().plain
    let early = try plain.effects(Imputation(aggregation: .dynamic, anticipation: 1))
    // The cohort of 2004 has no period before anticipation begins.
    #expect(early.notes.contains { $0.hasPrefix("100 treated unit-periods were left out") })
    #expect(early["e=-1"]?.treatedRows == 171)
    #expect(early["overall"]?.treatedRows == 211)
    let balanced = try plain.effects(Imputation(aggregation: .dynamic, balance: 1))
    let after = balanced.rows.filter { $0.estimate.term.hasPrefix("e=") }.suffix(2)
    #expect(after.map(\.treatedRows) == [60, 60])
  }

  @Test func refusals() throws {
    let plain = try PanelFixtures.counties().plain
    // Nobody untreated beside the treated: cohort 2004 alone.
    let alone = plain.selecting(plain.group.indices.filter { plain.group[$0] == 2004 })
    do {
      _ = try alone.effects(Imputation())
      Issue.record("an impossible imputation was not refused")
    } catch let error as SiblingError { #expect(error.code == .badDesign) }
    var broken = plain
    broken.outcome[7] = .nan
    do {
      _ = try broken.effects(Imputation())
      Issue.record("a missing outcome was not refused")
    } catch let error as SiblingError { #expect(error.code == .missingValue && error.row == 7) }
    var moving = plain
    moving.clusters = Factor((0..<2500).map { "\($0 % 5)" })
    do {
      _ = try moving.effects(TwoStage())
      Issue.record("a cluster that varies within units was not refused")
    } catch let error as SiblingError { #expect(error.code == .badDesign && error.row != nil) }
    // Without never treated units the last period has no one to compare with.
    let treated = plain.selecting(plain.group.indices.filter { plain.group[$0] != 0 })
    let rest = try treated.effects(Imputation(aggregation: .calendar))
    #expect(rest["t=2007"] == nil && rest["t=2006"] != nil)
    #expect(rest.notes.contains { $0.hasPrefix("191 treated unit-periods were left out") })
    // A covariate that does not change is part of its unit's level.
    var constant = plain
    constant.covariates = try PanelFixtures.counties().lpop
    let same = try constant.effects(Imputation())
    #expect(same.notes.contains { $0.hasPrefix("`lpop`") })
    #expect(close(same.rows[0].estimate.estimate, -0.0477099183, .published))
  }
}
