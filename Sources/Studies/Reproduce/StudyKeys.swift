internal import Reporting

/// Every setting of a study file as a flat list, `matching.caliper` → `0.2`, so that two runs can be
/// compared key by key.
///
/// The elements of a list are called by their `name` or `outcome` where those tell them apart, so
/// that an element more does not rename the rest; else by their position from one.
struct StudyKeys {
  /// A setting and its value as text.
  struct Setting: Equatable {
    let key: String
    let value: String
  }

  /// The settings in file order; a key occurs once.
  let settings: [Setting]
  private let isPublic: Bool

  /// The settings of a study file.
  init(_ study: StudyFile) { self.init(study.node, isPublic: study.disclosure == "none") }

  /// The settings below a node.
  init(_ node: StudyNode, isPublic: Bool) {
    var settings: [Setting] = []
    Self.flatten(node, "", &settings)
    self.settings = settings
    self.isPublic = isPublic
  }

  /// The settings for the manifest.
  ///
  /// An expression of a study about people may name one of them, so that only the first 16 digits
  /// of its value's SHA-256 are kept there; the same stands in for texts of more than 160 letters.
  var manifestMembers: [JSONValue.Member] {
    settings.map { .init($0.key, .string(isPublic ? Self.short($0.value) : Self.hash($0.value))) }
  }

  /// The top-level key of a flattened key: `analyses` of `analyses[loss].verb`.
  static func section(of key: String) -> String {
    String(key.prefix { $0 != "." && $0 != "[" })
  }

  /// The name in brackets after the top-level key: `loss` of `analyses[loss].verb`; nil without one.
  static func entry(of key: String) -> String? {
    guard let open = key.firstIndex(where: { $0 == "." || $0 == "[" }), key[open] == "[",
      let close = key[open...].firstIndex(of: "]")
    else { return nil }
    return String(key[key.index(after: open)..<close])
  }

  /// What begins the value of a setting that is not told.
  static let hashMark = "sha256:"

  private static func short(_ value: String) -> String {
    value.count <= 160 ? value : hash(value)
  }

  private static func hash(_ value: String) -> String {
    hashMark + SHA256.hexadecimal(Array(value.utf8)).prefix(16)
  }

  private static func flatten(_ node: StudyNode, _ key: String, _ settings: inout [Setting]) {
    if node.isMapping {
      for member in node.keys {
        guard let child = node[member.name] else { continue }
        flatten(child, key.isEmpty ? member.name : "\(key).\(member.name)", &settings)
      }
      return
    }
    guard node.isList else {
      settings.append(Setting(key: key, value: node.text ?? ""))
      return
    }
    let elements = node.elements
    if elements.allSatisfy({ !$0.isMapping && !$0.isList }) {
      let texts = elements.map { $0.text ?? "" }
      settings.append(Setting(key: key, value: texts.joined(separator: ", ")))
      return
    }
    let names = Self.names(elements)
    for (element, name) in zip(elements, names) {
      flatten(element, "\(key)[\(name)]", &settings)
    }
  }

  /// What the elements of a list are called.
  private static func names(_ elements: [StudyNode]) -> [String] {
    for key in ["name", "outcome", "rule"] {
      let names = elements.compactMap { $0[key]?.text }
      if names.count == elements.count, Set(names).count == names.count,
        names.allSatisfy({ !$0.contains("]") })
      {
        return names
      }
    }
    return elements.indices.map { String($0 + 1) }
  }
}
