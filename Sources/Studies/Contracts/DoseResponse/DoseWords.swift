internal import Reporting
internal import Statistics

/// What a dose is called, and how it is written.
struct DoseWords {
  /// On the axis and in headings.
  let label: String
  /// What there is one step more of: `of the expected income from outcomes`.
  private let more: String
  let style: NumberStyle
  /// For a title of few words.
  let short: String

  private let dose: String

  init(_ dose: String, _ names: [String: String]) {
    self.dose = dose
    switch dose {
    case SiteDose.outcomeShare:
      label = "Share of the income expected by plan that outcomes pay"
      more = "of the expected income from outcomes"
      short = "outcome share"
      style = .percent()
    case SiteDose.contacts:
      label = "Management contacts for each specialist a quarter"
      more = "of management contacts for each specialist a quarter"
      short = "management contacts"
      style = .decimals(1)
    case SiteDose.cost:
      label = "Cost of performance management for each client"
      more = "of management for each client"
      short = "management cost"
      style = .pounds()
    default:
      label = names[dose] ?? dose
      more = "of “\(names[dose] ?? dose)”"
      short = (names[dose] ?? dose).lowercased()
      style = .significant(3)
    }
  }

  /// The step that a slope is told for: `10 percentage points more of the expected income from outcomes`.
  func step(_ unit: ReleasedCell) -> Prose {
    switch dose {
    case SiteDose.outcomeShare: "\(unit, .percentagePoints(.significant(3))) more \(more)"
    case SiteDose.cost: "\(unit, .money("£", .significant(3))) more \(more)"
    case SiteDose.contacts where unit.number == 1:
      "one more management contact for each specialist a quarter"
    case SiteDose.contacts: "\(unit, .significant(3)) more \(more)"
    default: "\(unit, .unit("units", singular: "unit", .significant(3))) more \(more)"
    }
  }
}
