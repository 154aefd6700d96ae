import Statistics
import Testing

@testable import Reporting

@Suite struct ProseTests {
  @Test(arguments: [
    (NumberStyle.integer, 1_234_567.5, "1,234,568"), (.decimals(2), -1234.565, "−1,234.57"),
    (.percent(1), 0.1234, "12.3%"), (.percentagePoints(), 0.01, "1 percentage point"),
    (.percentagePoints(1), 0.0349, "3.5 percentage points"), (.pounds(), -1200, "−£1,200"),
    (.dollars(2), 1794.342, "$1,794.34"), (.pValue, 0.0004, "< 0.001"), (.pValue, 0.0496, "0.050"),
    (.weeks(), 1, "1 week"), (.weeks(1), 7.25, "7.2 weeks"), (.decimals(1).signed, 0.04, "0.0"),
    (.decimals(1).signed, 2, "+2.0"), (.significant(3), 0.00012345, "0.000123"),
    (.decimals(0), -0.2, "0"), (.decimals(1).magnitude, -4.25, "4.2"),
    (.percentChange(), 0.47, "−53%"),
  ]) func styles(style: NumberStyle, value: Double, text: String) {
    #expect(style.text(value) == text)
  }

  @Test func numbersBecomeClaims() throws {
    var table = ResultTable.performance
    try table.append([
      "contract": "A", "outcome": "Job start", "target": 379, "actual": 219,
      "ratio": .number(219 / 379.0),
    ])
    let all = try released(table)
    let actual = try all.cell(row: 0, "actual")
    let ratio = try all.cell(row: 0, "ratio")
    let name = "a_b*c"
    let prose: Prose =
      "In **project** \(name) \(actual, .integer) people started. That is \(ratio, .percent()) of target."
    #expect(prose.markdown == "In **project** a\\_b\\*c 219 people started. That is 58% of target.")
    #expect(prose.plainText == "In project a_b*c 219 people started. That is 58% of target.")
    #expect(
      prose.claims.map(\.sentence) == [
        "In project a_b*c 219 people started.", "That is 58% of target.",
      ])
    #expect(prose.claims.map(\.text) == ["219", "58%"])
    #expect(prose.claims[1].cell?.rowKey == "contract=A; outcome=Job start")
  }

  @Test func tablesEscapeAndMarkWhatIsWithheld() throws {
    var table = ResultTable.estimates
    for (name, n) in [("a|b", 4.0), ("<c>", 40)] {
      try table.append([
        "analysis": "x", "estimator": .text(name), "estimate": 2.25, "conf.low": 1,
        "conf.high": 3.5,
        "n_treated": .number(n), "n_comparison": 80,
      ])
    }
    var control = Disclosure(profile: .acroDefault)
    var document = Document(path: "report.md")
    document.table(
      try control.release(table), caption: "Effects.",
      columns: [
        .init("estimator", "Method"), .init("estimate", "Effect", .dollars(2)),
        .interval("95% interval", .dollars(2)), .init("n_treated", "People", .integer),
      ])
    #expect(
      document.markdown == """
        *Table 1.* Effects. Data: [results/estimates.csv](results/estimates.csv).

        | Method | Effect | 95% interval | People |
        | :-- | --: | --: | --: |
        | a\\|b | \\[c\\] | \\[c\\] | \\[c\\] |
        | \\<c\\> | \\$2.25 | \\$1.00 to \\$3.50 | 40 |

        """)
    #expect(document.claims.contains { $0.text == "$3.50" && $0.cell?.column == "conf.high" })
  }
}
