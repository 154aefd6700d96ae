public import Statistics

/// Funnel plot: services' rates against what they are out of, with the limits that chance alone
/// would keep them in; one panel a rate.
public struct SiteFunnelChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// Words for measures and contracts.
  public var names: [String: String]
  /// What the rates are out of, for the axes.
  public var axis: String

  /// A funnel plot.
  public init(title: Prose, subtitle: Prose, names: [String: String] = [:], axis: String) {
    (self.title, self.subtitle, self.names, self.axis) = (title, subtitle, names, axis)
  }

  private struct Point {
    var name: String
    var base: Double
    var rate: Double
    var position: String
  }

  private static let bands = ["limit_998", "limit_95", "wide_95"]
  private static let bandNames = ["99.8%", "95%", "95%, wider"]

  /// Draws the rows of `site_rates` of one kind of clients, with the curves of `site_rate_limits`.
  ///
  /// - Throws: `noRows` without rows, `unknownColumn` when a column is absent, `badValue` for more
  ///   than six rates.
  public func figure(
    _ rates: Released<ResultTable>, limits: Released<ResultTable>, name: String = "site_rates"
  ) throws(SiblingError) -> Figure {
    let table = rates.value
    try table.requireRows(
      for: "funnel plot",
      columns: ["measure", "contract", "site", "denominator", "target", "rate", "position"])
    try limits.value.requireRows(
      for: "funnel plot",
      columns: ["measure", "base", "centre"] + Self.bands.flatMap { ["\($0).low", "\($0).high"] })
    let measures = table.levels("measure")
    guard measures.count <= 6 else {
      throw SiblingError(.badValue, "a funnel plot shows at most six rates")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    var top = frame.top + 12
    for measure in measures {
      top = draw(measure, table, limits.value, &frame, top: top) + 22
    }
    frame.canvas.height = top
    return frame.figure(
      name: name, summary: summary(measures, table), tables: [rates, limits])
  }

  private func points(_ measure: String, _ table: ResultTable) -> [Point] {
    table.rows.indices.compactMap { row in
      guard table[row, "measure"].plainText == measure, let rate = table[row, "rate"].number,
        let base = table[row, "denominator"].number ?? table[row, "target"].number
      else { return nil }
      let contract = table[row, "contract"].plainText
      return Point(
        name: names[contract] ?? table[row, "site"].plainText, base: base, rate: rate,
        position: table[row, "position"].plainText)
    }
  }

  private func draw(
    _ measure: String, _ table: ResultTable, _ limits: ResultTable, _ frame: inout ChartFrame,
    top: Double
  ) -> Double {
    let margin = ChartFrame.margin
    frame.canvas.text(names[measure] ?? measure, x: margin, y: top + 14, bold: true)
    let points = points(measure, table)
    let curve = limits.rows.indices.filter { limits[$0, "measure"].plainText == measure }
    let bases = curve.compactMap { limits[$0, "base"].number }
    guard let first = bases.first, let last = bases.last, !points.isEmpty else {
      frame.canvas.text("[c]", x: margin, y: top + 34)
      return top + 44
    }
    // Limits run off the panel where little is known; the services and theirs must fit.
    let least = points.map(\.base).min() ?? first
    var values = points.map(\.rate)
    for row in curve where (limits[row, "base"].number ?? 0) >= least {
      values += Self.bands.flatMap { ["\($0).low", "\($0).high"] }
        .compactMap { limits[row, $0].number }
    }
    let (plotTop, height) = (top + 30, 200.0)
    let vertical = Scale(covering: values, start: plotTop + height, end: plotTop, count: 5)
    let style = NumberStyle.percent()
    let left = margin + ChartFrame.width(of: vertical, style: style) + 8
    let right = frame.canvas.width - margin - 84
    let horizontal = Scale(covering: [first, last], start: left, end: right, count: 7)
    frame.verticalAxis(vertical, style: style, x: left, right: right)
    frame.horizontalAxis(
      horizontal, style: .integer, top: plotTop, bottom: plotTop + height, title: axis, grid: false)
    let paths = drawLimits(curve, limits, &frame.canvas, horizontal, vertical)
    drawPoints(points, &frame.canvas, horizontal, vertical, paths)
    return plotTop + height + 46
  }

  /// Draws the limits and the overall rate; returns their paths, which names keep off.
  private func drawLimits(
    _ curve: [Int], _ limits: ResultTable, _ canvas: inout Canvas, _ horizontal: Scale,
    _ vertical: Scale
  ) -> [[(x: Double, y: Double)]] {
    var paths: [[(x: Double, y: Double)]] = []
    let colors = [Palette.series[0], Palette.series[0], Palette.series[2]]
    let dashes: [String?] = [nil, "8 4", "2 3"]
    var labels = EndLabels(labels: [])
    let last = curve.last.flatMap { limits[$0, "base"].number } ?? horizontal.high
    func end(_ y: Double, _ name: String, _ series: Int) {
      labels.labels.append(
        .init(x: horizontal.position(last), y: y, name: [], value: name, series: series))
    }
    func line(_ column: String) -> [(x: Double, y: Double)] {
      curve.compactMap { row in
        guard let base = limits[row, "base"].number, let value = limits[row, column].number else {
          return nil
        }
        return (horizontal.position(base), vertical.position(vertical.clamped(value)))
      }
    }
    for (index, band) in Self.bands.enumerated() {
      let (low, high) = (line("\(band).low"), line("\(band).high"))
      // Where services differ by no more than chance the wider limits are the exact ones.
      if index == 2, zip(high, line("limit_95.high")).allSatisfy({ abs($0.y - $1.y) < 0.5 }) {
        continue
      }
      canvas.polyline(low, color: colors[index], width: 1.5, dash: dashes[index])
      canvas.polyline(high, color: colors[index], width: 1.5, dash: dashes[index])
      paths += [low, high]
      if let y = high.last?.y { end(y, Self.bandNames[index], index == 2 ? 2 : 0) }
    }
    let centre = line("centre")
    canvas.polyline(centre, color: Palette.ink, width: 1)
    if let y = centre.last?.y, let rate = curve.last.flatMap({ limits[$0, "centre"].number }) {
      end(y, "all: \(NumberStyle.percent().text(rate))", 0)
    }
    let places = Spread.positions(
      labels.labels.map(\.y), gap: 16, low: vertical.end, high: vertical.start)
    for (label, place) in zip(labels.labels, places) {
      canvas.line(label.x + 2, label.y, horizontal.end + 8, place, color: Palette.axis)
      canvas.text(
        label.value, x: horizontal.end + 11, y: place + 4.5, size: 13,
        color: Palette.seriesText[label.series])
    }
    return paths + [centre]
  }

  private func drawPoints(
    _ points: [Point], _ canvas: inout Canvas, _ horizontal: Scale, _ vertical: Scale,
    _ paths: [[(x: Double, y: Double)]]
  ) {
    let places = points.map {
      (x: horizontal.position($0.base), y: vertical.position(vertical.clamped($0.rate)))
    }
    for (point, place) in zip(points, places) {
      let (marker, series): (Marker, Int) =
        point.position.hasSuffix("99.8%")
        ? (.triangle, 3) : point.position.hasSuffix("95%") ? (.diamond, 1) : (.circle, 0)
      canvas.marker(
        marker, x: place.x, y: place.y, radius: 5, color: Palette.series[series])
    }
    var labels = PointLabels(
      bounds: .init(
        x: horizontal.start + 2, y: vertical.end - 4, width: horizontal.end - horizontal.start - 2,
        height: vertical.start - vertical.end + 4))
    for place in places { labels.avoid(x: place.x, y: place.y, radius: 8) }
    for path in paths { labels.avoid(path) }
    for (point, place) in zip(points, places) {
      labels.write(point.name, x: place.x, y: place.y, &canvas)
    }
  }

  private func summary(_ measures: [String], _ table: ResultTable) -> String {
    let parts = measures.map { measure -> String in
      let own = points(measure, table).map { point in
        // `above 95%` as `above the 95% limits around the overall rate`.
        let words = point.position.split(separator: " ", maxSplits: 1)
        let place =
          words.count < 2 ? "" : ", \(words[0]) the \(words[1]) limits around the overall rate"
        return "\(point.name) \(NumberStyle.percent().text(point.rate))\(place)"
      }
      return "\(names[measure] ?? measure): " + own.joined(separator: "; ")
    }
    return "Rates of services against what they are out of, with 95% and 99.8% control limits. "
      + parts.joined(separator: ". ") + "."
  }
}
