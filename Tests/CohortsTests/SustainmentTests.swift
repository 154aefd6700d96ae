import Cohorts
import Statistics
import TestSupport
import Testing

@Suite struct SustainmentTests {
  /// Three weeks, started by week 4, in eight weeks of follow-up.
  private let definition = SustainmentDefinition(weeks: 3, startedBy: 4)

  private func outcome(
    _ definition: SustainmentDefinition, _ weeks: String, followUp: Int = 8
  ) throws -> String {
    let outcome = try definition.score(try Weeks.history([weeks], followUp: followUp))
    let numbers = [outcome.primary[0], outcome.low[0], outcome.high[0]].map {
      $0.isNaN ? "?" : $0 == 1 ? "1" : "0"
    }
    return numbers.joined() + " " + outcome.reasons[0].rawValue
  }

  @Test func awkwardRows() throws {
    let expected = [
      ("nnnnnnnn", "000 never-started"),
      ("yyynnnnn", "111 sustained"),  // three weeks exactly
      ("nnnyyynn", "111 sustained"),  // started in the last permitted week
      ("nyynyyyy", "000 lost-early"),  // the second job lasts, but the first one decides
      ("nyy!", "000 exit-early"),  // arrested in the second week of the job
      ("nyyy!", "111 sustained"),  // arrested in the week in which it reached three
      ("nn!", "000 exit-before-start"),
      ("nnnn nn!", "000 exit-before-start"),  // arrested after the last permitted start
      ("nnnnyyyn", "001 late-sustained"),  // lasted, but started in week 5
      ("nnnnnnyy", "001 late-ongoing"),  // still held in week 8, two weeks old
      ("nnnnnyyn", "001 late-lost"),
      ("nnnnnyy!", "000 late-exit"),  // arrested in week 7 in the late job
      ("nnnnyn n!", "000 late-exit"),  // late job lost, then arrested before the horizon
      ("nnyy", "?01 censored"),  // nobody looked after week 4
      ("nnn", "?01 censored"),
      ("nnnn", "001 late-censored"),  // any job now would start late
      ("ny?ynnnn", "?01 unrecorded-weeks"),  // three weeks if week 3 was in work, else one
      ("?nnyyynn", "?01 unrecorded-weeks"),  // a one-week first job in week 1 would decide
      ("nyyy?nnn", "111 sustained"),  // unknown after the fact
      ("nynn?nnn", "000 lost-early"),  // unknown after the fact
      ("nnnn?nnn", "001 unrecorded-weeks"),  // either no job or a late one: 0 in the primary
    ]
    for (weeks, verdict) in expected {
      #expect(try outcome(definition, weeks) == verdict, "\(weeks)")
    }
  }

  @Test func theSharperUpperBound() throws {
    var sharp = definition
    sharp.lateStarts = .unknownIfNotLost
    #expect(try outcome(sharp, "nnnnnyyn") == "000 late-lost")
    #expect(try outcome(sharp, "nnnnnnyy") == "001 late-ongoing")
    #expect(try outcome(sharp, "nnnnyyyn") == "001 late-sustained")
  }

  @Test func permittedGaps() throws {
    var lenient = definition
    lenient.permittedGap = 1
    #expect(try outcome(lenient, "ynynynnn") == "111 sustained")  // 3 weeks, each gap one week
    #expect(try outcome(lenient, "yynnyyyy") == "000 lost-early")  // a gap of two ends it
    #expect(try outcome(lenient, "yynynnnn") == "111 sustained")
    #expect(try outcome(lenient, "yyn!") == "000 exit-early")
    #expect(try outcome(SustainmentDefinition(weeks: 1, startedBy: 1), "ynnn nnnn").hasPrefix("1"))
  }

  @Test func boundsAreWhatEveryFillingGives() throws {
    // All histories of six weeks over y, n, ?: low and high must be the least and greatest outcome
    // over all ways of filling the unknown weeks.
    let definition = SustainmentDefinition(weeks: 2, startedBy: 5, permittedGap: 1)
    let letters: [Character] = ["y", "n", "?"]
    var patterns = [""]
    for _ in 0..<6 { patterns = patterns.flatMap { text in letters.map { text + String($0) } } }
    let scored = try definition.score(try Weeks.history(patterns, followUp: 6))
    for (person, pattern) in patterns.enumerated() {
      let unknown = pattern.indices.filter { pattern[$0] == "?" }
      guard unknown.count <= 3 else { continue }
      let fillings = (0..<(1 << unknown.count)).map { bits in
        var filled = pattern
        for (bit, index) in unknown.enumerated() {
          filled.replaceSubrange(index...index, with: bits >> bit & 1 == 1 ? "y" : "n")
        }
        return filled
      }
      let each = try definition.score(try Weeks.history(fillings, followUp: 6))
      #expect(scored.low[person] == each.low.min(), "\(pattern)")
      #expect(scored.high[person] == each.high.max(), "\(pattern)")
    }
  }

  @Test func impossibleDefinitionsAreRefused() throws {
    let history = try Weeks.history(["ynn"], followUp: 3)
    for definition in [
      SustainmentDefinition(weeks: 0, startedBy: 1), SustainmentDefinition(weeks: 1, startedBy: 0),
      SustainmentDefinition(weeks: 1, startedBy: 1, permittedGap: -1),
    ] {
      #expect(throws: SiblingError.self) { try definition.score(history) }
    }
    #expect(SustainmentDefinition(weeks: 13, startedBy: 40).isObservable(within: 52))
    #expect(!SustainmentDefinition(weeks: 26, startedBy: 28).isObservable(within: 52))
    let twice = SustainmentDefinition(weeks: 2, startedBy: 2)
    #expect(throws: SiblingError.self) {
      try WeeklyOutcomes(history, definitions: [twice, twice])
    }
  }

  @Test func weeksWorkedAndTheWaitForAJob() throws {
    let history = try Weeks.history(
      [
        "nyynyn",  // 3 weeks worked, job in week 2
        "nyy!",  // 2: the weeks after the exit count as none
        "n?ynnn",  // 1 or 2, and the job starts in week 3 or 2: the first week seen in work counts
        "nnn!",  // none, waited 3 weeks, exit
        "nnnnnn",  // none, waited 6 weeks, censored
        "ny",  // 1 to 5: nobody looked in weeks 3–6
        "nn",  // any job is unknown
      ], followUp: 6)
    let outcomes = try WeeklyOutcomes(history, definitions: [])
    #expect(outcomes.weeksWorkedLow == [3, 2, 1, 0, 0, 1, 0])
    #expect(outcomes.weeksWorkedHigh == [3, 2, 2, 0, 0, 5, 4])
    #expect(close(outcomes.weeksWorked, [3, 2, .nan, 0, 0, .nan, .nan], .closedForm))
    #expect(close(outcomes.anyJob, [1, 1, 1, 0, 0, 1, .nan], .closedForm))
    #expect(outcomes.weeksToFirstJob == [2, 2, 3, 3, 6, 2, 2])
    #expect(outcomes.waitCause == [1, 1, 1, 2, 0, 1, 0])
  }
}
