/// How sure one may be of an effect, in four words, with its working.
///
/// The words are those of GRADE (Guyatt and others 2008, doi:10.1136/bmj.39489.470347.AD); the rule is the
/// house's own, written out in the room's README. The design says where the rating starts. Each
/// domain is of no, some or serious concern. Three points cost one level: a serious concern has three,
/// some concern one, and a domain that nobody looked at one. Where anything was not looked at the
/// rating is at most moderate, and an overridden gate makes it very low.
///
/// A worse diagnostic never raises the rating: each judgement is monotone in its diagnostic, and the
/// rating in the points.
struct EvidenceRating: Sendable, Equatable {
  /// The rating.
  enum Level: Int, Sendable, Comparable, CaseIterable {
    case notRated, veryLow, low, moderate, high

    /// The rating in words.
    var words: String {
      switch self {
      case .notRated: "not rated"
      case .veryLow: "very low"
      case .low: "low"
      case .moderate: "moderate"
      case .high: "high"
      }
    }

    /// Whether the left is less sure.
    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  /// What a domain says.
  enum Judgement: String, Sendable, CaseIterable {
    case clear = "no concern"
    case some = "some concern"
    case serious = "serious concern"
    case notEvaluated = "not evaluated"
    case notApplicable = "does not apply"

    /// What it costs.
    var points: Int {
      switch self {
      case .clear, .notApplicable: 0
      case .some, .notEvaluated: 1
      case .serious: 3
      }
    }
  }

  /// What is judged, by the name that readers see.
  enum Domain: String, Sendable, CaseIterable {
    case clusters, power, attrition, balance, overlap
    case missing = "unknown outcomes"
    case trends = "trends before"
    case hiddenBias = "hidden bias"
    case agreement = "agreement of methods"
    case plan
  }

  /// One domain: what was found, what it is held against, and what follows.
  struct Row: Sendable, Equatable {
    var domain: Domain
    /// What the value is.
    var measure: String
    var value: Double?
    var comparator = ""
    /// From where on there is no concern.
    var threshold: Double?
    var judgement: Judgement
    /// Why, in a sentence without numbers.
    var why: String
  }

  /// The rating.
  let level: Level
  /// Where the design lets it start.
  let start: Level
  /// Why it starts there, or why nothing is rated.
  let reason: String
  /// The domains in the order of the report; empty where nothing is rated.
  let rows: [Row]

  /// How many points cost one level.
  static let pointsOfLevel = 3

  /// Rates a study.
  init(_ facts: EvidenceDiagnostics) {
    guard facts.hasComparison, !facts.isWithheld else {
      (level, start, rows) = (.notRated, .notRated, [])
      reason =
        facts.hasComparison
        ? "effects are withheld, because the design failed a check"
        : "nothing is compared, so no effect is claimed"
      return
    }
    (start, reason) = Self.start(facts)
    rows = Self.rows(facts)
    let lost = rows.map(\.judgement.points).reduce(0, +) / Self.pointsOfLevel
    var rating = Level(rawValue: max(start.rawValue - lost, Level.veryLow.rawValue)) ?? .veryLow
    if rows.contains(where: { $0.judgement == .notEvaluated }) { rating = min(rating, .moderate) }
    if facts.plan == .overridden { rating = .veryLow }
    level = rating
  }

  /// Where the design starts: chance high, a change against a change moderate, like against like
  /// moderate for people and low for whole sites, nothing known very low.
  private static func start(_ facts: EvidenceDiagnostics) -> (Level, String) {
    if facts.isDescriptive {
      return (
        .veryLow,
        facts.assignment == .unknown
          ? "nobody says how treatment came about" : "the design supports a description only"
      )
    }
    return switch (facts.assignment, facts.comparison) {
    case (.random, _): (.high, "chance decided who was treated")
    case (.unknown, _): (.veryLow, "nobody says how treatment came about")
    case (.chosen, .change):
      (.moderate, "treatment was not by chance, but changes are held against changes")
    case (.chosen, .level) where facts.isSiteLevel:
      (.low, "whole sites were treated, not by chance, and are compared only afterwards")
    case (.chosen, .level):
      (.moderate, "treatment was not by chance, but like is held against like")
    }
  }

  /// The domains with a judgement.
  func domains(judged judgement: Judgement) -> [String] {
    rows.filter { $0.judgement == judgement }.map(\.domain.rawValue)
  }

  /// The working in a few short sentences.
  var working: String {
    guard level != .notRated else { return reason }
    var parts = ["It starts at \(start.words): \(reason)."]
    for (judgement, words) in [
      (Judgement.serious, "Serious concern"), (.some, "Some concern"),
      (.notEvaluated, "Not evaluated"),
    ] {
      let names = domains(judged: judgement)
      if !names.isEmpty { parts.append("\(words): \(listed(names)).") }
    }
    if parts.count == 1 { parts.append("No domain gives concern.") }
    return parts.joined(separator: " ")
  }
}

/// Names as a list in a sentence: `a, b and c`.
func listed(_ names: [String]) -> String {
  guard let last = names.last, names.count > 1 else { return names.first ?? "" }
  return names.dropLast().joined(separator: ", ") + " and " + last
}
