/// Weights of durations, in steps around a threshold, whose sum is the excess over a line.
struct ThresholdScores: Sendable {
  /// The first step, counted from the threshold.
  let first: Int
  /// Each step's weight.
  let weights: [Double]
  /// Weights that give the count expected in the step before the threshold.
  let before: [Double]

  /// Weights of steps `first..<end`; nil where too few are left for a line.
  ///
  /// The step from the threshold on has weight one; steps other than it, the one before it and those
  /// `skipped` have minus their weight in the least-squares line's value there.
  init?(first: Int, end: Int, skipped: Range<Int>) {
    guard first < 0, end > 0 else { return nil }
    let used = (first..<end).filter { $0 != 0 && $0 != -1 && !skipped.contains($0) }
    guard used.count >= 3, used.contains(where: { $0 < 0 }), used.contains(where: { $0 > 0 })
    else { return nil }
    let middle = Double(used.reduce(0, +)) / Double(used.count)
    let square = used.reduce(0) { $0 + (Double($1) - middle) * (Double($1) - middle) }
    var weights = [Double](repeating: 0, count: end - first)
    var before = weights
    for step in used {
      let away = (Double(step) - middle) / square
      weights[step - first] = -(1 / Double(used.count) + (0 - middle) * away)
      before[step - first] = 1 / Double(used.count) + (-1 - middle) * away
    }
    weights[-first] = 1
    self.first = first
    self.weights = weights
    self.before = before
  }
}
