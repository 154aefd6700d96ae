internal import Reporting
public import Statistics

/// Checks a written report as an output checker would: from its files alone, without the data.
///
/// It knows the profile from the manifest and each column's role from the data package. What it calls
/// `fail` must not be released; `review` needs somebody's judgement; a report without either still
/// needs an output checker, whom this assists.
public struct ReleaseCheck: Sendable {
  /// What was found, the worst first within each file's order.
  let findings: [DisclosureFinding]
  let folder: String

  /// Checks a folder, and compares it with folders that were released earlier.
  ///
  /// - Throws: `unreadableFile` when a folder is not a report; what is wrong with its files.
  public init(_ folder: String, against earlier: [String] = []) throws(SiblingError) {
    let published = try PublishedFolder(folder)
    self.folder = published.report.folder
    var found = published.findings
    found += try Self.files(published)
    if let profile = published.profile {
      if profile.minimumCount == nil {
        found.append(
          DisclosureFinding(
            "profile", "manifest.json", .review,
            "the profile is 'none': nothing was withheld, which only public data allow"))
      } else {
        for table in published.tables { found += Self.cells(table, profile) }
        var attack = JointAttack(published.tables, profile)
        found += attack.run()
      }
    } else {
      found.append(
        DisclosureFinding(
          "profile", "manifest.json", .review,
          "the rules of the profile '\(published.profileName)' are not known, so that counts were "
            + "not checked"))
    }
    found += try Self.claims(published)
    found += try Self.documents(published)
    found += try Self.pictures(published)
    for folder in earlier {
      found += try Self.comparison(published, with: try PublishedFolder(folder))
    }
    findings = found
  }

  /// Whether anything must not be released.
  public var hasFailed: Bool { findings.contains { $0.status == .fail } }

  /// How many findings must not be released, and how many need judgement.
  public var counts: (fail: Int, review: Int) {
    (findings.count { $0.status == .fail }, findings.count { $0.status == .review })
  }

  /// The findings as rows; one row that says so when there is none.
  ///
  /// - Throws: never for the formats of rows.
  public func rendered(as format: OutputFormat) throws(SiblingError) -> String {
    let rows =
      findings.isEmpty
      ? [DisclosureFinding("all", "", .pass, "nothing was found")] : findings
    return try AnalysisOutput(columns: [
      .texts("check", rows.map(\.check)), .texts("file", rows.map(\.file)),
      .texts("row_key", rows.map(\.rowKey)), .texts("column", rows.map(\.column)),
      .texts("status", rows.map(\.status.rawValue)), .texts("finding", rows.map(\.finding)),
    ]).rendered(as: format)
  }
}
