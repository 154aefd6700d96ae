internal import Reporting
internal import Statistics

/// The study beside the plan that was locked before outcomes were compared.
enum PlanSection: EvaluationSection {
  static let showsEffects = false
  static let place = EvaluationPlace.afterDisclosure

  /// The locked plan that a study names; nil without one.
  ///
  /// - Throws: what is wrong with the file, located.
  static func lock(_ study: StudyFile) throws(SiblingError) -> PlanLock? {
    guard let node = study.node["plan"]?["file"], let name = node.text else { return nil }
    let lock = try PlanLock(path: study.resolve(name), named: node)
    guard lock.study == study.name else {
      throw SiblingError(
        .badValue, "the locked plan is that of another study, '\(lock.study)'",
        help: "name this study's own plan, or lock one with 'sibling plan'", location: node.location
      )
    }
    return lock
  }

  private static func deviations(
    _ study: StudyFile, _ plan: AnalysisPlan, _ design: DesignPhase?, _ panel: PanelPhase?
  ) throws(SiblingError) -> PlanDeviations? {
    guard let lock = try lock(study) else { return nil }
    return PlanDeviations(
      lock: lock, plan: plan, design: DesignHash.hash(design?.sample, panel?.panel),
      reasons: study.node["plan"]?["deviations"]?.elements ?? [])
  }

  static func check(_ study: StudyFile) throws(SiblingError) { _ = try lock(study) }

  static func run(_ run: EvaluationRun, _ tables: inout StudyTables) throws(SiblingError) {
    guard
      let found = try deviations(run.study, AnalysisPlan(run.study), run.design, run.panel)
    else { return }
    tables.cohort.append(try found.table())
    let lock = found.lock
    let name = run.study.node["plan"]?["file"]?.text ?? ""
    var notes = [
      "the plan was locked in `\(name)`\(lock.date.map { ", on \($0) as its author states" } ?? "")"
        + " (SHA-256 \(lock.plan.hash.prefix(12))…, Sibling \(lock.version))"
    ]
    notes += found.idle.map { "a reason is given for `\($0)`, where nothing has changed" }
    tables.cohortNotes["deviations"] = notes
  }

  /// What the manifest says of the study file and of the plan.
  ///
  /// - Throws: what is wrong with the locked plan, located.
  static func details(
    _ study: StudyFile, _ state: StudyRun.State
  ) throws(SiblingError) -> [JSONValue.Member] {
    var members: [JSONValue.Member] = []
    let found = try deviations(study, state.plan, state.design, state.panel)
    if let found {
      members.append(
        .init(
          "plan",
          [
            "file": .string(study.node["plan"]?["file"]?.text ?? ""),
            "locked_sha256": .string(found.lock.plan.hash),
            "locked_with": .string(found.lock.version),
            "date": found.lock.date.map { .string($0) } ?? .null,
            "deviations": .integer(found.changes.count),
            "unexplained": .integer(found.changes.count { $0.reason == nil }),
          ]))
    }
    return members
  }

  static func firstPage(_ report: Report) throws(SiblingError) -> [Prose] {
    guard let table = report.context.table("deviations") else { return [] }
    let isUnexplained = table.value.cells("reason").contains { $0.plainText.isEmpty }
    return [
      isUnexplained
        ? "**WARN**, plan: the study departs from its locked plan without a reason given; see \"Deviations from the plan\"."
        : "**NOTE**, plan: the study departs from its locked plan, for reasons that are given; see \"Deviations from the plan\"."
    ]
  }
}
