public import Statistics

/// The rules that decide what may leave a secure environment.
public struct DisclosureProfile: Sendable, Equatable {
  /// The name in a study file and in the manifest.
  public let name: String
  /// Counts of people below this are withheld; nil withholds none.
  public let minimumCount: Int?
  /// Whether a count of zero is withheld too.
  public let zerosAreDisclosive: Bool
  /// Statistics with fewer residual degrees of freedom than this are withheld.
  public let minimumResidualDegreesOfFreedom: Int?
  /// How the counts that are shown are rounded.
  public let rounding: CountRounding
  /// How curves are made safe.
  public let curves: CurveTreatment
  /// When a sum of money or time is withheld because one or two contributors make up most of it.
  public let dominance: Dominance?
  /// Why the study has rules of its own; nil for a profile with a name.
  public let reason: String?
  /// Whether rows, and cells of fewer people than may be told, stay in the database that holds them: the
  /// analyst of such an environment may not see them either.
  public let holdsEngineCells: Bool

  /// How curves are made safe.
  public enum CurveTreatment: String, Sendable, Equatable {
    /// Events and censorings wait until enough of them have come, and the curve is made of these.
    case held
    /// Cumulative counts are rounded to the middle of steps of six, and the curve is made again.
    case midpoint
  }

  /// The rule of dominance: too much of a sum belongs to its greatest contributors.
  public struct Dominance: Sendable, Equatable {
    /// The sum is withheld when its two greatest contributors make up at least this share of it.
    public var share: Double
    /// The sum is withheld when all others together are less than this share of the greatest.
    public var ratio: Double

    /// A rule of dominance; ACRO's defaults are 0.90 and 0.10.
    public init(share: Double = 0.9, ratio: Double = 0.1) {
      self.share = share
      self.ratio = ratio
    }

    /// Whether a sum must be withheld, by its two greatest contributors.
    func withholds(total: Double, first: Double, second: Double) -> Bool {
      guard total > 0 else { return false }
      return first + second >= share * total || total - first - second < ratio * first
    }
  }

  /// A profile.
  public init(
    name: String, minimumCount: Int?, zerosAreDisclosive: Bool,
    minimumResidualDegreesOfFreedom: Int?, rounding: CountRounding = .exact,
    curves: CurveTreatment = .held, dominance: Dominance? = nil, reason: String? = nil,
    holdsEngineCells: Bool = false
  ) {
    self.name = name
    self.minimumCount = minimumCount
    self.zerosAreDisclosive = zerosAreDisclosive
    self.minimumResidualDegreesOfFreedom = minimumResidualDegreesOfFreedom
    self.rounding = rounding
    self.curves = curves
    self.dominance = dominance
    self.reason = reason
    self.holdsEngineCells = holdsEngineCells
  }

  /// For public or simulated data: nothing is withheld, and the report says so.
  public static let none = DisclosureProfile(
    name: "none", minimumCount: nil, zerosAreDisclosive: false,
    minimumResidualDegreesOfFreedom: nil)

  /// ACRO's defaults: counts below 10 and zeros are withheld, and what is derived from them.
  ///
  /// Curves are made of events and censorings that are held until 10 of them have come, statistics with fewer than 10
  /// residual degrees of freedom are withheld, and so are sums that one or two contributors
  /// dominate. After Green, Ritchie and Smith, *Understanding Output Checking* (2020), and the ACRO
  /// project's published defaults.
  public static let acroDefault = DisclosureProfile(
    name: "acro-default", minimumCount: 10, zerosAreDisclosive: true,
    minimumResidualDegreesOfFreedom: 10, dominance: Dominance())

  /// OpenSAFELY's rules: counts of 1 to 7 are withheld, the rest rounded to the nearest 5; zeros stay.
  ///
  /// Curves are made again from cumulative counts at the middle of steps of six. Degrees of freedom
  /// and dominance are ACRO's. After the OpenSAFELY documentation, *Permitted outputs*.
  public static let openSafely = DisclosureProfile(
    name: "opensafely", minimumCount: 8, zerosAreDisclosive: false,
    minimumResidualDegreesOfFreedom: 10, rounding: .nearest(5), curves: .midpoint,
    dominance: Dominance(), holdsEngineCells: true)

  /// NHS England's rules for published counts: 1 to 7 are withheld, the rest rounded to the nearest 5.
  public static let nhsDigital = DisclosureProfile(
    name: "nhs-digital", minimumCount: 8, zerosAreDisclosive: false,
    minimumResidualDegreesOfFreedom: 10, rounding: .nearest(5), curves: .midpoint,
    dominance: Dominance(), holdsEngineCells: true)

  /// The profiles that a study file can name.
  public static let all: [DisclosureProfile] = [.none, .acroDefault, .openSafely, .nhsDigital]

  /// The profile of a name.
  ///
  /// - Throws: `badValue` for an unknown name, with the one that may have been meant.
  public static func named(_ name: String) throws(SiblingError) -> DisclosureProfile {
    if let profile = all.first(where: { $0.name == name }) { return profile }
    let names = all.map(\.name)
    throw SiblingError(
      .badValue, "there is no disclosure profile of this name",
      help: "the profiles are: " + names.joined(separator: ", "),
      suggestion: nearestName(to: name, among: names))
  }

  /// The name of the profile that a study file spells out.
  public static let customName = "custom"
  /// The smallest threshold that a study may choose for data that are not public.
  ///
  /// No published guidance lets counts of fewer people than five out of individual records.
  public static let floor = 5

  /// A profile of a study's own rules; where the data are public any threshold may be chosen.
  ///
  /// - Throws: `badValue` for a threshold that is too low for data that are not public, or for
  ///   numbers that make no rule.
  public static func custom(
    minimumCount: Int, zerosAreDisclosive: Bool, residual: Int, rounding: CountRounding,
    curves: CurveTreatment, dominance: Dominance, reason: String, isPublic: Bool,
    holdsEngineCells: Bool = false
  ) throws(SiblingError) -> DisclosureProfile {
    if !isPublic {
      for (key, value) in [("minimum-count", minimumCount), ("residual-df", residual)]
      where value < floor {
        throw SiblingError(
          .badValue, "'\(key)' may not be below \(floor) for data that are not public",
          help: "groups of so few people are known by name to somebody; choose \(floor) or more",
          column: key)
      }
      if dominance.share > 0.95 || dominance.ratio < 0.05 {
        throw SiblingError(
          .badValue, "these rules of dominance would let nearly single contributors out",
          help: "'dominance-share' may be at most 0.95, 'dominance-ratio' at least 0.05",
          column: "dominance-share")
      }
    }
    guard minimumCount >= 1, residual >= 0, (0...1).contains(dominance.share), dominance.ratio >= 0,
      rounding.step >= 1
    else {
      throw SiblingError(
        .badValue, "the settings of the custom profile are no rules",
        help: "counts are whole numbers from 1, shares lie between 0 and 1")
    }
    guard !reason.isEmpty else {
      throw SiblingError(
        .missingKey, "a custom profile needs a reason",
        help: "say why under 'because'; the report prints it")
    }
    return DisclosureProfile(
      name: customName, minimumCount: minimumCount, zerosAreDisclosive: zerosAreDisclosive,
      minimumResidualDegreesOfFreedom: residual, rounding: rounding, curves: curves,
      dominance: dominance, reason: reason, holdsEngineCells: holdsEngineCells)
  }

  /// Whether a count must be withheld.
  func withholds(_ count: Double) -> Bool {
    guard let minimumCount else { return false }
    if count == 0 { return zerosAreDisclosive }
    return count < Double(minimumCount)
  }

  /// What a count that stands alone is released as; nil when it is withheld.
  public func released(_ count: Double) -> Double? {
    withholds(count) ? nil : rounding.applied(to: count)
  }
}
