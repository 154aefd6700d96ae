/// A candidate level on the Maryland Scientific Methods Scale, by the design alone.
///
/// The scale is Farrington, Gottfredson, Sherman and Welsh's (2002, in Evidence-Based Crime Prevention,
/// pages 13 to 21) as the What Works Centre for Local Economic Growth scores it (scoring guide, 2016).
/// Level 4 takes an instrument or a threshold that decides who is treated, which no analysis here has. A person
/// who knows the study must confirm the level.
struct MarylandLevel: Sendable, Equatable {
  /// From 1 to 5; nil where nothing is compared.
  let level: Int?
  /// Why.
  let reason: String
  /// What a person must confirm.
  let toConfirm: String

  /// The candidate for a rated study.
  init(_ facts: EvidenceDiagnostics, _ rating: EvidenceRating) {
    func judgement(_ domain: EvidenceRating.Domain) -> EvidenceRating.Judgement? {
      rating.rows.first { $0.domain == domain }?.judgement
    }
    guard rating.level != .notRated else {
      (level, reason) = (nil, rating.reason)
      toConfirm = "whether the study compares anything at all"
      return
    }
    let isAlike = [.clear, .some].contains(judgement(.balance))
    switch (facts.assignment, facts.comparison) {
    case (.random, _):
      let isLost = [.serious, .notEvaluated].contains(judgement(.attrition))
      level = isLost ? 3 : 5
      reason =
        isLost
        ? "chance decided, but so many outcomes may be unknown that the groups are no longer those that it made"
        : "chance decided who was treated, and few outcomes are unknown"
      toConfirm = "that assignment was kept to and nobody could foresee it"
    case (.unknown, _):
      (level, reason) = (1, "nobody says how treatment came about")
      toConfirm = "how treatment came about"
    case (.chosen, .change):
      let holds = judgement(.trends) == .clear || judgement(.trends) == .some
      level = holds ? 3 : 2
      reason =
        holds
        ? "changes of the treated are held against changes of a comparison group, with no sign that they differed before"
        : "changes are compared, but that the groups were on one path before is not shown"
      toConfirm = "that the comparison group was chosen well and met the same events"
    case (.chosen, .level) where facts.imbalance != nil && isAlike:
      (level, reason) = (2, "outcomes afterwards are compared, adjusted for what was recorded")
      toConfirm =
        "that the adjustment is adequate; a higher level needs outcomes from before, or a comparison that is argued to be alike"
    case (.chosen, .level):
      (level, reason) = (1, "outcomes afterwards are compared, and the groups are not alike")
      toConfirm = "whether what was recorded can be adjusted for"
    }
  }
}
