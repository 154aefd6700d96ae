/// What a node of the study file may hold: the one description behind checking, schema and manual.
indirect enum Shape: Sendable {
  /// A scalar with the values of an option kind.
  case scalar(OptionKey.Kind)
  /// A list of nodes of one shape.
  case list(Shape)
  /// A mapping with named fields; any other key is refused.
  case fields(String, [Field])
  /// A mapping with free keys and scalar values, such as `{age: 2, educ: 1}`.
  case dictionary
  /// One of some names, or else a node of a shape.
  case named([String], Shape)
  /// A mapping that calls a verb: named fields, of which `verb` is one, and that verb's options.
  case call(String, [Field])
}

/// A named field of a mapping.
struct Field: Sendable {
  /// The key.
  let key: String
  /// What it holds.
  let shape: Shape
  /// Whether it can't be left out.
  let isRequired: Bool
  /// What it means.
  let help: String

  /// A field.
  init(_ key: String, _ shape: Shape, required: Bool = false, _ help: String) {
    self.key = key
    self.shape = shape
    isRequired = required
    self.help = help
  }

  /// The field of an option of the catalogue.
  init(_ option: OptionKey) {
    let shape: Shape =
      switch option.kind {
      case .texts, .numbers: .list(.scalar(.text))
      case .pairs: .dictionary
      default: .scalar(option.kind)
      }
    self.init(option.name, shape, option.help)
  }
}
