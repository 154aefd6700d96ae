public import Statistics

/// Survival curves as steps with their bands, and below them the risk table: numbers at risk,
/// events and censorings so far.
public struct SurvivalChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// What the vertical axis measures, such as `Still employed`.
  public var measure: String
  /// The unit of time, in the plural.
  public var unit: String
  /// What an event is called in the risk table.
  public var eventName: String
  /// Words for the arms, where the arm's name will not do.
  public var names: [String: String]
  /// The times under which the risk table stands; nil chooses them.
  public var ticks: [Double]?
  /// Whether strokes on the curves mark censoring, where there are not too many to see.
  public var marksCensoring: Bool

  /// A survival chart.
  public init(
    title: Prose, subtitle: Prose, measure: String, unit: String = "weeks",
    eventName: String = "Events", names: [String: String] = [:], ticks: [Double]? = nil,
    marksCensoring: Bool = true
  ) {
    self.title = title
    self.subtitle = subtitle
    self.measure = measure
    self.unit = unit
    self.eventName = eventName
    self.names = names
    self.ticks = ticks
    self.marksCensoring = marksCensoring
  }

  /// An arm's released rows.
  struct Arm {
    var name: String
    var times: [Double] = []
    var survival: [Double] = []
    var low: [Double?] = []
    var high: [Double?] = []
    var atRisk: [ResultTable.Cell] = []
    var events: [ResultTable.Cell] = []
    var censored: [ResultTable.Cell] = []
    /// The positions of the rows in which somebody is censored.
    var censoringTimes: [Int] { censored.indices.filter { (censored[$0].number ?? 0) > 0 } }
  }

  /// Draws the rows of a survival table of one analysis, at most four arms.
  ///
  /// - Throws: `noRows` without rows, `badValue` for more than four arms.
  public func figure(
    _ released: Released<ResultTable>, name: String = "survival"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "survival chart",
      columns: ["arm", "time", "n_risk", "n_event", "n_censor", "survival", "conf.low"])
    let arms = self.arms(of: table)
    guard arms.count <= 4 else {
      throw SiblingError(
        .badValue, "a survival chart shows at most four arms, not \(arms.count)",
        help: "choose the arms to compare, or merge some")
    }
    guard arms.contains(where: { !$0.times.isEmpty }) else {
      throw SiblingError(.noRows, "no arm of the survival chart has a curve that can be shown")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let top = frame.top + 30
    let bottom = top + 290
    let longest = arms.map { TextWidth.of($0.name, size: 13) }.max() ?? 0
    let counts = arms.flatMap { $0.atRisk.prefix(1) }
    let widest = counts.map { TextWidth.of(NumberStyle.integer.text($0), size: 13) }.max() ?? 0
    // A font that stands in for the one that widths are known of may be a sixth wider.
    let left = ChartFrame.margin + max(48, (min(longest, 160) + widest / 2) * 7 / 6 + 10)
    let labelWidth = min(arms.map { TextWidth.of($0.name, size: 14, bold: true) }.max() ?? 0, 150)
    let right = frame.canvas.width - ChartFrame.margin - max(labelWidth, 50) - 12
    let shares = Scale(
      low: 0, high: 1, start: bottom, end: top, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], step: 0.2)
    let times = TimeAxis.scale(
      last: arms.flatMap(\.times).max() ?? 1, unit: unit, ticks: ticks, start: left, end: right)
    frame.verticalAxis(shares, style: .percent(), x: left, right: right)
    frame.canvas.text(measure, x: left, y: top - 14, size: 13, bold: true)
    for (index, arm) in arms.enumerated() {
      drawBand(arm, &frame.canvas, times, shares, color: Palette.series[index])
    }
    for (index, arm) in arms.enumerated() {
      frame.canvas.polyline(
        StepCurve.thinned(steps(arm).map { (times.position($0.x), shares.position($0.y)) }),
        color: Palette.series[index], width: 2.5, dash: Palette.dashes[index])
    }
    // A held step has those censored since the step before: no stroke would stand at their time.
    let isExact = !table.isHeld && table.roundingNote == nil
    let isMarked = marksCensoring && isExact && canTellStrokes(arms)
    if isMarked {
      for (index, arm) in arms.enumerated() {
        drawCensoring(arm, &frame.canvas, times, shares, color: Palette.series[index])
      }
    }
    drawNames(arms, &frame.canvas, times, shares, x: right + 8, width: labelWidth)
    frame.horizontalAxis(
      times, style: .decimals(0), top: top, bottom: bottom,
      title: TimeAxis.title(unit), grid: false)
    let hasStrokes = isMarked && arms.contains { !$0.censoringTimes.isEmpty }
    let end = drawRiskTable(
      arms, &frame.canvas, times, top: bottom + 62, hasStrokes: hasStrokes)
    frame.canvas.height = end + 16
    frame.noteHeld(released)
    return frame.figure(name: name, summary: summary(arms, times), tables: [released])
  }

  private func arms(of table: ResultTable) -> [Arm] {
    table.rows(by: "arm").map { key, rows in
      var arm = Arm(name: names[key] ?? key)
      for row in rows {
        guard let time = table[row, "time"].number, let share = table[row, "survival"].number
        else { continue }
        arm.times.append(time)
        arm.survival.append(share)
        arm.low.append(table[row, "conf.low"].number)
        arm.high.append(table[row, "conf.high"].number)
        arm.atRisk.append(table[row, "n_risk"])
        arm.events.append(table[row, "n_event"])
        arm.censored.append(table[row, "n_censor"])
      }
      return arm
    }
  }

  /// The corners of the step function, from (0, 1).
  private func steps(_ arm: Arm) -> [(x: Double, y: Double)] {
    var points: [(x: Double, y: Double)] = [(0, 1)]
    var height = 1.0
    for (time, share) in zip(arm.times, arm.survival) {
      points.append((time, height))
      if share != height { points.append((time, share)) }
      height = share
    }
    return points
  }

  /// Strokes that stand side by side say no more than that there are many.
  private func canTellStrokes(_ arms: [Arm]) -> Bool {
    let counts = arms.map(\.censoringTimes.count)
    return counts.allSatisfy { $0 <= 40 } && counts.reduce(0, +) <= 80
  }

  private func drawCensoring(
    _ arm: Arm, _ canvas: inout Canvas, _ times: Scale, _ shares: Scale, color: String
  ) {
    for index in arm.censoringTimes {
      let (x, y) = (times.position(arm.times[index]), shares.position(arm.survival[index]))
      canvas.line(x, y - 5, x, y + 5, color: color, width: 1.5)
    }
  }

  private func drawBand(
    _ arm: Arm, _ canvas: inout Canvas, _ times: Scale, _ shares: Scale, color: String
  ) {
    var upper: [(x: Double, y: Double)] = []
    var lower: [(x: Double, y: Double)] = []
    var (low, high) = (1.0, 1.0)
    for index in arm.times.indices {
      // Where every row has left, the logarithm has no limits: the band ends there.
      guard let nextLow = arm.low[index], let nextHigh = arm.high[index] else { break }
      let x = times.position(arm.times[index])
      upper += [(x, shares.position(high)), (x, shares.position(nextHigh))]
      lower += [(x, shares.position(low)), (x, shares.position(nextLow))]
      (low, high) = (nextLow, nextHigh)
    }
    canvas.polygon(
      StepCurve.thinned(upper) + StepCurve.thinned(lower).reversed(), fill: color, opacity: 0.14)
  }

  private func drawNames(
    _ arms: [Arm], _ canvas: inout Canvas, _ times: Scale, _ shares: Scale, x: Double,
    width: Double
  ) {
    guard arms.count > 1 else { return }
    let wanted = arms.map { shares.position($0.survival.last ?? 1) }
    let names = arms.map {
      TextWidth.lines($0.name, width: width + 2, size: 14, bold: true, atMost: 2)
    }
    let deepest = Double(names.map(\.count).max() ?? 1)
    let places = Spread.positions(
      wanted, gap: 22 + 16 * deepest, low: shares.end + 6, high: shares.start - 2 - 16 * deepest)
    for (index, arm) in arms.enumerated() {
      let end = times.position(arm.times.last ?? 0)
      if end < times.end - 4 || (places[index] - wanted[index]).magnitude > 8 {
        canvas.line(
          end + 3, wanted[index], x - 2, places[index], color: Palette.series[index], width: 1)
      }
      var y = places[index] + 5
      for line in names[index] {
        canvas.text(line, x: x, y: y, bold: true, color: Palette.seriesText[index])
        y += 16
      }
      if let share = arm.survival.last {
        canvas.text(
          NumberStyle.percent().text(share), x: x, y: y, size: 13,
          color: Palette.seriesText[index])
      }
    }
  }

  private func summary(_ arms: [Arm], _ times: Scale) -> String {
    let parts = arms.map { arm -> String in
      let texts = times.tickTexts(.decimals(0))
      let shares = zip(times.ticks, texts).dropFirst().compactMap { tick, time -> String? in
        guard let index = arm.times.lastIndex(where: { $0 <= tick }), tick <= times.high else {
          return nil
        }
        return "\(time): \(NumberStyle.percent().text(arm.survival[index]))"
      }
      return "\(arm.name) at \(unit) " + shares.joined(separator: ", ")
    }
    return "Survival curves with confidence bands and a risk table. \(measure): "
      + parts.joined(separator: "; ") + "."
  }
}

extension SurvivalChart {
  /// Numbers at risk, events and censorings so far under each tick; returns where the table ends.
  func drawRiskTable(
    _ arms: [Arm], _ canvas: inout Canvas, _ times: Scale, top: Double, hasStrokes: Bool
  ) -> Double {
    var y = top
    let blocks: [(title: String, cell: (Arm, Double) -> String)] = [
      ("At risk", { SurvivalChart.atRisk($0, $1) }),
      ("\(eventName) so far", { SurvivalChart.total($0, $0.events, $1) }),
      (
        hasStrokes ? "Censored so far (strokes on the curves)" : "Censored so far",
        { SurvivalChart.total($0, $0.censored, $1) }
      ),
    ]
    for block in blocks {
      canvas.text(block.title, x: ChartFrame.margin, y: y + 14, size: 13, bold: true)
      canvas.line(
        ChartFrame.margin, y + 20, times.end, y + 20, color: Palette.grid)
      y += 22
      for (index, arm) in arms.enumerated() {
        let name = TextWidth.lines(
          arm.name, width: 162, size: 13, atMost: 1)
        canvas.text(
          name.first ?? "", x: ChartFrame.margin, y: y + 13, size: 13,
          color: Palette.seriesText[index])
        var free = -Double.infinity
        for tick in times.ticks {
          let text = block.cell(arm, tick)
          let half = TextWidth.of(text, size: 13) / 2
          let x = times.position(tick)
          guard x - half > free else { continue }
          canvas.text(text, x: x, y: y + 13, size: 13, anchor: .middle)
          free = x + half + 4
        }
        y += 18
      }
      y += 6
    }
    return y
  }

  /// Those at risk just before a time: the next row's.
  ///
  /// After the last row nobody is, unless the end of the curve is withheld: then nothing is known.
  private static func atRisk(_ arm: Arm, _ time: Double) -> String {
    let style = NumberStyle.integer
    if let next = arm.times.firstIndex(where: { $0 >= time }) {
      return style.text(arm.atRisk[next])
    }
    guard let last = arm.atRisk.last else { return "" }
    guard let risk = last.number, let events = arm.events.last?.number,
      let censored = arm.censored.last?.number
    else {
      return [last, arm.events.last, arm.censored.last].contains(.suppressed) ? "[c]" : ""
    }
    return risk - events - censored > 0 ? "" : "0"
  }

  private static func total(_ arm: Arm, _ counts: [ResultTable.Cell], _ time: Double) -> String {
    var sum = 0.0
    for (index, count) in counts.enumerated() where arm.times[index] <= time {
      if count == .suppressed { return "[c]" }
      sum += count.number ?? 0
    }
    return NumberStyle.integer.text(sum)
  }
}
