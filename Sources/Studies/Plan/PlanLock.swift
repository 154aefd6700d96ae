internal import Glibc
internal import Statistics
internal import Tables

/// A plan that was fixed before outcomes were compared, as it stands in a file.
///
/// The file is YAML that a person can read. It holds no time of its own making: a date is the author's
/// statement.
struct PlanLock: Sendable, Equatable {
  /// The study's short name.
  var study: String
  /// The version of Sibling that wrote it.
  var version: String
  /// When it was fixed, as its author states it; nil where none did.
  var date: String?
  /// The hash of who is compared with whom; nil for a study without such a design.
  var design: String?
  /// The plan.
  var plan: AnalysisPlan

  /// The text of the file.
  var text: String {
    var lines = [
      "# The plan of a study, fixed before its outcomes are compared; written by 'sibling plan --lock'.",
      "# Leave it as it is: the report sets the study file beside it and lists what has changed.",
      "format: 1", "study: \(AnalysisPlan.quoted(study))",
      "sibling: \(AnalysisPlan.quoted(version))",
    ]
    if let date { lines.append("date: \(AnalysisPlan.quoted(date))") }
    lines.append("plan-sha256: \(AnalysisPlan.quoted(plan.hash))")
    if let design { lines.append("design-sha256: \(AnalysisPlan.quoted(design))") }
    lines.append("plan:")
    for item in plan.items {
      lines.append("  \(AnalysisPlan.quoted(item.key)): \(AnalysisPlan.quoted(item.value))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A plan that is about to be fixed.
  ///
  /// - Throws: `invalidOption` for a date that is none.
  init(
    study: String, date: String?, design: String?, plan: AnalysisPlan
  ) throws(SiblingError) {
    if let date, !Self.isDate(date) {
      throw SiblingError(
        .invalidOption, "--date takes a day such as 2026-01-31", column: "date")
    }
    self.study = study
    version = SiblingVersion.text
    self.date = date
    self.design = design
    self.plan = plan
  }

  /// Reads a locked plan and checks that it is as it was written.
  ///
  /// - Throws: `unreadableFile`, `yamlSyntax`; `badValue` for a file that is none or was changed.
  init(path: String, named node: StudyNode) throws(SiblingError) {
    guard let bytes = readBytes(path) else {
      throw SiblingError(
        .unreadableFile, "can't read the locked plan: \(String(cString: strerror(errno)))",
        help: "'sibling plan STUDY --lock FILE' writes one", location: node.location)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SiblingError(
        .badEncoding, "the locked plan is not UTF-8 text",
        location: SiblingError.Location(file: path))
    }
    let root = try StudyNode(parsing: text, file: path)
    guard root["format"]?.text == "1", let hash = root["plan-sha256"]?.text,
      let items = root["plan"], items.isMapping, let study = root["study"]?.text
    else {
      throw SiblingError(
        .badValue, "the file is no locked plan of this version",
        help: "'sibling plan STUDY --lock FILE' writes one",
        location: SiblingError.Location(file: path, line: 1))
    }
    self.study = study
    version = root["sibling"]?.text ?? ""
    date = root["date"]?.text
    design = root["design-sha256"]?.text
    plan = AnalysisPlan(
      items: items.keys.map { AnalysisPlan.Item(key: $0.name, value: items[$0.name]?.text ?? "") })
    guard plan.hash == hash else {
      throw SiblingError(
        .badValue, "the locked plan was changed after it was written: its hash does not fit it",
        help:
          "restore the file; a change of plan belongs into the study file, with its reason under"
          + " 'plan: deviations:'",
        location: root["plan-sha256"]?.location)
    }
  }

  /// Whether a text is a day of the calendar, as YYYY-MM-DD.
  private static func isDate(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.count) == [4, 2, 2],
      text.utf8.allSatisfy({ $0 == 45 || (48...57).contains($0) }),
      let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...12).contains(month) && (1...lengths[month - 1]).contains(day)
  }
}
