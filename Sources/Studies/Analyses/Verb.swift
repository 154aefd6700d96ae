/// An estimator verb: what it does, how it is called and which options it takes.
public struct Verb: Sendable {
  /// The name on the command line and in a study file.
  public let name: String
  /// One sentence on what it estimates.
  public let abstract: String
  /// The longer text of its help page, with the source.
  public let discussion: String
  /// Whether it takes a formula, and which.
  public let formula: FormulaUse
  /// Whether it reads a data file.
  public let data: DataUse
  /// Its own options; every verb also takes the common ones.
  public let keys: [OptionKey]
  /// An example that runs on the bundled data.
  public let example: String

  /// How a verb uses a formula.
  public enum FormulaUse: Sendable {
    /// It must be given.
    case required
    /// It may be given.
    case optional
    /// It can't be given.
    case none
  }

  /// How a verb uses a data file.
  public enum DataUse: Sendable {
    /// It must be given.
    case required
    /// It may be given; numbers as options will do instead.
    case optional
    /// It can't be given.
    case none
  }

  /// A verb; unless said otherwise it reads a data file.
  init(
    name: String, abstract: String, discussion: String, formula: FormulaUse,
    data: DataUse = .required, keys: [OptionKey], example: String
  ) {
    self.name = name
    self.abstract = abstract
    self.discussion = discussion
    self.formula = formula
    self.data = data
    self.keys = keys
    self.example = example
  }

  /// The words of its name: a verb of a group, such as `contract replay`, has two.
  public var words: [String] { name.split(separator: " ").map(String.init) }

  /// The key of a name among the verb's own and the common ones.
  public func key(_ name: String) -> OptionKey? {
    (keys + OptionKey.common).first { $0.name == name }
  }
}

extension Verb {
  /// The options of every verb.
  public static var commonKeys: [OptionKey] { OptionKey.common }
}
