import ArgumentParser
import Statistics
import Studies

/// Options declared for the parser, gathered into the values that every analysis is decoded from.
enum OptionCollector {
  /// The values that the user gave among the options of `command` and its option groups.
  ///
  /// Property names become option names: `minRatio` is `min-ratio`.
  static func values(of command: some ParsableArguments, verb: Verb) -> OptionValues {
    var values = OptionValues()
    gather(Mirror(reflecting: command), verb, &values)
    return values
  }

  private static func gather(_ mirror: Mirror, _ verb: Verb, _ values: inout OptionValues) {
    for child in mirror.children {
      guard let label = child.label else { continue }
      let name = optionName(label)
      switch child.value {
      case let option as Option<String?>:
        if let key = verb.key(name), let text = option.wrappedValue { values.set(key, to: text) }
      case let options as Option<[String]>:
        if let key = verb.key(name), !options.wrappedValue.isEmpty {
          values.set(key, OptionValues.Entry(options.wrappedValue))
        }
      case let flag as Flag<Bool>:
        if let key = verb.key(name), flag.wrappedValue { values.set(key, to: "true") }
      case let group as any OptionGroupProtocol:
        gather(group.mirror, verb, &values)
      default: break
      }
    }
  }

  /// `_minRatio` → `min-ratio`, `_exactly16` → `exactly-16`; `filter` is `--where`, a word that Swift
  /// keeps for itself.
  static func optionName(_ label: String) -> String {
    var name = ""
    for character in label where character != "_" {
      if character.isUppercase { name += "-" }
      name += character.lowercased()
    }
    switch name {
    case "filter": return "where"
    case "exactly16": return "exactly-16"
    default: return name
    }
  }
}

/// Lets the collector look into an option group without knowing its type.
private protocol OptionGroupProtocol {
  var mirror: Mirror { get }
}

extension OptionGroup: OptionGroupProtocol {
  fileprivate var mirror: Mirror { Mirror(reflecting: wrappedValue) }
}

extension ArgumentHelp {
  /// The help text of a verb's option, from the one catalogue.
  static func of(_ verb: Verb, _ name: String) -> ArgumentHelp {
    guard let key = verb.key(name) else { return "" }
    var text = key.help
    switch key.kind {
    case .choice(let values): text += " Values: \(values.joined(separator: ", "))."
    case .choiceOrColumn(let values):
      text += " Values: \(values.joined(separator: ", ")), or a column."
    default: break
    }
    if let value = key.defaultText { text += " Default: \(value)." }
    return ArgumentHelp(stringLiteral: text)
  }
}

extension OptionValues {
  /// The values of the options that commands take which are no estimators.
  static func ofOutput(
    format: String?, output: String?, threads: String? = nil
  ) -> OptionValues {
    var values = OptionValues()
    for (name, text) in [("format", format), ("output", output), ("threads", threads)] {
      if let text, let key = Verb.regress.key(name) { values.set(key, to: text) }
    }
    return values
  }
}
