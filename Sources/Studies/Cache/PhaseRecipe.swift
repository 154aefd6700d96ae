internal import Reporting

/// What a kept phase was made from: what it read, and the hash of each of these then.
struct PhaseRecipe: Codable, Equatable {
  /// One thing that a phase depends on, with its hash.
  struct Ingredient: Codable, Equatable {
    /// `program`, `kernel`, `seed`, …, `section matching`, `file clients.csv`.
    let name: String
    let hash: String
  }

  /// A setting of the study file, with its hash, to name the one that changed.
  struct Setting: Codable, Equatable {
    let key: String
    let hash: String
  }

  /// The phase.
  let phase: String
  /// Sections of the study file that the phase read, besides those that all phases rest on.
  let sections: [String]
  /// Files that it read itself.
  let files: [String]
  /// Files that were read before any phase.
  let early: [String]
  /// Everything that it depends on.
  let ingredients: [Ingredient]
  /// The settings of the study then.
  let settings: [Setting]

  /// The hash over everything that the phase depends on.
  static func fingerprint(_ phase: String, _ ingredients: [Ingredient]) -> String {
    let text = ([phase] + ingredients.map { "\($0.name)\u{0}\($0.hash)" }).joined(separator: "\n")
    return SHA256.hexadecimal(Array(text.utf8))
  }

  /// Why a phase must run again, in words; nil when nothing changed.
  func reason(now: [Ingredient], settings current: [Setting]) -> String? {
    let before = Dictionary(ingredients.map { ($0.name, $0.hash) }, uniquingKeysWith: { a, _ in a })
    let after = Dictionary(now.map { ($0.name, $0.hash) }, uniquingKeysWith: { a, _ in a })
    var changed = now.map(\.name).filter { before[$0] != after[$0] }
    changed += ingredients.map(\.name).filter { after[$0] == nil }
    guard !changed.isEmpty else { return nil }
    let old = Dictionary(settings.map { ($0.key, $0.hash) }, uniquingKeysWith: { a, _ in a })
    let new = Dictionary(current.map { ($0.key, $0.hash) }, uniquingKeysWith: { a, _ in a })
    let keys =
      current.map(\.key).filter { old[$0] != new[$0] }
      + settings.map(\.key).filter { new[$0] == nil }
    var words: [String] = []
    for name in changed {
      if name.hasPrefix(Self.section) {
        let section = String(name.dropFirst(Self.section.count))
        if section == ReadLog.everything {
          words += keys.isEmpty ? ["the study file changed"] : keys.map { "`\($0)` changed" }
          continue
        }
        let own = keys.filter { StudyKeys.section(of: $0) == section }
        words += (own.isEmpty ? [section] : own).map { "`\($0)` changed" }
      } else if name == "own" {
        let own = keys.filter { key in ownPlaces.contains { key.hasPrefix($0) } }
        words += own.isEmpty ? [Self.words(name)] : own.map { "`\($0)` changed" }
      } else {
        words.append(Self.words(name))
      }
    }
    let shown = words.distinct.prefix(4).joined(separator: ", ")
    return words.distinct.count > 4 ? "\(shown) and more" : shown
  }

  /// Where in the study file the nodes stand that the phase is given.
  private var ownPlaces: [String] {
    for (word, section) in [("analysis ", "analyses"), ("survival ", "survival")]
    where phase.hasPrefix(word) {
      return ["\(section)[\(phase.dropFirst(word.count))]"]
    }
    return phase == "hidden bias" ? ["hidden-bias", "effects"] : []
  }

  /// How the ingredients that are sections begin.
  static let section = "section "
  /// How the ingredients that are files begin.
  static let file = "file "

  private static func words(_ name: String) -> String {
    if name.hasPrefix(file) { return "\(name.dropFirst(file.count)) changed" }
    switch name {
    case "program": return "the program changed"
    case "kernel": return "the processor kernel changed"
    case "gate": return "the gate's verdict changed"
    case "tables": return "results before it changed"
    case "own": return "its own settings changed"
    default: return "`\(name)` changed"
    }
  }
}
