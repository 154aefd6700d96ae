/// The JSON Schema (draft-07) of the study file, written from its description.
public enum StudySchema {
  /// The schema's text, with a line break at the end.
  public static var text: String {
    var lines = ["{"]
    lines.append("  \"$schema\": \"http://json-schema.org/draft-07/schema#\",")
    lines.append("  \"title\": \"Sibling study file\",")
    let body = object(Shape.study, indent: 2)
    return lines.joined(separator: "\n") + "\n" + body.dropFirst(2) + "\n"
  }

  private static func object(_ shape: Shape, indent: Int, description: String? = nil) -> String {
    let pad = String(repeating: " ", count: indent)
    var parts: [String] = []
    if let description { parts.append("\"description\": \(quoted(description))") }
    switch shape {
    case .scalar(let kind): parts += scalar(kind)
    case .list(let element):
      // A single value may stand for a list of one.
      let inner = object(element, indent: indent + 4)
      let list = "{\n\(pad)      \"type\": \"array\",\n\(pad)      \"items\": \(inner)\n\(pad)    }"
      parts.append("\"anyOf\": [\n\(pad)    \(list),\n\(pad)    \(inner)\n\(pad)  ]")
    case .named(let names, let shape):
      let inner = object(shape, indent: indent + 4)
      let choice = "{ \(scalar(.choice(names)).joined()) }"
      parts.append("\"anyOf\": [\n\(pad)    \(choice),\n\(pad)    \(inner)\n\(pad)  ]")
    case .dictionary:
      parts.append("\"type\": [\"object\", \"string\", \"array\"]")
    case .call(let name, let fields):
      // Which options fit which verb is left to `validate`; an editor gets all of them to choose from.
      var all = fields
      for key in Verb.inStudies.flatMap(\.keys) + Verb.studyKeys
      where !all.contains(where: { $0.key == key.name }) {
        let kinds = Set(
          Verb.inStudies.flatMap(\.keys).filter { $0.name == key.name }.map { "\($0.kind)" })
        all.append(kinds.count < 2 ? Field(key) : Field(key.name, .dictionary, key.help))
      }
      return object(.fields(name, all), indent: indent, description: description)
    case .fields(_, let fields):
      parts.append("\"type\": \"object\"")
      parts.append("\"additionalProperties\": false")
      let required = fields.filter(\.isRequired).map { quoted($0.key) }
      if !required.isEmpty { parts.append("\"required\": [\(required.joined(separator: ", "))]") }
      let properties = fields.map { field in
        "\(pad)    \(quoted(field.key)): "
          + object(field.shape, indent: indent + 4, description: field.help)
      }
      parts.append("\"properties\": {\n\(properties.joined(separator: ",\n"))\n\(pad)  }")
    }
    if indent == 2 {
      return "{\n" + parts.map { "  \($0)" }.joined(separator: ",\n") + "\n}"
    }
    return "{\n" + parts.map { "\(pad)  \($0)" }.joined(separator: ",\n") + "\n\(pad)}"
  }

  private static func scalar(_ kind: OptionKey.Kind) -> [String] {
    switch kind {
    case .text, .choiceOrColumn: ["\"type\": [\"string\", \"number\", \"boolean\"]"]
    case .texts, .numbers, .pairs: ["\"type\": [\"string\", \"number\"]"]
    case .number: ["\"type\": \"number\""]
    case .integer: ["\"type\": \"integer\""]
    case .flag: ["\"type\": \"boolean\""]
    case .choice(let values) where values.contains { $0.hasSuffix(OptionKey.lagMark) }:
      [
        "\"type\": \"string\"",
        "\"pattern\": "
          + quoted(
            "^("
              + values.map { value in
                value.hasSuffix(OptionKey.lagMark)
                  ? String(value.dropLast(OptionKey.lagMark.count)) + ":[0-9]+" : value
              }.joined(separator: "|") + ")$"),
      ]
    case .choice(let values): ["\"enum\": [\(values.map(quoted).joined(separator: ", "))]"]
    }
  }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
