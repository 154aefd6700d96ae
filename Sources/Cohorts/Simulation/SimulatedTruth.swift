public import Statistics
public import Tables

/// An outcome whose truth is known for every accepted person in both arms.
///
/// Days are counted from acceptance, which is day 0, and both ends of a stretch count. The first
/// four are the toolkit's own definitions of these names with 52 weeks of follow-up.
public enum SimulatedOutcome: String, Sendable, CaseIterable {
  /// Engagement by day 364.
  case engagement
  /// A job started by day 364, before leaving the service.
  case jobStart = "job_start"
  /// In work for 91 days on end by day 364.
  case sustained13 = "sustained_13"
  /// In work for 182 days on end by day 364.
  case sustained26 = "sustained_26"
  /// A job started by day 364 that lasted 91 days or more, however late.
  case lasting13 = "started_and_lasted_13"
  /// A job started by day 364 that lasted 182 days or more, however late.
  case lasting26 = "started_and_lasted_26"
  /// The first job started by day 364 and lasted 91 days or more, however late.
  case firstLasting13 = "first_job_lasted_13"
  /// Weeks in work in the first 52 weeks.
  case weeksWorked = "weeks_worked_52"

  var meaning: String {
    switch self {
    case .engagement: "engaged by day 364 after acceptance"
    case .jobStart: "a job started by day 364 after acceptance"
    case .sustained13: "in work for 91 days on end, completed by day 364 after acceptance"
    case .sustained26: "in work for 182 days on end, completed by day 364 after acceptance"
    case .lasting13: "a job started by day 364 lasted 91 days or more"
    case .lasting26: "a job started by day 364 lasted 182 days or more"
    case .firstLasting13: "the first job started by day 364 and lasted 91 days or more"
    case .weeksWorked: "weeks in work in the first 52 weeks after acceptance"
    }
  }

  func value(_ truth: TrueOutcomes) -> Double {
    switch self {
    case .engagement: truth.engaged ? 1 : 0
    case .jobStart: truth.started ? 1 : 0
    case .sustained13: truth.sustained13 ? 1 : 0
    case .sustained26: truth.sustained26 ? 1 : 0
    case .lasting13: truth.lasting13 ? 1 : 0
    case .lasting26: truth.lasting26 ? 1 : 0
    case .firstLasting13: truth.first13 ? 1 : 0
    case .weeksWorked: Double(truth.daysWorked) / 7
    }
  }
}

/// What is true of a simulated data set.
public struct SimulatedTruth: Sendable {
  /// A true value.
  public struct Value: Sendable {
    /// What it is, such as `att`.
    public var quantity: String
    /// The outcome, where there is one.
    public var outcome: String?
    /// The arm or site, where there is one.
    public var unit: String?
    /// The value; NaN where nobody is behind it.
    public var value: Double
    /// What it means, in words.
    public var meaning: String
  }

  /// The world.
  public let world: SimulatedWorld
  /// All values, in the order of the file.
  public var values: [Value] = []

  /// A value by its quantity, outcome and unit; nil when there is none.
  public func value(_ quantity: String, _ outcome: SimulatedOutcome? = nil, unit: String? = nil)
    -> Double?
  {
    values.first {
      $0.quantity == quantity && $0.outcome == outcome?.rawValue && $0.unit == unit
    }?.value
  }

  /// The average effect on the accepted people of the bond's sites, in this very data set.
  public func att(_ outcome: SimulatedOutcome) -> Double {
    value("att", outcome, unit: SiteArm.sib.rawValue) ?? .nan
  }

  /// The values as the table that is written beside the data.
  public func table() throws(SiblingError) -> Table {
    let columns = SimulatedColumns(rows: values)
    let world = world.rawValue
    return try Table([
      columns.words("world") { _ in world }, columns.words("quantity") { $0.quantity },
      columns.words("outcome") { $0.outcome }, columns.words("unit") { $0.unit },
      columns.doubles("value") { $0.value }, columns.words("meaning") { $0.meaning },
    ])
  }
}
