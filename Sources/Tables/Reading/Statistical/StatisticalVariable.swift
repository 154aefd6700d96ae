internal import Statistics

/// What a file of a statistical package says about a variable.
struct StatisticalVariable {
  var name: String
  /// What the variable is about; empty when the file has nothing.
  var label: String
  /// How its values are shown, as the file writes it: `%td`, `F8.2`.
  var format: String
  var isText: Bool
  /// Whether the file stores whole numbers only.
  var isStoredWhole: Bool
  /// The name of its value labels; empty without.
  var labelSet: String

  /// What the numbers of a variable count.
  enum Measure: Equatable {
    case plain
    /// Days from an origin (Stata) or seconds (SPSS) that are shown as a day.
    case day(StatisticalCalendar)
    /// The same, shown with a time of day.
    case moment(StatisticalCalendar)
    /// Weeks, months, quarters, half-years of Stata's calendar, by what they are called.
    case period(String)
    /// A length of time in seconds.
    case duration
  }

  /// What the numbers count, by the format.
  func measure(_ kind: StatisticalKind) -> Measure {
    let bytes = Array(format.utf8)
    func character(_ place: Int) -> Character? {
      bytes.indices.contains(place) ? Character(UnicodeScalar(bytes[place])) : nil
    }
    guard kind == .stata else {
      switch String(format.prefix { $0.isLetter }).uppercased() {
      case "DATE", "ADATE", "EDATE", "JDATE", "SDATE", "MOYR", "QYR", "WKYR": return .day(.spss)
      case "DATETIME", "YMDHMS": return .moment(.spss)
      case "TIME", "DTIME", "MTIME": return .duration
      default: return .plain
      }
    }
    let start = character(1) == "-" ? 2 : 1
    if character(start) == "d" { return .day(.stataDays) }
    guard character(start) == "t" else { return .plain }
    switch character(start + 1) {
    case "d": return .day(.stataDays)
    case "c", "C": return .moment(.stataMilliseconds)
    case "w": return .period("weeks")
    case "m": return .period("months")
    case "q": return .period("quarters")
    case "h": return .period("half-years")
    default: return .plain
    }
  }

  /// Whether values are shown without decimals, so that whole numbers are meant as such.
  var isShownWhole: Bool {
    if isStoredWhole { return true }
    guard let dot = format.firstIndex(where: { $0 == "." || $0 == "," }) else {
      // `F3`, `N5`: SPSS leaves out what is zero.
      return format.contains { $0.isNumber }
    }
    return format[format.index(after: dot)...].prefix { $0.isNumber }.allSatisfy { $0 == "0" }
  }
}

/// The kinds of files that statistical packages write.
enum StatisticalKind {
  case stata
  case spss
  case spssPortable

  var name: String {
    switch self {
    case .stata: "Stata"
    case .spss: "SPSS"
    case .spssPortable: "SPSS portable"
    }
  }

  /// The kind of a file's content; nil for anything else.
  init?(_ source: ByteSource) {
    func begins(_ text: String) -> Bool {
      source.count >= text.utf8.count && source.bytes(0, text.utf8.count).elementsEqual(text.utf8)
    }
    if begins("<stata_dta>") {
      self = .stata
    } else if begins("$FL2") || begins("$FL3") {
      self = .spss
    } else if source.count > 4, (104...115).contains(source.base[0]),
      source.base[1] == 1 || source.base[1] == 2, source.base[2] == 1
    {
      // A version, the order of bytes, the type of file.
      self = .stata
    } else if source.count >= 472, source.bytes(464, 472).elementsEqual("SPSSPORT".utf8) {
      self = .spssPortable
    } else if Self.isPortable(source) {
      self = .spssPortable
    } else {
      return nil
    }
  }

  /// The mark of a portable file stands behind 456 bytes in lines that may be broken.
  private static func isPortable(_ source: ByteSource) -> Bool {
    let mark = Array("SPSSPORT".utf8)
    let head = source.bytes(0, min(source.count, 600)).filter { $0 != 10 && $0 != 13 }
    guard head.count >= 464 else { return false }
    return head[456..<464].elementsEqual(mark)
  }
}

/// How days are counted.
struct StatisticalCalendar: Equatable {
  /// Units to a day.
  var unitsPerDay: Double
  /// 1970-01-01 in units from the origin.
  var epoch: Double

  /// Days since 1960-01-01.
  static let stataDays = StatisticalCalendar(unitsPerDay: 1, epoch: 3653)
  /// Milliseconds since 1960-01-01.
  static let stataMilliseconds = StatisticalCalendar(
    unitsPerDay: 86_400_000, epoch: 3653 * 86_400_000)
  /// Seconds since 1582-10-14, the eve of the Gregorian calendar.
  static let spss = StatisticalCalendar(unitsPerDay: 86_400, epoch: 141_428 * 86_400)

  /// Days since 1970-01-01, with the part of a day that has passed.
  @inline(__always)
  func days(_ value: Double) -> Double { (value - epoch) / unitsPerDay }
}
