import Statistics

/// Shares that add up to one, as areas over time from the bottom up: a panel an arm.
struct StackedShares {
  struct Layer {
    var name: String
    var fill: String
    /// What can be read on the fill.
    var ink: String
    /// The color of the name on white.
    var text: String
  }

  struct Panel {
    var name: String
    /// The times of the steps; the first is where the areas start.
    var times: [Double]
    /// Heights at each time, a row a layer.
    var heights: [[Double]]
  }

  var layers: [Layer]
  var panels: [Panel]
  var measure: String
  var unit: String
  var ticks: [Double]?

  /// The layer of a category.
  static func layer(_ name: String, series: Int) -> Layer {
    Layer(
      name: name, fill: Palette.series[series],
      ink: series % 2 == 0 ? Palette.paper : Palette.ink, text: Palette.seriesText[series])
  }

  /// The layer of what is left: still in, or withheld.
  static func rest(_ name: String, fill: String = Palette.grid) -> Layer {
    Layer(name: name, fill: fill, ink: Palette.ink, text: Palette.ink)
  }

  /// Which categories get an area: all, or the three greatest and the others together.
  ///
  /// - Returns: For each category its layer, and whether there is a layer of others.
  static func merged(_ greatest: [Double]) -> (layer: [Int], hasOthers: Bool) {
    if greatest.count <= 4 { return (Array(greatest.indices), false) }
    let order = greatest.indices.sorted { (-greatest[$0], $0) < (-greatest[$1], $1) }
    let kept = order.prefix(3).sorted()
    return (greatest.indices.map { kept.firstIndex(of: $0) ?? 3 }, true)
  }

  func draw(_ frame: inout ChartFrame) {
    let axis = 48.0
    let grid = PanelGrid(names: panels.map(\.name), canvas: frame.canvas.width, axis: axis)
    let last = panels.compactMap(\.times.last).max() ?? 1
    let count = grid.columns == 1 ? 6 : grid.columns == 2 ? 5 : 4
    // Where a name fits into its area stands there; else a legend has all names.
    let places = panels.map { panel -> [(x: Double, y: Double)?] in
      let times = TimeAxis.scale(
        last: last, unit: unit, ticks: ticks, start: 0, end: grid.width, count: count)
      return layers.indices.map { place(of: $0, in: panel, times, height: grid.height) }
    }
    var top = frame.top + 8
    let drawn = panels.enumerated().flatMap { index, panel in
      layers.indices.filter { panel.heights[$0].contains { $0 > 0 } }.map { (index, $0) }
    }
    if drawn.contains(where: { places[$0.0][$0.1] == nil }) {
      frame.canvas.text("From the bottom up", x: ChartFrame.margin, y: top + 13, size: 13)
      top += 22
      let shown = layers.indices.filter { layer in drawn.contains { $0.1 == layer } }
      top =
        Legend(
          entries: shown.map { (.area(fill: layers[$0].fill), layers[$0].name, layers[$0].text) }
        ).draw(&frame.canvas, top: top) + 6
    }
    frame.canvas.text(measure, x: ChartFrame.margin, y: top + 12, size: 13, bold: true)
    top += 28
    for (index, panel) in panels.enumerated() {
      grid.drawName(index, &frame.canvas, gridTop: top)
      let (left, upper) = (grid.start(index), top + grid.top(index))
      let lower = upper + grid.height
      let times = TimeAxis.scale(
        last: last, unit: unit, ticks: ticks, start: left, end: left + grid.width, count: count)
      let shares = Scale(
        low: 0, high: 1, start: lower, end: upper, ticks: [0, 0.25, 0.5, 0.75, 1], step: 0.25)
      frame.shareAxis(shares, left: left, right: left + grid.width, isFirst: grid.isFirst(index))
      drawAreas(panel, &frame.canvas, times, shares)
      for (layer, place) in zip(layers, places[index]) {
        guard let place else { continue }
        frame.canvas.text(
          layer.name, x: left + place.x, y: upper + place.y + 4.5, size: 13, bold: true,
          color: layer.ink)
      }
      frame.horizontalAxis(
        times, style: .decimals(0), top: upper, bottom: lower,
        title: grid.isLowest(index) ? TimeAxis.title(unit) : "", grid: false)
    }
    frame.canvas.height = top + grid.bottom + 56
  }

  /// The bounds between layers at each time, the bottom first.
  private func bounds(_ panel: Panel) -> [[Double]] {
    var sum = panel.times.map { _ in 0.0 }
    var bounds = [sum]
    for heights in panel.heights {
      for index in sum.indices { sum[index] = min(1, sum[index] + max(0, heights[index])) }
      bounds.append(sum)
    }
    return bounds
  }

  private func drawAreas(_ panel: Panel, _ canvas: inout Canvas, _ times: Scale, _ shares: Scale) {
    guard let first = panel.times.first else { return }
    let edges = bounds(panel).map { bound -> [(x: Double, y: Double)] in
      var points = [(x: times.position(first), y: shares.position(bound[0]))]
      for (time, value) in zip(panel.times, bound).dropFirst() {
        let (x, y) = (times.position(time), shares.position(value))
        points.append((x, points[points.count - 1].y))
        if y != points[points.count - 1].y { points.append((x, y)) }
      }
      // A step at the very end has no width to show.
      if points.count > 2, points[points.count - 1].x == points[points.count - 2].x {
        points.removeLast()
      }
      return StepCurve.thinned(points)
    }
    for (index, layer) in layers.enumerated() {
      guard panel.heights[index].contains(where: { $0 > 0 }) else { continue }
      canvas.polygon(edges[index] + edges[index + 1].reversed(), fill: layer.fill)
    }
    // White lines tell neighbours apart without color.
    for edge in edges.dropFirst().dropLast() {
      canvas.polyline(edge, color: Palette.paper, width: 1.5)
    }
  }

  /// Where in its area a layer's name has room: left end and middle, from the plot's upper left.
  private func place(
    of layer: Int, in panel: Panel, _ times: Scale, height: Double
  ) -> (x: Double, y: Double)? {
    let width = TextWidth.of(layers[layer].name, size: 13, bold: true) + 8
    guard let first = panel.times.first, let last = panel.times.last else { return nil }
    let bounds = bounds(panel)
    let (start, end) = (times.position(first), times.position(last))
    let steps = 80
    let pitch = (end - start) / Double(steps)
    guard pitch > 0, width < end - start else { return nil }
    var (lower, upper): ([Double], [Double]) = ([], [])
    var index = 0
    for step in 0...steps {
      let x = start + Double(step) * pitch
      while index + 1 < panel.times.count, times.position(panel.times[index + 1]) <= x + 1e-9 {
        index += 1
      }
      lower.append((1 - bounds[layer][index]) * height)
      upper.append((1 - bounds[layer + 1][index]) * height)
    }
    let reach = Int((width / pitch).rounded(.up)) + 1
    guard reach <= steps else { return nil }
    var best: (room: Double, x: Double, y: Double)?
    for step in 0...(steps - reach) {
      let roof = upper[step...(step + reach)].max() ?? 0
      let floor = lower[step...(step + reach)].min() ?? 0
      let room = floor - roof
      if room >= 20, room > (best?.room ?? 0) + 1e-9 {
        best = (room, start + Double(step) * pitch + 5, (roof + floor) / 2)
      }
    }
    return best.map { ($0.x, $0.y) }
  }

  /// The shares at the end of every panel, in words.
  var summary: String {
    panels.map { panel -> String in
      let ends = layers.indices.compactMap { layer -> String? in
        guard panel.heights[layer].contains(where: { $0 > 0 }) else { return nil }
        let share = panel.heights[layer].last ?? 0
        return "\(layers[layer].name) \(NumberStyle.percent().text(share))"
      }
      return "\(panel.name): \(ends.joined(separator: ", "))"
    }.joined(separator: "; ")
  }
}
