internal import Statistics

/// The count of one site and what it is out of: an earlier stage's count, or a target.
public struct SiteCount: Sendable, Equatable {
  /// The site.
  public var site: String
  /// The count.
  public var count: Int
  /// What it is out of: a whole number for a proportion, the number expected for a ratio.
  public var base: Double

  /// A site's count.
  public init(site: String, count: Int, base: Double) {
    self.site = site
    self.count = count
    self.base = base
  }

  /// Checks sites that are to be compared.
  ///
  /// - Throws: `tooFewClusters` for fewer than two sites; `duplicateKey`; `badValue` for an
  ///   impossible number, or for a proportion a count above its base: counts that are not nested are
  ///   no proportion; `noEvents` when all sites have nothing, or all everything.
  static func check(_ sites: [SiteCount], isProportion: Bool) throws(SiblingError) {
    guard sites.count > 1 else {
      throw SiblingError(
        .tooFewClusters,
        "sites can be compared from two on, and there is "
          + (sites.isEmpty ? "none" : "one"))
    }
    var names: Set<String> = []
    for (row, site) in sites.enumerated() {
      guard names.insert(site.site).inserted else {
        throw SiblingError(.duplicateKey, "site '\(site.site)' stands twice", row: row)
      }
      let isWhole = site.base == site.base.rounded()
      guard site.base.isFinite, site.base > 0, site.base <= 1e9, site.count >= 0,
        site.count <= 1_000_000_000, isWhole || !isProportion
      else {
        throw SiblingError(
          .badValue, "the numbers of site '\(site.site)' can't be compared",
          help: isProportion
            ? "a proportion needs whole numbers, and something to be out of"
            : "a ratio needs a count and an expected number above zero", row: row)
      }
      guard !isProportion || Double(site.count) <= site.base else {
        throw SiblingError(
          .dataQuality,
          "site '\(site.site)' counts \(site.count) out of \(Int(site.base)), so the one is no"
            + " part of the other", help: "leave the site out and say so", row: row)
      }
    }
    guard sites.contains(where: { $0.count > 0 }) else {
      throw SiblingError(
        .noEvents, "no site has a count above zero, so there is nothing to compare")
    }
    guard !isProportion || sites.contains(where: { Double($0.count) < $0.base }) else {
      throw SiblingError(
        .noEvents, "every site counts all there are, so there is nothing to compare")
    }
  }
}
