internal import LinearAlgebra
internal import Statistics
internal import Survival
internal import Tables

/// `cox-curve`: curves that a Cox model predicts.
struct CoxCurveAnalysis: VerbAnalysis {
  var model: CoxAnalysis
  var curve: CoxCurve
  var people: [[(column: String, value: String)]]
  var baseline: Bool
  var times: [Double]
  var eventsOnly: Bool

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    model = try CoxAnalysis(formula: formula, options: options)
    curve = CoxCurve(
      interval: CurveInterval(rawValue: try options.choice(.confidence)) ?? .log,
      level: model.settings.level)
    times = try options.numbers(.times)
    eventsOnly = try options.flag(.eventsOnly)
    baseline = try options.flag(.baseline)
    people = try Self.people(options)
    if baseline, !people.isEmpty {
      throw options.wrong(.baseline, "can't be combined with --at")
    }
  }

  /// Reads `age=60, sex=1; age=40`.
  private static func people(
    _ options: OptionValues
  ) throws(SiblingError) -> [[(column: String, value: String)]] {
    var people: [[(column: String, value: String)]] = []
    let texts = options.repeated(.at).flatMap { $0.split(separator: ";") }
    for text in texts {
      var own = OptionValues()
      own.set(pairKey, to: String(text))
      guard let pairs = try? own.pairs(pairKey) else {
        throw options.wrong(.at, "takes pairs such as age=60, people separated by semicolons")
      }
      if !pairs.isEmpty { people.append(pairs.map { ($0.name, $0.value) }) }
    }
    return people
  }

  private static let pairKey = OptionKey("at", .pairs, "")

  /// Fits the model and predicts.
  ///
  /// - Throws: what is wrong with the data, the model or a person's values, located.
  func fit(
    _ table: Table
  ) throws(SiblingError) -> (predictions: [CoxCurve.Prediction], fitted: CoxAnalysis.Fitted) {
    var fitted = try model.fit(table)
    guard !fitted.fit.names.contains(where: { $0.contains("strata(") }) else {
      throw SiblingError(
        .invalidOption, "curves can't be predicted where a term is crossed with strata()",
        help: "keep one stratum with --where and leave strata() out", column: "at")
    }
    var points: [[Double]] = []
    var labels: [String] = []
    if baseline {
      points = [fitted.fit.names.map { _ in 0 }]
      labels = [fitted.bound.frame.strata == nil ? "baseline" : ""]
    } else {
      for values in people.isEmpty ? [[]] : people {
        let person = try fitted.bound.frame.person(values)
        points.append(person.design.removingIntercept().matrix.row(0))
        let label = values.map { "\($0.column)=\($0.value)" }.joined(separator: ", ")
        labels.append(label.isEmpty && fitted.bound.frame.strata == nil ? "mean" : label)
        if !person.assumed.isEmpty {
          let taken = person.assumed.map { "\($0.column) \($0.value)" }.joined(separator: ", ")
          let note = "taken for what --at does not give: \(taken)"
          if !fitted.notes.contains(note) { fitted.notes.append(note) }
        }
      }
    }
    if fitted.bound.frame.offset != nil { fitted.notes.append("the offset is taken as zero") }
    let predictions = try fitted.bound.locating { () throws(SiblingError) in
      try curve.predict(fitted.fit, at: points, labels: labels)
    }
    return (times.isEmpty ? predictions : predictions.map { $0.at(times: times) }, fitted)
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data, the model or a person's values, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (predictions, fitted) = try fit(table)
    var columns = KaplanMeierAnalysis.columns(
      predictions.map(\.survival), eventsOnly: eventsOnly)
    var (hazard, error): ([Double?], [Double?]) = ([], [])
    for prediction in predictions {
      for k in prediction.hazard.indices
      where !eventsOnly || prediction.survival.events[k] > 0 {
        hazard.append(prediction.hazard[k])
        error.append(prediction.hazardError[k])
      }
    }
    columns += [.numbers("cumhaz", hazard), .numbers("cumhaz.se", error)]
    var output = AnalysisOutput(columns: columns, notes: fitted.notes)
    // A step of the hazard times those at risk is the number of events at one time.
    output.hasRowsOfPeople = true
    return output
  }
}
