public import Statistics

/// What the monitor found.
public struct CreamingResult: Sendable {
  /// The confidence level.
  public let level: Double
  /// Everybody's index: the probability of the outcome in the reference service.
  public var index: [Double] = []
  /// The logistic regression among the whole reference.
  public var model = EstimateTable(rows: [], observations: 0)
  /// People whom it was fitted on.
  public var referenceCount = 0
  /// How well the cross-fitted index tells apart who had the outcome in the reference: the area
  /// under the ROC curve, 0.5 by chance.
  public var concordance: Double?
  /// The mean index of accepted people by arm and calendar quarter.
  public var periods: [Period] = []
  /// Acceptance by fifths of the index and arm.
  public var acceptance: [Fifth] = []
  /// Slopes, levels and changes: see `Term`.
  public var terms: [Term] = []
  /// The verdict.
  public var verdict = Verdict.cannotSay
  /// Why, in words.
  public var reason = ""
  /// What the reader must know.
  public var notes: [String] = []

  init(level: Double) { self.level = level }

  /// The mean index of one arm and quarter.
  public struct Period: Sendable, Equatable {
    /// `sib` or `non_sib`.
    public var arm: String
    /// The calendar quarter, such as `2019 Q2`.
    public var quarter: String
    /// Accepted people, and their sites.
    public var people, sites: Int
    /// The mean, with an interval where there are two sites or more.
    public var estimate: Estimate
  }

  /// Acceptance in one fifth of the index and one arm.
  public struct Fifth: Sendable, Equatable {
    /// `sib` or `non_sib`.
    public var arm: String
    /// From 1, the people least likely to find work, to 5.
    public var fifth: Int
    /// The mean index of those decided on.
    public var meanIndex: Double
    /// The share accepted of those whom the service decided on.
    public var accepted: ShareEstimate
  }

  /// A quantity with its test, by sites.
  public struct Term: Sendable, Equatable {
    /// `level.difference`, `trend` by arm, `trend.difference`, `acceptance.slope` by arm,
    /// `acceptance.slope.difference`, `switch.change`, `switch.change.adjusted`.
    public var estimate: Estimate
    /// The arm, or `difference`.
    public var arm: String
    /// People and sites behind it.
    public var people, sites: Int
    /// Whether the verdict looks at it.
    public var isSignal = false
    /// The p-value adjusted for several signals (Holm).
    public var adjusted: Double?
    /// Why there is no test, where there is none.
    public var note: String?
  }

  /// What is said of creaming.
  public enum Verdict: String, Sendable {
    case flagged
    case notFlagged = "not flagged"
    case cannotSay = "can't say"
  }

  /// Judges the signals: Holm-adjusted p below 1 − level, in the direction of easier clients.
  mutating func judge(minimumSites: Int, sites: [Int]) {
    let places = terms.indices.filter { terms[$0].isSignal }
    let adjusted = HolmAdjustment.adjusted(places.map { terms[$0].estimate.pValue })
    for (place, value) in zip(places, adjusted) { terms[place].adjusted = value }
    let tested = places.filter { terms[$0].adjusted != nil }
    let found = tested.filter {
      terms[$0].estimate.estimate > 0 && (terms[$0].adjusted ?? 1) < 1 - level
    }
    if sites.contains(where: { $0 < minimumSites }) {
      verdict = .cannotSay
      reason =
        "an arm has fewer than \(minimumSites) sites with accepted clients, too few to tell a pattern"
        + " from the sites' own differences"
    } else if tested.isEmpty {
      verdict = .cannotSay
      reason = "none of the signals could be tested"
    } else if !found.isEmpty {
      verdict = .flagged
      reason = found.map { Self.words[terms[$0].estimate.term] ?? "" }.joined(separator: "; ")
    } else if let concordance, concordance < Self.leastConcordance {
      verdict = .cannotSay
      reason = "the index hardly tells apart who finds work, so that easier clients can't be seen"
    } else {
      verdict = .notFlagged
      reason = "no signal stands out from the sites' own differences"
    }
  }

  /// Below this an index tells too little for its silence to mean anything.
  public static let leastConcordance = 0.55

  static let words = [
    "trend.difference": "the index of accepted clients rises faster in the SIB arm",
    "acceptance.slope.difference": "acceptance leans more on the index in the SIB arm",
    "switch.change.adjusted":
      "the index of accepted clients rises where a contract begins, against the comparison sites",
  ]

  /// What a flag does not prove.
  public static let caution = """
    A flag is a question, not a proof: one provider prioritised the most motivated clients with or \
    without payment by results, and the index knows only the covariates given.
    """
}
