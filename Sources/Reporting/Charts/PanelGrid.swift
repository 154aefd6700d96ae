/// Panels of one size in rows and columns, each with its heading.
struct PanelGrid {
  let names: [[String]]
  let columns: Int
  /// The width and height of a plot, without its axes.
  let width: Double
  let height: Double
  private let left: Double
  private let pitch: Double
  private let heads: Double
  private static let rowGap = 46.0

  /// A grid for the named panels, with room for an axis left of the first column (or of every
  /// column) and for labels right of every plot.
  init(
    names: [String], canvas: Double, axis: Double, label: Double = 0, axisEach: Bool = false
  ) {
    let count = max(1, names.count)
    let columns = count < 4 ? count : count == 4 ? 2 : 3
    self.columns = columns
    left = ChartFrame.margin + axis
    let gap = label + (axisEach ? axis : 0) + 24
    let room = canvas - left - ChartFrame.margin - label
    let width = (room - gap * Double(columns - 1)) / Double(columns)
    self.width = width
    pitch = width + gap
    height = columns == 1 ? 280 : columns == 2 ? 230 : 190
    self.names = names.map {
      TextWidth.lines($0, width: width + label, size: 14, bold: true, atMost: 2)
    }
    heads = names.count > 1 ? Double(self.names.map(\.count).max() ?? 1) * 17 + 8 : 0
  }

  func start(_ panel: Int) -> Double { left + Double(panel % columns) * pitch }

  /// The upper edge of a panel's plot below the grid's own upper edge.
  func top(_ panel: Int) -> Double {
    Double(panel / columns) * (heads + height + PanelGrid.rowGap) + heads
  }

  func isFirst(_ panel: Int) -> Bool { panel % columns == 0 }

  /// Whether no panel stands below.
  func isLowest(_ panel: Int) -> Bool { panel + columns >= names.count }

  /// Where the last row's plots end below the grid's upper edge.
  var bottom: Double { top(max(0, names.count - 1)) + height }

  /// Writes a panel's heading above its plot.
  func drawName(_ panel: Int, _ canvas: inout Canvas, gridTop: Double) {
    guard names.count > 1 else { return }
    var y = gridTop + top(panel) - heads + 14
    for line in names[panel] {
      canvas.text(line, x: start(panel), y: y, bold: true)
      y += 17
    }
  }

  /// How many panels can be read on one page.
  static let most = 12
}

/// Names beside samples of what they name, in lines across the picture.
struct Legend {
  enum Sample {
    case line(color: String, dash: String?)
    case area(fill: String)
    case point(color: String)
  }

  var entries: [(sample: Sample, text: String, color: String)] = []

  /// Draws the legend and returns where it ends.
  func draw(_ canvas: inout Canvas, top: Double) -> Double {
    let room = canvas.width - 2 * ChartFrame.margin
    var (x, y) = (ChartFrame.margin, top)
    var deepest = 0
    for entry in entries {
      let lines = TextWidth.lines(entry.text, width: min(300, room - 42), size: 14, atMost: 2)
      let text = lines.map { TextWidth.of($0, size: 14) }.max() ?? 0
      if x > ChartFrame.margin, x + 42 + text > ChartFrame.margin + room {
        x = ChartFrame.margin
        y += Double(deepest) * 17 + 5
        deepest = 0
      }
      switch entry.sample {
      case .line(let color, let dash):
        canvas.line(x, y + 8, x + 34, y + 8, color: color, width: 2.5, dash: dash)
      case .area(let fill):
        canvas.rectangle(
          x: x + 4, y: y, width: 28, height: 16, fill: fill, stroke: Palette.axis)
      case .point(let color):
        canvas.marker(.circle, x: x + 17, y: y + 8, radius: 2.5, color: color)
      }
      for (index, line) in lines.enumerated() {
        canvas.text(line, x: x + 42, y: y + 13 + Double(index) * 17, color: entry.color)
      }
      x += 42 + text + 24
      deepest = max(deepest, lines.count)
    }
    return y + Double(deepest) * 17 + 3
  }
}

/// Names at the ends of lines, moved apart, with a thin line to what they name.
struct EndLabels {
  struct Label {
    /// Where the line ends.
    var x: Double
    var y: Double
    var name: [String]
    var value: String
    var series: Int
  }

  var labels: [Label]
  /// The colour of the thin lines; nil = that of what they name.
  var leader: String?

  /// Draws the labels from `x` on, between the bounds.
  func draw(_ canvas: inout Canvas, x: Double, low: Double, high: Double) {
    let lines = labels.map { Double($0.name.count + ($0.value.isEmpty ? 0 : 1)) }
    let deepest = lines.max() ?? 1
    let places = Spread.positions(
      labels.map(\.y), gap: 16 * deepest + 3, low: low + 6, high: high - 16 * (deepest - 1))
    for (label, place) in zip(labels, places) {
      let color = Palette.series[label.series]
      if x - label.x > 12 || (place - label.y).magnitude > 8 {
        canvas.line(label.x + 3, label.y, x - 2, place, color: leader ?? color)
      }
      var y = place + 5
      for line in label.name {
        canvas.text(line, x: x, y: y, bold: true, color: Palette.seriesText[label.series])
        y += 16
      }
      canvas.text(label.value, x: x, y: y, size: 13, color: Palette.seriesText[label.series])
    }
  }
}
