internal import Engines
internal import Statistics
internal import Survival

/// Follow-up by cell for the verbs that compare arms.
struct SurvivalSums {
  /// The cells.
  var cells: SurvivalCells
  /// What is said of the rows and their times.
  var notes: [String]

  /// The arms of a formula, from sums.
  ///
  /// - Throws: what is wrong with the formula or the data; the engine's failures.
  init(
    _ formula: String, _ data: EngineData, _ settings: CommonSettings, isStratified: Bool
  ) throws(SiblingError) {
    let frame = try EngineFrame(formula, to: data, settings.engineOptions(arms: true))
    var division = SurvivalCells.Division()
    division.arms = true
    division.strata = isStratified
    division.clusters = !frame.clusters.isEmpty
    division.treated = settings.treated
    cells = try SurvivalCells(frame, by: division)
    notes = frame.notes + cells.times.notes
  }

  /// The cells as the sample of an analysis that compares arms.
  var sample: TimeZero.Sample {
    TimeZero.Sample(
      times: cells.times, groups: cells.groups, strata: cells.strata, weights: cells.weights,
      cluster: cells.cluster, notes: notes)
  }

  /// Runs an estimator on cells; an error's row would be that of a cell.
  ///
  /// - Throws: what `body` throws.
  static func withoutRows<Result>(
    _ body: () throws(SiblingError) -> Result
  ) throws(SiblingError) -> Result {
    do throws(SiblingError) { return try body() } catch {
      var error = error
      error.row = nil
      throw error
    }
  }
}

extension CommonSettings {
  /// How an engine's rows are bound.
  func engineOptions(arms: Bool, alsoComplete: [String] = []) -> EngineFrame.Options {
    var options = EngineFrame.Options()
    options.weights = weights
    options.clusters = clusters
    options.treated = treated
    options.missingIsError = missingIsError
    options.wantsArms = arms
    options.alsoComplete = alsoComplete
    return options
  }
}

extension TimeZero {
  /// What of it needs rows, in words that can follow "because"; nil where there is nothing to do.
  var needsRows: String? {
    if landmark != nil { return "a landmark cuts rows" }
    if treatedFrom != nil { return "treatment that begins later is looked up row by row" }
    return nil
  }
}
