internal import Statistics
internal import Survival
internal import Tables

/// `cif`: cumulative incidence of competing exits by arm.
struct IncidenceAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var estimator: AalenJohansen
  var times: [Double]
  var eventsOnly: Bool

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "Surv(time, cause) ~ arm")
    settings = try CommonSettings(options)
    estimator = AalenJohansen(
      interval: CurveInterval(rawValue: try options.choice(.confidence)) ?? .log,
      level: settings.level,
      variance: AalenJohansen.Variance(rawValue: try options.choice(.incidenceVariance))
        ?? .jackknife)
    times = try options.numbers(.times)
    eventsOnly = try options.flag(.eventsOnly)
  }

  /// Estimates the incidences.
  ///
  /// - Throws: what is wrong with the data, located.
  func fit(_ table: Table) throws(SiblingError) -> (fit: AalenJohansenFit, notes: [String]) {
    let bound = try BoundFormula(
      formula, to: table, settings: settings, causes: true, purpose: .arms)
    return try bound.locating { () throws(SiblingError) in
      let response = try CompetingBinding.response(bound.frame)
      let fit = try estimator.fit(
        response.times, causes: response.causes, by: bound.frame.groups, weights: bound.weights,
        cluster: try bound.singleCluster())
      return (fit, bound.notes + response.notes)
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    var (fit, notes) = try fit(table)
    let curves = times.isEmpty ? fit.curves : fit.at(times: times)
    if curves.contains(where: { $0.curve.estimate.contains { $0.isNaN } }) {
      notes.append("past an arm's last time its incidence is unknown and left empty")
    }
    var rows = CurveRows()
    for incidence in curves {
      rows.append(incidence.curve, label: incidence.cause, eventsOnly: eventsOnly)
    }
    var output = AnalysisOutput(columns: rows.columns(label: "cause"), notes: notes)
    // A step of one cause can be had from the others' steps and those at risk.
    output.hasRowsOfPeople = true
    return output
  }
}

/// Rows of curves that a second label tells apart: causes, states.
struct CurveRows {
  private var arms: [String?] = []
  private var labels: [String?] = []
  private var numbers = [[Double?]](repeating: [], count: 8)

  /// Adds a curve.
  mutating func append(_ curve: Curve, label: String, eventsOnly: Bool = false) {
    for k in curve.times.indices where !eventsOnly || curve.events[k] > 0 {
      arms.append(curve.arm)
      labels.append(label)
      let row = [
        curve.times[k], curve.estimate[k], curve.standardError[k], curve.low[k], curve.high[k],
        curve.atRisk[k], curve.events[k], curve.censored[k],
      ]
      for (place, value) in row.enumerated() { numbers[place].append(value) }
    }
  }

  /// arm, the label, time, estimate, std.error, conf.low, conf.high and the counts.
  func columns(label: String?) -> [Column] {
    let names = [
      "time", "estimate", "std.error", "conf.low", "conf.high", "n_risk", "n_event", "n_censor",
    ]
    return [.texts("arm", arms)] + (label.map { [.texts($0, labels)] } ?? [])
      + zip(names, numbers).map { .numbers($0, $1) }
  }
}
