/// How a released number is written in a sentence, a table or a chart.
public struct NumberStyle: Sendable, Equatable {
  enum Form: Sendable, Equatable {
    case decimals(Int)
    case significant(Int)
    case pValue
  }

  var form: Form
  var factor: Double = 1
  var offset: Double = 0
  var isGrouped = true
  var isSigned = false
  var prefix = ""
  var suffix = ""
  var singularSuffix: String?
  var isMagnitude = false
  /// Whether the suffix names things that can be more or fewer.
  var countsThings = false

  /// A whole number with commas between thousands.
  public static let integer = NumberStyle(form: .decimals(0))

  /// A fixed number of decimals, commas between thousands.
  public static func decimals(_ places: Int) -> NumberStyle {
    NumberStyle(form: .decimals(places))
  }

  /// A number of significant digits.
  public static func significant(_ digits: Int) -> NumberStyle {
    NumberStyle(form: .significant(digits), isGrouped: false)
  }

  /// A period such as a year: no commas, decimals only where there are any.
  public static let period = NumberStyle(form: .significant(6), isGrouped: false)

  /// A share as a percentage: 0.123 becomes 12.3%.
  public static func percent(_ places: Int = 0) -> NumberStyle {
    NumberStyle(form: .decimals(places), factor: 100, suffix: "%")
  }

  /// A difference of shares in percentage points, with the words.
  public static func percentagePoints(_ places: Int = 0) -> NumberStyle {
    NumberStyle(
      form: .decimals(places), factor: 100, suffix: " percentage points",
      singularSuffix: " percentage point")
  }

  /// A difference of shares times 100, without a unit.
  public static func perHundred(_ places: Int = 0) -> NumberStyle {
    NumberStyle(form: .decimals(places), factor: 100)
  }

  /// A ratio less one, as a percentage: 1.25 becomes 25%.
  public static func percentChange(_ places: Int = 0) -> NumberStyle {
    NumberStyle(form: .decimals(places), factor: 100, offset: -1, suffix: "%")
  }

  /// Pounds.
  public static func pounds(_ places: Int = 0) -> NumberStyle { .money("£", places) }

  /// Dollars.
  public static func dollars(_ places: Int = 0) -> NumberStyle { .money("$", places) }

  /// A difference of shares in percentage points, in the form of another style.
  public static func percentagePoints(_ style: NumberStyle) -> NumberStyle {
    var own = percentagePoints()
    (own.form, own.isGrouped) = (style.form, style.isGrouped)
    return own
  }

  /// Money in the form of another style.
  public static func money(_ sign: String, _ style: NumberStyle) -> NumberStyle {
    var own = money(sign)
    (own.form, own.isGrouped) = (style.form, style.isGrouped)
    return own
  }

  /// A number with a unit after it, in the form of another style.
  public static func unit(
    _ unit: String, singular: String? = nil, _ style: NumberStyle
  ) -> NumberStyle {
    var own = NumberStyle.unit(unit, singular: singular)
    (own.form, own.isGrouped) = (style.form, style.isGrouped)
    return own
  }

  /// Money with a currency sign before it: −$1,200, £1,200.
  public static func money(_ sign: String, _ places: Int = 0) -> NumberStyle {
    NumberStyle(form: .decimals(places), prefix: sign)
  }

  /// A number with a unit after it, such as `weeks`; the unit's singular stands with 1.
  public static func unit(
    _ unit: String, singular: String? = nil, _ places: Int = 0
  ) -> NumberStyle {
    NumberStyle(
      form: .decimals(places), suffix: " " + unit, singularSuffix: singular.map { " " + $0 },
      countsThings: true)
  }

  /// Weeks.
  public static func weeks(_ places: Int = 0) -> NumberStyle {
    .unit("weeks", singular: "week", places)
  }

  /// A p-value: three decimals, "< 0.001" below.
  public static let pValue = NumberStyle(form: .pValue, isGrouped: false)

  /// The style with a plus sign before positive numbers.
  public var signed: NumberStyle {
    var style = self
    style.isSigned = true
    return style
  }

  /// The style without the sign, for sentences that say "fewer" or "less".
  public var magnitude: NumberStyle {
    var style = self
    style.isMagnitude = true
    return style
  }

  /// The style without its unit.
  public var bare: NumberStyle {
    var style = self
    (style.suffix, style.singularSuffix) = ("", nil)
    return style
  }

  /// The number after scaling, before rounding.
  func scaled(_ value: Double) -> Double {
    let scaled = (value + offset) * factor
    return isMagnitude ? scaled.magnitude : scaled
  }

  /// The number as text.
  public func text(_ value: Double) -> String {
    let number = scaled(value)
    if !number.isFinite { return number.isNaN ? "n/a" : number < 0 ? "−∞" : "∞" }
    var body: String
    switch form {
    case .decimals(let places):
      body = isGrouped ? FixedText.grouped(number, places) : FixedText.decimals(number, places)
    case .significant(let digits):
      body = FixedText.significant(number, digits: digits)
    case .pValue:
      if number < 0.001 { return "< 0.001" }
      body = FixedText.decimals(number, 3)
    }
    var sign = ""
    if body.hasPrefix("-") {
      body.removeFirst()
      sign = "−"
    } else if isSigned, body.utf8.contains(where: { $0 >= 49 && $0 <= 57 }) {
      sign = "+"
    }
    let isOne = Double(body) == 1
    return sign + prefix + body + (isOne ? singularSuffix ?? suffix : suffix)
  }

  /// A range as text, its unit written once: `3 to 8 weeks`, `$551 to $3,038`.
  public func text(from low: Double, to high: Double) -> String {
    "\(bare.text(low)) to \(text(high))"
  }

  /// The cell as text: the number in this style, text as it is, `[c]` where withheld, `n/a` where
  /// there is none.
  public func text(_ cell: ResultTable.Cell) -> String {
    switch cell {
    case .number(let value): text(value)
    case .text(let value): value
    case .flag(let value): value ? "yes" : "no"
    case .missing: "n/a"
    case .suppressed: "[c]"
    }
  }
}
