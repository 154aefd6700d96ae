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

  /// For public or simulated data: nothing is withheld, and the report says so.
  public static let none = DisclosureProfile(
    name: "none", minimumCount: nil, zerosAreDisclosive: false,
    minimumResidualDegreesOfFreedom: nil)

  /// ACRO's defaults: counts below 10 and zeros are withheld, and what is derived from them.
  ///
  /// Curves are held until 10 people have left since the last step, statistics with fewer than 10
  /// residual degrees of freedom are withheld. After Green, Ritchie and Smith, *Understanding
  /// Output Checking* (2020), and the ACRO project's published defaults.
  public static let acroDefault = DisclosureProfile(
    name: "acro-default", minimumCount: 10, zerosAreDisclosive: true,
    minimumResidualDegreesOfFreedom: 10)

  /// The profiles that a study file can name.
  public static let all: [DisclosureProfile] = [.none, .acroDefault]

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

  /// Whether a count must be withheld.
  func withholds(_ count: Double) -> Bool {
    guard let minimumCount else { return false }
    if count == 0 { return zerosAreDisclosive }
    return count < Double(minimumCount)
  }

  /// What the report says about the profile, in a sentence or two.
  public var statement: String {
    guard let minimumCount else {
      return "The data are public or simulated: no disclosure control was applied."
    }
    return """
      Counts of people below \(minimumCount)\(zerosAreDisclosive ? ", zeros among them," : "") and \
      the statistics that rest on them were withheld, together with the counts that would have \
      given them away. These checks assist an output checker; they do not replace one.
      """
  }
}
