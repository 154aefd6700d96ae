/// The plans and the count of one quarter, or sums of several; nil = not stated, not reported.
struct PlanLine: Sendable, Equatable {
  var original: Double?
  var latest: Double?
  var reached: Int?
  var version = ""
  /// The months that the plans cover.
  var months: UInt8 = 0
  /// Whether some months, but not all that were planned, are reported.
  var isIncomplete = false
  /// Whether the count is of the whole quarter though the plans are of a part.
  var isWider = false

  /// The beginning of a sum.
  static let none = PlanLine(original: 0, latest: 0, reached: 0)

  init(original: Double?, latest: Double?, reached: Int?) {
    self.original = original
    self.latest = latest
    self.reached = reached
  }

  init(_ cell: PlannedTargets.Cell) {
    original = cell.original
    latest = cell.latest
    version = cell.version
    months = cell.months
  }

  /// The line with what was reached in the months of the plan.
  func with(_ counts: ReachedOutcomes.Cell?) -> PlanLine {
    guard let counts else { return self }
    var line = self
    guard counts.months & months == months else {
      line.isIncomplete = counts.months & months != 0
      return line
    }
    line.reached = counts.units.filter { $0.months & months != 0 }.reduce(0) { $0 + $1.count }
    line.isWider = counts.units.contains { $0.months & months != 0 && $0.months & ~months != 0 }
    return line
  }

  /// What was reached in months without a target.
  static func outside(
    _ lines: [PlanQuarter: PlanLine], _ counts: [PlanQuarter: ReachedOutcomes.Cell]
  ) -> Int {
    counts.reduce(0) { sum, cell in
      let months = lines[cell.key]?.months ?? 0
      return sum
        + cell.value.units.filter { $0.months & months == 0 }.reduce(0) { $0 + $1.count }
    }
  }

  /// A sum is known only where all its parts are.
  static func += (left: inout PlanLine, right: PlanLine) {
    left.original = left.original.flatMap { sum in right.original.map { sum + $0 } }
    left.latest = left.latest.flatMap { sum in right.latest.map { sum + $0 } }
    left.reached = left.reached.flatMap { sum in right.reached.map { sum + $0 } }
  }
}

extension PlannedOutcomes {
  /// What must be known of one contract's counts of an outcome.
  func anomalies(
    _ contract: String, _ stage: OutcomeStage, _ lines: [PlanQuarter: PlanLine],
    _ counts: [PlanQuarter: ReachedOutcomes.Cell]
  ) -> [DataAnomaly] {
    var found: [DataAnomaly] = []
    func add(_ rule: DataAnomaly.Rule, _ quarters: [PlanQuarter], _ what: String) {
      guard !quarters.isEmpty else { return }
      let names = Self.list(quarters)
      found.append(
        DataAnomaly(
          rule, project: contract, subject: stage.rawValue,
          sentence: "\(contract): \(stage.plural) in \(names) \(what)."))
    }
    let sorted = lines.sorted { $0.key < $1.key }
    let lastKnown = sorted.last { $0.value.reached != nil }?.key
    guard let lastKnown else {
      return [
        DataAnomaly(
          .outcomesNotReported, project: contract, subject: stage.rawValue,
          sentence: "\(contract): there is a plan for \(stage.plural) but none is reported; that is"
            + " not taken as zero.")
      ]
    }
    add(
      .incompleteQuarter, sorted.filter { $0.value.isIncomplete }.map(\.key),
      "are reported for some of the planned months only, so the quarter is left out")
    add(
      .outcomesNotReported,
      sorted.filter {
        $0.key < lastKnown && $0.value.reached == nil && !$0.value.isIncomplete
      }.map(\.key), "are not reported though later ones are; they are not taken as zero")
    add(
      .incompleteQuarter, sorted.filter { $0.value.isWider }.map(\.key),
      "were planned for a part of the quarter and are counted for all of it")
    let extra = PlanLine.outside(lines, counts)
    if extra > 0 {
      found.append(
        DataAnomaly(
          .reachedWithoutPlan, project: contract, subject: stage.rawValue,
          sentence: "\(contract): \(extra) \(stage.plural) were reached in quarters without a"
            + " target; they enter no ratio.", counts: [extra]))
    }
    return found
  }

  private static func list(_ quarters: [PlanQuarter]) -> String {
    guard let first = quarters.first, let last = quarters.last, quarters.count > 2,
      last.number - first.number == quarters.count - 1
    else { return quarters.map(\.description).joined(separator: ", ") }
    return "\(first) to \(last)"
  }
}
