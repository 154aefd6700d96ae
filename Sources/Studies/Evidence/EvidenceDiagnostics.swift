/// What a rating of the evidence rests on: a value for each diagnostic; nil where nobody looked.
struct EvidenceDiagnostics: Sendable, Equatable {
  /// How treatment came about.
  enum Assignment: Int, Sendable, CaseIterable {
    /// By chance.
    case random
    /// By choice, policy or contract, as the study file says.
    case chosen
    /// The study file does not say.
    case unknown
  }

  /// What the groups are compared on.
  enum Comparison: Int, Sendable, CaseIterable {
    /// The change from before to after in both groups.
    case change
    /// Outcomes afterwards, among people who resemble each other on what was recorded.
    case level
  }

  /// What the readings of unknown outcomes do to the conclusion.
  enum Steadiness: Int, Sendable, CaseIterable {
    /// Every outcome is known, or every reading has the leading conclusion.
    case steady
    /// The likely readings have it, the extreme ones do not.
    case extremesMove
    /// A likely reading has another conclusion.
    case moves
  }

  /// What became of the plan.
  enum Plan: Int, Sendable, CaseIterable {
    /// It was fixed before outcomes were read, and kept.
    case kept
    /// It was fixed before, and departed from.
    case departed
    /// A check of the design failed, and effects are shown because the authors insist.
    case overridden
  }

  /// Unknown outcomes, as shares.
  struct Attrition: Sendable, Equatable {
    /// The share of everybody.
    var overall: Double
    /// The share of the treated less that of the comparisons.
    var differential: Double
  }

  /// Whether there is a comparison group at all.
  var hasComparison = true
  /// Whether effects are withheld, so that there is nothing to rate.
  var isWithheld = false
  /// Whether the gate lets the design support a description only.
  var isDescriptive = false
  /// How treatment came about.
  var assignment = Assignment.unknown
  /// Whether whole sites were assigned.
  var isSiteLevel = false
  /// What the groups are compared on.
  var comparison = Comparison.level
  /// The sites, matched sets or people that uncertainty is counted by.
  var clusters: Double?
  /// Whether the leading interval is made for few clusters: by exchanging treatment between them, or by
  /// an error that allows for their number.
  var isMadeForFew = false
  /// Whether whole groups were assigned that the data do not name.
  var hasUnnamedGroups = false
  /// The smallest effect that the design finds four times out of five.
  var detectable: Double?
  /// The smallest effect that matters, in the same unit.
  var smallestEffect: Double?
  /// Unknown outcomes.
  var attrition: Attrition?
  /// The largest standardised mean difference after adjustment.
  var imbalance: Double?
  /// The share of the treated within the comparison group's range of scores.
  var overlap: Double?
  /// The share of the treated who found a match.
  var matched: Double?
  /// What unknown outcomes could do to the conclusion.
  var steadiness: Steadiness?
  /// The smallest p-value among the tests of the periods before.
  var preTrend: Double?
  /// The E-value of the limit nearest to no difference; 1 where the interval includes it.
  var eValue: Double?
  /// How far trends may differ, in units of the greatest departure before, before the interval includes
  /// no difference; 0 where it always does.
  var trendBreakdown: Double?
  /// The share of other estimates of the effect that lie within the leading interval.
  var agreement: Double?
  /// What became of the plan.
  var plan: Plan?
}
