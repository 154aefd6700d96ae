public import Statistics

extension PanelSensitivity {
  /// The estimate with nothing left out.
  ///
  /// - Throws: what the estimator throws; without this estimate nothing can be compared.
  public func full(_ sample: PanelSample) throws(SiblingError) -> PanelRerun {
    let table = try estimator(sample)
    return PanelRerun(
      kind: .full, leftOut: "", estimate: table.rows.first, rows: sample.panel.rows,
      units: sample.panel.units, treatedUnits: sample.panel.treatedUnits, unitsLeftOut: 0,
      notes: table.notes, problem: nil)
  }

  /// A run for each level of a factor, without its rows, in the order of the levels.
  ///
  /// The factor has one entry a row: the unit (leave one site out), the cluster, the provider. A
  /// level without which no effect is identified gives a run without estimate.
  /// - Throws: `sizeMismatch`; `tooFewClusters` for a single level.
  /// - Complexity: a fit a level.
  public func leavingOut(
    eachOf factor: Factor, _ sample: PanelSample
  ) throws(SiblingError) -> [PanelRerun] {
    guard factor.count == sample.panel.rows else {
      throw SiblingError(
        .sizeMismatch, "There are \(factor.count) levels for \(sample.panel.rows) rows.",
        help: "Give each row one level.")
    }
    let factor = factor.droppingUnusedLevels()
    guard factor.levels.count > 1 else {
      throw SiblingError(
        .tooFewClusters, "There is only one level, so leaving it out leaves nothing.",
        help: "Leave out something that has two levels or more.")
    }
    return factor.levels.indices.map { level in
      let code = Int32(level)
      let rows = factor.codes.indices.filter { factor.codes[$0] != code }
      return rerun(.leaveOut, factor.levels[level], sample, rows: rows)
    }
  }

  /// A run without each of some periods, then one without all of them.
  ///
  /// - Throws: `badValue` for a period that the panel does not have.
  public func excluding(
    periods: [Double], _ sample: PanelSample
  ) throws(SiblingError) -> [PanelRerun] {
    let known = Set(sample.panel.periods)
    if let absent = periods.first(where: { !known.contains($0) }) {
      throw SiblingError(
        .badValue, "\(PanelDesign.label(absent)) is not a period of the panel.",
        help: "Name periods as the data do.")
    }
    let periods = Array(Set(periods)).sorted()
    let times = sample.panel.times
    var sets = periods.map { [$0] }
    if periods.count > 1 { sets.append(periods) }
    return sets.map { set in
      rerun(
        .excludePeriods, set.map { PanelDesign.label($0) }.joined(separator: ","), sample,
        rows: times.indices.filter { !set.contains(times[$0]) })
    }
  }

  /// A run for each number of periods by which treatment is moved earlier.
  ///
  /// Only rows before the true treatment (less anticipation) are used, so a true effect can't show;
  /// what shows is a difference in trends. Periods are counted among those of the panel, and those
  /// after the last true start are left out for everyone. Units without a period before the placebo
  /// are left out; those treated only after the panel stay controls.
  /// - Throws: `invalidOption` for a number below 1.
  public func placeboDates(
    earlierBy steps: [Int], _ sample: PanelSample
  ) throws(SiblingError) -> [PanelRerun] {
    if steps.contains(where: { $0 < 1 }) {
      throw SiblingError(
        .invalidOption, "A placebo date is one period before treatment or more.",
        help: "Give whole numbers from 1.")
    }
    let periods = sample.panel.periods
    return steps.map { step in
      placebo("t-\(step)", sample, isCommon: false) { start in
        let index = periods.firstIndex { $0 >= start } ?? periods.count
        return index - step >= 0 ? periods[index - step] : -.infinity
      }
    }
  }

  /// A run for each period in which treatment is pretended to begin, for all treated units.
  ///
  /// As `placeboDates(earlierBy:_:)`; units treated by then are left out, and rows from the first true
  /// start of the others on for everyone: they form one cohort, which must not change its make-up.
  public func placeboDates(startingIn starts: [Double], _ sample: PanelSample) -> [PanelRerun] {
    starts.map { date in
      placebo(PanelDesign.label(date), sample, isCommon: true) { start in
        start - anticipation > date ? date : -.infinity
      }
    }
  }

  /// Treatment moved to `moved(start)`; a unit without a row before that is left out.
  private func placebo(
    _ name: String, _ sample: PanelSample, isCommon: Bool, moved: (Double) -> Double
  ) -> PanelRerun {
    let panel = sample.panel
    let times = panel.times
    let first = panel.periods[0]
    let lastStart = panel.cohorts.last?.start ?? first
    var groups = panel.declaredGroups
    var earliest = lastStart
    for unit in groups.indices {
      guard let start = panel.groups[unit] else { continue }
      let placebo = moved(start)
      groups[unit] = placebo
      if placebo > first { earliest = min(earliest, start) }
    }
    // Units that the full fit leaves out for want of a period take no part in its placebos either.
    var seen = [Int](repeating: 0, count: panel.units)
    for code in panel.unit.codes { seen[Int(code)] += 1 }
    let needed = incompleteEstimator == nil ? 0 : panel.periods.count
    let rows = panel.period.indices.filter { row in
      let unit = Int(panel.unit.codes[row])
      guard seen[unit] >= needed else { return false }
      let end = (isCommon ? earliest : panel.groups[unit] ?? lastStart) - anticipation
      guard times[row] < end else { return false }
      return panel.groups[unit] == nil || groups[unit] ?? first > first
    }
    return rerun(
      .placeboDate, name, sample, rows: rows, groups: groups,
      by: isCommon ? estimator : incompleteEstimator)
  }

  private func rerun(
    _ kind: PanelRerun.Kind, _ name: String, _ sample: PanelSample, rows: [Int],
    groups: [Double?]? = nil, by own: Estimator? = nil
  ) -> PanelRerun {
    var part: PanelSample?
    var estimate: Estimate?
    var notes: [String] = []
    var problem: SiblingError?
    do throws(SiblingError) {
      let left = try sample.selecting(rows: rows, groups: groups)
      part = left
      let found = try (own ?? estimator)(left)
      notes = found.notes
      if let row = found.rows.first, row.estimate.isFinite {
        estimate = row
      } else {
        problem = SiblingError(.badDesign, "Nothing identifies the effect.")
      }
    } catch {
      problem = error
    }
    var seen = [Bool](repeating: false, count: sample.panel.units)
    for row in rows { seen[Int(sample.panel.unit.codes[row])] = true }
    let units = seen.count { $0 }
    return PanelRerun(
      kind: kind, leftOut: name, estimate: estimate, rows: rows.count, units: units,
      treatedUnits: part?.panel.treatedUnits ?? 0,
      unitsLeftOut: sample.panel.units - units, notes: notes, problem: problem)
  }
}
