import Statistics
import Testing

@testable import Reporting

/// Attacks on tables released together, by an attacker that shares no code with the control.
@Suite struct JointAttackTests {
  /// A profile, and what a reader learns from a count that it shows.
  struct Case: Sendable, CustomStringConvertible {
    var profile: DisclosureProfile
    var reading: CountReading
    var description: String { "\(profile.name), \(reading)" }
  }

  static let cases: [Case] =
    DisclosureProfile.all.filter { $0.minimumCount != nil }.map {
      Case(profile: $0, reading: $0.reading)
    } + [
      Case(profile: .acroDefault, reading: .nearest(5)),
      Case(profile: .acroDefault, reading: .midpoint(6)),
    ]

  /// What the attacker reads, written out here once more and not taken from the control.
  private static func read(_ truth: Int, _ one: Case) -> ClosedRange<Int> {
    let minimum = one.profile.minimumCount ?? 0
    guard truth > 0 else { return 0...0 }
    switch one.reading {
    case .exact: return truth...truth
    case .nearest(let base):
      let alike = (max(1, minimum)...(truth + 2 * base)).filter {
        Int((Double($0) / Double(base)).rounded(.toNearestOrEven))
          == Int((Double(truth) / Double(base)).rounded(.toNearestOrEven))
      }
      return min(truth, alike.first ?? truth)...max(truth, alike.last ?? truth)
    case .midpoint(let base):
      let step = (truth + base - 1) / base
      return min(truth, max(minimum, (step - 1) * base + 1))...(step * base)
    }
  }

  /// The tables after control; nil when it refuses.
  private func control(
    _ tables: [ResultTable], _ one: Case
  ) throws(SiblingError) -> [ResultTable]? {
    do throws(SiblingError) {
      var controls: [TableControl] = []
      for table in tables {
        var control = TableControl(table: table, profile: one.profile)
        try control.run()
        controls.append(control)
      }
      try JointControl.protect(&controls, one.profile, reading: one.reading)
      return controls.map(\.table)
    } catch {
      if error.code == .disclosure { return nil }
      throw error
    }
  }

  @Test(arguments: cases) func nothingSmallIsRecovered(_ one: Case) throws {
    let minimum = try #require(one.profile.minimumCount)
    var attacked = 0
    var refused = 0
    for seed in 1...70 {
      let world = JointWorld(seed: seed)
      guard let shown = try control(try world.tables(), one) else {
        refused += 1
        continue
      }
      var (attacker, truths, isWithheld) = world.attacker(shown) { Self.read($0, one) }
      for cell in truths.indices {
        let isSmall = one.profile.withholds(Double(truths[cell]))
        if isSmall && !world.isDifference(cell) { #expect(isWithheld[cell]) }
        let isTold = world.isDifference(cell) && (1..<minimum).contains(truths[cell])
        guard (isSmall && isWithheld[cell]) || isTold else { continue }
        let width =
          isTold ? one.reading.differenceWidth(minimum: minimum) : minimum - 1
        let found = attacker.interval(of: cell, span: minimum)
        attacked += 1
        #expect(
          (found?.count ?? 0) > width,
          "world \(seed): cell \(cell) is \(truths[cell]), known as \(String(describing: found))")
      }
    }
    #expect(attacked > 200 && refused < 12)
  }

  @Test func orderOfTablesAndRowsDoesNotMatter() throws {
    for seed in 1...15 {
      let tables = try JointWorld(seed: seed).tables()
      let one = Case(profile: .acroDefault, reading: .exact)
      guard let shown = try control(tables, one) else { continue }
      // The sums of one table are settled row by row; the other two are shuffled.
      var mixed = [tables[2], tables[0], tables[1]]
      mixed[0].rows.reverse()
      mixed[2].rows.reverse()
      let again = try #require(try control(mixed, one))
      #expect(again[1] == shown[0])
      #expect(Array(again[2].rows.reversed()) == shown[1].rows)
      #expect(Array(again[0].rows.reversed()) == shown[2].rows)
      #expect(try control(tables, one) == shown)
    }
  }

  /// How many cells go, against the fewest that any choice of cells could do with.
  @Test func littleMoreIsWithheldThanMustBe() throws {
    let one = Case(profile: .acroDefault, reading: .exact)
    var (ours, fewest) = (0, 0)
    for seed in 1...25 {
      var draws = Draws(UInt64(seed))
      let counts = (0..<3).map { _ in
        (0..<3).map { _ in draws.below(3) == 0 ? 1 + draws.below(9) : 12 + draws.below(40) }
      }
      var table = try ResultTable(
        name: "grid", summary: "", columns: [.label("row"), .label("column"), .count("n")],
        sums: [.overRows(label: "row", total: "all"), .overRows(label: "column", total: "all")])
      func sum(_ row: Int, _ column: Int) -> Int {
        (row == 3 ? [0, 1, 2] : [row]).reduce(0) { total, r in
          (column == 3 ? [0, 1, 2] : [column]).reduce(total) { $0 + counts[r][$1] }
        }
      }
      for row in 0...3 {
        for column in 0...3 {
          try table.append([
            "row": .text(row == 3 ? "all" : "r\(row)"),
            "column": .text(column == 3 ? "all" : "c\(column)"), "n": .init(sum(row, column)),
          ])
        }
      }
      guard let shown = try control([table], one) else { continue }
      let withheld = shown[0].rows.count { $0[2] == .suppressed }
      guard withheld > 0, let best = fewestCells(counts, sum) else { continue }
      ours += withheld
      fewest += best
    }
    #expect(fewest > 40)
    #expect(Double(ours) <= 1.4 * Double(fewest), "\(ours) cells instead of \(fewest)")
  }

  /// The smallest set of inner cells whose withholding protects every small one, by trying all.
  private func fewestCells(_ counts: [[Int]], _ sum: (Int, Int) -> Int) -> Int? {
    let small = (0..<9).filter { counts[$0 / 3][$0 % 3] < 10 }
    let sets = (0..<512).filter { set in small.allSatisfy { set & (1 << $0) != 0 } }
      .sorted { ($0.nonzeroBitCount, $0) < ($1.nonzeroBitCount, $1) }
    for set in sets {
      var attacker = TableAttacker(
        (0..<9).map { cell in
          let truth = counts[cell / 3][cell % 3]
          return set & (1 << cell) != 0 ? 0...400 : truth...truth
        })
      for line in 0..<3 {
        attacker.add(parts: (0..<3).map { line * 3 + $0 }, total: sum(line, 3))
        attacker.add(parts: (0..<3).map { $0 * 3 + line }, total: sum(3, line))
      }
      if small.allSatisfy({ (attacker.interval(of: $0, span: 10)?.count ?? 0) > 9 }) {
        return set.nonzeroBitCount
      }
    }
    return nil
  }
}

/// The control's parts by themselves.
@Suite struct JointControlTests {
  private func release(_ tables: [ResultTable]) throws -> [ResultTable] {
    var disclosure = Disclosure(profile: .acroDefault)
    return try disclosure.release(tables).map(\.value)
  }

  /// One quarter of few people would be the whole less the other quarters: the whole stands in another
  /// table.
  @Test func aSumInAnotherTableGivesNothingAway() throws {
    var creaming = ResultTable.creaming
    for (period, n) in [("2020 Q1", 4), ("2020 Q2", 60), ("2020 Q3", 36)] {
      try creaming.append([
        "term": "mean.index", "arm": "sib", "period": .text(period), "n": .init(n), "estimate": 1,
      ])
    }
    var funnel = ResultTable.funnel
    try funnel.append([
      "by": "arm", "group": "sib", "stage": "accepted", "n_at_risk": 150, "n_reached": 100,
      "n_not_reached": 50,
    ])
    #expect(try release([creaming])[0].rows.count { $0[11] == .suppressed } == 1)
    let together = try release([creaming, funnel])
    #expect(together[0][0, "n"] == .suppressed)
    #expect(
      together[0].cells("n").count { $0 == .suppressed } == 2
        || together[1][0, "n_reached"] == .suppressed)
  }

  /// 483 accepted, of whom 480 have costs: three people are told by the difference.
  @Test func nestedCountsThatDifferByFew() throws {
    var funnel = ResultTable.funnel
    try funnel.append([
      "by": "arm", "group": "sib", "stage": "accepted", "n_at_risk": 705, "n_reached": 483,
      "n_not_reached": 222,
    ])
    var costs = ResultTable.valueCosts
    try costs.append([
      "arm": "sib", "category": "a", "perspective": "p", "amount": 5, "n": 480,
    ])
    let shown = try release([funnel, costs])
    #expect(shown[1][0, "n"] == .suppressed || shown[0][0, "n_reached"] == .suppressed)
    var apart = ResultTable.valueCosts
    try apart.append([
      "arm": "sib", "category": "a", "perspective": "p", "amount": 5, "n": 470,
    ])
    let free = try release([funnel, apart])
    #expect(free[1][0, "n"] == 470 && free[0][0, "n_reached"] == 483)
  }

  /// A factor's level of few people is everybody less the other levels.
  @Test func levelsOfAFactorAddUp() throws {
    var balance = ResultTable.balance
    for (level, n) in [("a", 4), ("b", 40), ("c", 61)] {
      try balance.append([
        "analysis": "x", "covariate": "f", "level": .text(level), "stage": "unadjusted",
        "mean_treated": .init(Double(n) / 105), "n_treated": 105, "n_comparison": 200,
        "level_treated": .init(n), "level_comparison": 60, "rest_treated": .init(105 - n),
        "rest_comparison": 140,
      ])
    }
    let shown = try release([balance])[0]
    #expect(shown[0, "mean_treated"] == .suppressed)
    #expect(shown.cells("mean_treated").count { $0 == .suppressed } >= 2)
  }

  @Test func linksNameTheirColumnsAndArms() throws {
    #expect(throws: SiblingError.self) {
      try ResultTable.funnel.linked([CountLink(["n_reeched"], .same, "x")])
    }
    #expect(throws: SiblingError.self) {
      try ResultTable.funnel.linked([CountLink(["n_reached"], .same, "x/{stages}")])
    }
    var table = ResultTable.attrition
    try table.append(["step": 1, "rule": "r", "arm": "non_sib", "n_after": 5])
    #expect(
      CountLink(["n_after"], .same, "people/{arm}").name(in: table, row: 0) == "people/comparison")
  }

  @Test func standardLinksNameColumnsThatAreThere() throws {
    let standard: [ResultTable] = [
      .attrition, .dataQuality, .funnel, .funnelSites, .funnelExclusions, .creaming,
      .creamingAcceptance, .valueCosts, .valueForMoney, .valueSites, .doseResponse, .definitions,
      .estimates, .balance, .attritionTests, .missingEvidence, .tippingPoint, .imputedColumns,
      .planning, .overlap, .survival, .cumulativeIncidence, .contractTotals, .contractCaps,
      .contractPayments, .contractWaterfall, .contractDifferences, .siteRates, .paymentPerOutcome,
      .bunching, .thresholdHazard, .claimTiming, .triangulation, .agreement, .severalOutcomes,
      .margins,
    ]
    for table in standard {
      #expect(CountLink.standard[table.name] != nil, "\(table.name)")
      for column in table.links.flatMap(\.columnNames) {
        #expect(table.position(of: column) != nil, "\(table.name): \(column)")
      }
    }
  }

  /// Golden values of scipy 1.16's linprog (HiGHS) for the same programmes.
  @Test func boundedSimplexFindsTheOptimum() throws {
    typealias Column = BoundedSimplex.Column
    // max 3a + 2b − c, a + b = c, a ≤ 4, b ≤ 3, c ≤ 5.
    let amounts = BoundedSimplex.maximise(
      [
        Column(objective: 3, bound: 4, entries: [(0, 1)]),
        Column(objective: 2, bound: 3, entries: [(0, 1)]),
        Column(objective: -1, bound: 5, entries: [(0, -1)]),
      ], rows: 1)
    #expect(amounts == [4, 1, 5])
  }

  @Test func shownCountsAreReadAsTheyAreRounded() {
    #expect(CountReading.exact.possible(behind: 12, minimum: 10) == 12...12)
    #expect(CountReading.nearest(5).possible(behind: 23, minimum: 8) == 23...27)
    #expect(CountReading.nearest(5).possible(behind: 9, minimum: 8) == 8...12)
    #expect(CountReading.midpoint(6).possible(behind: 14, minimum: 7) == 13...18)
    #expect(CountReading.nearest(5).possible(shown: 25) == 23...27)
    #expect(CountReading.midpoint(6).possible(shown: 9) == 7...12)
    #expect(CountReading.nearest(5).differenceWidth(minimum: 8) == 4)
  }
}
