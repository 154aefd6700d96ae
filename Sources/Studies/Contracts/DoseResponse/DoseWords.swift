internal import Reporting
internal import Statistics

/// What a dose is called, and how it is written.
struct DoseWords {
  /// On the axis and in headings.
  let label: String
  /// The step that a slope is told for: `10 percentage points more of the expected income from outcomes`.
  let step: String
  let style: NumberStyle
  /// For a title of few words.
  let short: String

  init(_ dose: String, _ names: [String: String]) {
    switch dose {
    case SiteDose.outcomeShare:
      label = "Share of the income expected by plan that outcomes pay"
      step = "10 percentage points more of the expected income from outcomes"
      short = "outcome share"
      style = .percent()
    case SiteDose.contacts:
      label = "Management contacts for each specialist a quarter"
      step = "one more management contact for each specialist a quarter"
      short = "management contacts"
      style = .decimals(1)
    case SiteDose.cost:
      label = "Cost of performance management for each client"
      step = "£1 more of management for each client"
      short = "management cost"
      style = .pounds()
    default:
      label = names[dose] ?? dose
      step = "one unit more of “\(names[dose] ?? dose)”"
      short = (names[dose] ?? dose).lowercased()
      style = .significant(3)
    }
  }
}
