import LinearAlgebra
import Statistics

/// Events and ends of follow-up by arm and distinct time, counted in one pass over the rows.
///
/// Without left truncation this is all that curves and tests need unless they look at single rows. Rows
/// of an arm and time are added in their order, so that sums of weights are those of a sorted pass.
struct EventTable {
  /// The number of distinct times.
  let width: Int
  /// Weight of the events, arm after arm.
  private(set) var events: [Double]
  /// Weight of those whose follow-up ends without it.
  private(set) var censored: [Double]
  /// Whether an arm has rows at a time, whatever their weight.
  private(set) var isSeen: [Bool]

  /// A table, or nil where there would be many more cells than rows, or with left truncation.
  init?(_ times: SurvivalTimes, _ codes: [Int32]?, arms: Int, weights: [Double]?) {
    width = times.distinct.count
    let cells = arms * width
    guard times.entryIndex == nil, cells <= Swift.max(1024, 2 * times.count) else { return nil }
    if let weights {
      events = [Double](repeating: 0, count: cells)
      censored = events
      isSeen = [Bool](repeating: false, count: cells)
      add(times, codes, weights)
      return
    }
    let counts = Self.counts(times, codes, cells)
    events = (0..<cells).map { Double(counts[2 * $0 + 1]) }
    censored = (0..<cells).map { Double(counts[2 * $0]) }
    isSeen = (0..<cells).map { counts[2 * $0] > 0 || counts[2 * $0 + 1] > 0 }
  }

  /// Rows without (even places) and with the event (odd ones) of each cell.
  private static func counts(
    _ times: SurvivalTimes, _ codes: [Int32]?, _ cells: Int
  ) -> [Int32] {
    let width = times.distinct.count
    // Blocks count for themselves where their tables are small beside their rows.
    let size = Swift.max(65_536, 16 * cells)
    let blocks = Parallel.ranges(of: times.count, size: size)
    let parts = times.timeIndex.withUnsafeBufferPointer { index in
      times.event.withUnsafeBufferPointer { event in
        (codes ?? []).withUnsafeBufferPointer { codes in
          nonisolated(unsafe) let (index, event, codes) = (index, event, codes)
          return Parallel.mapBlocks(blocks.count) { block in
            var counts = [Int32](repeating: 0, count: 2 * cells)
            counts.withUnsafeMutableBufferPointer { counts in
              if codes.isEmpty {
                for row in blocks[block] {
                  counts[2 * Int(index[row]) + (event[row] ? 1 : 0)] += 1
                }
              } else {
                for row in blocks[block] {
                  let cell = Int(codes[row]) * width + Int(index[row])
                  counts[2 * cell + (event[row] ? 1 : 0)] += 1
                }
              }
            }
            return counts
          }
        }
      }
    }
    guard var sum = parts.first else { return [Int32](repeating: 0, count: 2 * cells) }
    for part in parts.dropFirst() {
      for place in sum.indices { sum[place] += part[place] }
    }
    return sum
  }

  private mutating func add(_ times: SurvivalTimes, _ codes: [Int32]?, _ weights: [Double]) {
    for row in weights.indices {
      let cell = Int(codes?[row] ?? 0) * width + Int(times.timeIndex[row])
      if times.event[row] { events[cell] += weights[row] } else { censored[cell] += weights[row] }
      isSeen[cell] = true
    }
  }

  /// The distinct times of an arm.
  func places(of arm: Int) -> [Int] {
    (arm * width..<(arm + 1) * width).filter { isSeen[$0] }
  }
}
