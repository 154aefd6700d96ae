import Glibc

/// A linear or logarithmic axis: where a value stands and where the ticks are.
struct Scale {
  var low: Double
  var high: Double
  var start: Double
  var end: Double
  var ticks: [Double]
  var step: Double
  var isLog = false

  /// An axis over the values, widened to whole ticks.
  ///
  /// Values that are all equal get an axis of one tick either side of them.
  init(
    covering values: [Double], start: Double, end: Double, count: Int = 6, widen: Bool = true
  ) {
    let finite = values.filter(\.isFinite)
    var low = finite.min() ?? 0
    var high = finite.max() ?? 1
    if low == high {
      let reach = low == 0 ? 1 : low.magnitude * 0.1
      low -= reach
      high += reach
    }
    let step = Scale.niceStep((high - low) / Double(max(1, count)))
    let first = (low / step - 1e-9).rounded(.up)
    let last = (high / step + 1e-9).rounded(.down)
    let (from, to) =
      widen
      ? ((low / step + 1e-9).rounded(.down), (high / step - 1e-9).rounded(.up)) : (first, last)
    ticks = []
    var index = from
    while index <= to, ticks.count < 100 {
      ticks.append(index == 0 ? 0 : index * step)
      index += 1
    }
    self.low = widen ? from * step : low
    self.high = widen ? to * step : high
    self.start = start
    self.end = end
    self.step = step
  }

  /// A logarithmic axis over positive values.
  init(logCovering values: [Double], start: Double, end: Double) {
    let positive = values.filter { $0 > 0 && $0.isFinite }
    var low = positive.min() ?? 0.5
    var high = positive.max() ?? 2
    if high / low < 1.5 { (low, high) = (low / 1.25, high * 1.25) }
    let decades = log10(high / low)
    let marks: [Double] =
      decades < 0.8 ? [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8] : decades < 2 ? [1, 2, 5] : [1]
    var candidates: [Double] = []
    for exponent in Int(floor(log10(low))) - 1...Int(ceil(log10(high))) + 1 {
      candidates += marks.map { $0 * pow(10, Double(exponent)) }
    }
    let under = candidates.last { $0 <= low * (1 + 1e-9) } ?? low
    let over = candidates.first { $0 >= high * (1 - 1e-9) } ?? high
    ticks = candidates.filter { $0 >= under * (1 - 1e-9) && $0 <= over * (1 + 1e-9) }
    (self.low, self.high, self.start, self.end) = (under, over, start, end)
    step = 0
    isLog = true
  }

  /// An axis with given limits and ticks.
  init(low: Double, high: Double, start: Double, end: Double, ticks: [Double], step: Double) {
    (self.low, self.high, self.start, self.end) = (low, high, start, end)
    (self.ticks, self.step) = (ticks, step)
  }

  /// Where a value stands, in pixels.
  func position(_ value: Double) -> Double {
    let share = isLog ? log(value / low) / log(high / low) : (value - low) / (high - low)
    return start + share * (end - start)
  }

  /// A value moved to the nearer end of the axis when it stands outside.
  func clamped(_ value: Double) -> Double { min(max(value, low), high) }

  /// The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least `rough`.
  static func niceStep(_ rough: Double) -> Double {
    guard rough > 0, rough.isFinite else { return 1 }
    let power = pow(10, floor(log10(rough)))
    for factor in [1, 2, 2.5, 5] where rough <= factor * power * (1 + 1e-9) {
      return factor * power
    }
    return 10 * power
  }

  /// The ticks as text, with as many decimals as tell them apart.
  func tickTexts(_ style: NumberStyle) -> [String] {
    var style = style
    let greatest = ticks.map { style.scaled($0).magnitude }.max() ?? 0
    let isMoney = !style.prefix.isEmpty && style.suffix.isEmpty
    if isMoney, greatest >= 1_000_000 {
      style.factor /= 1_000_000
      (style.suffix, style.singularSuffix) = ("m", nil)
    } else if isMoney, greatest >= 20_000 {
      style.factor /= 1000
      (style.suffix, style.singularSuffix) = ("k", nil)
    } else if !isMoney, style.suffix != "%" {
      (style.suffix, style.singularSuffix) = ("", nil)
    }
    if !isLog, greatest > 0, greatest < 1e-4 || greatest >= 1e7 {
      let digits = log10(greatest / (step * style.factor).magnitude).rounded(.up) + 2
      style.form = .significant(Int(max(3, min(15, digits))))
    } else if isLog {
      style.form = .significant(3)
    } else {
      var places = 0
      while places < 12 {
        let scaled = (step * style.factor * pow(10, Double(places))).magnitude
        if scaled > 0.5, (scaled - scaled.rounded()).magnitude < 1e-6 * scaled { break }
        places += 1
      }
      style.form = .decimals(places)
    }
    return ticks.map { tick in
      // Nought pounds are nought millions too.
      guard isMoney, tick == 0 else { return style.text(tick) }
      return style.prefix + "0"
    }
  }
}

extension NumberStyle {
  /// The unit that ticks leave to the title of their axis; nil where they show it, or have none.
  var tickUnit: String? {
    let isMoney = !prefix.isEmpty && suffix.isEmpty
    let unit = suffix.drop { $0 == " " }
    return isMoney || suffix == "%" || unit.isEmpty ? nil : String(unit)
  }
}

/// Moves labels apart that would lie on each other.
enum Spread {
  /// Positions as near as can be to the wanted ones, in their order, at least `gap` apart and, when
  /// there is room, within the bounds.
  static func positions(_ wanted: [Double], gap: Double, low: Double, high: Double) -> [Double] {
    let order = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
    // Blocks of labels that touch, each centred on the mean of what its members want.
    var blocks: [(sum: Double, count: Int)] = []
    func start(_ block: (sum: Double, count: Int)) -> Double {
      let middle = block.sum / Double(block.count)
      let reach = Double(block.count - 1) * gap / 2
      return max(low, min(middle - reach, high - 2 * reach))
    }
    for index in order {
      blocks.append((min(max(wanted[index], low), high), 1))
      while blocks.count > 1 {
        let (last, before) = (blocks[blocks.count - 1], blocks[blocks.count - 2])
        let end = start(before) + Double(before.count) * gap
        if start(last) >= end - 1e-9 { break }
        blocks.removeLast(2)
        blocks.append((before.sum + last.sum, before.count + last.count))
      }
    }
    var positions = wanted
    var next = 0
    for block in blocks {
      for member in 0..<block.count {
        positions[order[next]] = start(block) + Double(member) * gap
        next += 1
      }
    }
    return positions
  }
}
