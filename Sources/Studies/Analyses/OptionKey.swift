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
    ///
    /// A value that ends in `:LAG` stands for its start and a whole number from 0 up.
    case choice([String])
    /// A choice that also takes any column's name.
    case choiceOrColumn([String])
    /// `name=value` pairs.
    case pairs
  }
}

extension OptionKey {
  /// What ends a value of a choice that takes a whole number.
  static let lagMark = ":LAG"

  /// The value of a choice that a text is, `NW:LAG` for `NW:3`; nil when it is none.
  static func value(of text: String, among allowed: [String]) -> String? {
    if allowed.contains(text), !text.hasSuffix(lagMark) { return text }
    return allowed.first { value in
      guard value.hasSuffix(lagMark) else { return false }
      let start = value.dropLast(lagMark.count - 1)
      guard text.hasPrefix(start), let lag = Int(text.dropFirst(start.count)) else { return false }
      return lag >= 0
    }
  }
}
