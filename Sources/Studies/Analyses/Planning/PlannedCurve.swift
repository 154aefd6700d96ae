internal import Statistics

/// `power --curve`: the same plan at several values of one of its numbers, or of two.
struct PlannedCurve: Sendable {
  var design: String
  var variable: String
  /// What tells the lines apart; nil for one line.
  var lines: String?
  /// One plan a row, with the value of the curve and of its line.
  var plans: [(value: Double, line: Double?, plan: PowerAnalysis)]

  /// Decodes one plan a row; nil without a curve.
  ///
  /// - Throws: `invalidOption` for a curve without values, a variable that the design does not have or
  ///   that is given too, and what any of the plans refuses.
  init?(design: String, options: OptionValues) throws(SiblingError) {
    guard options.isGiven(.plannedCurve) else {
      for key in [OptionKey.curveValues, .plannedLines, .lineValues] where options.isGiven(key) {
        throw options.wrong(key, "goes with --curve")
      }
      return nil
    }
    self.design = design
    let own = try Variable(.plannedCurve, .curveValues, design, options)
    variable = own.name
    var line: Variable?
    if options.isGiven(.plannedLines) {
      let other = try Variable(.plannedLines, .lineValues, design, options)
      guard !other.keys.contains(where: { own.keys.contains($0) }) else {
        throw options.wrong(.plannedLines, "sets the same number as --curve \(own.name)")
      }
      line = other
    } else if options.isGiven(.lineValues) {
      throw options.wrong(.lineValues, "goes with --by")
    }
    lines = line?.name
    plans = []
    let outer: [Double?] = line.map { line in line.values.map { $0 } } ?? [nil]
    guard outer.count * own.values.count <= 10_000 else {
      throw options.wrong(.curveValues, "and --by-values give more than 10000 rows")
    }
    for second in outer {
      for value in own.values {
        var changed = OptionValues()
        for key in OptionKey.power + OptionKey.common where options.isGiven(key) {
          guard !Self.own.contains(key) else { continue }
          changed.set(
            key, OptionValues.Entry(options.repeated(key), location: options.location(key)))
        }
        own.set(value, &changed)
        if let line, let second { line.set(second, &changed) }
        plans.append((value, second, try PowerAnalysis(formula: nil, options: changed)))
      }
    }
  }

  private static let own: [OptionKey] = [
    .plannedCurve, .curveValues, .plannedLines, .lineValues,
  ]

  /// A number of a plan that takes several values.
  private struct Variable {
    var name: String
    var values: [Double]
    /// The options that it sets.
    var keys: [OptionKey]

    init(
      _ choice: OptionKey, _ list: OptionKey, _ design: String, _ options: OptionValues
    ) throws(SiblingError) {
      name = try options.choice(choice)
      values = try options.numbers(list)
      guard !values.isEmpty, values.count <= 1000 else {
        throw options.wrong(list, "takes 1 to 1000 numbers for --\(choice.name)")
      }
      keys = Variable.keys(name, design, options)
      guard !keys.isEmpty, keys.allSatisfy({ PlanOptions.allows($0, design) }) else {
        throw options.wrong(choice, "is not for --design \(design)")
      }
      for key in keys where options.isGiven(key) {
        throw options.wrong(key, "can't be given with --\(choice.name) \(name), which sets it")
      }
    }

    func set(_ value: Double, _ options: inout OptionValues) {
      let isWhole = value == value.rounded() && value.magnitude < 1e15
      for key in keys { options.set(key, to: isWhole ? "\(Int(value))" : "\(value)") }
    }

    private static func keys(
      _ name: String, _ design: String, _ options: OptionValues
    ) -> [OptionKey] {
      switch name {
      case "sites": return [.treatedSites, .comparisonSites]
      case "clients":
        if design == "did" { return [.peoplePerCell] }
        if design == "survival" { return [.plannedPeople] }
        let ofSites: [OptionKey] = [
          .treatedSites, .comparisonSites, .intraclusterCorrelation, .sizeVariation,
        ]
        let others = [OptionKey.plannedCurve, .plannedLines].compactMap { options.text($0) }
        let hasSites =
          design == "clusters" || ofSites.contains { options.isGiven($0) }
          || others.contains { $0.hasPrefix("sites") || $0 == "icc" }
        return [hasSites ? .peoplePerSite : .plannedPeople]
      default: return OptionKey.power.filter { $0.name == name }
      }
    }
  }

  /// One row a value, one column a quantity.
  ///
  /// - Throws: what the plans refuse.
  func output() throws(SiblingError) -> AnalysisOutput {
    var quantities: [String] = []
    var found: [[String: Double?]] = []
    var notes: [String] = []
    for (_, _, plan) in plans {
      let (rows, own) = try plan.rows()
      for row in rows
      where !quantities.contains(row.quantity) && row.quantity != variable && row.quantity != lines
      {
        quantities.append(row.quantity)
      }
      found.append(Dictionary(rows.map { ($0.quantity, $0.value) }) { first, _ in first })
      for note in own where !notes.contains(note) { notes.append(note) }
    }
    var output = AnalysisOutput(
      columns: [
        .texts("design", plans.map { _ in design }), .texts("curve", plans.map { _ in variable }),
        .numbers("value", plans.map(\.value)),
      ], notes: notes)
    if let lines {
      output.columns += [
        .texts("by", plans.map { _ in lines }), .numbers("by.value", plans.map(\.line)),
      ]
    }
    output.columns += quantities.map { name in
      .numbers(name, found.map { ($0[name] ?? nil) ?? nil })
    }
    // Made from the options alone: there are no people behind it.
    output.labels = Set(quantities + ["value", "by.value"])
    return output
  }
}
