internal import Reporting
internal import Statistics
internal import Tables

/// What a study file fixes of its analysis: every key that can move a result, in one order and spelling.
///
/// Comments, the order of keys, the order of lists in which it means nothing, how a number is written
/// and words that only the report uses don't count; two study files that say the same have one plan and
/// one hash. It is made of the study file alone, before any data are read.
struct AnalysisPlan: Sendable, Equatable {
  /// One key and its value.
  struct Item: Sendable, Equatable {
    /// The keys on the way with dots between them, elements of lists in brackets:
    /// `survival[first_job].formula`.
    var key: String
    /// The value as text; a list of several as `[a, b]`.
    var value: String
  }

  /// The items in the order of their keys.
  let items: [Item]

  /// The plan that a study file states.
  init(_ study: StudyFile) {
    var reader = PlanReader()
    reader.read(study.node, .study, "")
    self.init(items: reader.items)
  }

  /// A plan of some items.
  init(items: [Item]) {
    self.items = items.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
  }

  /// The SHA-256 of the items, a line each, with the format's number before them.
  var hash: String {
    let lines = items.map { "\(Self.quoted($0.key)): \(Self.quoted($0.value))\n" }
    return SHA256.hexadecimal(Array(("sibling-plan 1\n" + lines.joined()).utf8))
  }

  /// A text in double quotes as YAML and JSON read it.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case _ where scalar.value < 32 || scalar.value == 127:
        let digits = Array("0123456789abcdef")
        result += "\\u00\(digits[Int(scalar.value >> 4)])\(digits[Int(scalar.value & 15)])"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

/// Walks a study file along its description and collects the items of its plan.
private struct PlanReader {
  var items: [AnalysisPlan.Item] = []

  /// Sections that move no result.
  private static let words: Set<String> = [
    "study", "title", "sources", "labels", "limitations", "public", "disclosure", "evidence",
    "plan", "setting.short-name", "setting.place", "setting.period",
  ]
  /// Keys, wherever they stand, that only the report's words use.
  private static let labels: Set<String> = [
    "label", "comparison-label", "exit-label", "note", "phrase",
  ]
  /// Lists in which the first leads, or each follows on the one before.
  private static let ordered: Set<String> = [
    "attrition", "outcomes", "effects", "difference-in-differences", "data.joins",
  ]
  /// Lists of scalars in which the order has no meaning, by their last key.
  private static let sets: Set<String> = [
    "exact", "anti-exact", "qq", "densities", "benchmark", "profiles", "perspectives", "doses",
    "multiples", "gamma", "times", "willingness", "exclude-periods", "missing-words",
  ]

  mutating func read(_ node: StudyNode, _ shape: Shape?, _ path: String) {
    // The unit of an outcome is a word of the report; that of a panel is who is followed.
    let isUnit = path.hasPrefix("outcomes[") && path.hasSuffix("].unit")
    guard !Self.words.contains(path), !isUnit else { return }
    switch shape {
    case .list(.scalar(let kind)): scalars(node, kind, path)
    case .list(let element): elements(node, element, path)
    case .fields(_, let fields): mapping(node, fields, path)
    case .call(_, let fields):
      let verb = Verb.inStudies.first { $0.name == node["verb"]?.text }
      let options = ((verb?.keys ?? []) + Verb.studyKeys).map { Field($0) }
      mapping(node, fields + options, path)
    case .named(_, let inner) where node.isMapping: read(node, inner, path)
    case .scalar(let kind): scalars(node, kind, path)
    default:
      if node.isMapping { mapping(node, [], path) } else { scalars(node, .text, path) }
    }
  }

  private mutating func mapping(_ node: StudyNode, _ fields: [Field], _ path: String) {
    for (key, _) in node.keys where !Self.labels.contains(key) {
      guard let value = node[key] else { continue }
      let shape = fields.first { $0.key == key }?.shape
      read(value, shape, path.isEmpty ? key : "\(path).\(key)")
    }
  }

  private mutating func scalars(_ node: StudyNode, _ kind: OptionKey.Kind, _ path: String) {
    var texts = node.elements.compactMap(\.text).map { Self.normal($0, kind) }
    let last = path.split(separator: ".").last.map(String.init) ?? path
    if Self.sets.contains(last) { texts = Set(texts).sorted() }
    let value = texts.count == 1 ? texts[0] : "[" + texts.joined(separator: ", ") + "]"
    items.append(AnalysisPlan.Item(key: path, value: value))
  }

  /// A number as the shortest text that reads back to it; anything else as it stands.
  private static func normal(_ text: String, _ kind: OptionKey.Kind) -> String {
    switch kind {
    case .number, .integer: Double(text).map { NumberText.shortest($0) } ?? text
    case .numbers:
      text.split(separator: ",").map { part in
        let trimmed = String(part.drop { $0 == " " })
        return Double(trimmed).map { NumberText.shortest($0) } ?? trimmed
      }.joined(separator: ", ")
    default: text
    }
  }

  /// The elements of a list, each known by its name, so that a new one moves none of the others.
  private mutating func elements(_ node: StudyNode, _ shape: Shape, _ path: String) {
    var names: [String] = []
    for element in node.elements {
      let keys = ["name", "rule", "method", "outcome", "file"]
      let own = keys.lazy.compactMap { element[$0]?.text }.first ?? element.text ?? ""
      let count = names.count { $0 == own || $0.hasPrefix("\(own) #") }
      let name = count == 0 ? own : "\(own) #\(count + 1)"
      names.append(name)
      if element.isMapping {
        read(element, shape, "\(path)[\(name)]")
      } else {
        items.append(AnalysisPlan.Item(key: "\(path)[\(name)]", value: element.text ?? ""))
      }
    }
    if Self.ordered.contains(path), names.count > 1 {
      items.append(AnalysisPlan.Item(key: "\(path) (order)", value: names.joined(separator: "; ")))
    }
  }
}
