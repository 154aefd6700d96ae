internal import Statistics
internal import Tables

/// The facts about a design that the gate rests on.
struct DesignFacts {
  /// Whether people or sites were assigned.
  var isSiteLevel = false
  /// Whether rows are units in periods.
  var isPanel = false
  /// How treatment came about, as the study file says.
  var mechanism = "unknown"
  /// Treated clusters (people, or sites).
  var treatedClusters = 0
  /// All clusters.
  var clusters = 0
  /// The matched sets that standard errors are clustered by; nil without.
  var matchedSets: Int?
  /// The smallest p-value that randomisation inference could attain.
  var attainablePValue: Double?
  /// The share of treated units inside the comparison group's range of scores.
  var overlapShare: Double?
  /// Why overlap is not known where the design has a score; nil where it is, or there is none.
  var overlapWhy: String?
  /// The share of treated units that were matched.
  var matchedShare: Double?
  /// The largest standardised mean difference after matching.
  var worstImbalance: Double?
  /// Whether there is a comparison group at all.
  var hasComparison = true
  /// The groups that were assigned when the data do not name them, such as `states`.
  var unnamedGroups: String?
  /// Whether cohorts start at different times and one coefficient is fitted to all.
  var isStaggeredTwoWay = false
  /// The columns of outcomes that inclusion rules choose by.
  var chosenBy: [String] = []
  /// Treated people behind the shares of overlap and matching: those inside and those outside.
  var overlapPeople: [Int] = []
  var matchedPeople: [Int] = []
  /// By arm, of how many people every covariate of the design is known; empty without a design.
  var covariates: [KnownShare] = []
  /// By outcome and arm, of how many people it is known.
  var outcomes: [(name: String, arms: [KnownShare])] = []
  /// By arm, how many of those accepted could be followed to every horizon; nil where data don't say.
  var followed: [KnownShare]?
  /// The smallest effect that the design finds; nil where nobody declared what matters.
  var detectable: [DetectableEffect] = []
  /// The joint test of trends before treatment; nil where there are no periods.
  var preTrends: PreTrendFinding?
  /// Whether what must be known of outcomes was left for later.
  var leavesOutcomes = false
  /// Counts of people below this may not be told; nil where all may.
  var minimumCount: Int?
}

/// Of how many people of an arm something is known.
struct KnownShare: Sendable, Equatable {
  /// The arm.
  var arm: String
  /// People of whom it is known.
  var known: Int
  /// All people of the arm.
  var all: Int

  /// People of whom it is not known.
  var unknown: Int { all - known }

  /// Counts flags among some rows by arm; rows without an arm are left out.
  static func counting(_ flags: [Bool], among rows: [Int], arms: Factor) -> [KnownShare] {
    arms.levels.indices.compactMap { code in
      let own = rows.filter { Int(arms.codes[$0]) == code }
      guard !own.isEmpty else { return nil }
      return KnownShare(arm: arms.levels[code], known: own.count { flags[$0] }, all: own.count)
    }
  }
}

/// The smallest effect that a design finds in one outcome, beside the smallest that matters.
struct DetectableEffect: Sendable, Equatable {
  /// The outcome.
  var outcome: String
  /// What the study file declares to matter, in the outcome's unit.
  var declared: Double
  /// What the design finds with the power asked for; nil where nothing is large enough.
  var found: Double?
  /// Why it can't be told; nil where it can.
  var why: String?
  /// The counts of people that it rests on.
  var people: [Int] = []
}

/// What outcomes before treatment say of the trends.
struct PreTrendFinding: Sendable, Equatable {
  /// The p-value of the joint test; nil where it can't be made.
  var pValue: Double?
  /// Why it can't be made; nil where it can.
  var why: String?
}
