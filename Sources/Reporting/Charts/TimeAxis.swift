/// The axis of time since time zero that survival charts share.
enum TimeAxis {
  /// An axis from zero to the last time, with ticks that suit the unit.
  static func scale(
    last: Double, unit: String, ticks: [Double]? = nil, start: Double, end: Double, count: Int = 6
  ) -> Scale {
    let last = max(last, 1e-9)
    if let ticks, let final = ticks.last, final > 0 {
      let steps = zip(ticks.dropFirst(), ticks).map { $0 - $1 }.filter { $0 > 0 }
      return Scale(
        low: 0, high: max(last, final), start: start, end: end, ticks: ticks,
        step: steps.min() ?? final)
    }
    var step = Scale.niceStep(last / Double(count))
    let whole: [Double]? =
      switch unit {
      case "weeks": [1, 2, 4, 13, 26, 52, 104, 260]
      case "months": [1, 2, 3, 6, 12, 24, 60, 120]
      case "quarters": [1, 2, 4, 8, 20]
      default: nil
      }
    let most = Double(count) * 4 / 3
    if let nearest = whole?.first(where: { last / $0 <= most }) { step = nearest }
    // A tick just beyond the last time is worth the room.
    let next = (last / step).rounded(.up) * step
    let high = next <= last * 1.05 ? next : last
    let ticks = stride(from: 0.0, through: high * (1 + 1e-9), by: step).map { $0 }
    return Scale(low: 0, high: high, start: start, end: end, ticks: ticks, step: step)
  }

  /// The unit as the axis has it.
  static func title(_ unit: String) -> String {
    "\(unit.prefix(1).uppercased())\(unit.dropFirst())"
  }

  /// A logarithmic axis that ends at the last time.
  static func logarithmic(_ times: [Double], start: Double, end: Double) -> Scale {
    var scale = Scale(logCovering: times, start: start, end: end)
    let positive = times.filter { $0 > 0 && $0.isFinite }
    if let first = positive.min(), let last = positive.max(), first < last {
      scale.low = max(scale.low, first / 1.1)
      scale.high = min(scale.high, last * 1.05)
      scale.ticks = scale.ticks.filter { $0 >= scale.low && $0 <= scale.high }
    }
    return scale
  }
}
