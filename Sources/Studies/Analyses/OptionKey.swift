/// One option of the house: its name, the values it takes, its default and its one help text.
///
/// The command line, the study file, the JSON Schema and the manual page are all made from the same
/// list of keys, so that none can say something else.
public struct OptionKey: Sendable, Hashable {
  /// The name, as in `--min-ratio 1` and `min-ratio: 1`.
  public let name: String
  /// What values it takes.
  public let kind: Kind
  /// The default as it would be written, or nil when absent means absent.
  public let defaultText: String?
  /// What it does, in one or two plain sentences.
  public let help: String

  /// A key of the catalogue.
  init(_ name: String, _ kind: Kind, default defaultText: String? = nil, _ help: String) {
    self.name = name
    self.kind = kind
    self.defaultText = defaultText
    self.help = help
  }

  /// The kinds of value.
  public enum Kind: Sendable, Hashable {
    /// Any text, such as the name of a column or an expression.
    case text
    /// Several texts, separated by commas on the command line or listed in the study file.
    case texts
    /// A number.
    case number
    /// Several numbers.
    case numbers
    /// A whole number.
    case integer
    /// On or off.
    case flag
    /// One of the named values; the first is the default where there is one.
    case choice([String])
    /// A choice that also takes any column's name.
    case choiceOrColumn([String])
    /// `name=value` pairs.
    case pairs
  }
}
