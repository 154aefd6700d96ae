extension FunnelStage {
  /// The stage of a scored outcome; engagement is called `engaged`.
  ///
  /// Its rules gather the reasons of the scoring: what is known to be no, what can't be known, and
  /// who is counted apart.
  public init(_ outcome: ScoredOutcome) {
    let isEngagement = outcome.definition.kind == .engagement
    let groups = isEngagement ? Self.engagementGroups : Self.workGroups
    var place: [ScoredOutcome.Reason: Int8] = [:]
    for (index, group) in groups.enumerated() {
      for reason in group.reasons { place[reason] = Int8(index) }
    }
    let other = Int8(groups.firstIndex { $0.text == Self.otherEvidence } ?? 0)
    self.init(
      name: isEngagement ? "engaged" : outcome.definition.name,
      rules: groups.map { Rule($0.text, status: $0.status) },
      reason: zip(outcome.value, outcome.reasons).map { value, reason in
        value == 1 ? -1 : place[reason] ?? other
      })
  }

  private typealias Group = (text: String, status: Int8, reasons: [ScoredOutcome.Reason])

  private static let otherEvidence = "other evidence or dates missing"

  private static let apart: [Group] = [
    ("lost contact before the end of the follow-up", -1, [.lostContact]),
    (otherEvidence, -1, []),
    ("accepted too recently to tell", -2, [.immature]),
    ("not counted by the definition", -3, [.notEligible, .notAccepted]),
  ]

  private static let engagementGroups: [Group] =
    [
      ("no engagement on record", 0, [.notEngaged, .died]),
      ("engaged after the end of the follow-up", 0, [.tooLate]),
    ] + apart

  private static let workGroups: [Group] =
    [
      ("no job on record, and followed to the end", 0, [.noJob, .died]),
      ("a job that ended too early", 0, [.endedEarly]),
      ("too late for the follow-up", 0, [.tooLate]),
      (
        "only jobs that don't count: before acceptance, other hours, not competitive", 0,
        [.jobBeforeTimeZero, .otherHours, .notCompetitive]
      ),
      ("the end of a job is not known", -1, [.ongoingNotSeen, .endNotKnown]),
    ] + apart
}
