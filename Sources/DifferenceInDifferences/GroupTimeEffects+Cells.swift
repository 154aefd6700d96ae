internal import LinearAlgebra
internal import Statistics

/// The units that group-time effects use, by group, and the periods.
struct GroupTimeSample: Sendable, Equatable {
  /// Unit codes used.
  var units: [Int]
  /// The group of each unit used; nil for never treated.
  var group: [Double?]
  /// Groups that get effects, ascending.
  var groups: [Double]
  /// How many of the panel's periods are used, from the first.
  var periods: Int
  var notes: [String] = []

  init(_ effects: GroupTimeEffects, _ panel: PanelDesign) throws(SiblingError) {
    let table = panel.rowTable()
    let count = panel.periods.count
    let first = panel.periods[0]
    let last = panel.periods[count - 1]
    var (used, starts): ([Int], [Double?]) = ([], [])
    var (incomplete, early) = (0, 0)
    for unit in 0..<panel.units {
      guard (0..<count).allSatisfy({ table[unit * count + $0] >= 0 }) else {
        incomplete += 1
        continue
      }
      var start = panel.declaredGroups[unit]
      if let given = start, given > last + effects.anticipation { start = nil }
      if let given = start, given <= first + effects.anticipation {
        early += 1
        continue
      }
      used.append(unit)
      starts.append(start)
    }
    units = used
    group = starts
    groups = Array(Set(starts.compactMap { $0 })).sorted()
    periods = count
    if incomplete > 0 {
      notes.append("\(incomplete) units without a row in some period were left out.")
    }
    if early > 0 {
      notes.append("\(early) units without a period before treatment were left out.")
    }
    guard let latest = groups.last else {
      throw SiblingError(
        .badDesign, "No treated unit has a period before treatment and a row in every period.",
        help: "Add earlier periods, or check the units that were left out.")
    }
    if !group.contains(where: { $0 == nil }) {
      periods = panel.periods.prefix { $0 < latest - effects.anticipation }.count
      groups.removeLast()
      notes.append(
        "Without never treated units the last cohort (\(PanelDesign.label(latest))) serves as "
          + "controls, over the periods before its treatment.")
      if effects.control == .neverTreated {
        group = group.map { $0 == latest ? nil : $0 }
      }
    }
    let small = groups.filter { size(of: $0) <= GroupTimeResult.smallCohort }
    if !small.isEmpty {
      let list = small.map { PanelDesign.label($0) }.joined(separator: ", ")
      notes.append(
        "Cohorts of one or two units (\(list)) have no honest standard error from this formula; "
          + "pool cohorts or use randomisation inference.")
    }
  }

  func size(of start: Double) -> Int { group.filter { $0 == start }.count }
}

/// The rows behind group-time comparisons.
struct GroupTimeData {
  var table: [Int32]
  var periods: Int
  var outcome: [Double]
  var covariates: DesignMatrix?
  var weights: [Double]?

  func row(unit: Int, period: Int) -> Int { Int(table[unit * periods + period]) }
  func weight(unit: Int, period: Int) -> Double {
    weights?[row(unit: unit, period: period)] ?? 1
  }
}

/// One cell before it is estimated.
struct GroupTimePlan {
  var group: Double
  var time: Double
  var base: Double
  var timeIndex: Int
  var baseIndex: Int

  var isBase: Bool { timeIndex == baseIndex }
  var term: String { "ATT(\(PanelDesign.label(group)),\(PanelDesign.label(time)))" }
}

/// One cell estimated.
struct GroupTimeAnswer {
  var effect = Double.nan
  /// One value a unit used; nil where there is no estimate.
  var influence: [Double]?
  var treated = 0
  var controls = 0
  var problem: String?
}

extension GroupTimeEffects {
  /// The cells, by group and then period.
  func plans(_ sample: GroupTimeSample, _ periods: [Double]) -> [GroupTimePlan] {
    var plans: [GroupTimePlan] = []
    for group in sample.groups {
      let before = periods.indices.last { periods[$0] + anticipation < group }
      for index in 0..<sample.periods {
        let isAfter = periods[index] >= group
        let start = isAfter || base == .universal ? before : index > 0 ? index - 1 : nil
        guard let start, start < sample.periods else { continue }
        plans.append(
          GroupTimePlan(
            group: group, time: periods[index], base: periods[start], timeIndex: index,
            baseIndex: start))
      }
    }
    return plans
  }

  func compare(
    _ plan: GroupTimePlan, _ sample: GroupTimeSample, _ data: GroupTimeData
  ) -> GroupTimeAnswer {
    var answer = GroupTimeAnswer()
    let horizon = max(plan.time, plan.base) + anticipation
    var (places, treated): ([Int], [Bool]) = ([], [])
    for (place, group) in sample.group.enumerated() {
      let isTreated = group == plan.group
      let isControl =
        group == nil
        || (control == .notYetTreated && !isTreated && group ?? 0 > horizon)
      guard isTreated || isControl else { continue }
      places.append(place)
      treated.append(isTreated)
    }
    answer.treated = treated.filter { $0 }.count
    answer.controls = treated.count - answer.treated
    if plan.isBase {
      answer.effect = 0
      answer.influence = [Double](repeating: 0, count: sample.units.count)
      return answer
    }
    guard answer.controls > 0 else {
      answer.problem = "there are no controls."
      return answer
    }
    let earlier = min(plan.timeIndex, plan.baseIndex)
    let rows = places.map { data.row(unit: sample.units[$0], period: earlier) }
    let change = places.map { place in
      let unit = sample.units[place]
      return data.outcome[data.row(unit: unit, period: plan.timeIndex)]
        - data.outcome[data.row(unit: unit, period: plan.baseIndex)]
    }
    let comparison = ChangeComparison(
      change: change, treated: treated, weights: data.weights.map { all in rows.map { all[$0] } },
      covariates: data.covariates?.selecting(rows: rows))
    do {
      // Without covariates all estimators agree, influence functions included.
      let solved = try comparison.solve(
        comparison.names.count == 1 ? .outcomeRegression : estimator)
      if let propensity = solved.propensity,
        treated.indices.contains(where: { treated[$0] && propensity[$0] >= 0.999 })
      {
        answer.problem = "treated units have a fitted probability of treatment of 0.999 or more."
        return answer
      }
      let scale = Double(sample.units.count) / Double(places.count)
      var influence = [Double](repeating: 0, count: sample.units.count)
      for (index, place) in places.enumerated() {
        influence[place] = solved.influence[index] * scale
      }
      answer.effect = solved.effect
      answer.influence = influence
    } catch {
      answer.problem = error.message
    }
    return answer
  }
}
