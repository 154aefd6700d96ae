import Foundation
import Statistics
import Testing

@testable import Reporting

/// Over thousands of estimates the sentences never say what the numbers don't.
@Suite struct WordingPropertyTests {
  private func words(
    _ low: Double, _ estimate: Double, _ high: Double, strength: Wording.Strength = .causal,
    higherIsBetter: Bool = true
  ) throws -> (Wording, ReleasedCell) {
    var table = ResultTable.estimates
    try table.append([
      "analysis": "a", "estimate": .init(estimate), "conf.low": .init(low),
      "conf.high": .init(high), "conf.level": 0.95, "n_treated": 100, "n_comparison": 100,
    ])
    let rows = try released(table)
    let wording = try Wording(
      rows, where: ["analysis": "a"], higherIsBetter: higherIsBetter, strength: strength)
    return (wording, try rows.cell(row: 0, "estimate"))
  }

  @Test func readableExamples() throws {
    let (associational, best) = try words(-0.0248, 0.0732, 0.1721, strength: .associational)
    #expect(
      associational.perHundred(people: "clients", outcome: "had a job").plainText
        == "For every 100 clients, between 2 fewer and 17 more had a job, compared with similar "
        + "people in the comparison group.")
    #expect(Wording.amount(best, .perHundred(1)).plainText == "7.3 more")
    let (_, less) = try words(-3, -1.26, 1)
    #expect(Wording.amount(less, .weeks(1)).plainText == "1.3 fewer weeks")
    #expect(
      Wording.amount(less, .dollars(), more: "higher", less: "lower").plainText == "$1 lower")
    let (_, none) = try words(-3, 0, 1)
    #expect(Wording.amount(none, .decimals(0)).plainText == "0 difference")
    let (descriptive, _) = try words(0.01, 0.02, 0.03, strength: .descriptive)
    #expect(
      descriptive.perHundred(people: "clients", outcome: "worked").plainText
        == "For every 100 clients, between 1 and 3 more worked, compared with the comparison group."
    )
  }

  @Test func sentencesMatchTheirNumbers() throws {
    var draws = Draws(11)
    for turn in 0..<3000 {
      let size = pow(10, Double(draws.below(4)) - 3)
      let middle = (draws.uniform() - 0.5) * size
      let half = draws.uniform() * size
      let strength = Wording.Strength.allCases[turn % 3]
      let (wording, best) = try words(
        middle - half, middle, middle + half, strength: strength, higherIsBetter: turn % 2 == 0)
      let sentence = wording.perHundred(people: "people", outcome: "worked").plainText
      let amount = Wording.amount(best, .perHundred(1)).plainText
      let all = sentence + " " + amount + " " + wording.verdictSentence.plainText
      // The word of the estimate is its sign, whatever it rounds to.
      #expect(amount.hasSuffix(middle > 0 ? " more" : " fewer"), "\(middle): \(amount)")
      let shown = try #require(
        Double(amount.split(separator: " ")[0].replacing(",", with: "")), "\(amount)")
      #expect(shown > 0, "\(middle): \(amount)")
      // No signs where words tell the direction, no "0 fewer", no minus nought.
      #expect(!sentence.contains("−") && !all.contains("−0"), "\(all)")
      #expect(!all.contains(" 0 fewer") && !all.contains(" 0 more"), "\(all)")
      let isOpen = middle - half <= 0 && middle + half >= 0
      #expect(sentence.contains("fewer and") == isOpen, "\(all)")
      #expect(all.contains("inconclusive") == isOpen, "\(all)")
      let lower = all.lowercased()
      #expect(!lower.contains("significant") && !lower.contains("no effect"), "\(all)")
      #expect(lower.contains("without the programme") || strength != .causal)
    }
  }

  /// The sentence on what matters is read back and held against the interval.
  @Test func importanceMatchesTheInterval() throws {
    var draws = Draws(5)
    var table = ResultTable.importantDifferences
    try table.append(["outcome": "y", "important": 0.05])
    let important = try released(table).cell(row: 0, "important")
    for turn in 0..<3000 {
      let ends = [(draws.uniform() - 0.5) * 0.3, (draws.uniform() - 0.5) * 0.3].sorted()
      let isHigher = turn % 2 == 0
      let (wording, _) = try words(ends[0], 0, ends[1], higherIsBetter: isHigher)
      let text = try #require(
        wording.importance(important, .percentagePoints(.significant(3)))?.plainText)
      let (least, most) = isHigher ? (ends[0], ends[1]) : (-ends[1], -ends[0])
      #expect(text.contains("the 5 percentage points that the study calls important"))
      #expect(text.hasPrefix("Every difference") == (least >= 0.05), "\(ends): \(text)")
      #expect(text.contains("smaller and larger") == (least < 0.05 && most >= 0.05), "\(text)")
      #expect(
        text.hasPrefix("Every improvement") == (most < 0.05 && least > -0.05), "\(ends): \(text)")
      #expect(text.contains("for the worse") == (least <= -0.05), "\(ends): \(text)")
    }
  }

  @Test func importanceNeedsAnInterval() throws {
    var table = ResultTable.importantDifferences
    try table.append(["outcome": "y", "important": 0.05])
    let important = try released(table).cell(row: 0, "important")
    var estimates = ResultTable.estimates
    try estimates.append(["analysis": "a", "estimate": 1, "n_treated": 20, "n_comparison": 20])
    let wording = try Wording(released(estimates), where: ["analysis": "a"])
    #expect(wording.importance(important, .decimals(2)) == nil)
  }

  @Test(arguments: [
    (NumberStyle.percentagePoints(.significant(3)), 0.01, "1 percentage point"),
    (.percentagePoints(.significant(3)), 0.125, "12.5 percentage points"),
    (.money("£", .significant(3)), 12.5, "£12.5"),
    (.unit("units", singular: "unit", .significant(3)), 1, "1 unit"),
  ]) func formsOfOtherStyles(style: NumberStyle, value: Double, text: String) {
    #expect(style.text(value) == text)
  }
}
