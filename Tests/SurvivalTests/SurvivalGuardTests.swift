import Statistics
import Survival
import TestSupport
import Testing

@Suite("Guards of survival results")
struct SurvivalGuardTests {
  /// Two arms of 60: one loses many early, the other late.
  private func crossing() throws -> (times: SurvivalTimes, arms: Factor) {
    var (time, event): ([Double], [Bool]) = ([], [])
    for k in 0..<60 {
      time.append(k < 30 ? 1 + Double(k) * 0.1 : 20 + Double(k))
      event.append(k < 30)
    }
    for k in 0..<60 {
      time.append(k < 55 ? 10 + Double(k) * 0.1 : 100 + Double(k))
      event.append(k < 55)
    }
    let codes = (0..<120).map { Int32($0 < 60 ? 0 : 1) }
    return (
      try SurvivalTimes(time: time, event: event), Factor(codes: codes, levels: ["early", "late"])
    )
  }

  @Test("curves that cross are said to; curves that don't are not")
  func crossings() throws {
    let (times, arms) = try crossing()
    let found = try SurvivalGuards().crossings(times, by: arms)
    #expect(found.count == 1 && found[0].crosses)
    #expect(found[0].above.z > 1.96 && found[0].above.time < 10)
    #expect(found[0].below.z < -1.96 && found[0].below.time >= 10)
    let said = try SurvivalGuards().crossingCurves(times, by: arms)
    #expect(said.first?.kind == .crossingCurves)
    #expect(
      said.first?.sentence.hasPrefix("the curves cross: late lies above early at") == true)
    let lung = try Sample.allLung()
    #expect(try SurvivalGuards().crossingCurves(lung.times, by: lung.factor("sex")).isEmpty)
  }

  @Test("ends of follow-up that differ between arms: R's log-rank test of them")
  func informative() throws {
    let golden = try Golden.json("survival/curves.json")["reverse"]["chisq"][0].double
    let lung = try Sample.allLung()
    let sex = lung.factor("sex")
    let p = ChiSquared(degreesOfFreedom: 1).upperTail(golden)
    let finding = try SurvivalGuards().informativeFollowUp(lung.times, by: sex)
    #expect(finding?.kind == .informativeFollowUp)
    #expect(finding?.sentence.contains("p \((1000 * p).rounded() / 1000)") == true)
    #expect(try SurvivalGuards(level: p * 0.999999).informativeFollowUp(lung.times, by: sex) == nil)
    #expect(
      try SurvivalGuards(level: p * 1.000001).informativeFollowUp(lung.times, by: sex) != nil)
    // Nobody is lost: nothing to test.
    let all = try SurvivalTimes(time: [1, 2, 3, 4], event: [true, true, true, true])
    let arms = Factor(codes: [0, 1, 0, 1], levels: ["a", "b"])
    #expect(try SurvivalGuards().informativeFollowUp(all, by: arms) == nil)
  }

  @Test("how far arms are followed")
  func followUp() throws {
    let times = try SurvivalTimes(
      time: [1, 2, 3, 4, 5, 6, 7, 8],
      event: [true, false, true, false, false, true, false, false])
    let arm = try SurvivalGuards().followUp(times, to: 5)[0]
    #expect(arm.count == 8 && arm.atRisk == 4)
    // Ends of follow-up at 2 (of 7), 4 (of 5): 6/7 × 4/5; then at 5 of 4, at 7 of 2.
    #expect(close(arm.shareFollowed, 6.0 / 7 * 4 / 5, .closedForm))
    #expect(arm.medianFollowUp == 7)
    let few = try SurvivalGuards(minimumAtRisk: 4).immatureCohorts(times, at: 5)
    #expect(few.isEmpty)
    let said = try SurvivalGuards().immatureCohorts(times, at: 5)
    #expect(said.first?.sentence.hasPrefix("all: 4 of 8 people are under observation at 5") == true)
  }

  @Test("few events, and treatment that begins after time zero")
  func counts() throws {
    #expect(SurvivalGuards().fewEvents(29, parameters: 3)?.kind == .fewEvents)
    #expect(SurvivalGuards().fewEvents(30, parameters: 3) == nil)
    let times = try SurvivalTimes(time: [5, 6, 7, 8], event: [true, true, false, true])
    let found = SurvivalGuards().immortalTime(times, treatedFrom: [0, 2, 9, .nan])
    #expect(found.treated == 3 && found.late == 2 && found.firstRow == 1 && found.afterEnd == 1)
    #expect(found.meanWait == 5.5)
    #expect(SurvivalGuards().immortalTime(found)?.kind == .immortalTime)
    let none = SurvivalGuards().immortalTime(times, treatedFrom: [0, .nan, -1, .nan])
    #expect(SurvivalGuards().immortalTime(none) == nil)
  }
}
