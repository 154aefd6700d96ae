import Foundation
import Statistics
import Testing

@testable import Reporting

@Suite struct WordingTests {
  private func wording(
    _ low: Double?, _ high: Double?, measure: Wording.Measure = .difference,
    higherIsBetter: Bool = true, strength: Wording.Strength = .causal
  ) throws -> Wording {
    var table = ResultTable.estimates
    try table.append([
      "analysis": "a", "conf.low": .init(low), "conf.high": .init(high), "conf.level": 0.95,
      "estimate": .init(low.flatMap { low in high.map { (low + $0) / 2 } }), "n_treated": 100,
    ])
    return try Wording(
      released(table), where: ["analysis": "a"], measure: measure, higherIsBetter: higherIsBetter,
      strength: strength)
  }

  @Test func examples() throws {
    #expect(
      try wording(0.031, 0.112).perHundred(people: "people accepted", outcome: "started a job")
        .plainText
        == "For every 100 people accepted, between 3 and 11 more started a job than would have "
        + "without the programme.")
    #expect(
      try wording(-0.021, 0.05).perHundred(people: "people", outcome: "worked").plainText
        == "For every 100 people, between 2 fewer and 5 more worked than would have without the "
        + "programme.")
    #expect(
      try wording(551, 3038).headline(subject: "Participants earned", .dollars(), noun: "a year")
        .plainText
        == "Participants earned between $551 and $3,038 more a year than they would have without "
        + "the programme.")
    #expect(
      try wording(-13.2, -6.8, higherIsBetter: false).interval(.weeks()).plainText
        == "between 7 and 13 fewer weeks")
    #expect(
      try wording(0.47, 1.02, measure: .ratio, higherIsBetter: false).interval().plainText
        == "between 53% lower and 2% higher")
    #expect(
      try wording(0.0004, 0.05).interval(.perHundred()).plainText == "between 0.04 and 5.00 more")
    #expect(try wording(nil, nil).verdict == .unavailable)
    #expect(try wording(0, 1).verdict == .inconclusive)
    #expect(
      try wording(1, 2, strength: .associational).verdictSentence.plainText.contains(
        "not evidence that the programme caused it"))
  }

  /// Over thousands of intervals the words are read back and held against the numbers.
  @Test func wordsMatchNumbers() throws {
    var draws = Draws(41)
    let pattern =
      /between ([0-9.,]+)%?( more| fewer| higher| lower)? and ([0-9.,]+)%? (more|fewer|higher|lower)/
    for turn in 0..<4000 {
      let measure: Wording.Measure = turn % 2 == 0 ? .difference : .ratio
      let higherIsBetter = turn % 3 != 0
      let size = pow(10, Double(draws.below(5)) - 3)
      var ends = [(draws.uniform() - 0.5) * size, (draws.uniform() - 0.5) * size].sorted()
      if measure == .ratio { ends = ends.map { exp($0) } }
      if turn % 97 == 0 {
        ends[0] = measure == .ratio ? 1 : 0
        ends[1] = ends[0] + 0.3
      }
      let words = try wording(
        ends[0], ends[1], measure: measure, higherIsBetter: higherIsBetter)
      let null = measure == .ratio ? 1.0 : 0
      let factor = measure == .ratio ? 100.0 : 1
      let text = words.interval(.decimals(1)).plainText
      let match = try #require(text.firstMatch(of: pattern), "\(text)")
      func number(_ text: Substring) throws -> (value: Double, half: Double) {
        let plain = text.replacing(",", with: "")
        let places = plain.contains(".") ? plain.split(separator: ".")[1].count : 0
        return (try #require(Double(plain)), 0.5000001 * pow(10, -Double(places)))
      }
      let second = String(match.4)
      let first = match.2.map { $0.trimmingCharacters(in: .whitespaces) } ?? second
      func signed(_ number: Double, _ word: String) -> Double {
        word == "fewer" || word == "lower" ? -number : number
      }
      let (a, halfA) = try number(match.1)
      let (b, halfB) = try number(match.3)
      let told = [(signed(a, first), halfA), (signed(b, second), halfB)].sorted { $0.0 < $1.0 }
      for (end, (value, half)) in zip(ends, told) {
        #expect(((end - null) * factor - value).magnitude <= half, "\(ends): \(text)")
        if end != null { #expect(value != 0, "\(ends): \(text)") }
      }
      let both = told[0].0 > 0 || told[1].0 < 0
      #expect((words.verdict != .inconclusive) == both, "\(ends): \(text)")
      if both {
        let isGood = (told[0].0 > 0) == higherIsBetter
        #expect(words.verdict == (isGood ? .favourable : .unfavourable))
      }
      let sentence = words.verdictSentence.plainText
      #expect(sentence.contains("is \(words.verdict.rawValue)"))
      #expect(!sentence.lowercased().contains("significant"))
      #expect(!sentence.lowercased().contains("no effect"))
      #expect(words.interval(.decimals(1)).claims.count == 2)
    }
  }

  @Test func withheldIntervalsSaySo() throws {
    var table = ResultTable.estimates
    try table.append([
      "analysis": "a", "estimate": 1, "conf.low": 0.5, "conf.high": 2, "n_treated": 4,
      "n_comparison": 50,
    ])
    var control = Disclosure(profile: .acroDefault)
    let words = try Wording(control.release(table), where: ["analysis": "a"])
    #expect(words.verdict == .unavailable)
    #expect(words.interval().plainText.contains("[c]"))
    #expect(words.interval().plainText.filter(\.isNumber).isEmpty)
  }
}
