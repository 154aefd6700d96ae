public import Statistics

/// Who entered, who was excluded by which rule, and who was analysed, step by step.
///
/// Criteria that excluded nobody are shown too.
public struct FlowDiagram: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The place and period.
  public var subtitle: Prose
  /// What stands in the first box, such as `Records in the file`.
  public var first: String
  /// What stands in the last box, such as `Analysed`.
  public var last: String
  /// What the boxes between say.
  public var remaining: String
  /// Words for the arms, where the arm's name will not do.
  public var names: [String: String]

  /// A flow diagram.
  public init(
    title: Prose, subtitle: Prose, first: String = "In the data", last: String = "Analysed",
    remaining: String = "Remaining", names: [String: String] = [:]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.first = first
    self.last = last
    self.remaining = remaining
    self.names = names
  }

  /// A step's numbers: first everybody's where the table has them, then each arm's.
  private struct Step {
    var rule: String
    var before: Numbers
    var excluded: Numbers
    var after: Numbers
  }

  private struct Numbers {
    var all: String?
    var arms: [String]
    var isZero = false

    /// One line in words: `16,177 (treated 185, comparison 15,992)`.
    var text: String {
      let parts = arms.joined(separator: ", ")
      guard let all else { return parts }
      return arms.isEmpty || isZero ? all : "\(all) (\(parts))"
    }
  }

  /// Draws an attrition table; a box tells the numbers of all arms, `all` first.
  ///
  /// - Throws: `noRows` without rows, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, name: String = "flow"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "flow diagram", columns: ["step", "rule", "arm", "n_before", "n_excluded", "n_after"])
    let steps = self.steps(of: table)
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let left = ChartFrame.margin
    let boxWidth = 280.0
    let sideX = left + boxWidth + 70
    let sideWidth = frame.canvas.width - ChartFrame.margin - sideX
    let stem = left + boxWidth / 2
    var y = frame.top + 10
    y = drawBox(
      &frame.canvas, x: left, y: y, width: boxWidth,
      content: content(first, steps[0].before, width: boxWidth), fill: Palette.band)
    for (index, step) in steps.enumerated() {
      let side = exclusion(step, width: sideWidth)
      let height = Double(side.count) * 18 + 18
      let gap = max(height + 24, 56)
      frame.canvas.line(stem, y, stem, y + gap - 7, color: Palette.axis, width: 1.5)
      drawArrow(&frame.canvas, x: stem, y: y + gap, down: true)
      let sideY = y + (gap - height) / 2 - 2
      let middle = sideY + height / 2
      frame.canvas.line(stem, middle, sideX - 7, middle, color: Palette.axis, width: 1.5)
      drawArrow(&frame.canvas, x: sideX, y: middle, down: false)
      _ = drawBox(
        &frame.canvas, x: sideX, y: sideY, width: sideWidth, content: side, fill: Palette.paper)
      let isLast = index == steps.count - 1
      y = drawBox(
        &frame.canvas, x: left, y: y + gap, width: boxWidth,
        content: content(isLast ? last : remaining, step.after, width: boxWidth),
        fill: isLast ? Palette.series[0] : Palette.band, ink: isLast ? Palette.paper : Palette.ink)
    }
    frame.canvas.height = y + 20
    return frame.figure(name: name, summary: summary(steps), tables: [released])
  }

  private func steps(of table: ResultTable) -> [Step] {
    var order: [ResultTable.Cell] = []
    for step in table.cells("step") where !order.contains(step) { order.append(step) }
    return order.map { key in
      let rows = table.rows.indices.filter { table[$0, "step"] == key }
      func numbers(_ column: String) -> Numbers {
        var numbers = Numbers(all: nil, arms: [])
        for row in rows {
          let count = NumberStyle.integer.text(table[row, column])
          let arm = table[row, "arm"].plainText
          if arm == "all" || arm.isEmpty {
            numbers.all = count
          } else {
            numbers.arms.append("\(names[arm] ?? arm) \(count)")
          }
        }
        numbers.isZero = rows.allSatisfy { table[$0, column] == .number(0) }
        return numbers
      }
      return Step(
        rule: table[rows[0], "rule"].plainText, before: numbers("n_before"),
        excluded: numbers("n_excluded"), after: numbers("n_after"))
    }
  }

  private typealias Line = (text: String, bold: Bool)

  private func content(_ head: String, _ numbers: Numbers, width: Double) -> [Line] {
    let heading = numbers.all.map { "\(head): \($0)" } ?? head
    return wrapped(heading, width: width, bold: true) + armLines(numbers, width: width)
  }

  private func exclusion(_ step: Step, width: Double) -> [Line] {
    var lines = wrapped(step.rule, width: width, bold: false)
    if step.excluded.isZero {
      lines += wrapped("None excluded", width: width, bold: true)
    } else {
      let all = step.excluded.all.map { "Excluded: \($0)" } ?? "Excluded"
      lines += wrapped(all, width: width, bold: true) + armLines(step.excluded, width: width)
    }
    return lines
  }

  private func armLines(_ numbers: Numbers, width: Double) -> [Line] {
    let joined = numbers.arms.joined(separator: " · ")
    if TextWidth.of(joined, size: 14) <= width - 28 {
      return joined.isEmpty ? [] : [(joined, false)]
    }
    return numbers.arms.flatMap { wrapped($0, width: width, bold: false) }
  }

  private func wrapped(_ text: String, width: Double, bold: Bool) -> [Line] {
    TextWidth.lines(text, width: width - 28, size: 14, bold: bold, atMost: 4).map { ($0, bold) }
  }

  private func drawBox(
    _ canvas: inout Canvas, x: Double, y: Double, width: Double, content: [Line], fill: String,
    ink: String = Palette.ink
  ) -> Double {
    let height = Double(content.count) * 18 + 18
    canvas.rectangle(
      x: x, y: y, width: width, height: height, fill: fill, stroke: Palette.axis, radius: 4)
    var base = y + 22
    for line in content {
      canvas.text(line.text, x: x + 14, y: base, bold: line.bold, color: ink)
      base += 18
    }
    return y + height
  }

  private func drawArrow(_ canvas: inout Canvas, x: Double, y: Double, down: Bool) {
    let back = 8.0
    canvas.polygon(
      down
        ? [(x, y), (x - 5, y - back), (x + 5, y - back)]
        : [(x, y), (x - back, y - 5), (x - back, y + 5)], fill: Palette.axis)
  }

  private func summary(_ steps: [Step]) -> String {
    var text = "Flow diagram. \(first): \(steps[0].before.text). "
    for (index, step) in steps.enumerated() {
      let end = index == steps.count - 1 ? last : remaining
      text += "\(step.rule), excluded: \(step.excluded.text). "
      text += "\(end): \(step.after.text). "
    }
    return String(text.dropLast())
  }
}
