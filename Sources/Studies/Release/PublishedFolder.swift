internal import Reporting
internal import Statistics

/// A written report as disclosure control sees it: its profile, its tables with their roles, and
/// what its data package says of every file.
struct PublishedFolder {
  let report: WrittenReport
  /// The profile that the manifest names, one of the study's own read from the rules that the report
  /// tells; nil for one that is not known here.
  private(set) var profile: DisclosureProfile?
  /// The profile's name.
  let profileName: String
  private(set) var tables: [PublishedTable] = []
  /// The text of every flag that is not as it should be, by file.
  private(set) var findings: [DisclosureFinding] = []
  /// The SHA-256 that the data package gives, by file.
  private(set) var hashes: [String: String] = [:]

  /// Reads a written report.
  ///
  /// - Throws: `unreadableFile` when it is not a report; what is wrong with a file of it, located.
  init(_ folder: String) throws(SiblingError) {
    report = try WrittenReport(folder)
    let name = report.manifest["disclosure"]?["profile"]?.text ?? ""
    profileName = name
    profile = DisclosureProfile.all.first { $0.name == name }
    let path = report.folder + "/datapackage.json"
    let package = try StudyNode(parsing: try report.text("datapackage.json"), file: path)
    guard let resources = package["resources"]?.elements, !resources.isEmpty else {
      throw SiblingError(
        .missingKey, "the data package has no resources", help: "run the study again",
        location: .init(file: path))
    }
    let fields = resources.flatMap { $0["schema"]?["fields"]?.elements ?? [] }
    guard fields.contains(where: { $0["role"] != nil }) else {
      throw SiblingError(
        .missingKey, "the data package does not say what the columns are to disclosure control",
        help: "an older version wrote this report: run the study again",
        location: .init(file: path))
    }
    for resource in resources {
      guard let file = resource["path"]?.text, report.files.contains(file) else {
        findings.append(
          DisclosureFinding(
            "files", resource["path"]?.text ?? "datapackage.json", .fail,
            "the data package names a file that is not there"))
        continue
      }
      hashes[file] = resource["hash"]?.text.map { String($0.dropFirst("sha256:".count)) }
      guard file.hasPrefix("results/") else { continue }
      tables.append(try table(file, resource))
    }
    if profile == nil, name == DisclosureProfile.customName,
      let rules = tables.first(where: { $0.path == ResultTable.disclosureRules.path })
    {
      profile = DisclosureProfile(written: rules)
    }
  }

  private mutating func table(
    _ file: String, _ resource: StudyNode
  ) throws(SiblingError) -> PublishedTable {
    let written = try report.rows(file)
    let fields = resource["schema"]?["fields"]?.elements ?? []
    let flags = Set(
      fields.compactMap { $0["name"]?.text }.filter { name in
        name.hasSuffix("_flag") && written.has(name)
          && fields.contains { $0["name"]?.text == String(name.dropLast(5)) }
      })
    let columns = fields.compactMap { field -> ResultTable.Column? in
      guard let name = field["name"]?.text, !flags.contains(name) else { return nil }
      return ResultTable.Column(name, role: Self.role(field), type: Self.type(field))
    }
    for name in written.columns where !fields.contains(where: { $0["name"]?.text == name }) {
      findings.append(
        DisclosureFinding(
          "files", file, column: name, .fail, "the data package does not describe the column"))
    }
    var rows: [[ResultTable.Cell]] = []
    for row in written.rows.indices {
      rows.append(
        columns.map { column in
          let text = written[row, column.name]
          let flag = written[row, column.name + "_flag"]
          if flags.contains(column.name + "_flag"), !flag.isEmpty {
            if !text.isEmpty {
              findings.append(
                DisclosureFinding(
                  "withheld cells", file, row: "row \(row + 1)", column: column.name, .fail,
                  "the cell is marked as withheld and is not blank"))
            }
            return .suppressed
          }
          return Self.cell(text, column)
        })
    }
    let sums = (resource["sums"]?.elements ?? []).compactMap { Self.sum($0) }
    return PublishedTable(
      path: file, columns: columns, sums: sums,
      hasRowsOfPeople: resource["rows"]?.text == "people", rounding: resource["rounding"]?.text,
      rows: rows)
  }

  private static func role(_ field: StudyNode) -> ResultTable.Role {
    switch field["role"]?.text {
    case "label": .label
    case "count": .count
    case "derived": .derived(from: field["from"]?.elements.compactMap(\.text) ?? [])
    default: .plain
    }
  }

  private static func type(_ field: StudyNode) -> ResultTable.ValueType {
    field["type"]?.text.flatMap { ResultTable.ValueType(rawValue: $0) } ?? .text
  }

  private static func cell(_ text: String, _ column: ResultTable.Column) -> ResultTable.Cell {
    guard !text.isEmpty else { return .missing }
    switch column.type {
    case .number: return Double(text).map { .number($0) } ?? .text(text)
    case .flag: return .flag(text == "true")
    case .text, .date: return .text(text)
    }
  }

  private static func sum(_ node: StudyNode) -> ResultTable.Sum? {
    func names(_ key: String) -> [String] { node[key]?.elements.compactMap(\.text) ?? [] }
    if let whole = node["whole"]?.text { return .inRow(whole: whole, parts: names("parts")) }
    if let label = node["label"]?.text, let total = node["total"]?.text {
      return .overRows(label: label, total: total)
    }
    if let count = node["partition"]?.text {
      return .partition(count: count, within: names("within"))
    }
    if let from = node["from"]?.text, let to = node["to"]?.text {
      return .chain(from: from, to: to, within: names("within"))
    }
    return nil
  }
}
