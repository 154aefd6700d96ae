import Statistics
import Testing

@testable import Cohorts

@Suite struct WeeklySpellTests {
  private struct Spell: Equatable {
    var person: Int32
    var from: Double
    var to: Double
    var held: String
    var next: String?
  }

  private func spells(_ weekly: WeeklySpells) -> [Spell] {
    weekly.start.indices.map { k in
      Spell(
        person: weekly.person[k], from: weekly.start[k], to: weekly.stop[k],
        held: weekly.states[Int(weekly.held[k])],
        next: weekly.entered[k] < 0 ? nil : weekly.states[Int(weekly.entered[k])])
    }
  }

  @Test func runsGapsAndExits() throws {
    let history = try Weeks.history(["nnyyyn", "yy!", "n?yy", "?n?!", "??"], followUp: 6)
    let weekly = WeeklySpells(history, exitName: "arrest")
    #expect(weekly.states == ["out of work", "in work", "arrest"])
    let (out, work) = ("out of work", "in work")
    #expect(
      spells(weekly) == [
        Spell(person: 0, from: 0, to: 2, held: out, next: work),
        Spell(person: 0, from: 2, to: 5, held: work, next: out),
        Spell(person: 0, from: 5, to: 6, held: out, next: nil),
        Spell(person: 1, from: 0, to: 2, held: work, next: "arrest"),
        Spell(person: 2, from: 0, to: 1, held: out, next: nil),
        Spell(person: 2, from: 2, to: 4, held: work, next: nil),
        Spell(person: 3, from: 1, to: 2, held: out, next: nil),
      ])
    #expect(weekly.exitsLeftOut == 1 && weekly.unrecorded == 1)
    let some = WeeklySpells(history, people: [1], exitName: "arrest")
    #expect(some.person == [1])
  }

  @Test func lastingJobsAreAStateOfTheirOwn() throws {
    let history = try Weeks.history(["nyyyyn", "yyn", "yyyyyy!"], followUp: 6)
    let weekly = WeeklySpells(history, sustainedAfter: 3, exitName: "exit")
    #expect(weekly.states == ["out of work", "in work", "sustained", "exit"])
    let (out, work, kept) = ("out of work", "in work", "sustained")
    #expect(
      spells(weekly) == [
        Spell(person: 0, from: 0, to: 1, held: out, next: work),
        Spell(person: 0, from: 1, to: 4, held: work, next: kept),
        Spell(person: 0, from: 4, to: 5, held: kept, next: out),
        Spell(person: 0, from: 5, to: 6, held: out, next: nil),
        Spell(person: 1, from: 0, to: 2, held: work, next: out),
        Spell(person: 1, from: 2, to: 3, held: out, next: nil),
        Spell(person: 2, from: 0, to: 3, held: work, next: kept),
        Spell(person: 2, from: 3, to: 6, held: kept, next: "exit"),
      ])
  }

  @Test func startsOfJobs() throws {
    let history = try Weeks.history(["yynny", "n?yny!", "nnn"], followUp: 5)
    let starts = WeeklyStarts(history, people: [0, 1, 2])
    #expect(starts.person == [0, 0, 0, 1, 1, 2])
    #expect(starts.week == [1, 5, 5, 5, 5, 3])
    #expect(starts.kind == [.start, .start, .end, .start, .exit, .end])
    #expect(starts.unknownWeeks == 1)
  }
}
