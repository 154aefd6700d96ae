import Statistics

@testable import Reporting

/// A made-up run, all of whose totals are the same people.
///
/// People by group and arm with an outcome, by site, and nested numbers of them; small counts and
/// noughts are frequent.
struct JointWorld {
  let groups: Int
  let sites: Int
  /// People with and without the outcome, by group and arm.
  var yes: [[Int]] = []
  var no: [[Int]] = []
  /// People of each arm by site.
  var bySite: [[Int]] = []
  /// People of each arm who are followed up.
  var followed: [Int] = []

  init(seed: Int) {
    var draws = Draws(UInt64(seed))
    groups = 2 + draws.below(3)
    sites = 2 + draws.below(3)
    func count() -> Int { [draws.below(4), draws.below(12), 10 + draws.below(30)][draws.below(3)] }
    for _ in 0..<groups {
      yes.append([count(), count()])
      no.append([count(), count()])
    }
    for arm in 0..<2 {
      var rest = total(arm)
      bySite.append([])
      for site in 0..<sites {
        let own = site == sites - 1 ? rest : draws.below(rest + 1)
        bySite[arm].append(own)
        rest -= own
      }
      followed.append(max(0, total(arm) - draws.below(16)))
    }
  }

  static let arms = ["treated", "comparison"]

  func total(_ arm: Int) -> Int {
    (0..<groups).reduce(0) { $0 + yes[$1][arm] + no[$1][arm] }
  }

  /// The tables: groups with margins, sites, and those followed up.
  func tables() throws -> [ResultTable] {
    var cross = try ResultTable(
      name: "cross", summary: "",
      columns: [
        .label("group"), .label("arm"), .count("n"), .count("n_yes"), .count("n_no"),
        .derived("share", from: ["n_yes", "n_no"]),
      ],
      sums: [
        .inRow(whole: "n", parts: ["n_yes", "n_no"]), .overRows(label: "group", total: "all"),
        .overRows(label: "arm", total: "all"),
      ]
    ).linked([CountLink(["n"], .same, "all/{arm}", rows: .having(["group": "all"]))])
    for group in 0...groups {
      for arm in 0...2 {
        let (y, n) = (cell(yes, group, arm), cell(no, group, arm))
        try cross.append([
          "group": .text(group == groups ? "all" : "g\(group)"),
          "arm": .text(arm == 2 ? "all" : JointWorld.arms[arm]), "n": .init(y + n),
          "n_yes": .init(y), "n_no": .init(n), "share": 0.5,
        ])
      }
    }
    var bySites = try ResultTable(
      name: "by_site", summary: "", columns: [.label("arm"), .label("site"), .count("n")]
    ).linked([CountLink(["n"], .parts(within: ["arm"]), "all/{arm}")])
    var flow = try ResultTable(
      name: "flow", summary: "", columns: [.label("arm"), .count("n_start"), .count("n_followed")]
    ).linked([
      CountLink(["n_start"], .same, "all/{arm}"), CountLink(["n_followed"], .within, "all/{arm}"),
    ])
    for arm in 0..<2 {
      for site in 0..<sites {
        try bySites.append([
          "arm": .text(JointWorld.arms[arm]), "site": .text("s\(site)"),
          "n": .init(bySite[arm][site]),
        ])
      }
      try flow.append([
        "arm": .text(JointWorld.arms[arm]), "n_start": .init(total(arm)),
        "n_followed": .init(followed[arm]),
      ])
    }
    return [cross, bySites, flow]
  }

  private func cell(_ counts: [[Int]], _ group: Int, _ arm: Int) -> Int {
    let rows = group == groups ? Array(0..<groups) : [group]
    let arms = arm == 2 ? [0, 1] : [arm]
    return rows.reduce(0) { sum, row in arms.reduce(sum) { $0 + counts[row][$1] } }
  }

  /// The attacker's view of the tables, with the true counts and which are withheld.
  ///
  /// Cells: group × arm × (n, yes, no), then sites, then for each arm start, followed and those lost.
  func attacker(
    _ shown: [ResultTable], _ read: (Int) -> ClosedRange<Int>
  ) -> (attacker: TableAttacker, truths: [Int], isWithheld: [Bool]) {
    var truths: [Int] = []
    var intervals: [ClosedRange<Int>] = []
    var isWithheld: [Bool] = []
    func add(_ truth: Int, _ cell: ResultTable.Cell?) {
      truths.append(truth)
      isWithheld.append(cell == .suppressed)
      intervals.append(cell == nil || cell == .suppressed ? 0...400 : read(truth))
    }
    for group in 0...groups {
      for arm in 0...2 {
        let row = group * 3 + arm
        let (y, n) = (cell(yes, group, arm), cell(no, group, arm))
        add(y + n, shown[0][row, "n"])
        add(y, shown[0][row, "n_yes"])
        add(n, shown[0][row, "n_no"])
      }
    }
    let firstSite = truths.count
    for arm in 0..<2 {
      for site in 0..<sites { add(bySite[arm][site], shown[1][arm * sites + site, "n"]) }
    }
    let firstFlow = truths.count
    for arm in 0..<2 {
      add(total(arm), shown[2][arm, "n_start"])
      add(followed[arm], shown[2][arm, "n_followed"])
      add(total(arm) - followed[arm], nil)
    }
    var attacker = TableAttacker(intervals)
    func at(_ group: Int, _ arm: Int, _ column: Int) -> Int { (group * 3 + arm) * 3 + column }
    for group in 0...groups {
      for arm in 0...2 {
        attacker.add(whole: at(group, arm, 0), parts: [at(group, arm, 1), at(group, arm, 2)])
      }
      for column in 0..<3 {
        attacker.add(
          whole: at(group, 2, column), parts: [at(group, 0, column), at(group, 1, column)])
      }
    }
    for arm in 0...2 {
      for column in 0..<3 {
        attacker.add(
          whole: at(groups, arm, column), parts: (0..<groups).map { at($0, arm, column) })
      }
    }
    for arm in 0..<2 {
      attacker.add(
        whole: at(groups, arm, 0), parts: (0..<sites).map { firstSite + arm * sites + $0 })
      attacker.add(whole: at(groups, arm, 0), parts: [firstFlow + 3 * arm])
      attacker.add(
        whole: firstFlow + 3 * arm, parts: [firstFlow + 3 * arm + 1, firstFlow + 3 * arm + 2])
    }
    return (attacker, truths, isWithheld)
  }

  /// The cells that are differences of two counts and stand in no table.
  func isDifference(_ cell: Int) -> Bool {
    let first = (groups + 1) * 9 + 2 * sites
    return cell >= first && (cell - first) % 3 == 2
  }
}
