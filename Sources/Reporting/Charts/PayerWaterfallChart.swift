public import Statistics

/// From block and outcomes due, less what caps cut off, to what each payer should have paid: a step
/// for each element, divided by payer.
public struct PayerWaterfallChart: Sendable {
  /// The finding, in at most ten words.
  public var title: Prose
  /// The measure, place and period.
  public var subtitle: Prose
  /// How the money is written.
  public var style: NumberStyle
  /// Words for the payers.
  public var names: [String: String]

  /// A waterfall.
  public init(
    title: Prose, subtitle: Prose, style: NumberStyle = .pounds(), names: [String: String] = [:]
  ) {
    self.title = title
    self.subtitle = subtitle
    self.style = style
    self.names = names
  }

  /// The elements in the order of the steps, with what stands below each.
  private static let elements: [(column: String, name: [String])] = [
    ("block", ["Block"]), ("engagement", ["Engage-", "ments"]), ("job_start", ["Job", "starts"]),
    ("sustained", ["Sustained", "jobs"]), ("unfunded", ["Cut off", "by caps"]),
    ("total", ["To be", "paid"]),
  ]

  private struct Payer {
    var name: String
    /// The amounts, in the order of the elements; nil where withheld or absent.
    var amounts: [Double?]
    /// Whether one of them was withheld.
    var isWithheld: Bool
  }

  /// A step of the picture: from where to where, and the parts by payer.
  private struct Step {
    var name: [String]
    var start, end: Double
    var parts: [(payer: Int, low: Double, high: Double)]
    var isWithheld: Bool
    var isKnown: Bool
  }

  /// Draws the rows of a waterfall table, a payer each; more than four payers become three and the
  /// others together.
  ///
  /// - Throws: `noRows` without rows or amounts, `unknownColumn` when a column is absent.
  public func figure(
    _ released: Released<ResultTable>, name: String = "payer_waterfall"
  ) throws(SiblingError) -> Figure {
    let table = released.value
    try table.requireRows(
      for: "waterfall of payments", columns: ["payer"] + Self.elements.map(\.column))
    let payers = self.payers(of: table)
    let steps = self.steps(payers)
    guard steps.contains(where: { $0.isKnown }) else {
      throw SiblingError(.noRows, "no payer has an amount to draw")
    }
    var frame = ChartFrame(title: title, subtitle: subtitle)
    let top = frame.top + 26
    let height = 330.0
    let amounts = Scale(
      covering: [0] + steps.flatMap { [$0.start, $0.end] }, start: top + height, end: top, count: 5)
    let axis = ChartFrame.width(of: amounts, style: style) + 8
    let left = ChartFrame.margin + axis
    let nameWidth =
      min(190, payers.map { TextWidth.of($0.name + ", £000k", size: 13, bold: true) }.max() ?? 0)
      + 26
    let right = frame.canvas.width - ChartFrame.margin - nameWidth
    frame.verticalAxis(amounts, style: style, x: left, right: right)
    frame.canvas.line(
      left, amounts.position(0), right, amounts.position(0), color: Palette.axis)
    let pitch = (right - left) / Double(steps.count)
    for (index, step) in steps.enumerated() {
      let x = left + (Double(index) + 0.5) * pitch
      draw(
        step, &frame.canvas, amounts, x: x, width: pitch * 0.62, isTotal: index == steps.count - 1)
      for (line, text) in step.name.enumerated() {
        frame.canvas.text(
          text, x: x, y: top + height + 20 + Double(line) * 16, size: 13, anchor: .middle)
      }
      guard index + 1 < steps.count, step.isKnown else { continue }
      // A step leads to the next.
      let y = amounts.position(step.end)
      frame.canvas.line(
        x + pitch * 0.31, y, x + pitch * 0.69, y, color: Palette.axis, dash: "3 3")
    }
    drawNames(payers, steps, &frame.canvas, amounts, x: right - pitch * 0.19 + 4, width: nameWidth)
    frame.canvas.height = top + height + 52
    return frame.figure(name: name, summary: summary(payers), tables: [released])
  }

  private func payers(of table: ResultTable) -> [Payer] {
    let all = table.rows.indices.map { row -> Payer in
      let cells = Self.elements.map { table[row, $0.column] }
      let payer = table[row, "payer"].plainText
      return Payer(
        name: names[payer] ?? payer, amounts: cells.map(\.number),
        isWithheld: cells.contains(.suppressed))
    }
    guard all.count > 4 else { return all }
    let order = all.indices.sorted {
      (-(all[$0].amounts.last.flatMap { $0 } ?? 0), $0)
        < (-(all[$1].amounts.last.flatMap { $0 } ?? 0), $1)
    }
    let kept = order.prefix(3).sorted()
    var others = Payer(
      name: "Others", amounts: Self.elements.map { _ in nil }, isWithheld: false)
    for index in all.indices where !kept.contains(index) {
      others.isWithheld = others.isWithheld || all[index].isWithheld
      for (element, amount) in all[index].amounts.enumerated() {
        guard let amount else { continue }
        others.amounts[element] = (others.amounts[element] ?? 0) + amount
      }
    }
    return kept.map { all[$0] } + [others]
  }

  private func steps(_ payers: [Payer]) -> [Step] {
    var level = 0.0
    return Self.elements.enumerated().map { element, words in
      let isTotal = words.column == "total"
      let isCut = words.column == "unfunded"
      let known = payers.compactMap { $0.amounts[element] }
      let sum = known.reduce(0, +)
      let start = isTotal ? 0 : level
      let end = isCut ? level - sum : start + sum
      var parts: [(payer: Int, low: Double, high: Double)] = []
      var place = isCut ? end : start
      for (index, payer) in payers.enumerated() {
        guard let amount = payer.amounts[element], amount > 0 else { continue }
        parts.append((index, place, place + amount))
        place += amount
      }
      level = end
      return Step(
        name: words.name, start: start, end: end, parts: parts,
        isWithheld: payers.contains { $0.isWithheld && $0.amounts[element] == nil },
        isKnown: !known.isEmpty)
    }
  }

  private func draw(
    _ step: Step, _ canvas: inout Canvas, _ amounts: Scale, x: Double, width: Double,
    isTotal: Bool
  ) {
    let isCut = step.end < step.start
    for part in step.parts {
      let (upper, lower) = (amounts.position(part.high), amounts.position(part.low))
      let color = Palette.series[part.payer % Palette.series.count]
      canvas.rectangle(
        x: x - width / 2, y: upper, width: width, height: lower - upper,
        // What nobody pays is an outline.
        fill: isCut ? Palette.paper : color, stroke: isCut ? color : Palette.paper)
      let text = short(part.high - part.low)
      guard lower - upper >= 19, TextWidth.of(text, size: 13) <= width - 8 else { continue }
      let ink =
        isCut
        ? Palette.seriesText[part.payer % Palette.seriesText.count]
        : part.payer % 2 == 0 ? Palette.paper : Palette.ink
      canvas.text(
        text, x: x, y: (upper + lower) / 2 + 4.5, size: 13, anchor: .middle, color: ink)
    }
    let above = amounts.position(max(step.start, step.end)) - 7
    let sum = (step.end - step.start).magnitude
    let sign = isCut && sum > 0 ? "−" : ""
    let text = step.isWithheld ? "[c]" : step.isKnown ? sign + short(sum) : ""
    canvas.text(text, x: x, y: above, size: 14, anchor: .middle, bold: true, halo: true)
  }

  /// The payers' names beside the last bar, each at its part.
  private func drawNames(
    _ payers: [Payer], _ steps: [Step], _ canvas: inout Canvas, _ amounts: Scale, x: Double,
    width: Double
  ) {
    guard let total = steps.last else { return }
    let middles = payers.indices.map { index -> Double in
      guard let part = total.parts.first(where: { $0.payer == index }) else {
        return amounts.position(0)
      }
      return amounts.position((part.low + part.high) / 2)
    }
    let places = Spread.positions(middles, gap: 36, low: amounts.end, high: amounts.start - 8)
    for (index, payer) in payers.enumerated() {
      let color = Palette.seriesText[index % Palette.seriesText.count]
      canvas.line(
        x - 2, middles[index], x + 12, places[index],
        color: Palette.series[index % Palette.series.count])
      let amount = payer.amounts.last.flatMap { $0 }.map { ", \(short($0))" } ?? ""
      let lines = TextWidth.lines(
        payer.name + amount, width: width - 20, size: 13, bold: true, atMost: 2)
      for (line, text) in lines.enumerated() {
        canvas.text(
          text, x: x + 16, y: places[index] + 4 + Double(line) * 15 - Double(lines.count - 1) * 7,
          size: 13, bold: true, color: color)
      }
    }
  }

  private func short(_ amount: Double) -> String {
    var style = style
    if amount.magnitude >= 999_500 {
      style.factor /= 1_000_000
      style.suffix = "m"
      style.form = .decimals(2)
    } else if amount.magnitude >= 9_995 {
      style.factor /= 1000
      style.suffix = "k"
      style.form = .decimals(0)
    }
    return style.text(amount)
  }

  private func summary(_ payers: [Payer]) -> String {
    let words = [
      "block", "engagements", "job starts", "sustained jobs", "cut off by caps", "to be paid",
    ]
    let parts = payers.map { payer -> String in
      let amounts = payer.amounts.enumerated().compactMap { index, amount -> String? in
        guard let amount else { return payer.isWithheld ? "\(words[index]) withheld" : nil }
        return amount == 0 ? nil : "\(words[index]) \(style.text(amount))"
      }
      return "\(payer.name): \(amounts.joined(separator: ", "))"
    }
    return
      "Steps from the block over outcomes due, less what caps cut off, to what is to be paid, divided"
      + " by payer. " + parts.joined(separator: "; ") + "."
  }
}
