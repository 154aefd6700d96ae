internal import Statistics

/// The averages of two of n numbers, a number with itself included, without listing them.
struct WalshAverages {
  private let halves: [Double]

  init(_ values: [Double]) {
    halves = Sorting.order(values).map { values[Int($0)] / 2 }
  }

  /// n(n + 1)/2.
  var count: Int { halves.count * (halves.count + 1) / 2 }

  /// How many averages are greater than a value, in one walk along the sorted numbers.
  private func countAbove(_ value: Double) -> Int {
    halves.withUnsafeBufferPointer { halves in
      var first = halves.count
      var total = 0
      for i in 0..<halves.count {
        while first > 0, halves[i] + halves[first - 1] > value { first -= 1 }
        total += halves.count - max(i, first)
      }
      return total
    }
  }

  /// The k-th largest average, k from 1 to `count`: bisection over the doubles themselves, so exact.
  ///
  /// - Complexity: O(n) a step, at most 64 steps.
  func largest(_ k: Int) -> Double {
    guard let least = halves.first, let most = halves.last else { return .nan }
    var (low, high) = (Self.key(least + least), Self.key(most + most))
    while low < high {
      let middle = low + (high - low) / 2
      if countAbove(Self.value(middle)) < k { high = middle } else { low = middle + 1 }
    }
    return Self.value(low) + 0
  }

  /// Doubles as whole numbers in the same order.
  private static func key(_ value: Double) -> UInt64 {
    let bits = (value + 0).bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  private static func value(_ key: UInt64) -> Double {
    Double(bitPattern: key >> 63 == 0 ? ~key : key & ~(1 << 63))
  }
}

extension RosenbaumBounds {
  /// The range of the Hodges–Lehmann estimate and the confidence limits at every Γ, exactly: both
  /// are Walsh averages.
  func hodgesLehmann(_ differences: [Double]) -> RosenbaumBoundsResult {
    let averages = WalshAverages(differences)
    let mirrored = WalshAverages(differences.map { -$0 })
    let n = Double(differences.count)
    let squares = n * (n + 1) * (2 * n + 1) / 6
    let reach = Normal.standard.upperQuantile((1 - level) / 2)
    let bounds = gammas.map { gamma in
      let share = gamma / (1 + gamma)
      let mean = share * Double(averages.count)
      let edge = mean + reach * (share * (1 - share) * squares).squareRoot()
      var bound = RosenbaumBoundsResult.Bound(gamma: gamma)
      bound.estimateLow = Self.solution(averages, mean)
      bound.estimateHigh = -Self.solution(mirrored, mean)
      if edge < Double(averages.count) {
        // The statistic, as a step function of the effect taken off, falls to the edge or below here.
        bound.intervalLow = averages.largest(Int(edge) + 1)
        bound.intervalHigh = -mirrored.largest(Int(edge) + 1)
      }
      return bound
    }
    return RosenbaumBoundsResult(
      statistic: statistic, alternative: alternative, bounds: bounds, sensitivityValue: nil,
      sets: differences.count, informativeSets: differences.count { $0 != 0 })
  }

  /// Where the statistic crosses its expectation: the middle of the last effect above it and the first
  /// below.
  private static func solution(_ averages: WalshAverages, _ expectation: Double) -> Double {
    let whole = expectation.rounded()
    // Γ/(1 + Γ) times a whole number is a whole number but for rounding, or else far from one.
    guard (expectation - whole).magnitude <= 1e-9 * max(1, whole), Int(whole) < averages.count
    else { return averages.largest(min(averages.count, max(1, Int(expectation.rounded(.up))))) }
    let (last, first) = (averages.largest(max(1, Int(whole))), averages.largest(Int(whole) + 1))
    return last / 2 + first / 2
  }
}
