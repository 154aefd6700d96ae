internal import Statistics

/// Which coefficient each row of a panel belongs to.
struct EventBins {
  struct Bin {
    var term: String
    /// The event time; for a bin of several the one nearest to zero.
    var eventTime: Double
    var rows: Int
    var isReference: Bool
  }

  /// Never treated.
  static let none = -1
  /// Beyond the leads and lags, left out.
  static let outside = -2

  /// The event times, ascending.
  private(set) var bins: [Bin] = []
  /// For each row its bin, or `none` or `outside`.
  private(set) var bin: [Int]
  /// Rows left out.
  private(set) var excluded = 0
  private(set) var notes: [String] = []

  /// The bins of some rows' event times; with `sizes` each counts for so many rows.
  init(
    _ study: EventStudy, _ eventTimes: [Double?], sizes: [Int]? = nil
  ) throws(SiblingError) {
    let first = study.leads.map { -Double($0) } ?? -.infinity
    let last = study.lags.map(Double.init) ?? .infinity
    guard study.leads ?? 1 >= 1, study.lags ?? 0 >= 0 else {
      throw SiblingError(
        .invalidOption, "An event study needs at least one lead, and lags of 0 or more.",
        help: "Leads count event times before treatment, lags those after it began.")
    }
    guard study.reference >= first, study.reference <= last else {
      throw SiblingError(
        .invalidOption, "The reference event time lies outside the leads and lags.",
        help: "Choose a reference between the first lead and the last lag, such as -1.")
    }
    bin = [Int](repeating: Self.none, count: eventTimes.count)
    var position = [Double?](repeating: nil, count: eventTimes.count)
    for (row, time) in eventTimes.enumerated() {
      guard let time else { continue }
      if time < first || time > last {
        if study.beyond == .excluded {
          bin[row] = Self.outside
          excluded += sizes?[row] ?? 1
          continue
        }
        // Half a step beyond, so that a bin sorts outside the last single event time.
        position[row] = time < first ? first - 0.5 : last + 0.5
      } else {
        position[row] = time
      }
    }
    var counts: [Double: Int] = [:]
    for (row, value) in position.enumerated() {
      if let value { counts[value, default: 0] += sizes?[row] ?? 1 }
    }
    let ordered = counts.keys.sorted()
    var place: [Double: Int] = [:]
    for (index, value) in ordered.enumerated() { place[value] = index }
    for (row, value) in position.enumerated() {
      if let value { bin[row] = place[value] ?? Self.none }
    }
    for value in ordered {
      let time = value < first ? first - 1 : value > last ? last + 1 : value
      let mark = value < first ? "<=" : value > last ? ">=" : "="
      bins.append(
        Bin(
          term: "e\(mark)\(PanelDesign.label(time))", eventTime: time, rows: counts[value] ?? 0,
          isReference: value == study.reference))
    }
    guard bins.contains(where: \.isReference) else {
      throw SiblingError(
        .badDesign,
        "No treated unit is observed at the reference event time "
          + "\(PanelDesign.label(study.reference)).",
        help: "Choose another reference.")
    }
    if excluded > 0 {
      notes.append("\(excluded) rows beyond the leads and lags were left out.")
    }
  }
}
