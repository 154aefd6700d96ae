internal import Reporting
public import Statistics
internal import Tables

/// A study's plan, ready to be shown and to be fixed.
public struct PlannedStudy: Sendable {
  /// The rows: part, name, what.
  public let rows: AnalysisOutput
  private let study: String
  private let plan: AnalysisPlan
  private let design: String?

  init(_ study: StudyFile, _ state: StudyRun.State, cached: [String] = []) {
    let kept = cached.map { line in
      let end = line.firstRange(of: ": ")
      return PlanListing.Row(
        part: "cache", name: String(line[..<(end?.lowerBound ?? line.startIndex)]),
        what: String(line[(end?.upperBound ?? line.startIndex)...]))
    }
    let found = PlanListing(study: study, state: state).rows + kept
    rows = AnalysisOutput(columns: [
      .texts("part", found.map(\.part)), .texts("name", found.map(\.name)),
      .texts("what", found.map(\.what)),
    ])
    self.study = study.name
    plan = state.plan
    design = DesignHash.hash(state.design?.sample, state.panel?.panel)
  }

  /// Fixes the plan in a file, which appears whole or not at all.
  ///
  /// - Throws: `invalidOption` for a date that is none; `writeFailure` when there is a file already and
  ///   `isReplacing` is false, or when it can't be written.
  public func lock(to path: String, isReplacing: Bool, date: String?) throws(SiblingError) {
    let lock = try PlanLock(study: study, date: date, design: design, plan: plan)
    if !isReplacing, readBytes(path) != nil {
      throw SiblingError(
        .writeFailure, "there is a file of that name, and a locked plan is not written over",
        help:
          "a plan is fixed once; to fix it anew, before any outcome was compared, add --replace",
        location: SiblingError.Location(file: path))
    }
    try AnalysisOutput.write(lock.text, to: path)
  }
}

extension StudyRun {
  /// What a run would do, found without reading outcomes: checks that must know something of them are left
  /// to the run.
  ///
  /// Of `cache`, a folder that keeps results between runs, a row a phase tells what would be taken from it.
  /// - Throws: what is wrong with the data, the design or the cache's folder, located.
  public func plan(cache: String? = nil) throws(SiblingError) -> PlannedStudy {
    let lines = try cache.map { folder throws(SiblingError) in
      try CachePlan.lines(file, cache: folder)
    }
    let state = try design(leavingOutcomes: true)
    state.sums?.close()
    return PlannedStudy(file, state, cached: lines ?? [])
  }
}
