extension CoxData {
  /// Runs through the risk sets, summing a value of each row.
  ///
  /// `use` is given each group with the sum over its risk set and, for Efron's ties, over its
  /// deaths (zero where only one row dies). Rows that leave by left truncation are subtracted, with
  /// compensation against cancellation.
  @inline(__always)
  func scanRiskSets(
    _ value: (Int) -> Double, _ use: (_ group: Int, _ sum: Double, _ deaths: Double) -> Void
  ) {
    sets.begin.withUnsafeBufferPointer { begin in
      sets.end.withUnsafeBufferPointer { end in
        sets.first.withUnsafeBufferPointer { first in
          if sets.startGroup == nil {
            var sum = 0.0
            for g in 0..<begin.count {
              if first[g] { sum = 0 }
              for i in Int(begin[g])..<Int(end[g]) { sum += value(i) }
              use(g, sum, tiedSum(g, value))
            }
          } else {
            var sum = CompensatedSum()
            for g in 0..<begin.count {
              if first[g] { sum = CompensatedSum() }
              for i in Int(begin[g])..<Int(end[g]) { sum.add(value(i)) }
              for k in Int(sets.removal[g])..<Int(sets.removal[g + 1]) {
                sum.add(-value(Int(sets.removed[k])))
              }
              use(g, sum.value, tiedSum(g, value))
            }
          }
        }
      }
    }
  }

  @inline(__always)
  private func tiedSum(_ g: Int, _ value: (Int) -> Double) -> Double {
    guard sets.deaths[g] > 1, ties == .efron else { return 0 }
    var sum = 0.0
    for i in Int(sets.tie[g])..<Int(sets.end[g]) where event[i] { sum += value(i) }
    return sum
  }
}
