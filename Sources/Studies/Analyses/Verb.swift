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
  /// Its own options; every verb also takes the common ones.
  public let keys: [OptionKey]
  /// An example that runs on the bundled data.
  public let example: String

  /// How a verb uses a formula.
  public enum FormulaUse: Sendable {
    /// It must be given.
    case required
    /// It can't be given.
    case none
  }

  /// The key of a name among the verb's own and the common ones.
  public func key(_ name: String) -> OptionKey? {
    (keys + OptionKey.common).first { $0.name == name }
  }
}

extension Verb {
  /// The options of every verb.
  public static var commonKeys: [OptionKey] { OptionKey.common }
}
