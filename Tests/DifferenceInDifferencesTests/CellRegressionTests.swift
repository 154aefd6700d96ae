import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct CellRegressionTests {
  private static let ways: [(String, GroupTimeResult.Aggregation?)] = [
    ("none", nil), ("simple", .simple), ("dynamic", .dynamic), ("group", .group),
    ("calendar", .calendar),
  ]

  @Test func publishedExtendedTwoWay() throws {
    let (plain, _, _, _, _, lpop) = try PanelFixtures.counties()
    var panel = plain
    panel.covariates = lpop
    let overall = try panel.effects(ExtendedTwoWay())
    #expect(close(overall.rows[0].estimate.estimate, -0.0506270331, Tolerance(relative: 1e-9)))
    let dynamic = try panel.effects(ExtendedTwoWay(aggregation: .dynamic))
    for (term, value) in [
      ("e=0", -0.0332), ("e=1", -0.0573), ("e=2", -0.1379), ("e=3", -0.1095),
    ] {
      #expect((try #require(dynamic[term]).estimate.estimate - value).magnitude < 5.1e-5)
    }
  }

  @Test func leastSquaresOnDummies() throws {
    let golden = try Golden.json("panels/panel_estimators.json")
    let (plain, _, _, _, _, lpop) = try PanelFixtures.counties()
    var withX = plain
    withX.covariates = lpop
    for (name, way) in Self.ways {
      #expect(
        PanelFixtures.agrees(
          try plain.effects(ExtendedTwoWay(aggregation: way)), golden["etwfe_\(name)"]),
        "etwfe \(name)")
      #expect(
        PanelFixtures.agrees(
          try withX.effects(ExtendedTwoWay(aggregation: way)), golden["etwfe_\(name)_lpop"],
          .published), "etwfe \(name) lpop")
      if name == "none" || name == "dynamic" {
        let never = try plain.effects(
          ExtendedTwoWay(control: .neverTreated, aggregation: way))
        #expect(PanelFixtures.agrees(never, golden["etwfe_\(name)_never"]), "never \(name)")
      }
      let stacked = StackedDifferences(leads: 1, lags: 1, aggregation: way)
      #expect(
        PanelFixtures.agrees(try plain.effects(stacked), golden["stacked_\(name)"]),
        "stacked \(name)")
      var unweighted = stacked
      unweighted.weighting = .none
      #expect(
        PanelFixtures.agrees(try plain.effects(unweighted), golden["stacked_\(name)_plain"]),
        "stacked \(name) plain")
    }
  }

  /// Against never treated controls cells are group-time effects; with not yet treated, imputed ones.
  @Test func equivalences() throws {
    let plain = try PanelFixtures.counties().plain
    let never = try plain.effects(
      ExtendedTwoWay(control: .neverTreated, aggregation: nil))
    let cells = try GroupTimeEffects(base: .universal).fit(
      plain.design(), outcome: plain.outcome)
    for cell in cells.cells where cell.isEstimated {
      let row = try #require(never.rows.first { $0.group == cell.group && $0.time == cell.time })
      #expect(close(row.estimate.estimate, cell.estimate.estimate, .converged))
    }
    let later = try plain.effects(ExtendedTwoWay(aggregation: .dynamic))
    let imputed = try plain.effects(Imputation(aggregation: .dynamic))
    for row in later.rows {
      let other = try #require(imputed[row.estimate.term])
      #expect(close(row.estimate.estimate, other.estimate.estimate, .converged))
    }
    // Corrective weights make the pooled coefficients averages of cohorts' by treated units.
    let stack = StackedDifferences(leads: 1, lags: 1, aggregation: .dynamic)
    var byCell = stack
    byCell.aggregation = nil
    let pooled = try plain.effects(stack)
    let own = try plain.effects(byCell)
    for event in [0.0, 1] {
      let same = own.rows.filter { ($0.time ?? 0) - ($0.group ?? 0) == event }
      let weights = same.map { Double($0.treatedRows ?? 0) }
      let mean =
        zip(same, weights).reduce(0) { $0 + $1.0.estimate.estimate * $1.1 }
        / weights.reduce(0, +)
      #expect(close(pooled["e=\(Int(event))"]?.estimate.estimate ?? 0, mean, .converged))
    }
    #expect(pooled["e=-1"]?.estimate.estimate == 0)
    #expect(pooled["e=-1"]?.estimate.standardError == nil)
    #expect(pooled.notes.contains { $0.contains("window leaves the panel: cohorts 2007") })
  }

  @Test func tripleDifferences() throws {
    let golden = try Golden.json("panels/panel_estimators.json")
    let (plain, _, _, site, eligible, _) = try PanelFixtures.counties()
    let design = try plain.design()
    let one = try TripleDifference().fit(design, eligible: eligible, outcome: plain.outcome)
    let expected = golden["triple"]["overall"].doubles
    #expect(one.rows.map(\.estimate.term) == ["ATT"])
    #expect(close(one.rows[0].estimate.estimate, expected[0], .published))
    #expect(close(one.rows[0].estimate.standardError ?? 0, expected[1], .published))
    #expect(one.notes.contains { $0.hasPrefix("treatment starts in 3 different periods") })
    let sited = try TripleDifference().fit(
      design, eligible: eligible, outcome: plain.outcome, clusters: site)
    #expect(
      close(
        sited.rows[0].estimate.standardError ?? 0, golden["triple_site"]["overall"].doubles[1],
        .published))
    for (name, way) in Self.ways where way != nil {
      let effects = try TripleDifference(aggregation: way).fit(
        design, eligible: eligible, outcome: plain.outcome)
      #expect(PanelFixtures.agrees(effects, golden["triple_\(name)"], .published), "\(name)")
    }
    // The difference of two differences in differences, by hand on two periods and one cohort.
    let rows = (0..<2500).filter {
      plain.time[$0] >= 2006 && (plain.group[$0] == 0 || plain.group[$0] == 2007)
    }
    let pair = plain.selecting(rows)
    let able = rows.map { eligible[$0] }
    let small = try TripleDifference().fit(
      pair.design(), eligible: able, outcome: pair.outcome)
    func change(_ group: Double, _ isAble: Bool) -> Double {
      func mean(_ time: Double) -> Double {
        let chosen = rows.indices.filter {
          pair.group[$0] == group && able[$0] == isAble && pair.time[$0] == time
        }
        return chosen.reduce(0) { $0 + pair.outcome[$1] } / Double(chosen.count)
      }
      return mean(2007) - mean(2006)
    }
    let byHand =
      (change(2007, true) - change(0, true)) - (change(2007, false) - change(0, false))
    #expect(close(small.rows[0].estimate.estimate, byHand, .converged))
  }

  @Test func tripleRefusals() throws {
    let (plain, _, _, site, eligible, _) = try PanelFixtures.counties()
    let design = try plain.design()
    func code(_ eligible: [Bool], places: Factor? = nil) -> SiblingError.Code? {
      do {
        _ = try TripleDifference().fit(
          design, eligible: eligible, outcome: plain.outcome, places: places)
        return nil
      } catch { return error.code }
    }
    var changing = eligible
    changing[4].toggle()
    #expect(code(changing) == .badDesign)
    #expect(code(plain.group.map { $0 == 0 }) == .badDesign)
    #expect(code([Bool](repeating: true, count: 2500)) == .badDesign)
    // Counties of one remainder have laws of different years.
    #expect(code(eligible, places: site) == .badDesign)
    #expect(code([true]) == .sizeMismatch)
  }

  @Test func orderScaleAndCopies() throws {
    let (plain, _, weights, _, eligible, _) = try PanelFixtures.counties()
    var stream = RandomStream(seed: 9, name: "rows")
    let order = stream.permutation(2500)
    var panel = plain
    panel.weights = weights
    var shuffled = panel.selecting(order)
    shuffled.outcome = shuffled.outcome.map { 50 * $0 + 2 }
    func same(_ a: PanelEffects, _ b: PanelEffects) {
      #expect(a.rows.map(\.estimate.term) == b.rows.map(\.estimate.term))
      for (x, y) in zip(a.rows, b.rows) {
        #expect(close(50 * x.estimate.estimate, y.estimate.estimate, .published))
        #expect(
          close(50 * (x.estimate.standardError ?? 0), y.estimate.standardError ?? 0, .published))
      }
    }
    let extended = ExtendedTwoWay(aggregation: .dynamic)
    same(try panel.effects(extended), try shuffled.effects(extended))
    let stacked = StackedDifferences(leads: 1, lags: 1, aggregation: .dynamic)
    same(try panel.effects(stacked), try shuffled.effects(stacked))
    let triple = TripleDifference(aggregation: .group)
    same(
      try triple.fit(
        panel.design(), eligible: eligible, outcome: panel.outcome, weights: weights),
      try triple.fit(
        shuffled.design(), eligible: order.map { eligible[$0] }, outcome: shuffled.outcome,
        weights: shuffled.weights))
    // A weight is a number of copies, up to the small-sample factor of standard errors.
    let rows = (0..<2500).flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
    var copy = [Int](repeating: 0, count: 2500)
    var copies = plain.selecting(rows)
    copies.unit = Factor(
      rows.map { row in
        copy[row] += 1
        return "\(plain.unit.levels[Int(plain.unit.codes[row])])/\(copy[row])"
      })
    copies.clusters = plain.unit.selecting(rows)
    for (a, b) in [
      (try panel.effects(extended), try copies.effects(extended)),
      (try panel.effects(stacked), try copies.effects(stacked)),
    ] {
      for (x, y) in zip(a.rows, b.rows) {
        #expect(close(x.estimate.estimate, y.estimate.estimate, .published))
      }
    }
  }

  @Test func sameBytesOnAnyNumberOfThreads() throws {
    let (plain, covariates, weights, _, _, _) = try PanelFixtures.counties()
    var panel = plain
    panel.covariates = covariates
    panel.weights = weights
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    func all() throws -> [PanelEffects] {
      [
        try panel.effects(Imputation(aggregation: .dynamic)),
        try panel.effects(TwoStage(aggregation: .group)),
        try panel.effects(ExtendedTwoWay(aggregation: .calendar)),
        try panel.effects(StackedDifferences(leads: 1, lags: 1, aggregation: .dynamic)),
      ]
    }
    Parallel.setThreads(1)
    let one = try all()
    Parallel.setThreads(4)
    #expect(try all() == one)
  }

  @Test func refusals() throws {
    let plain = try PanelFixtures.counties().plain
    func code(_ estimator: some PanelEstimator, _ panel: PanelFixtures.Panel) throws
      -> SiblingError.Code?
    {
      do {
        _ = try panel.effects(estimator)
        return nil
      } catch let error as SiblingError { return error.code }
    }
    #expect(try code(StackedDifferences(leads: nil, lags: 1), plain) == .invalidOption)
    #expect(try code(StackedDifferences(leads: 0, lags: 1), plain) == .invalidOption)
    #expect(try code(StackedDifferences(leads: 4, lags: 4), plain) == .badDesign)
    let treated = plain.selecting(plain.group.indices.filter { plain.group[$0] != 0 })
    #expect(try code(ExtendedTwoWay(control: .neverTreated), treated) == .badDesign)
    // Without never treated units the last cohort's periods go, and it serves as control.
    let rest = try treated.effects(ExtendedTwoWay(aggregation: .group))
    #expect(rest["g=2007"] == nil && rest["g=2006"] != nil)
    let imputed = try treated.effects(Imputation(aggregation: .group))
    for row in rest.rows {
      let other = try #require(imputed[row.estimate.term]).estimate.estimate
      #expect(close(row.estimate.estimate, other, .converged))
    }
    // Cells of one or two states are fitted exactly: no standard error rests on them.
    let states = try PanelFixtures.castle().effects(ExtendedTwoWay(aggregation: .group))
    #expect(states["g=2007"]?.estimate.standardError != nil)
    #expect(states["g=2006"]?.estimate.standardError == nil)
    #expect(states["overall"]?.estimate.standardError == nil)
    #expect(states.notes.contains { $0.contains("no standard error") })
  }
}
