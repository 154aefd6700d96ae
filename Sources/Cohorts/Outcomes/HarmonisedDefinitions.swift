public import Statistics

/// The same clients under several definitions of an outcome.
public struct HarmonisedDefinitions: Sendable {
  /// Counts by definition and arm: `sib`, `non_sib` and `all`, in the order of the definitions.
  public internal(set) var counts: [Counts] = []
  /// The difference between the arms under each definition.
  public internal(set) var differences: [Difference] = []
  /// Every pair of definitions, counted against each other.
  public internal(set) var agreement: [Agreement] = []
  /// The outcomes themselves, one a definition.
  public internal(set) var outcomes: [ScoredOutcome] = []
  /// What the reader must know, in words without client data.
  public internal(set) var notes: [String] = []
  /// The level of the intervals.
  public let level: Double

  init(level: Double) { self.level = level }

  /// The clients of an arm under a definition.
  public struct Counts: Sendable, Equatable {
    /// The definition's name.
    public let definition: String
    /// The arm; `all` for both, clients without a known arm included.
    public let arm: String
    /// Accepted clients.
    public internal(set) var accepted = 0
    /// Of these whom the definition does not count, and whose horizon lies after the data cut.
    public internal(set) var notEligible = 0, immature = 0
    /// The outcomes of the others.
    public internal(set) var yes = 0, no = 0, unknown = 0
    /// The share of yes among those whose outcome is known; nil without any.
    public internal(set) var rate: Double?
    /// The share of all mature clients with everything unknown read as no and as yes.
    public internal(set) var rateLow, rateHigh: Double?

    /// Those whom the definition counts.
    public var eligible: Int { accepted - notEligible }
    /// Those whom the definition counts and who can be seen to the horizon.
    public var mature: Int { eligible - immature }

    init(definition: String, arm: String) {
      self.definition = definition
      self.arm = arm
    }
  }

  /// The share in SIB sites less that in the others, among those whose outcome is known.
  public struct Difference: Sendable {
    /// The definition's name.
    public let definition: String
    /// The difference; nil when an arm has no known outcome.
    public internal(set) var estimate: Double?
    /// The difference with everything unknown read against SIB sites and for the others, and the
    /// other way round.
    public internal(set) var low, high: Double?
    /// CR2's standard error, clustered on sites, with its degrees of freedom and test.
    public internal(set) var standardError, degreesOfFreedom, statistic, pValue: Double?
    /// The interval; nil where a site alone stands for an arm.
    public internal(set) var interval: ConfidenceInterval?
    /// The estimate less that of the first definition.
    public internal(set) var change: Double?
    /// Sites with known outcomes, SIB and others.
    public internal(set) var sites: (sib: Int, nonSIB: Int) = (0, 0)
    /// Why something is missing.
    public internal(set) var note: String?

    init(definition: String) { self.definition = definition }
  }

  /// How two definitions agree on the same clients.
  public struct Agreement: Sendable, Equatable {
    /// The two definitions' names.
    public let first, second: String
    /// Clients who are yes under both, one or neither.
    public internal(set) var bothYes = 0, onlyFirst = 0, onlySecond = 0, bothNo = 0
    /// Clients whose outcome one of them leaves unknown or does not count.
    public internal(set) var notComparable = 0

    init(first: String, second: String) {
      self.first = first
      self.second = second
    }
  }
}
