internal import DifferenceInDifferences
internal import Statistics
internal import Survival

extension PowerAnalysis {
  /// Adds the power and size of each test, with Monte-Carlo errors.
  ///
  /// - Throws: what the simulation refuses.
  func add(
    _ simulation: PlannedSimulation, _ rows: inout [Row], _ notes: inout [String]
  ) throws(SiblingError) {
    let rates: [PlannedSimulation.Rate]
    if let difference {
      let found = try difference.plan.detectableEffect()
      let effect = difference.effect ?? found
      rows.append(("simulated.effect", effect))
      rates = try difference.plan.simulated(effect: effect, simulation)
    } else if let comparison {
      let found = try comparison.simulated(simulation)
      rows.append(("simulated.effect", found.effect))
      rates = found.rates
    } else if let expected, let hazardRatio, let people {
      rates = try power.simulated(
        people: people, hazardRatio: hazardRatio, expected: expected, shape: shape, simulation)
    } else {
      return
    }
    rows.append(("simulations", Double(simulation.samples)))
    for rate in rates {
      rows += [
        ("power.\(rate.method)", rate.power), ("power.\(rate.method).error", rate.powerError),
        ("size.\(rate.method)", rate.size), ("size.\(rate.method).error", rate.sizeError),
      ]
      let untested = 2 * rate.samples - rate.tested.power - rate.tested.size
      if untested > 0 {
        notes.append(
          "\(rate.method) had no p-value in \(untested) of \(2 * rate.samples) samples, which count as"
            + " not found")
      }
    }
    let liberal = rates.filter { $0.size > simulation.level + 3 * $0.sizeError }
    if !liberal.isEmpty {
      notes.append(
        "without any effect \(liberal.map(\.method).joined(separator: " and ")) rejects more often"
          + " than its level: its power is flattered")
    }
  }
}

/// `power --curve`: the same plan at several values of one of its numbers.
struct PlannedCurve: Sendable {
  var design: String
  var variable: String
  var values: [Double]
  /// One plan a value.
  var plans: [PowerAnalysis]

  /// Decodes one plan a value; nil without a curve.
  ///
  /// - Throws: `invalidOption` for a curve without values, a variable that the design does not have or
  ///   that is given too, and what any of the plans refuses.
  init?(design: String, options: OptionValues) throws(SiblingError) {
    guard options.isGiven(.plannedCurve) else {
      guard !options.isGiven(.curveValues) else {
        throw options.wrong(.curveValues, "goes with --curve")
      }
      return nil
    }
    self.design = design
    variable = try options.choice(.plannedCurve)
    values = try options.numbers(.curveValues)
    guard !values.isEmpty, values.count <= 1000 else {
      throw options.wrong(.curveValues, "takes 1 to 1000 numbers for --curve")
    }
    let keys = Self.keys(variable, design, options)
    guard !keys.isEmpty, keys.allSatisfy({ PlanOptions.allows($0, design) }) else {
      throw options.wrong(.plannedCurve, "is not for --design \(design)")
    }
    for key in keys where options.isGiven(key) {
      throw options.wrong(key, "can't be given with --curve \(variable), which sets it")
    }
    plans = []
    for value in values {
      var own = OptionValues()
      for key in OptionKey.power + OptionKey.common where options.isGiven(key) {
        guard key != .plannedCurve, key != .curveValues else { continue }
        own.set(
          key, OptionValues.Entry(options.repeated(key), location: options.location(key)))
      }
      let isWhole = value == value.rounded() && value.magnitude < 1e15
      for key in keys { own.set(key, to: isWhole ? "\(Int(value))" : "\(value)") }
      plans.append(try PowerAnalysis(formula: nil, options: own))
    }
  }

  private static func keys(
    _ variable: String, _ design: String, _ options: OptionValues
  ) -> [OptionKey] {
    switch variable {
    case "sites": return [.treatedSites, .comparisonSites]
    case "clients":
      if design == "did" { return [.peoplePerCell] }
      let hasSites = options.isGiven(.treatedSites) || options.isGiven(.comparisonSites)
      let isSurvival = design == "survival"
      return [!isSurvival && (hasSites || design == "clusters") ? .peoplePerSite : .plannedPeople]
    default: return OptionKey.power.filter { $0.name == variable }
    }
  }

  /// One row a value, one column a quantity.
  ///
  /// - Throws: what the plans refuse.
  func output() throws(SiblingError) -> AnalysisOutput {
    var quantities: [String] = []
    var found: [[String: Double?]] = []
    var notes: [String] = []
    for plan in plans {
      let (rows, own) = try plan.rows()
      for row in rows
      where !quantities.contains(row.quantity) && row.quantity != variable {
        quantities.append(row.quantity)
      }
      found.append(Dictionary(rows.map { ($0.quantity, $0.value) }) { first, _ in first })
      for note in own where !notes.contains(note) { notes.append(note) }
    }
    var output = AnalysisOutput(
      columns: [
        .texts("design", values.map { _ in design }), .texts("curve", values.map { _ in variable }),
        .numbers("value", values),
      ] + quantities.map { name in .numbers(name, found.map { ($0[name] ?? nil) ?? nil }) },
      notes: notes)
    // Made from the options alone: there are no people behind it.
    output.labels = Set(quantities + ["value"])
    return output
  }
}
