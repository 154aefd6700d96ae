public import Statistics

/// The values that a user gave for options, from the command line or a study file.
///
/// Both doors fill the same container; everything that can be wrong with a value is said here, once,
/// with the place where it was written when there is one.
public struct OptionValues: Sendable {
  /// A value as written, and where.
  public struct Entry: Sendable {
    /// The texts, one for a scalar.
    public var texts: [String]
    /// Where it was written, for study files.
    public var location: SiblingError.Location?

    /// An entry.
    public init(_ texts: [String], location: SiblingError.Location? = nil) {
      self.texts = texts
      self.location = location
    }
  }

  private var entries: [String: Entry] = [:]

  /// No options at all: every key has its default.
  public init() {}

  /// Whether the user gave a value for a key.
  public func isGiven(_ key: OptionKey) -> Bool { entries[key.name] != nil }

  /// Where the user gave the value of a key.
  public func location(_ key: OptionKey) -> SiblingError.Location? { entries[key.name]?.location }

  /// Sets or replaces the value of a key.
  public mutating func set(_ key: OptionKey, _ entry: Entry) { entries[key.name] = entry }

  /// Sets the value of a key to one text.
  public mutating func set(_ key: OptionKey, to text: String) { entries[key.name] = Entry([text]) }

  /// The text of a key, its default, or nil.
  public func text(_ key: OptionKey) -> String? {
    entries[key.name]?.texts.first ?? key.defaultText
  }

  /// The text of a key that can't be left out.
  ///
  /// - Throws: `invalidOption` when it is absent.
  public func required(_ key: OptionKey) throws(SiblingError) -> String {
    guard let text = text(key), !text.isEmpty else {
      throw SiblingError(
        .invalidOption, "--\(key.name) is needed here", help: key.help, column: key.name)
    }
    return text
  }

  /// The texts of a list, split at commas when it was given as one text.
  public func texts(_ key: OptionKey) -> [String] {
    let given = entries[key.name]?.texts ?? (key.defaultText.map { [$0] } ?? [])
    return given.flatMap { $0.split(separator: ",") }.map { trimmed(String($0)) }
      .filter { !$0.isEmpty }
  }

  /// The texts of a repeatable option, unsplit.
  public func repeated(_ key: OptionKey) -> [String] { entries[key.name]?.texts ?? [] }

  /// Everything that was given, whatever the key, for finding the columns that it names.
  var allTexts: [String] { entries.values.flatMap(\.texts) }

  /// Whether a flag is on.
  ///
  /// - Throws: `invalidOption` for anything but true or false.
  public func flag(_ key: OptionKey) throws(SiblingError) -> Bool {
    switch text(key) {
    case nil, "false": return false
    case "true": return true
    default: throw wrong(key, "takes true or false")
    }
  }

  /// The number of a key, its default, or nil.
  ///
  /// - Throws: `invalidOption` when the text is not a finite number in `range`.
  public func number(
    _ key: OptionKey,
    in range: ClosedRange<Double> = -Double
      .greatestFiniteMagnitude...Double
      .greatestFiniteMagnitude
  ) throws(SiblingError) -> Double? {
    guard let text = text(key) else { return nil }
    guard let value = plainNumber(text) else { throw wrong(key, "takes a number") }
    guard range.contains(value) else {
      let greatest = Double.greatestFiniteMagnitude
      if range.upperBound == greatest, range.lowerBound == Double.leastNormalMagnitude {
        throw wrong(key, "takes a number above zero")
      }
      if range.upperBound == greatest, range.lowerBound == 0 {
        throw wrong(key, "takes a number from zero up")
      }
      throw wrong(key, "takes a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// The whole number of a key, its default, or nil.
  ///
  /// - Throws: `invalidOption` when the text is not a whole number in `range`.
  public func integer(_ key: OptionKey, in range: ClosedRange<Int>) throws(SiblingError) -> Int? {
    guard let text = text(key) else { return nil }
    guard let value = Int(text), range.contains(value) else {
      let top = range.upperBound == .max ? "up" : "to \(range.upperBound)"
      throw wrong(key, "takes a whole number from \(range.lowerBound) \(top)")
    }
    return value
  }

  /// The numbers of a list.
  ///
  /// - Throws: `invalidOption` naming the element that is not a number.
  public func numbers(_ key: OptionKey) throws(SiblingError) -> [Double] {
    var values: [Double] = []
    for text in texts(key) {
      guard let value = plainNumber(text) else {
        throw wrong(key, "takes numbers separated by commas; '\(text)' is not one")
      }
      values.append(value)
    }
    return values
  }

  /// The choice of a key, checked against its kind.
  ///
  /// - Throws: `invalidOption` with the value that may have been meant.
  public func choice(_ key: OptionKey) throws(SiblingError) -> String {
    guard case .choice(let allowed) = key.kind else { return text(key) ?? "" }
    let value = text(key) ?? ""
    guard OptionKey.value(of: value, among: allowed) != nil else {
      throw wrong(
        key, "takes one of: " + allowed.joined(separator: ", "),
        suggestion: nearestName(to: value, among: allowed))
    }
    return value
  }

  /// The `name=value` pairs of a key.
  ///
  /// - Throws: `invalidOption` for a pair without `=`.
  public func pairs(_ key: OptionKey) throws(SiblingError) -> [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    for text in texts(key) {
      guard let equals = text.firstIndex(of: "=") else {
        throw wrong(key, "takes pairs such as age=2; '\(text)' has no '='")
      }
      pairs.append(
        (
          trimmed(String(text[..<equals])), trimmed(String(text[text.index(after: equals)...]))
        ))
    }
    return pairs
  }

  /// The error for a value that a key does not take.
  public func wrong(
    _ key: OptionKey, _ rule: String, suggestion: String? = nil
  ) -> SiblingError {
    let given = entries[key.name].map { " (given: '\($0.texts.joined(separator: ","))')" } ?? ""
    return SiblingError(
      .invalidOption, "\(key.name) \(rule)\(given)", help: key.help, suggestion: suggestion,
      location: entries[key.name]?.location, column: key.name)
  }

  private func trimmed(_ text: String) -> String {
    var slice = Substring(text)
    while slice.first == " " { slice.removeFirst() }
    while slice.last == " " { slice.removeLast() }
    return String(slice)
  }

  /// A decimal number in the grammar that data files use; never `nan`, `inf` or hexadecimal.
  private func plainNumber(_ text: String) -> Double? {
    let allowed = Set("0123456789+-.eE")
    guard !text.isEmpty, text.allSatisfy({ allowed.contains($0) }), let value = Double(text),
      value.isFinite
    else { return nil }
    return value
  }
}
