internal import DifferenceInDifferences
internal import Statistics
internal import Tables

/// `did-sensitivity`: the overall effect of `did` again, with something left out.
struct SensitivityAnalysis: VerbAnalysis {
  /// The analysis that is run again; it leaves out no periods itself.
  var difference: DifferenceAnalysis
  /// The columns of the panel.
  var columns: PanelColumns
  /// `unit`, `cluster` or a column, each level of which is left out in turn.
  var leaveOut: String?
  /// By how many periods treatment is moved earlier.
  var steps: [Int]
  /// The periods in which treatment is pretended to begin.
  var starts: [Double]
  /// The periods left out one by one and together.
  var excluded: [Double]

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    starts = try options.numbers(.placeboStarts)
    steps = []
    for number in try options.numbers(.placeboDates) {
      guard let step = Int(exactly: number), (1...100_000).contains(step) else {
        throw options.wrong(.placeboDates, "takes whole numbers of periods from 1")
      }
      steps.append(step)
    }
    let all = try DifferenceAnalysis(formula: nil, options: Self.averaged(options))
    guard var columns = all.panelColumns else {
      throw SiblingError(
        .invalidOption, "re-runs need a panel: --outcome --unit --time --group",
        help: "two-period data have no other sites or dates to leave out", column: "method")
    }
    excluded = columns.excluded
    columns.excluded = []
    difference = all
    self.columns = columns
    leaveOut = options.text(.leaveOut)
    if leaveOut == nil, steps.isEmpty, starts.isEmpty, excluded.isEmpty { leaveOut = "unit" }
    if leaveOut == "cluster", difference.settings.clusters.count != 1 {
      throw options.wrong(.leaveOut, "needs one column of --cluster to leave clusters out")
    }
  }

  /// The options with an average where cells would come back.
  private static func averaged(_ options: OptionValues) throws(SiblingError) -> OptionValues {
    let method = options.isGiven(.didMethod) ? try options.choice(.didMethod) : nil
    let own = PanelMethod.all.first { $0.name == method }?.keys
    let averages =
      method == nil || method == "callaway-santanna"
      || own?.contains { $0.name == OptionKey.aggregate.name } ?? false
    let isCells = try options.choice(.aggregate) == "none"
    guard averages, isCells else { return options }
    var changed = options
    changed.set(.aggregate, to: "simple")
    return changed
  }

  /// The rows of the verb: the full estimate, then each re-run.
  ///
  /// - Throws: what is wrong with the columns, the panel or the model, located; a re-run that
  ///   identifies nothing is a row without estimate.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let data = try BoundPanel(
      columns, covariates: difference.covariates, table: table, settings: difference.settings)
    if !excluded.isEmpty {
      try PanelRows.requirePeriods(excluded, among: data.panel.periods)
    }
    let runs = try data.bound.locating { () throws(SiblingError) in
      let sample = try PanelSample(
        data.panel, outcome: data.outcome, covariates: data.covariates,
        weights: data.bound.weights, clusters: data.bound.clusters)
      let sensitivity = try difference.sensitivity()
      var runs = [try sensitivity.full(sample)]
      if let leaveOut {
        runs += try sensitivity.leavingOut(eachOf: try factor(leaveOut, data), sample)
      }
      if !excluded.isEmpty { runs += try sensitivity.excluding(periods: excluded, sample) }
      runs += try sensitivity.placeboDates(earlierBy: steps, sample)
      runs += sensitivity.placeboDates(startingIn: starts, sample)
      return runs
    }
    return output(runs, notes: data.bound.notes)
  }

  /// Each level left out is a fit of its own.
  private static let mostLevels = 5000

  private func factor(_ name: String, _ data: BoundPanel) throws(SiblingError) -> Factor {
    let factor =
      switch name {
      case "unit": try units(data.panel)
      case "cluster": try data.bound.singleCluster() ?? data.panel.unit
      default: try data.bound.frame.factor(of: name)
      }
    guard factor.levels.count <= Self.mostLevels else {
      throw SiblingError(
        .invalidOption,
        "leave-out would take \(factor.levels.count) fits; it does \(Self.mostLevels) at most",
        help: "leave out clusters, regions or providers instead", column: "leave-out")
    }
    return factor
  }

  private func units(_ panel: PanelDesign) throws(SiblingError) -> Factor {
    guard panel.isCrossSections else { return panel.unit }
    throw SiblingError(
      .invalidOption, "repeated cross-sections have no units to leave out",
      help: "leave out a column of sites or regions", column: "leave-out")
  }

  private func output(_ runs: [PanelRerun], notes: [String]) -> AnalysisOutput {
    let full = runs[0]
    let rows = runs.map { run in
      run.estimate
        ?? Estimate(
          term: "", estimate: .nan, standardError: nil, statistic: nil, degreesOfFreedom: nil,
          pValue: nil, interval: nil, convention: "")
    }
    var columns = EstimateTable(rows: rows, observations: full.rows).columns()
    columns[0] = .texts("kind", runs.map(\.kind.rawValue))
    columns.insert(.texts("left_out", runs.map { $0.leftOut.isEmpty ? nil : $0.leftOut }), at: 1)
    columns.append(
      .numbers(
        "change",
        rows.map { $0.estimate.isNaN ? nil : $0.estimate - (full.estimate?.estimate ?? .nan) }))
    columns.append(.integers("n", runs.map(\.rows)))
    var output = AnalysisOutput(columns: columns, notes: notes + full.notes + told(runs))
    output.people["treated"] = runs.map(\.treatedUnits)
    // What a run leaves out could be had by subtraction.
    output.people["left_out"] = runs.map { $0.unitsLeftOut > 0 ? $0.unitsLeftOut : full.rows }
    output.hasRowsOfPeople = leaveOut == "unit"
    return output
  }

  /// What the re-runs amount to, in words.
  private func told(_ runs: [PanelRerun]) -> [String] {
    var notes: [String] = []
    let full = runs[0].estimate?.estimate ?? .nan
    let left = runs.filter { $0.kind == .leaveOut }
    let found = left.compactMap { run in run.estimate.map { (run.leftOut, $0) } }
    if let low = found.min(by: { $0.1.estimate < $1.1.estimate }),
      let high = found.max(by: { $0.1.estimate < $1.1.estimate })
    {
      let flips = found.count { $0.1.estimate * full < 0 }
      let lost = left.count - found.count
      notes.append(
        "leaving out one of \(left.count) in turn, the estimate lies between"
          + " \(NumberText.significant(low.1.estimate, digits: 6)) (without \(low.0)) and"
          + " \(NumberText.significant(high.1.estimate, digits: 6)) (without \(high.0));"
          + " it changes sign in \(flips)" + (lost > 0 ? " and is gone in \(lost)" : ""))
    }
    for run in runs.dropFirst() {
      let name = "\(run.kind.rawValue) \(run.leftOut)"
      if let problem = run.problem {
        notes.append("\(name): no estimate. \(problem.message)")
      } else if run.kind == .placeboDate {
        // Cells after the true start are gone by design; only units that take no part are news.
        if run.unitsLeftOut > 0 {
          notes.append("\(name) leaves out \(run.unitsLeftOut) units without a period before")
        }
      } else if run.kind == .excludePeriods {
        notes += run.notes.filter { !runs[0].notes.contains($0) }.map { "\(name): \($0)" }
      }
    }
    if !steps.isEmpty || !starts.isEmpty {
      notes.append(
        "placebo dates use only rows before the true start, so an effect there is a difference in"
          + " trends, not of treatment; none is no proof that there is none")
    }
    return notes
  }
}

extension DifferenceAnalysis {
  /// The columns of a panel; nil for wide data.
  var panelColumns: PanelColumns? {
    switch shape {
    case .wide: nil
    case .fixedEffects(let columns), .groupTime(let columns), .other(_, let columns): columns
    }
  }

  /// Re-runs of the overall effect on a panel.
  ///
  /// - Throws: `internalError` for wide data.
  func sensitivity() throws(SiblingError) -> PanelSensitivity {
    switch shape {
    case .wide:
      throw SiblingError(.internalError, "two periods have no panel")
    case .fixedEffects:
      return PanelSensitivity(anticipation: groupTime.anticipation) { sample throws(SiblingError) in
        var table = try twoWay.fit(
          sample.panel, outcome: sample.outcome, covariates: sample.covariates,
          weights: sample.weights, covariance: covariance.estimator(sample.clusters)
        ).table
        let starts = sample.panel.cohorts.count
        if starts > 1 { table.notes.append(Self.staggered(starts)) }
        return table
      }
    case .groupTime:
      return PanelSensitivity(groupTime, average: aggregation ?? .simple, balance: balance)
    case .other:
      guard let estimator else {
        throw SiblingError(.internalError, "this method has no estimator of its own")
      }
      return PanelSensitivity(estimator, anticipation: groupTime.anticipation)
    }
  }
}
