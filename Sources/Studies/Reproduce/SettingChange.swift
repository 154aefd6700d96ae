internal import Reporting

/// A setting of the study file that two runs do not share.
struct SettingChange: Equatable {
  let key: String
  /// The value of the older run; nil when the key is new.
  let old: String?
  /// The value of the newer run; nil when the key is gone.
  let new: String?

  /// The settings that a manifest holds.
  static func settings(_ node: StudyNode?) -> [(String, String)] {
    (node?.keys ?? []).map { ($0.name, node?[$0.name]?.text ?? "") }
  }

  /// The settings that differ, in the order of the newer run, those that are gone last.
  static func between(_ old: [(String, String)], _ new: [(String, String)]) -> [SettingChange] {
    let before = Dictionary(old, uniquingKeysWith: { a, _ in a })
    let after = Dictionary(new, uniquingKeysWith: { a, _ in a })
    let changed = new.filter { before[$0.0] != $0.1 }.map { key, value in
      SettingChange(key: key, old: before[key], new: value)
    }
    return changed
      + old.filter { after[$0.0] == nil }.map { SettingChange(key: $0.0, old: $0.1, new: nil) }
  }
}

extension JSONValue {
  /// The text of a string; empty for anything else.
  var plain: String {
    if case .string(let text) = self { text } else { "" }
  }
}
