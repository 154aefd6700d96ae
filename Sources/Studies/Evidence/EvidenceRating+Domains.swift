internal import Cohorts

// What each domain is held against. Sources stand with each; where there is none, the threshold is a
// convention of the house and the README says so.

extension EvidenceRating {
  /// Every domain, judged.
  static func rows(_ facts: EvidenceDiagnostics) -> [Row] {
    [
      clusters(facts), power(facts), attrition(facts), balance(facts), overlap(facts),
      missing(facts), trends(facts), hiddenBias(facts), agreement(facts), plan(facts),
    ]
  }

  /// Fewer than 40 clusters make usual standard errors too small, fewer than 20 badly.
  ///
  /// Cameron and Miller (2015, doi:10.3368/jhr.50.2.317) put "few" between 20 and 50. Where the interval is
  /// made for few clusters, serious concern begins below 10.
  private static func clusters(_ facts: EvidenceDiagnostics) -> Row {
    let measure = facts.isSiteLevel ? "sites" : "people, units or matched sets"
    if facts.hasUnnamedGroups {
      return Row(
        domain: .clusters, measure: measure, comparator: ">=", threshold: 40, judgement: .serious,
        why: "whole groups were treated that the data do not name, so uncertainty is understated")
    }
    let judgement = judge(
      facts.clusters, good: 40, fair: facts.isMadeForFew ? 10 : 20, isHigherBetter: true)
    return Row(
      domain: .clusters, measure: measure, value: facts.clusters, comparator: ">=", threshold: 40,
      judgement: judgement,
      why: words(
        judgement, "there are enough to count uncertainty by",
        "there are few to count uncertainty by", "there are very few to count uncertainty by",
        "the design counts none"))
  }

  /// What can be found against what matters (Bloom 1995, doi:10.1177/0193841X9501900504).
  private static func power(_ facts: EvidenceDiagnostics) -> Row {
    let judgement: Judgement
    if let found = facts.detectable, let wanted = facts.smallestEffect {
      judgement = judge(found, good: wanted, fair: 2 * wanted, isHigherBetter: false)
    } else {
      judgement = .notEvaluated
    }
    return Row(
      domain: .power, measure: "smallest effect that would be found", value: facts.detectable,
      comparator: facts.smallestEffect == nil ? "" : "<=", threshold: facts.smallestEffect,
      judgement: judgement,
      why: words(
        judgement, "the smallest effect that matters would be found",
        "only an effect larger than the smallest that matters would be found",
        "only an effect more than twice the smallest that matters would be found",
        facts.smallestEffect == nil
          ? "the study file does not say which effect is the smallest that matters (smallest-effect under gate)"
          : "what the design could find is not known"))
  }

  /// The What Works Clearinghouse's boundary between tolerable and other attrition; see
  /// `AttritionBoundary`.
  private static func attrition(_ facts: EvidenceDiagnostics) -> Row {
    var row = Row(
      domain: .attrition, measure: "difference of the shares lost", judgement: .notEvaluated,
      why: "how many outcomes are unknown was not counted by group, or is withheld")
    guard let lost = facts.attrition, lost.overall.isFinite, lost.differential.isFinite else {
      return row
    }
    row.value = lost.differential.magnitude
    row.comparator = "<="
    // The boundary's table has whole per cents, and its tolerance rises at first with the overall
    // rate: the least tolerance at any lower rate keeps more loss from counting as better.
    let percent = Int((lost.overall * 100).rounded())
    func least(_ limit: (AttritionBoundary) -> Double?) -> Double? {
      var smallest: Double?
      for step in 0...max(0, min(100, percent)) {
        guard let here = limit(AttritionBoundary(overall: Double(step) / 100, differential: 0))
        else { return nil }
        smallest = min(smallest ?? here, here)
      }
      return smallest.map { $0 / 100 }
    }
    let (cautious, optimistic) = (least(\.cautious), least(\.optimistic))
    row.threshold = cautious
    let size = lost.differential.magnitude
    row.judgement =
      cautious.map { size <= $0 + 1e-10 } == true
      ? .clear : optimistic.map { size <= $0 + 1e-10 } == true ? .some : .serious
    row.why = words(
      row.judgement, "few and evenly enough unknown even under cautious assumptions",
      "tolerable only under optimistic assumptions", "too many unknown, or too unevenly", "")
    return row
  }

  /// A tenth of a standard deviation (Austin 2009, doi:10.1002/sim.3697), and the quarter from which the What
  /// Works Clearinghouse no longer takes groups for alike at the start.
  private static func balance(_ facts: EvidenceDiagnostics) -> Row {
    var row = Row(
      domain: .balance, measure: "largest standardised difference left", value: facts.imbalance,
      comparator: "<=", threshold: 0.1,
      judgement: judge(facts.imbalance, good: 0.1, fair: 0.25, isHigherBetter: false), why: "")
    if facts.imbalance == nil, facts.comparison == .change { row.judgement = .notApplicable }
    row.why =
      row.judgement == .notApplicable
      ? "changes are compared, so that lasting differences drop out"
      : words(
        row.judgement, "the groups are alike on what was recorded",
        "the groups still differ a little on what was recorded",
        "the groups still differ on what was recorded", "no covariate was compared")
    return row
  }

  /// The worse of the share within the other group's range and the share that found a match.
  private static func overlap(_ facts: EvidenceDiagnostics) -> Row {
    let shares = [facts.overlap, facts.matched].compactMap { $0 }
    var row = Row(
      domain: .overlap, measure: "share of the treated with like comparisons", value: shares.min(),
      comparator: ">=", threshold: 0.9,
      judgement: judge(shares.min(), good: 0.9, fair: 0.5, isHigherBetter: true), why: "")
    if facts.assignment == .random || (shares.isEmpty && facts.comparison == .change) {
      row = Row(
        domain: .overlap, measure: row.measure, judgement: .notApplicable,
        why: facts.assignment == .random
          ? "chance decided, so both groups come from the same people"
          : "the design compares changes and has no score")
      return row
    }
    row.why = words(
      row.judgement, "nearly all of the treated have their like among the comparisons",
      "some of the treated have no like among the comparisons",
      "most of the treated have no like among the comparisons",
      "no share of the treated with like comparisons is known")
    return row
  }

  private static func missing(_ facts: EvidenceDiagnostics) -> Row {
    let judgement: Judgement =
      switch facts.steadiness {
      case .steady: .clear
      case .extremesMove: .some
      case .moves: .serious
      case nil: .notEvaluated
      }
    return Row(
      domain: .missing, measure: "whether the conclusion stands however they are read",
      judgement: judgement,
      why: words(
        judgement, "no reading of unknown outcomes changes the conclusion",
        "only extreme readings of unknown outcomes change the conclusion",
        "a likely reading of unknown outcomes changes the conclusion",
        "what unknown outcomes could change was not looked at"))
  }

  /// A joint test of the periods before; passing it proves little (Roth 2022, doi:10.1257/aeri.20210236).
  private static func trends(_ facts: EvidenceDiagnostics) -> Row {
    guard facts.comparison == .change, facts.assignment != .random else {
      return Row(
        domain: .trends, measure: "smallest p of the tests", judgement: .notApplicable,
        why: facts.assignment == .random ? "chance decided" : "no trends are compared")
    }
    let judgement = judge(facts.preTrend, good: 0.1, fair: 0.05, isHigherBetter: true)
    return Row(
      domain: .trends, measure: "smallest p of the tests", value: facts.preTrend, comparator: ">=",
      threshold: 0.1, judgement: judgement,
      why: words(
        judgement, "no sign that trends differed before, which a weak test may miss",
        "a hint that trends differed before", "trends differed before",
        "trends before were not tested"))
  }

  /// The E-value of the interval's near limit, or how far trends may differ; the worse of both.
  ///
  /// VanderWeele and Ding 2017, doi:10.7326/M16-2607; Rambachan and Roth 2023, doi:10.1093/restud/rdad018.
  private static func hiddenBias(_ facts: EvidenceDiagnostics) -> Row {
    guard facts.assignment != .random else {
      return Row(
        domain: .hiddenBias, measure: "E-value of the near limit", judgement: .notApplicable,
        why: "chance decided, so nothing unrecorded goes with treatment but by chance")
    }
    let eValue = judge(facts.eValue, good: 2, fair: 1.25, isHigherBetter: true)
    let trend = judge(facts.trendBreakdown, good: 1, fair: 0.5, isHigherBetter: true)
    let isTrend =
      facts.eValue == nil
      || (facts.trendBreakdown != nil && trend.points > eValue.points)
    let judgement = isTrend ? trend : eValue
    return Row(
      domain: .hiddenBias,
      measure: isTrend && facts.trendBreakdown != nil
        ? "departures from equal trends that it survives" : "E-value of the near limit",
      value: isTrend ? facts.trendBreakdown : facts.eValue, comparator: ">=",
      threshold: isTrend && facts.trendBreakdown != nil ? 1 : 2, judgement: judgement,
      why: words(
        judgement, "only something strong and unrecorded could undo the conclusion",
        "something of moderate strength and unrecorded could undo the conclusion",
        "something weak and unrecorded could make the difference, or hide one",
        "what something unrecorded could do was not looked at"))
  }

  private static func agreement(_ facts: EvidenceDiagnostics) -> Row {
    let judgement = judge(facts.agreement, good: 0.9, fair: 0.5, isHigherBetter: true)
    return Row(
      domain: .agreement, measure: "share of other estimates within the leading interval",
      value: facts.agreement, comparator: ">=", threshold: 0.9, judgement: judgement,
      why: words(
        judgement, "other methods agree with the leading one",
        "some methods disagree with the leading one", "most methods disagree with the leading one",
        "there is no second estimate of the effect"))
  }

  private static func plan(_ facts: EvidenceDiagnostics) -> Row {
    let judgement: Judgement =
      switch facts.plan {
      case .kept: .clear
      case .departed: .some
      case .overridden: .serious
      case nil: .notEvaluated
      }
    return Row(
      domain: .plan, measure: "whether a plan was fixed first and kept", judgement: judgement,
      why: words(
        judgement, "the plan was fixed before outcomes were read, and kept",
        "the plan was departed from",
        "a check of the design failed, and effects are shown because the authors insist",
        "no plan from before is on record"))
  }

  /// No concern from `good` on, some from `fair` on, else serious; not evaluated without a value.
  private static func judge(
    _ value: Double?, good: Double, fair: Double, isHigherBetter: Bool
  ) -> Judgement {
    guard let value, !value.isNaN else { return .notEvaluated }
    func reaches(_ limit: Double) -> Bool { isHigherBetter ? value >= limit : value <= limit }
    return reaches(good) ? .clear : reaches(fair) ? .some : .serious
  }

  private static func words(
    _ judgement: Judgement, _ clear: String, _ some: String, _ serious: String, _ unknown: String
  ) -> String {
    switch judgement {
    case .clear: clear
    case .some: some
    case .serious: serious
    case .notEvaluated, .notApplicable: unknown
    }
  }
}
