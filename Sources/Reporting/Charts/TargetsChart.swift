public import Statistics

/// Expected against actual: for every contract and outcome a bar of what was achieved as a share of
/// its target, the target marked at 100%.
public struct TargetsChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// Words for contracts and outcomes, where the column's text will not do.
  public var names: [String: String]

  /// A chart of achievements against targets.
  public init(title: Prose, subtitle: Prose, names: [String: String] = [:]) {
    self.title = title
    self.subtitle = subtitle
    self.names = names
  }

  private struct Row {
    var heading: String?
    var label: String
    var ratio: Double?
    var text: String
    var noteMark: String
  }

  /// Draws the rows of a performance table in order, a heading for every contract; remarks in the
  /// column `note` become footnotes.
  ///
  /// - Throws: `noRows` without rows, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, name: String = "targets"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "chart of targets", columns: ["contract", "outcome", "target", "actual", "ratio"])
    var notes: [String] = []
    let rows = self.rows(of: table, notes: &notes)
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let margin = ChartFrame.margin
    let labelWidth = min(rows.map { TextWidth.of($0.label, size: 14) }.max() ?? 0, 230) + 2
    let textWidth = rows.map { TextWidth.of($0.text + " *", size: 14) }.max() ?? 0
    let start = margin + labelWidth + 12
    let end = frame.canvas.width - margin - textWidth - 16
    let greatest = max(1, rows.compactMap(\.ratio).max() ?? 1)
    let scale = Scale(covering: [0, min(greatest, 3)], start: start, end: end, count: 5)
    let top = frame.top + 26
    let headings = Double(rows.count { $0.heading != nil })
    let bottom = top + Double(rows.count) * 25 + headings * 32 + 4
    frame.horizontalAxis(
      scale, style: .percent(), top: top, bottom: bottom, title: "Achieved, as a share of target")
    frame.canvas.text(
      "Achieved of target", x: frame.canvas.width - margin, y: top - 9, size: 13, anchor: .end,
      bold: true)
    var y = top + 2
    var marks: [Double] = []
    for row in rows {
      if let heading = row.heading {
        frame.canvas.text(heading, x: margin, y: y + 23, size: 14, bold: true, halo: true)
        y += 32
      }
      draw(row, &frame.canvas, scale, y: y, labelWidth: labelWidth)
      marks.append(y)
      y += 25
    }
    let target = scale.position(1)
    for mark in marks {
      frame.canvas.line(target, mark + 1, target, mark + 24, color: Palette.ink, width: 3)
    }
    frame.canvas.text(
      "target", x: target, y: top - 9, size: 13, anchor: .middle, bold: true)
    var below = bottom + 60
    for (index, note) in notes.enumerated() {
      let lines = TextWidth.lines(
        "\(mark(index)) \(note)", width: frame.canvas.width - 2 * margin, size: 13)
      for line in lines {
        frame.canvas.text(line, x: margin, y: below + 4, size: 13, color: Palette.quiet)
        below += 18
      }
    }
    frame.canvas.height = below
    return frame.figure(name: name, summary: summary(rows, notes), tables: [released])
  }

  private func mark(_ index: Int) -> String { String(repeating: "*", count: index + 1) }

  private func rows(of table: ResultTable, notes: inout [String]) -> [Row] {
    func named(_ text: String) -> String { names[text] ?? text }
    let payers = table.levels("payer").count > 1
    let periods = table.levels("period").count > 1
    var last: String?
    var rows: [Row] = []
    for row in table.rows.indices {
      let contract = table[row, "contract"].plainText
      var label = named(table[row, "outcome"].plainText)
      if payers, !table[row, "payer"].plainText.isEmpty {
        label += ", \(named(table[row, "payer"].plainText))"
      }
      if periods, !table[row, "period"].plainText.isEmpty {
        label += ", \(table[row, "period"].plainText)"
      }
      let ratio = table[row, "ratio"]
      let integer = NumberStyle.integer
      let actual = integer.text(table[row, "actual"])
      var text = "\(actual) of \(integer.text(table[row, "target"]))"
      if let ratio = ratio.number { text += " (\(NumberStyle.percent().text(ratio)))" }
      var noteMark = ""
      if let note = table[row, "note"].text, !note.isEmpty {
        if !notes.contains(note) { notes.append(note) }
        noteMark = mark(notes.firstIndex(of: note) ?? 0)
      }
      rows.append(
        Row(
          heading: contract == last ? nil : named(contract), label: label, ratio: ratio.number,
          text: text, noteMark: noteMark))
      last = contract
    }
    return rows
  }

  private func draw(
    _ row: Row, _ canvas: inout Canvas, _ scale: Scale, y: Double, labelWidth: Double
  ) {
    let margin = ChartFrame.margin
    let label = TextWidth.lines(row.label, width: labelWidth, size: 14, atMost: 1).first ?? ""
    canvas.text(label, x: margin, y: y + 17)
    if let ratio = row.ratio {
      let end = scale.position(scale.clamped(ratio))
      let isMet = ratio >= 1
      canvas.rectangle(
        x: scale.start, y: y + 5, width: end - scale.start, height: 15,
        fill: isMet ? Palette.series[1] : Palette.series[0])
      if ratio > scale.high {
        canvas.polygon(
          [(end, y + 3), (end + 10, y + 12.5), (end, y + 22)], fill: Palette.series[1])
      }
    }
    canvas.text(
      row.text + (row.noteMark.isEmpty ? "" : " " + row.noteMark), x: canvas.width - margin,
      y: y + 17, anchor: .end)
  }

  private func summary(_ rows: [Row], _ notes: [String]) -> String {
    var parts: [String] = []
    var contract = ""
    for row in rows.prefix(30) {
      contract = row.heading ?? contract
      parts.append("\(contract), \(row.label): \(row.text)")
    }
    if rows.count > 30 { parts.append("and \(rows.count - 30) more in the data file") }
    let remarks = notes.map { " " + $0 }.joined()
    return "Bars of achievements against targets. " + parts.joined(separator: "; ") + "." + remarks
  }
}
