import Foundation
import Statistics
import Testing

@testable import Studies

private func file(_ text: String) throws -> StudyFile { try StudyFile(text: text, path: "s.yaml") }

private let plain = """
  study: s
  title: t
  question: q
  public: true
  data: {file: d.csv}
  treatment: {column: t, treated: "1", label: a, comparison-label: b}
  outcomes:
    - {name: y, label: the outcome, kind: binary}
    - {name: z, label: another, kind: amount, unit: £}
  matching:
    formula: "t ~ x"
    caliper: 0.20
    exact: [b, a]
    alternatives:
      - {name: wide, caliper: 0.5}
  effects:
    - {outcome: y, estimators: [gcomp, difference]}
  seed: 1

  """

@Suite("The analysis plan") struct AnalysisPlanTests {
  private func changed(_ from: String, _ into: String) throws -> AnalysisPlan {
    let text = plain.replacingOccurrences(of: from, with: into)
    #expect(text != plain)
    return AnalysisPlan(try file(text))
  }

  @Test(
    "what moves no result moves no hash",
    arguments: [
      ("title: t", "title: another title"), ("seed: 1", "# a comment\nseed: 1"),
      ("caliper: 0.20", "caliper: 0.2"), ("exact: [b, a]", "exact: [a, b]"),
      ("label: the outcome", "label: other words"), ("unit: £", "unit: $"),
      ("public: true\n", ""), ("seed: 1", "seed: 1\nlimitations: [It is small]"),
      ("seed: 1", "seed: 1\nplan: {file: p.yaml}"),
      ("  formula: \"t ~ x\"\n  caliper: 0.20", "  caliper: 0.20\n  formula: 't ~ x'"),
      (
        "effects:\n  - {outcome: y, estimators: [gcomp, difference]}",
        "effects: {estimators: [gcomp, difference], outcome: y}"
      ),
    ])
  func same(_ from: String, _ into: String) throws {
    let plan = AnalysisPlan(try file(plain))
    #expect(try changed(from, into) == plan)
    #expect(try changed(from, into).hash == plan.hash)
  }

  @Test(
    "what moves a result moves the hash",
    arguments: [
      ("caliper: 0.20", "caliper: 0.25"), ("[gcomp, difference]", "[difference, gcomp]"),
      ("t ~ x", "t ~ x + z"), ("seed: 1", "seed: 2"), ("exact: [b, a]", "exact: [b]"),
      ("kind: binary}", "kind: binary, better: lower}"),
      (
        "  - {name: y, label: the outcome, kind: binary}\n  - {name: z, label: another, kind: amount, unit: £}",
        "  - {name: z, label: another, kind: amount, unit: £}\n  - {name: y, label: the outcome, kind: binary}"
      ),
      ("seed: 1", "seed: 1\ngate: {override: {reason: because}}"),
      ("seed: 1", "seed: 1\ngate: {thresholds: {overlap: {warn: 0.8}}}"),
    ])
  func different(_ from: String, _ into: String) throws {
    #expect(try changed(from, into).hash != AnalysisPlan(try file(plain)).hash)
  }

  @Test("the unit of a panel counts, that of an outcome does not")
  func units() throws {
    let panel = { (unit: String) in
      AnalysisPlan(
        try file(
          plain
            + "difference-in-differences: {method: twfe, outcome: y, unit: \(unit), time: w, group: g}\n"
        ))
    }
    #expect(try panel("a").hash != panel("b").hash)
    #expect(try panel("a").items.contains { $0.key == "difference-in-differences[twfe].unit" })
  }

  @Test("a lock reads back as it was written")
  func roundTrip() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let odd = plain.replacingOccurrences(
      of: "question: q", with: "question: \"a \\\"quote\\\", a \\\\ and: # é\\tand\\nlines\"")
    let plan = AnalysisPlan(try file(odd))
    let lock = try PlanLock(study: "s", date: "2026-01-31", design: "abc", plan: plan)
    let path = folder.appendingPathComponent("p.yaml").path
    try lock.text.write(toFile: path, atomically: true, encoding: .utf8)
    let node = try StudyNode(parsing: "p.yaml", file: "s.yaml")
    #expect(try PlanLock(path: path, named: node) == lock)
    // One word changed by hand is found out.
    try lock.text.replacingOccurrences(of: "\"t ~ x\"", with: "\"t ~ w\"").write(
      toFile: path, atomically: true, encoding: .utf8)
    let error = #expect(throws: SiblingError.self) { _ = try PlanLock(path: path, named: node) }
    #expect(error?.message.contains("changed after it was written") == true)
    #expect(error?.location?.file == path)
    for other in ["", "a: b\n", "format: 2\n", "[1, 2]\n"] {
      try other.write(toFile: path, atomically: true, encoding: .utf8)
      #expect(throws: SiblingError.self) { _ = try PlanLock(path: path, named: node) }
    }
  }

  @Test(
    "a date is a day",
    arguments: [
      ("2026-01-31", true), ("2024-02-29", true), ("2026-02-29", false), ("2026-1-31", false),
      ("31.01.2026", false), ("2026-13-01", false), ("2026-00-10", false), ("today", false),
    ])
  func dates(_ text: String, _ isDay: Bool) throws {
    let make = {
      try PlanLock(study: "s", date: text, design: nil, plan: AnalysisPlan(items: []))
    }
    if isDay {
      #expect(try make().date == text)
    } else {
      #expect(throws: SiblingError.self) { _ = try make() }
    }
  }

  @Test("departures are listed with old, new and reason")
  func deviations() throws {
    let plan = AnalysisPlan(try file(plain))
    let lock = try PlanLock(study: "s", date: nil, design: "old", plan: plan)
    let now = plain.replacingOccurrences(of: "caliper: 0.20", with: "caliper: 0.1")
      .replacingOccurrences(
        of: "  exact: [b, a]\n", with: ""
      ).replacingOccurrences(of: "seed: 1", with: "seed: 1\nlevel: 0.9")
    let reasons = try StudyNode(
      parsing: """
        - {key: matching.caliper, reason: pairs were too far apart, outcomes-seen: true}
        - {key: seed, reason: none}
        - {key: match, reason: half a key covers nothing}
        """, file: "s.yaml"
    ).elements
    let found = PlanDeviations(
      lock: lock, plan: AnalysisPlan(try file(now)), design: "new", reasons: reasons)
    #expect(
      found.changes == [
        PlanDeviations.Change(key: "level", now: "0.9"),
        PlanDeviations.Change(
          key: "matching.caliper", planned: "0.2", now: "0.1",
          reason: "pairs were too far apart", outcomesSeen: true),
        PlanDeviations.Change(key: "matching.exact", planned: "[a, b]"),
        PlanDeviations.Change(key: "design", planned: "old", now: "new"),
      ])
    #expect(found.changes.map(\.kind) == ["added", "changed", "removed", "changed"])
    #expect(found.idle == ["seed", "match"])
    #expect(found.hasUnexplained)
    // A key covers those below it.
    let above = try StudyNode(
      parsing: "[{key: matching, reason: a}, {key: design, reason: b}, {key: level, reason: c}]",
      file: "s.yaml"
    ).elements
    #expect(
      !PlanDeviations(
        lock: lock, plan: AnalysisPlan(try file(now)), design: "new", reasons: above
      ).hasUnexplained)
    #expect(
      PlanDeviations(lock: lock, plan: plan, design: "old", reasons: []).changes.isEmpty)
  }
}
