extension Match {
  /// The match among some rows only: others lose their weight.
  ///
  /// Where units are reused, pairs of which one row is outside are left out, and each focal unit's
  /// matches share its weight anew.
  func restricted(to chosen: [Bool]) -> Match {
    var result = self
    guard allowsReuse else {
      for row in weights.indices where !chosen[row] { result.weights[row] = 0 }
      for row in subclass.indices where !chosen[row] { result.subclass[row] = -1 }
      result.pairs = pairs.filter { chosen[$0.treatedRow] && chosen[$0.comparisonRow] }
      return result
    }
    let focalIsTreated = estimand != .atc
    var kept: [Pair] = []
    var last = 0
    var set = 0
    for var pair in pairs where chosen[pair.treatedRow] && chosen[pair.comparisonRow] {
      if pair.set != last {
        last = pair.set
        set += 1
      }
      pair.set = set
      kept.append(pair)
    }
    var sizes = [Double](repeating: 0, count: set)
    for pair in kept { sizes[pair.set - 1] += 1 }
    var weights = [Double](repeating: 0, count: weights.count)
    for pair in kept {
      let (focal, other) =
        focalIsTreated
        ? (pair.treatedRow, pair.comparisonRow) : (pair.comparisonRow, pair.treatedRow)
      weights[focal] = 1
      weights[other] += 1 / sizes[pair.set - 1]
    }
    result.pairs = kept
    result.weights = weights
    return result
  }
}
