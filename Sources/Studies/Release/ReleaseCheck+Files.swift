internal import Reporting
internal import Statistics

extension ReleaseCheck {
  /// Files that every report has beside its tables and figures.
  private static let known: Set<String> = [
    "report.md", "summary.md", "report.html", "claims.csv", "datapackage.json", "manifest.json",
    "disclosure_log.csv", "results.json",
  ]

  /// Whether a run writes files of this name.
  static func isWritten(_ file: String) -> Bool {
    known.contains(file) || (file.hasPrefix("figures/") && !file.hasSuffix("/"))
  }

  /// Whether every file is the one that was written, and none came later.
  static func files(_ published: PublishedFolder) throws(SiblingError) -> [DisclosureFinding] {
    var found: [DisclosureFinding] = []
    for file in published.report.files {
      if let hash = published.hashes[file] {
        if SHA256.hexadecimal(try published.report.bytes(file)) != hash {
          found.append(
            DisclosureFinding(
              "files", file, .fail, "the file is not as the run wrote it: its SHA-256 differs"))
        }
      } else if file.hasPrefix("results/") {
        found.append(
          DisclosureFinding("files", file, .fail, "the data package does not know the file"))
      } else if !isWritten(file) {
        found.append(
          DisclosureFinding("files", file, .review, "no run writes such a file; look at it"))
      }
    }
    return found
  }

  /// The rules of the profile, cell by cell.
  static func cells(_ table: PublishedTable, _ profile: DisclosureProfile) -> [DisclosureFinding] {
    table.findings(under: profile)
  }

  /// Whether sentences tell numbers that the tables withhold.
  static func claims(_ published: PublishedFolder) throws(SiblingError) -> [DisclosureFinding] {
    guard published.report.files.contains("claims.csv") else {
      return [DisclosureFinding("claims", "claims.csv", .fail, "the list of numbers is missing")]
    }
    let claims = try published.report.rows("claims.csv")
    var places: [String: [String: Int]] = [:]
    for table in published.tables {
      places[table.path] = Dictionary(
        table.keys.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { a, _ in a })
    }
    var found: [DisclosureFinding] = []
    // Only a claim of this kind points to a cell; one of a figure names the table that it was drawn from.
    for row in claims.rows.indices where !claims.has("kind") || claims[row, "kind"] == "cell" {
      let file = claims[row, "file"]
      guard let table = published.tables.first(where: { $0.path == file }) else { continue }
      let (key, column) = (claims[row, "row_key"], claims[row, "column"])
      guard let place = places[file]?[key],
        let position = table.columns.firstIndex(where: { $0.name == column })
      else {
        found.append(
          DisclosureFinding(
            "claims", file, row: key, column: column, .fail,
            "a sentence tells a number that the table does not have"))
        continue
      }
      if table.rows[place][position] == .suppressed,
        claims[row, "text_value"].contains(where: \.isNumber)
      {
        found.append(
          DisclosureFinding(
            "claims", file, row: key, column: column, .fail,
            "a sentence tells a number that the table withholds"))
      }
    }
    return found
  }

  /// Numbers in the report and its summary that no claim explains, as one written in by hand.
  static func documents(_ published: PublishedFolder) throws(SiblingError) -> [DisclosureFinding] {
    guard published.report.files.contains("claims.csv") else { return [] }
    var audit = try ReportAudit(published.report.folder)
    try audit.claims()
    let hasRules = published.profile.map { $0.minimumCount != nil } ?? true
    return audit.findings.compactMap { finding in
      let isNumber = finding.status == .orphan || finding.status == .mismatch
      guard isNumber,
        let file = ReportAudit.documents.first(where: { finding.place.hasPrefix($0 + ":") })
      else { return nil }
      return DisclosureFinding(
        "text", file, row: String(finding.place.dropFirst(file.count + 1)),
        hasRules ? .fail : .review, "no result explains the number '\(finding.found)'")
    }
  }

  /// Numbers in the titles and descriptions of figures that no released number rounds to.
  static func pictures(_ published: PublishedFolder) throws(SiblingError) -> [DisclosureFinding] {
    var values: [Double] = []
    for table in published.tables {
      for row in table.rows {
        for cell in row {
          if let number = cell.number { values += [number.magnitude, (number * 100).magnitude] }
        }
      }
    }
    values.sort()
    var found: [DisclosureFinding] = []
    for file in published.report.files where file.hasPrefix("figures/") {
      guard file.hasSuffix(".svg") else {
        let twin = file.split(separator: ".").dropLast().joined(separator: ".") + ".svg"
        if !published.report.files.contains(twin) {
          found.append(
            DisclosureFinding("figures", file, .review, "a picture without its SVG; look at it"))
        }
        continue
      }
      let text = try published.report.text(file)
      for match in text.matches(of: /<(title|desc)[^>]*>([^<]*)</) {
        let strange = numbers(in: String(match.output.2)).filter { !isReleased($0, values) }
        guard !strange.isEmpty else { continue }
        found.append(
          DisclosureFinding(
            "figures", file, column: String(match.output.1), .review,
            "tells numbers that no table has: " + strange.joined(separator: ", ")))
      }
    }
    return found
  }

  /// The numbers of a text, as they are written.
  private static func numbers(in text: String) -> [String] {
    text.matches(of: /[0-9][0-9,]*(\.[0-9]+)?/).map { String($0.output.0) }
  }

  /// Whether a released number rounds to what is written.
  private static func isReleased(_ text: String, _ values: [Double]) -> Bool {
    let plain = text.filter { $0 != "," }
    guard let number = Double(plain) else { return false }
    let decimals = plain.split(separator: ".").dropFirst().first?.count ?? 0
    var half = 0.5
    for _ in 0..<decimals { half /= 10 }
    half *= 1.0001
    var (low, high) = (0, values.count)
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < number - half { low = middle + 1 } else { high = middle }
    }
    return low < values.count && values[low] <= number + half
  }

  /// What a reader learns who has an earlier release beside this one.
  static func comparison(
    _ published: PublishedFolder, with earlier: PublishedFolder
  ) throws(SiblingError) -> [DisclosureFinding] {
    guard let profile = published.profile ?? earlier.profile, profile.minimumCount != nil else {
      return [
        DisclosureFinding(
          "earlier release", earlier.report.folder, .review,
          "neither release has a profile with a threshold, so that nothing was compared")
      ]
    }
    var found: [DisclosureFinding] = []
    for table in published.tables {
      guard let before = earlier.tables.first(where: { $0.path == table.path }) else { continue }
      found += table.findings(beside: before, under: profile)
    }
    return found
  }
}
