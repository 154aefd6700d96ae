extension CoxData {
  /// Runs through the risk sets, summing values of each row.
  ///
  /// `use` is given each group with the sums over its risk set and, for Efron's ties, over its
  /// deaths (zero where only one row dies). Rows that leave by left truncation are subtracted, with
  /// compensation against cancellation.
  @inline(__always)
  func scanRiskSets<Lanes: SIMD>(
    _ value: (Int) -> Lanes, _ use: (_ group: Int, _ sum: Lanes, _ deaths: Lanes) -> Void
  ) where Lanes.Scalar == Double {
    event.withUnsafeBufferPointer { event in
      let splitting = ties == .efron
      sets.withPointers { sets in
        if sets.removal.isEmpty {
          var sum = Lanes.zero
          for g in 0..<sets.begin.count {
            if sets.first[g] { sum = .zero }
            for i in Int(sets.begin[g])..<Int(sets.end[g]) { sum += value(i) }
            var tied = Lanes.zero
            if splitting, sets.deaths[g] > 1 {
              for i in Int(sets.tie[g])..<Int(sets.end[g]) where event[i] { tied += value(i) }
            }
            use(g, sum, tied)
          }
          return
        }
        // What each group will lose is summed when its rows come in, so that rows are read in order
        // and only once.
        let count = sets.begin.count
        let leaving = UnsafeMutablePointer<Lanes>.allocate(capacity: 2 * count)
        leaving.initialize(repeating: .zero, count: 2 * count)
        defer { leaving.deallocate() }
        var (sum, lost) = (Lanes.zero, Lanes.zero)
        for g in 0..<count {
          if sets.first[g] { (sum, lost) = (.zero, .zero) }
          let last = sets.stratumEnd[g]
          for i in Int(sets.begin[g])..<Int(sets.end[g]) {
            let own = value(i)
            add(own, to: &sum, &lost)
            let start = sets.startGroup[i]
            if start < last {
              add(own, to: &leaving[2 * Int(start)], &leaving[2 * Int(start) + 1])
            }
          }
          add(-leaving[2 * g], to: &sum, &lost)
          lost -= leaving[2 * g + 1]
          var tied = Lanes.zero
          if splitting, sets.deaths[g] > 1 {
            for i in Int(sets.tie[g])..<Int(sets.end[g]) where event[i] { tied += value(i) }
          }
          use(g, sum + lost, tied)
        }
      }
    }
  }

  /// Neumaier's compensated addition, lane by lane.
  @inline(__always)
  private func add<Lanes: SIMD>(
    _ value: Lanes, to sum: inout Lanes, _ lost: inout Lanes
  ) where Lanes.Scalar == Double {
    let next = sum + value
    let part = next - sum
    lost += (sum - (next - part)) + (value - part)
    sum = next
  }
}

extension RiskSets {
  /// The arrays that inner loops read, as pointers.
  struct Pointers {
    let begin: UnsafeBufferPointer<Int32>
    let tie: UnsafeBufferPointer<Int32>
    let end: UnsafeBufferPointer<Int32>
    let deaths: UnsafeBufferPointer<Int32>
    let first: UnsafeBufferPointer<Bool>
    /// Empty without left truncation.
    let startGroup: UnsafeBufferPointer<Int32>
    let stratumEnd: UnsafeBufferPointer<Int32>
    let removal: UnsafeBufferPointer<Int32>
  }

  @inline(__always)
  func withPointers(_ body: (Pointers) -> Void) {
    begin.withUnsafeBufferPointer { begin in
      tie.withUnsafeBufferPointer { tie in
        end.withUnsafeBufferPointer { end in
          deaths.withUnsafeBufferPointer { deaths in
            first.withUnsafeBufferPointer { first in
              (startGroup ?? []).withUnsafeBufferPointer { startGroup in
                stratumEnd.withUnsafeBufferPointer { stratumEnd in
                  removal.withUnsafeBufferPointer { removal in
                    body(
                      Pointers(
                        begin: begin, tie: tie, end: end, deaths: deaths, first: first,
                        startGroup: startGroup, stratumEnd: stratumEnd, removal: removal))
                  }
                }
              }
            }
          }
        }
      }
    }
  }
}
