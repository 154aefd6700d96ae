extension ResultTable {
  /// A column of a result table: its name, what it is, and its type in the data package.
  public struct Column: Sendable, Equatable, Codable {
    /// The name in the file's header; broom's name where broom has one.
    public var name: String
    /// What the column is to disclosure control.
    public var role: Role
    /// The type of its values.
    public var type: ValueType
    /// What the column holds, in a phrase, for the data package.
    public var meaning: String
    /// How a statistic is made again where counts are rounded; nil leaves a plain number as it is and
    /// writes a statistic that rests on counts with three significant digits.
    public var remaking: Remaking?
    /// Whether the column is for disclosure control only and never written, without being a count.
    var isHidden = false

    /// A column.
    public init(_ name: String, role: Role, type: ValueType, meaning: String = "") {
      self.name = name
      self.role = role
      self.type = type
      self.meaning = meaning
    }

    /// A column that helps to identify a row.
    public static func label(
      _ name: String, _ meaning: String = "", type: ValueType = .text
    ) -> Column {
      Column(name, role: .label, type: type, meaning: meaning)
    }

    /// A number of people.
    public static func count(_ name: String, _ meaning: String = "") -> Column {
      Column(name, role: .count, type: .number, meaning: meaning)
    }

    /// A number of people that disclosure control needs and that is never written.
    public static func hiddenCount(_ name: String, _ meaning: String = "") -> Column {
      Column(name, role: .hiddenCount, type: .number, meaning: meaning)
    }

    /// An amount that disclosure control needs and that is never written: what the greatest
    /// contributor to a sum gave to it.
    public static func hiddenAmount(_ name: String, _ meaning: String = "") -> Column {
      var column = Column(name, role: .plain, type: .number, meaning: meaning)
      column.isHidden = true
      return column
    }

    /// A statistic that must vanish when one of the counts behind it is suppressed.
    public static func derived(
      _ name: String, from counts: [String], _ meaning: String = "", type: ValueType = .number
    ) -> Column {
      Column(name, role: .derived(from: counts), type: type, meaning: meaning)
    }

    /// A number that rests on no count of people: a threshold, a sum of money.
    public static func number(_ name: String, _ meaning: String = "") -> Column {
      Column(name, role: .plain, type: .number, meaning: meaning)
    }

    /// Text that rests on no count of people and does not identify the row.
    public static func text(_ name: String, _ meaning: String = "") -> Column {
      Column(name, role: .plain, type: .text, meaning: meaning)
    }

    /// A truth value that rests on no count of people.
    public static func flag(_ name: String, _ meaning: String = "") -> Column {
      Column(name, role: .plain, type: .flag, meaning: meaning)
    }

    func accepts(_ cell: Cell) -> Bool {
      switch cell {
      case .missing: true
      case .suppressed: false
      case .text: type == .text || type == .date
      case .number: type == .number
      case .flag: type == .flag
      }
    }
  }

  /// What a column is to disclosure control.
  public enum Role: Sendable, Equatable, Codable {
    /// Identifies the row; never suppressed, so it must never tell of one client.
    case label
    /// A number of people, subject to thresholds.
    case count
    /// A number of people that thresholds need and that is dropped on release.
    case hiddenCount
    /// A statistic that vanishes with the counts of people behind it.
    ///
    /// Under a profile with thresholds it vanishes too when none of those counts is given.
    case derived(from: [String])
    /// Anything that rests on no count of people.
    case plain
  }

  /// The type of a column's values, by the names that the data package uses.
  public enum ValueType: String, Sendable, Codable {
    /// Text.
    case text = "string"
    /// Numbers, written with twelve significant digits.
    case number = "number"
    /// Truth values, written `true` and `false`.
    case flag = "boolean"
    /// ISO dates, held as text.
    case date = "date"
  }

  /// A cell of a result table.
  public enum Cell: Sendable, Hashable {
    /// Text or an ISO date.
    case text(String)
    /// A number; use `Cell(_:)` for one that may be nil or NaN.
    case number(Double)
    /// A truth value.
    case flag(Bool)
    /// Nothing: the statistic does not exist here.
    case missing
    /// Withheld by disclosure control.
    case suppressed

    /// A number, missing when nil, NaN or infinite.
    public init(_ value: Double?) {
      self = value.map { $0.isFinite ? .number($0) : .missing } ?? .missing
    }

    /// A whole number, missing when nil.
    public init(_ value: Int?) { self = value.map { .number(Double($0)) } ?? .missing }

    /// Text, missing when nil.
    public init(_ value: String?) { self = value.map { .text($0) } ?? .missing }

    /// A truth value, missing when nil.
    public init(_ value: Bool?) { self = value.map { .flag($0) } ?? .missing }

    /// The number, or nil.
    public var number: Double? { if case .number(let value) = self { value } else { nil } }

    /// The text, or nil.
    public var text: String? { if case .text(let value) = self { value } else { nil } }

    /// The truth value, or nil.
    public var flag: Bool? { if case .flag(let value) = self { value } else { nil } }

    /// The cell as the CSV file has it: twelve significant digits, nothing where there is no value.
    public var plainText: String {
      switch self {
      case .text(let value): value
      case .number(let value): FixedText.significant(value)
      case .flag(let value): value ? "true" : "false"
      case .missing, .suppressed: ""
      }
    }
  }
}

extension ResultTable.Cell: ExpressibleByStringLiteral, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  /// Text.
  public init(stringLiteral value: String) { self = .text(value) }
  /// A number.
  public init(floatLiteral value: Double) { self.init(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// A truth value.
  public init(booleanLiteral value: Bool) { self = .flag(value) }
  /// A missing value.
  public init(nilLiteral: ()) { self = .missing }
}
