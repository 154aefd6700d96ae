/// Something in published or supplied figures that can't be right, or that a reader must know.
///
/// An anomaly is named and shown; the figures themselves are never changed because of it.
public struct DataAnomaly: Sendable, Equatable {
  /// The rule that found it.
  public var rule: Rule
  /// The project, or `all` for a total across projects.
  public var project: String
  /// The outcome concerned, such as `job_start`, or the payment quarters, such as `2024-10`.
  public var subject: String
  /// What was found and what it means, in one plain sentence.
  public var sentence: String
  /// The counts that the sentence quotes, for disclosure control; empty when it quotes none.
  public var counts: [Int]

  /// An anomaly from its parts.
  public init(
    _ rule: Rule, project: String, subject: String, sentence: String, counts: [Int] = []
  ) {
    self.rule = rule
    self.project = project
    self.subject = subject
    self.sentence = sentence
    self.counts = counts
  }

  /// The rules, each with the name that reports and files give it.
  public enum Rule: String, Sendable, CaseIterable {
    /// A later stage of the path has a larger count than an earlier one.
    case laterStageExceedsEarlier = "later-stage-exceeds-earlier"
    /// There are more sustained jobs than jobs.
    case sustainedAboveStarts = "sustained-above-starts"
    /// An achievement is more than a stated multiple of its target.
    case achievedFarAboveTarget = "achieved-far-above-target"
    /// A stage has no one in it, so that nothing can be converted from it.
    case emptyStage = "empty-stage"
    /// A quarter is labelled with a month that ends no quarter.
    case offQuarterLabel = "off-quarter-label"
    /// Two labels stand in one calendar quarter, each with a part of its figures.
    case quarterLabelsDisagree = "quarter-labels-disagree"
    /// A calendar quarter is absent between the first and the last.
    case quarterAbsent = "quarter-absent"
    /// The first plan has no figure for a quarter that the table lists.
    case firstPlanMissing = "first-plan-missing"
    /// The latest plan has no figure for a quarter that the table lists.
    case latestPlanMissing = "latest-plan-missing"
    /// A payment was made in a quarter for which neither plan has a figure.
    case actualWithoutPlan = "actual-without-plan"
    /// A payment was made in a quarter for which the latest plan says nothing would be paid.
    case paidAgainstZeroPlan = "paid-against-zero-plan"
    /// A quarter has no actual although a later one has.
    case gapInActuals = "gap-in-actuals"
    /// More was paid than the contract's maximum.
    case paidAboveMaximum = "paid-above-maximum"
    /// A planned quarter has no count although a later one has, or none has.
    case outcomesNotReported = "outcomes-not-reported"
    /// The months counted in a quarter are not those that were planned.
    case incompleteQuarter = "incomplete-quarter"
    /// Outcomes were reached in quarters without a target.
    case reachedWithoutPlan = "reached-without-plan"
  }
}
