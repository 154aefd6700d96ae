/// One effect over time as charts of panels draw it: a marker with its interval.
struct EffectMark {
  var time: Double
  var estimate: Double?
  var low: Double?
  var high: Double?
  /// A simultaneous band around the interval, where there is one.
  var bandLow: Double?
  var bandHigh: Double?
  var isReference: Bool
  var isWithheld: Bool
  var isBefore: Bool

  /// The mark of a row with the columns `estimate`, `conf.low`, `conf.high` and `reference`.
  init(_ table: ResultTable, row: Int, time: Double, isBefore: Bool) {
    self.time = time
    self.isBefore = isBefore
    estimate = table[row, "estimate"].number
    low = table[row, "conf.low"].number
    high = table[row, "conf.high"].number
    if table.position(of: "band.low") != nil, table.position(of: "band.high") != nil {
      bandLow = table[row, "band.low"].number
      bandHigh = table[row, "band.high"].number
    }
    isReference = table[row, "reference"] == .flag(true)
    isWithheld = table[row, "estimate"] == .suppressed
  }

  /// Everything that an axis must reach.
  var values: [Double] { [estimate, low, high, bandLow, bandHigh].compactMap { $0 } }

  /// Draws the mark; `bottom` is where words of withheld marks stand.
  func draw(
    _ canvas: inout Canvas, x: Double, _ vertical: Scale, bottom: Double, radius: Double = 5,
    caps: Bool = true, words: Bool = true
  ) {
    let color = isBefore ? Palette.series[2] : Palette.series[0]
    if isReference {
      let y = vertical.position(estimate ?? 0)
      canvas.marker(.diamond, x: x, y: y, radius: radius, color: Palette.ink, hollow: true)
      if words {
        canvas.text(
          "reference", x: x, y: caps ? y + 24 : bottom - 8, size: 12, anchor: .middle, halo: true)
      }
      return
    }
    if isWithheld {
      canvas.text("[c]", x: x, y: bottom - 8, size: 12, anchor: .middle, halo: true)
    }
    guard let estimate else { return }
    if let bandLow, let bandHigh {
      let ends = [bandLow, bandHigh].map { vertical.position($0) }
      canvas.line(x, ends[0], x, ends[1], color: color, width: 1, dash: "3 3")
      if caps {
        for end in ends { canvas.line(x - 3, end, x + 3, end, color: color, width: 1) }
      }
    }
    if let low, let high {
      let ends = [low, high].map { vertical.position($0) }
      canvas.line(x, ends[0], x, ends[1], color: color, width: 2)
      if caps {
        for end in ends { canvas.line(x - radius, end, x + radius, end, color: color, width: 2) }
      }
    }
    canvas.marker(
      isBefore ? .circle : .square, x: x, y: vertical.position(estimate), radius: radius,
      color: color, hollow: isBefore)
  }

  /// The mark in words.
  func words(_ style: NumberStyle) -> String {
    if isReference { return "reference" }
    guard let estimate else { return isWithheld ? "[c]" : "not available" }
    guard let low, let high else { return "\(style.text(estimate)) (no interval)" }
    return "\(style.text(estimate)) (\(style.text(low)) to \(style.text(high)))"
  }
}
