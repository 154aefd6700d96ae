/// A column of a table in the schema: its name, what it may hold, and what that means.
public struct SchemaField: Sendable, Equatable {
  /// The name of the column.
  public let name: String
  /// What it may hold.
  public let kind: Kind
  /// Whether the column has to be there, with a value in every row.
  public let isRequired: Bool
  /// What it means, in one plain sentence.
  public let help: String

  /// A field.
  init(_ name: String, _ kind: Kind, required: Bool = false, _ help: String) {
    self.name = name
    self.kind = kind
    isRequired = required
    self.help = help
  }

  /// What a column may hold.
  public enum Kind: Sendable, Equatable {
    /// What tells people, sites, jobs or contracts apart; text or whole numbers.
    case identifier
    /// A day, written yyyy-mm-dd.
    case date
    /// A month (2024-04, or its first day) or a quarter (2024Q2).
    case period
    /// One of some values, written exactly so; with no values given, whatever the study uses.
    case category([String])
    /// y or n.
    case flag
    /// A whole number, from a least to a greatest where they are given.
    case integer(least: Double?, most: Double?)
    /// A number, from a least to a greatest where they are given.
    case number(least: Double?, most: Double?)
    /// Words.
    case text
  }

  /// The column that may say why a value is missing; nil for a field that has to be there.
  public var reasonName: String? { isRequired ? nil : name + "_reason" }

  /// Why a value may be missing: what a column `<field>_reason` takes.
  public static let reasons = ["not_asked", "refused", "unknown", "not_applicable", "lost_contact"]

  /// What the field takes, in a few words.
  public var kindWords: String {
    switch kind {
    case .identifier: "identifier"
    case .date: "date, yyyy-mm-dd"
    case .period: "month (2024-04) or quarter (2024Q2)"
    case .category(let values):
      values.isEmpty ? "category" : "one of " + values.joined(separator: ", ")
    case .flag: "y or n"
    case .integer(let least, let most): "whole number" + Self.range(least, most)
    case .number(let least, let most): "number" + Self.range(least, most)
    case .text: "text"
    }
  }

  /// The limits in words, with a blank before them: ` from 0 to 80`.
  static func range(_ least: Double?, _ most: Double?) -> String {
    switch (least, most) {
    case (let least?, let most?): " from \(whole(least)) to \(whole(most))"
    case (let least?, nil): " of at least \(whole(least))"
    case (nil, let most?): " of at most \(whole(most))"
    case (nil, nil): ""
    }
  }

  private static func whole(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}

extension SchemaField.Kind {
  /// A count of anything.
  static let count = SchemaField.Kind.integer(least: 0, most: nil)
  /// An amount or number that can't be negative.
  static let amount = SchemaField.Kind.number(least: 0, most: nil)
  /// Any number.
  static let anyNumber = SchemaField.Kind.number(least: nil, most: nil)
  /// A category whose values the study chooses.
  static let ownCategory = SchemaField.Kind.category([])
  /// The category of an enumeration of the records.
  static func category<Value: CaseIterable & RawRepresentable<String>>(
    of type: Value.Type
  ) -> SchemaField.Kind {
    .category(type.allCases.map(\.rawValue))
  }
}
