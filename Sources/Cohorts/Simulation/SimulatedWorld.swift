public import Statistics

/// A world in which the truth is known: what the bond does, and what stands in the way of seeing it.
public enum SimulatedWorld: String, Sendable, CaseIterable {
  /// The bond's services get more people into work and keep them there longer.
  case effect
  /// No effect, and nothing in the way.
  case null
  /// No effect, but the bond's services accept the people who are nearest to work.
  case creaming
  /// Job starts are as without the bond, but jobs end just after the threshold at which they are paid.
  case gaming
  /// No effect, but the comparison services lose the evidence of jobs that last.
  case evidenceLoss = "evidence-loss"
  /// No effect, but hiring collapses when most of the bond's services have just been launched.
  case covid
  /// No effect, but sites differ widely for reasons of their own.
  case siteShock = "site-shock"

  /// The world of a name.
  ///
  /// - Throws: `badValue` with the name that may have been meant.
  public init(named name: String) throws(SiblingError) {
    let names = Self.allCases.map(\.rawValue)
    guard let world = Self(rawValue: name) else {
      throw SiblingError(
        .badValue, "there is no world '\(name)'",
        help: "the worlds are: " + names.joined(separator: ", "),
        suggestion: nearestName(to: name, among: names))
    }
    self = world
  }

  /// The world in one line.
  public var summary: String {
    switch self {
    case .effect:
      "more job starts and longer jobs under the bond; moderate selection on what is recorded"
    case .null: "no effect, no selection"
    case .creaming:
      "no effect; the bond's services accept people nearer to work (by what is recorded)"
    case .gaming:
      "starts as without the bond; its jobs end just after 13 weeks, when they have been paid"
    case .evidenceLoss: "no effect; comparison services lose the evidence of jobs that last"
    case .covid: "no effect; hiring collapses in 2020-21, when most of the bond's services are new"
    case .siteShock: "no effect; large differences between sites that nothing explains"
    }
  }

  /// What sets this world apart in the model.
  var settings: WorldSettings {
    var settings = WorldSettings()
    switch self {
    case .effect:
      settings.startEffect = 0.335
      settings.tenureEffect = 0.2
      settings.acceptance = 1.4
      settings.selection = 1
    case .null: break
    case .creaming:
      settings.acceptance = 0.5
      settings.selection = 2
    case .gaming:
      settings.cutShare = 0.35
      settings.heldShare = 0.5
    case .evidenceLoss: settings.lostComparison = (sustained: 0.4, other: 0.1)
    case .covid:
      settings.hiringShock = 0.65
      settings.referralCurve = 2
    case .siteShock: settings.siteDeviation = 0.6
    }
    return settings
  }
}

/// The numbers in which worlds differ.
struct WorldSettings: Sendable {
  /// What the bond adds to the log hazard of a job start.
  var startEffect = 0.0
  /// What it adds to the log of the time in a job.
  var tenureEffect = 0.0
  /// The log odds at which the bond's services accept somebody of average index.
  var acceptance = SimulationModel.acceptance
  /// What a standard deviation of the index adds to these log odds.
  var selection = 0.0
  /// The standard deviation of sites' effects on the log hazard of a job start.
  var siteDeviation = SimulationModel.siteDeviation
  /// The share of the bond's jobs lasting beyond the threshold that are ended just after it.
  var cutShare = 0.0
  /// The share of the bond's jobs ending in the four weeks before it that are held until just after it.
  var heldShare = 0.0
  /// The chance that contact is lost within 12 weeks of the first start, by whether a job lasts.
  var lostSIB = (sustained: 0.0, other: 0.0)
  /// The same in the comparison services.
  var lostComparison = (sustained: 0.0, other: 0.0)
  /// By how much the hazard of a job start falls, as a share, while hiring is shocked.
  var hiringShock = 0.0
  /// The power of a uniform draw that gives the time of a referral to the bond's services: above 1
  /// more of them come soon after the launch.
  var referralCurve = 1.0

  /// Whether the bond changes anything for anybody.
  var hasEffect: Bool { startEffect != 0 || tenureEffect != 0 || cutShare > 0 || heldShare > 0 }
}
