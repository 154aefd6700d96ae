/// The keys of the study file by their paths, such as `matching.caliper`.
enum KeyGuide {
  /// A key with what is known of it.
  struct Entry {
    let path: String
    let help: String
    let takes: String
    let defaultText: String?
    let isRequired: Bool
  }

  /// Every key, in the order of the study file's description.
  static let entries: [Entry] = {
    var found: [Entry] = []
    walk(.study, "", &found)
    for verb in Verb.inStudies {
      for key in verb.keys {
        found.append(
          Entry(
            path: "analyses.\(verb.name).\(key.name)", help: key.help, takes: takes(key.kind),
            defaultText: key.defaultText, isRequired: false))
      }
    }
    return found
  }()

  /// The entries that a name stands for: a path, or the last part of one.
  static func find(_ name: String) -> [Entry] {
    let plain = name.hasPrefix("--") ? String(name.dropFirst(2)) : name
    let exact = entries.filter { $0.path == plain }
    return exact.isEmpty ? entries.filter { $0.path.hasSuffix("." + plain) } : exact
  }

  private static func walk(_ shape: Shape, _ path: String, _ found: inout [Entry]) {
    switch shape {
    case .list(let element): walk(element, path, &found)
    case .named(_, let inner): walk(inner, path, &found)
    case .fields(_, let fields), .call(_, let fields):
      for field in fields {
        let key = path.isEmpty ? field.key : "\(path).\(field.key)"
        let option = Verb.inStudies.flatMap(\.keys).first {
          $0.name == field.key && $0.help == field.help
        }
        found.append(
          Entry(
            path: key, help: field.help, takes: takes(field.shape),
            defaultText: option?.defaultText, isRequired: field.isRequired))
        walk(field.shape, key, &found)
      }
    case .scalar, .dictionary: break
    }
  }

  private static func takes(_ shape: Shape) -> String {
    switch shape {
    case .scalar(let kind): takes(kind)
    case .list(let element): "a list, each \(takes(element))"
    case .named(let names, let shape): "\(names.joined(separator: ", ")), or \(takes(shape))"
    case .dictionary: "names with values, such as {age: 2, educ: 1}"
    case .fields(_, let fields): "keys: " + fields.map(\.key).joined(separator: ", ")
    case .call: "a verb with its options"
    }
  }

  private static func takes(_ kind: OptionKey.Kind) -> String {
    switch kind {
    case .text: "a text"
    case .texts: "texts"
    case .number: "a number"
    case .numbers: "numbers"
    case .integer: "a whole number"
    case .flag: "true or false"
    case .choice(let values): "one of " + values.joined(separator: ", ")
    case .choiceOrColumn(let values): "one of \(values.joined(separator: ", ")), or a column"
    case .pairs: "names with values, such as age=2"
    }
  }

  /// The section of the report that a part of the study file leads to.
  static func section(_ path: String) -> String? {
    let top = path.split(separator: ".").first.map(String.init) ?? path
    return sections[top]
  }

  private static let sections = [
    "matching": "How alike the groups are; Methods, Design and Balance",
    "effects": "the section of the primary result; Methods, Effects",
    "difference-in-differences": "the section of the panel; Methods, Difference-in-differences",
    "event-study": "the section of the panel; Methods, Difference-in-differences",
    "survival": "the section of sustainment; Methods, Survival",
    "states": "the section of states over time", "attrition": "Who was included",
    "outcomes": "Setting and definitions; every section of effects",
    "hidden-bias": "What something unrecorded could do; Methods, Hidden bias",
    "analyses": "Further analyses; Methods, by the name of the verb",
    "performance": "the sections of performance; Methods, Performance",
    "contracts": "What the contracts should have paid; Methods, Payments due",
    "incentives": "the section of incentives; Methods, Incentives",
    "scenario": "What the contract pays when things go otherwise; Methods, Scenarios",
    "value-for-money": "the section of costs and value", "limitations": "Limitations",
    "sources": "Methods, sources", "setting": "Setting and definitions",
    "assignment": "Question, estimand and target trial; Diagnostics",
    "plan": "Deviations from the plan",
    "gate": "Diagnostics", "disclosure": "Disclosure control", "level": "every interval",
    "seed": "How to reproduce this report",
  ]
}
