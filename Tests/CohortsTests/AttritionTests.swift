import Cohorts
import Statistics
import Testing

@Suite struct AttritionTests {
  @Test func rulesApplyInOrderAndEmptyOnesStay() throws {
    let arms = Factor(codes: [0, 0, 0, 1, 1, -1], levels: ["comparison", "sib"])
    let attrition = try Attrition(
      arms: arms,
      rules: [
        Attrition.Rule("adult", included: [false, true, true, true, true, true]),
        Attrition.Rule("resident", included: [true, true, true, true, true, true]),
        // Row 0 fails this rule too, but was left out before: it must not count twice.
        Attrition.Rule("arm known", included: [false, true, true, true, true, false]),
      ])
    let rows = attrition.steps.map {
      "\($0.step) \($0.rule) \($0.arm) \($0.before)−\($0.excluded)=\($0.after)"
    }
    #expect(
      rows == [
        "1 adult comparison 3−1=2", "1 adult sib 2−0=2", "1 adult (missing) 1−0=1",
        "1 adult all 6−1=5",
        "2 resident comparison 2−0=2", "2 resident sib 2−0=2", "2 resident (missing) 1−0=1",
        "2 resident all 5−0=5",
        "3 arm known comparison 2−0=2", "3 arm known sib 2−0=2", "3 arm known (missing) 1−1=0",
        "3 arm known all 5−1=4",
      ])
    #expect(attrition.kept == [false, true, true, true, true, false])
    #expect(attrition.keptCount == 4)
  }

  @Test func rulesMustFitTheRows() {
    #expect(throws: SiblingError.self) {
      try Attrition(
        arms: Factor(codes: [0], levels: ["a"]),
        rules: [Attrition.Rule("short", included: [])])
    }
  }
}
