import Statistics

/// What every chart shares: the margins, the title and subtitle, axes, and the step from a canvas
/// to a figure.
struct ChartFrame {
  static let margin = 20.0

  var canvas: Canvas
  let title: Prose
  let subtitle: Prose
  /// The first free line below title and subtitle.
  private(set) var top: Double

  init(title: Prose, subtitle: Prose, width: Double = 760) {
    canvas = Canvas(width: width)
    self.title = title
    self.subtitle = subtitle
    let room = width - 2 * ChartFrame.margin
    var y = 34.0
    for line in TextWidth.lines(title.plainText, width: room * 0.94, size: 20, bold: true) {
      canvas.text(line, x: ChartFrame.margin, y: y, size: 20, bold: true)
      y += 25
    }
    y -= 1
    for line in TextWidth.lines(subtitle.plainText, width: room * 0.94, size: 14) {
      canvas.text(line, x: ChartFrame.margin, y: y, size: 14, color: Palette.quiet)
      y += 19
    }
    top = y + 4
  }

  /// The figure made of the canvas.
  func figure(
    name: String, summary: String, tables: [Released<ResultTable>], claims: [Prose.Claim] = []
  ) -> Figure {
    var canvas = canvas
    if canvas.saysWithheld {
      canvas.text(
        "[c] withheld by disclosure control", x: ChartFrame.margin, y: canvas.height + 6, size: 13,
        color: Palette.quiet)
      canvas.height += 22
    }
    let text = title.plainText
    let end = text.hasSuffix(".") || text.hasSuffix("?") ? "" : "."
    let whole = "\(text)\(end) \(summary)"
    return Figure(
      name: name, svg: canvas.svg(name: name, title: text, description: whole), summary: whole,
      sources: tables.map(\.value.path),
      claims: (title.claims + subtitle.claims).filter { $0.cell != nil } + claims)
  }

  /// Says below the picture that curves are held, when disclosure control held them.
  mutating func noteHeld(_ tables: Released<ResultTable>..., words: String? = nil) {
    let isHeld = tables.contains(where: \.value.isHeld)
    let held = words ?? "Curves step only once enough people have left (disclosure control)."
    guard let text = isHeld ? held : tables.compactMap(\.value.roundingNote).first else { return }
    let room = canvas.width - 2 * ChartFrame.margin
    for line in TextWidth.lines(text, width: room, size: 13) {
      canvas.text(
        line, x: ChartFrame.margin, y: canvas.height + 8, size: 13, color: Palette.quiet)
      canvas.height += 18
    }
    canvas.height += 6
  }

  /// A horizontal axis with its ticks' texts below and grid lines up to `top`.
  mutating func horizontalAxis(
    _ scale: Scale, style: NumberStyle, top: Double, bottom: Double, title: String,
    grid: Bool = true, titleAt: Double? = nil
  ) {
    if grid {
      for tick in scale.ticks {
        let x = scale.position(tick)
        canvas.line(x, top, x, bottom, color: Palette.grid)
      }
    }
    canvas.line(scale.start, bottom, scale.end, bottom, color: Palette.axis)
    let texts = scale.tickTexts(style)
    var free = -Double.infinity
    for (tick, text) in zip(scale.ticks, texts) {
      let x = scale.position(tick)
      canvas.line(x, bottom, x, bottom + 5, color: Palette.axis)
      let half = TextWidth.of(text, size: 13) / 2
      guard x - half > free + 4 else { continue }
      canvas.text(text, x: x, y: bottom + 20, size: 13, anchor: .middle, color: Palette.quiet)
      free = x + half
    }
    let middle = titleAt ?? (scale.start + scale.end) / 2
    canvas.text(title, x: middle, y: bottom + 40, size: 13, anchor: .middle, color: Palette.quiet)
  }

  /// A vertical axis: texts left of `x`, grid lines from `x` to `right`.
  mutating func verticalAxis(_ scale: Scale, style: NumberStyle, x: Double, right: Double) {
    for (tick, text) in zip(scale.ticks, scale.tickTexts(style)) {
      let y = scale.position(tick)
      canvas.line(x, y, right, y, color: Palette.grid)
      canvas.text(text, x: x - 8, y: y + 4.5, size: 13, anchor: .end, color: Palette.quiet)
    }
  }

  /// What a vertical axis measures, above it, with the unit that its ticks leave out.
  mutating func verticalTitle(_ words: String, style: NumberStyle, x: Double, y: Double) {
    let text = style.tickUnit.map { "\(words), \($0)" } ?? words
    canvas.text(text, x: x, y: y, size: 13, color: Palette.quiet)
  }

  /// How wide the texts of a vertical axis are.
  static func width(of scale: Scale, style: NumberStyle) -> Double {
    scale.tickTexts(style).map { TextWidth.of($0, size: 13) }.max() ?? 0
  }
}

extension ResultTable {
  /// The distinct texts of a column in their order.
  func levels(_ column: String) -> [String] {
    var seen: Set<String> = []
    return cells(column).map(\.plainText).filter { seen.insert($0).inserted }
  }

  /// Refuses to draw nothing.
  func requireRows(for chart: String, columns: [String]) throws(SiblingError) {
    guard !rows.isEmpty else {
      throw SiblingError(.noRows, "there is nothing to draw: the \(chart) was given no rows")
    }
    for column in columns where position(of: column) == nil {
      throw SiblingError(
        .unknownColumn, "the \(chart) needs the column '\(column)' of '\(path)'", column: column)
    }
  }
}
