internal import Reporting
internal import Statistics
internal import Survival
internal import Tables

extension SurvivalPhase {
  /// Cumulative incidence of competing ends, a row a step of its curve.
  func incidence(_ part: Part, _ tables: inout StudyTables) throws(SiblingError) {
    let (node, name, data) = (part.node, part.name, part.data)
    guard let causes = node["causes"], let column = causes["column"]?.text else { return }
    // The same left side with the column of causes in the event's place.
    let formula = node["formula"]?.text ?? ""
    guard let comma = formula.lastIndex(of: ","), let close = formula[comma...].firstIndex(of: ")")
    else {
      throw SiblingError(
        .badValue, "'causes' needs a formula such as Surv(time, event) ~ arm",
        location: node["formula"]?.location)
    }
    let text = "\(formula[...comma]) `\(column)`\(formula[close...])"
    let bound = try BoundFormula(
      text, to: data, settings: try CommonSettings(options(part, [])), causes: true, purpose: .arms)
    guard let factor = bound.frame.survival?.causes else { return }
    let times = try SurvivalBinding.times(bound.frame).times
    let labels = factor.levels.dropFirst().map { causes[$0]?.text ?? $0 }
    let ends = Factor(codes: factor.codes.map { $0 - 1 }, levels: Array(labels))
    let fit = try AalenJohansen(level: study.level).fit(
      times, causes: ends, by: bound.frame.groups, weights: bound.weights,
      cluster: try bound.singleCluster())
    let wanted = try study.options(node, [.times]).numbers(.times).sorted()
    for row in fit.curves {
      var (events, shown) = (0.0, 0)
      for k in row.curve.times.indices {
        let time = row.curve.times[k]
        // The declared times before this step read the step before it.
        while shown < wanted.count, wanted[shown] <= time {
          if wanted[shown] < time, wanted[shown] > 0 {
            try append(row, k - 1, at: wanted[shown], events, name, &tables)
          }
          shown += 1
        }
        events += Double(row.curve.events[k])
        // Steps and declared times only: between them the curve stands still.
        guard row.curve.events[k] > 0 || k + 1 == row.curve.times.count || wanted.contains(time)
        else { continue }
        try append(row, k, at: time, events, name, &tables)
      }
    }
  }

  private func append(
    _ row: CumulativeIncidence, _ step: Int, at time: Double, _ events: Double, _ name: String,
    _ tables: inout StudyTables
  ) throws(SiblingError) {
    let curve = row.curve
    func read(_ values: [Double]) -> Cell { step < 0 ? 0 : Cell(values[step]) }
    try tables.incidence.append([
      "analysis": .text(name), "arm": .text(curve.arm), "cause": .text(row.cause),
      "time": .number(time), "estimate": read(curve.estimate),
      "std.error": read(curve.standardError), "conf.low": read(curve.low),
      "conf.high": read(curve.high), "n_event": .number(events),
    ])
  }
}
