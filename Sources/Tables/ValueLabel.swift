/// What a code of a variable means, as statistical packages keep it beside the data.
public struct ValueLabel: Sendable, Equatable {
  /// The code.
  public var value: Value
  /// Its meaning.
  public var label: String

  /// A label of a code.
  public init(value: Value, label: String) {
    self.value = value
    self.label = label
  }

  /// A code.
  public enum Value: Sendable, Hashable {
    /// A number.
    case number(Double)
    /// A text.
    case text(String)
    /// One of Stata's missing values `.a` to `.z`, by its letter.
    case missing(Character)

    /// The code as its package writes it: `3`, `y`, `.a`.
    public var text: String {
      switch self {
      case .number(let number): NumberText.shortest(number)
      case .text(let text): text
      case .missing(let letter): ".\(letter)"
      }
    }
  }
}

/// A reason for which values of a column are missing, and in how many rows of the file.
public struct MissingReason: Sendable, Equatable {
  /// The code that stands in the cells.
  public var value: ValueLabel.Value
  /// What it means, where the file says so.
  public var label: String?
  /// The number of rows.
  public var count: Int
}
