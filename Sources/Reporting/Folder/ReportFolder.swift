public import Statistics

/// The only writer below an output directory: released tables, documents and figures go in, and
/// the folder appears whole or not at all.
///
/// Nothing is on disk before `commit`. It writes a temporary folder beside the output directory
/// and then renames it into place, so a run that fails leaves an older report untouched.
public struct ReportFolder: Sendable {
  /// The output directory.
  public let path: String
  private var tables: [Released<ResultTable>] = []
  private var documents: [Document] = []
  private var figures: [Figure] = []
  private var texts: [OriginText] = []
  /// Draws a PNG of every figure, to stand beside its SVG; nil leaves it at SVG.
  ///
  /// What it draws is not in the data package: it depends on the machine's fonts.
  public var draw: Drawing?

  /// A report that will stand in a directory, which is made if need be.
  public init(path: String) { self.path = path }

  /// Takes a released table; it becomes `results/<name>.csv`.
  ///
  /// - Throws: `internalError` when a table of that name was taken before.
  public mutating func write(_ table: Released<ResultTable>) throws(SiblingError) {
    guard !tables.contains(where: { $0.value.name == table.value.name }) else {
      throw SiblingError(.internalError, "the report holds '\(table.value.path)' twice")
    }
    tables.append(table)
  }

  /// Takes a document, and the figures that it shows.
  ///
  /// - Throws: `internalError` when a document of that path was taken before, or two different
  ///   figures have one name.
  public mutating func write(_ document: Document) throws(SiblingError) {
    guard !documents.contains(where: { $0.path == document.path }) else {
      throw SiblingError(.internalError, "the report holds '\(document.path)' twice")
    }
    documents.append(document)
    for figure in document.figures { try write(figure) }
  }

  /// Takes a figure that no document shows; it becomes `figures/<name>.svg`.
  ///
  /// - Throws: `internalError` when another figure has the name.
  public mutating func write(_ figure: Figure) throws(SiblingError) {
    if let same = figures.first(where: { $0.name == figure.name }) {
      guard same == figure else {
        throw SiblingError(.internalError, "two figures are named '\(figure.path)'")
      }
      return
    }
    figures.append(figure)
  }

  /// Takes the texts that the documents quote from elsewhere, so that numbers in them can be traced.
  public mutating func trace(_ texts: [OriginText]) { self.texts += texts }

  /// Writes the folder: results, figures, documents, the page of `report.md`, `claims.csv`,
  /// `datapackage.json`, `manifest.json`, `disclosure_log.csv` and, for the output checker,
  /// `results.json`.
  ///
  /// - Throws: `internalError` when a document or figure rests on a table that was not written;
  ///   `writeFailure` when the disk refuses, or when the directory holds something that is not a
  ///   report and must not be replaced.
  public func commit(manifest: Manifest, disclosure: Disclosure) throws(SiblingError) {
    let known = Set(tables.map(\.value.path))
    let claims = documents.flatMap(\.claims)
    let needed =
      documents.flatMap(\.sources) + figures.flatMap(\.sources) + claims.compactMap(\.cell?.file)
    if let absent = needed.first(where: { !known.contains($0) }) {
      throw SiblingError(.internalError, "the report cites '\(absent)', which it does not hold")
    }
    var files: [(path: String, bytes: [UInt8])] = []
    var resources: [(table: ResultTable, path: String, csv: [UInt8])] = []
    for table in tables.sorted(by: { $0.value.name < $1.value.name }) {
      let csv = try CSVText.bytes(table.value)
      resources.append((table.value, table.value.path, csv))
    }
    let claimTable = ReportFolder.claimTable(
      claims, ClaimOrigins(texts: texts, tables: tables.map(\.value)))
    resources.append((claimTable, "claims.csv", try CSVText.bytes(claimTable)))
    let log = disclosure.releasedLog().value
    resources.append((log, "disclosure_log.csv", try CSVText.bytes(log)))
    files += resources.map { ($0.path, $0.csv) }
    files += figures.map { ($0.path, Array($0.svg.utf8)) }
    if let draw { files += try ReportFolder.pictures(of: files, draw) }
    files += documents.map { ($0.path, Array($0.markdown.utf8)) }
    if let report = documents.first(where: { $0.path == "report.md" }) {
      let summary = documents.first { $0.path == "summary.md" }
      files.append(("report.html", Array(Page.html(report: report, summary: summary).utf8)))
    }
    let package = DataPackage.json(name: manifest.study, resources: resources)
    files.append(("datapackage.json", Array((package.text + "\n").utf8)))
    var manifest = manifest
    manifest.keys = tables.map(\.value).sorted { $0.name < $1.name }.map { $0.keyMember }
    let json = manifest.json(
      profile: disclosure.profile, suppressed: disclosure.decisions.count)
    files.append(("manifest.json", Array((json.text + "\n").utf8)))
    let record = CheckerRecord.json(
      version: manifest.version, command: manifest.command, profile: disclosure.profile,
      tables: tables.map(\.value), figures: figures.map(\.path), documents: documents.map(\.path))
    files.append(("results.json", Array((record.text + "\n").utf8)))
    try FolderSwap.replace(path, with: files)
  }

  /// The claims as a table: what is said twice in a sentence stands once.
  static func claimTable(_ claims: [Prose.Claim], _ origins: ClaimOrigins) -> ResultTable {
    var table = ResultTable(
      unchecked: "claims", summary: "Every number of the documents and where it comes from.",
      columns: [
        .label("sentence", "The sentence or caption"),
        .label("text_value", "The number as written"),
        .label("file", "The file that holds it"),
        .label("row_key", "The row of the cell, or the key of the study file"),
        .label("column", "The column of the cell"),
        .text(
          "kind",
          "cell of a result, text of the study file or manifest, constant of the method, structure of"
            + " the document; blank where it can't be traced"),
      ])
    var seen: Set<[ResultTable.Cell]> = []
    for claim in claims {
      for traced in origins.trace(claim) {
        let row: [ResultTable.Cell] = [
          .text(claim.sentence), .text(traced.text), ResultTable.Cell(traced.file),
          ResultTable.Cell(traced.rowKey), ResultTable.Cell(traced.column),
          ResultTable.Cell(traced.kind?.rawValue),
        ]
        if seen.insert(row).inserted { table.rows.append(row) }
      }
    }
    return table
  }
}

extension ReportFolder {
  /// Makes another picture of an SVG, such as a PNG.
  public typealias Drawing = @Sendable (_ svg: [UInt8]) throws(SiblingError) -> [UInt8]

  /// Adds a PNG beside every SVG of a report that was written earlier; the folder changes whole or
  /// not at all.
  ///
  /// What is drawn has been released already, so that nothing new is shown.
  /// - Parameters:
  ///   - path: the report's folder.
  ///   - files: what is in it, by path below it.
  ///   - draw: makes a PNG of an SVG.
  /// - Returns: how many pictures there are.
  /// - Throws: `writeFailure`, and what `draw` throws.
  public static func addPictures(
    to path: String, files: [(path: String, bytes: [UInt8])], draw: Drawing
  ) throws(SiblingError) -> Int {
    let drawn = try pictures(of: files, draw)
    let names = Set(drawn.map(\.path))
    try FolderSwap.replace(path, with: files.filter { !names.contains($0.path) } + drawn)
    return drawn.count
  }

  /// The PNG of every SVG among files, beside it.
  static func pictures(
    of files: [(path: String, bytes: [UInt8])], _ draw: Drawing
  ) throws(SiblingError) -> [(path: String, bytes: [UInt8])] {
    var drawn: [(path: String, bytes: [UInt8])] = []
    for file in files where file.path.hasPrefix("figures/") && file.path.hasSuffix(".svg") {
      drawn.append((file.path.dropLast(4) + ".png", try draw(file.bytes)))
    }
    return drawn
  }
}
