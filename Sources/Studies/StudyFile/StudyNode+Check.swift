internal import Statistics

extension StudyNode {
  /// Everything in which the node departs from a shape, in file order.
  func problems(against shape: Shape, path: String = "") -> [SiblingError] {
    if isNull {
      return [error(.badValue, "'\(path)' has no value", help: "give a value or leave the key out")]
    }
    switch shape {
    case .scalar(let kind): return scalarProblems(kind, path)
    case .list(let element):
      return elements.flatMap { $0.problems(against: element, path: path) }
    case .dictionary:
      return isMapping || isList || text != nil
        ? [] : [error(.badValue, "'\(path)' takes pairs such as {age: 2}")]
    case .named(let names, let shape):
      return isMapping
        ? problems(against: shape, path: path) : scalarProblems(.choice(names), path)
    case .fields(let name, let fields): return fieldProblems(name, fields, path)
    case .call(let name, let fields): return callProblems(name, fields, path)
    }
  }

  /// The options are those of the verb that is called; an unknown verb is the only thing said.
  private func callProblems(_ name: String, _ fields: [Field], _ path: String) -> [SiblingError] {
    guard let verb = self["verb"],
      let called = Verb.inStudies.first(where: { $0.name == verb.text })
    else {
      let choices = Verb.inStudies.map(\.name)
      return self["verb"].map { $0.scalarProblems(.choice(choices), "verb") }
        ?? fieldProblems(name, fields, path)
    }
    let own = fields.map(\.key)
    let options = (called.keys + Verb.studyKeys).filter { !own.contains($0.name) }
    return fieldProblems(
      "\(name) with the verb \(called.name)", fields + options.map { Field($0) }, path)
  }

  private func fieldProblems(_ name: String, _ fields: [Field], _ path: String) -> [SiblingError] {
    guard isMapping else {
      let known = fields.prefix(6).map(\.key).joined(separator: ", ")
      return [
        error(.badValue, "'\(name)' takes keys and values", help: "its keys are: \(known), …")
      ]
    }
    var found: [SiblingError] = []
    for (key, place) in keys {
      guard let field = fields.first(where: { $0.key == key }) else {
        found.append(
          SiblingError(
            .unknownKey, "'\(name)' has no key '\(key)'",
            help: "its keys are: " + Self.listed(fields).joined(separator: ", "),
            suggestion: nearestName(to: key, among: fields.map(\.key)), location: place,
            column: key))
        continue
      }
      if let node = self[key] { found += node.problems(against: field.shape, path: key) }
    }
    for field in fields where field.isRequired && self[field.key] == nil {
      found.append(
        error(.missingKey, "'\(name)' lacks the key '\(field.key)'", help: field.help))
    }
    return found
  }

  /// The keys that a message lists; that every field may have a reason is not said for each.
  private static func listed(_ fields: [Field]) -> [String] {
    let keys = Set(fields.map(\.key))
    return fields.map(\.key).filter {
      !$0.hasSuffix("_reason") || !keys.contains(String($0.dropLast("_reason".count)))
    }
  }

  private func scalarProblems(_ kind: OptionKey.Kind, _ path: String) -> [SiblingError] {
    guard let text else {
      return [error(.badValue, "'\(path)' takes a single value, not a list or keys")]
    }
    switch kind {
    case .number where Double(text) == nil:
      return [error(.badValue, "'\(path)' takes a number, not '\(text)'")]
    case .integer where Int(text) == nil:
      return [error(.badValue, "'\(path)' takes a whole number, not '\(text)'")]
    case .flag where text != "true" && text != "false":
      return [error(.badValue, "'\(path)' takes true or false, not '\(text)'")]
    case .choice(let allowed) where OptionKey.value(of: text, among: allowed) == nil:
      var wrong = error(
        .badValue, "'\(path)' can't be '\(text)'",
        help: "it takes: \(allowed.joined(separator: ", "))"
      )
      wrong.suggestion = nearestName(to: text, among: allowed)
      return [wrong]
    default: return []
    }
  }

  private func error(
    _ code: SiblingError.Code, _ message: String, help: String? = nil
  ) -> SiblingError {
    SiblingError(code, message, help: help, location: location)
  }

  /// The option values among the node's keys, for the analysis that they describe.
  func options(_ keys: [OptionKey]) -> OptionValues {
    var values = OptionValues()
    for key in keys {
      guard let node = self[key.name] else { continue }
      var texts = node.elements.compactMap(\.text)
      if node.isMapping {
        texts = node.keys.compactMap { pair in
          node[pair.name]?.text.map { "\(pair.name)=\($0)" }
        }
      }
      values.set(key, OptionValues.Entry(texts, location: node.location))
    }
    return values
  }

  /// The texts of a list or scalar under a key.
  func texts(_ key: String) -> [String] { self[key]?.elements.compactMap(\.text) ?? [] }
}
