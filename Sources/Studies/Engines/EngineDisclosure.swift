internal import Reporting
internal import Statistics

/// What may leave an engine under a disclosure profile.
///
/// Some environments let nobody see single rows or small cells, analysts included (OpenSAFELY, NHS England's
/// secure data environment): there the database itself holds them back. ACRO's rules are about what leaves
/// the analyst's hands, so that its defaults hold nothing back here.
enum EngineDisclosure {
  /// The profile of a verb's call; nil where none was asked for.
  ///
  /// - Throws: `invalidOption` for an unknown profile.
  static func profile(_ options: OptionValues) throws(SiblingError) -> DisclosureProfile? {
    guard options.isGiven(.disclosure) else { return nil }
    return try .named(try options.choice(.disclosure))
  }

  /// The fewest people of a cell that may leave the engine; nil where the profile does not say.
  static func minimumCell(_ profile: DisclosureProfile?) -> Int? {
    guard let profile, profile.holdsEngineCells else { return nil }
    return profile.minimumCount
  }

  /// Refuses to fetch rows under a profile that keeps them in the engine.
  ///
  /// - Throws: `disclosure`.
  static func requireRows(
    under profile: DisclosureProfile?, because reason: String
  ) throws(SiblingError) {
    guard let profile, profile.holdsEngineCells else { return }
    throw SiblingError(
      .disclosure,
      "rows would leave the engine, because \(reason), and the profile '\(profile.name)' keeps them"
        + " there",
      help: "choose what works from sums, or a profile that lets the analyst see rows")
  }
}
