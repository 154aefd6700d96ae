internal import LinearAlgebra

/// Statistics of several estimates resampled together, by changing the signs of each unit's influence.
///
/// An estimate less its value is about the sum of the influences of independent units (people, matched sets
/// or clusters). Under a change of the units' signs, the same for all estimates, that sum keeps its variance
/// and its covariance with the others, so that the dependence of the estimates is kept: the multiplier (wild)
/// bootstrap with Rademacher's signs. Large samples of units are needed.
public struct SignFlips: Sendable, Equatable {
  /// How many changes of signs are drawn.
  public var draws: Int
  /// The seed of the draws.
  public var seed: UInt64

  /// Changes of signs.
  public init(draws: Int = 1999, seed: UInt64 = 1) {
    self.draws = draws
    self.seed = seed
  }

  /// Blocks of draws are of this size, whatever the number of threads.
  private static let blockSize = 64

  /// The statistic of each estimate under each change of signs: Σ sᵤψᵤ/√Σψᵤ².
  ///
  /// `influence` holds a column of numbers a unit for each estimate, units in the same order in all; a unit
  /// without a part in an estimate has 0.
  /// - Throws: `invalidOption` without draws, `sizeMismatch` for columns of different length,
  ///   `badDesign` for an estimate on which no unit has influence, `missingValue`.
  /// - Complexity: O(draws × units × estimates).
  public func statistics(_ influence: [[Double]]) throws(SiblingError) -> [[Double]] {
    guard draws >= 1 else { throw SiblingError(.invalidOption, "a draw or more is needed") }
    let units = influence.first?.count ?? 0
    guard influence.allSatisfy({ $0.count == units }) else {
      throw SiblingError(.sizeMismatch, "the estimates rest on different numbers of units")
    }
    var scaled: [[Double]] = []
    for column in influence {
      guard column.allSatisfy(\.isFinite) else {
        throw SiblingError(.missingValue, "the influence of a unit is missing or not finite")
      }
      let size = column.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard size > 0 else {
        throw SiblingError(.badDesign, "no unit has any influence on an estimate")
      }
      scaled.append(column.map { $0 / size })
    }
    let (columns, seed, count) = (scaled, seed, draws)
    let blocks = (count + Self.blockSize - 1) / Self.blockSize
    return Parallel.mapBlocks(blocks) { block in
      let range = (block * Self.blockSize)..<min(count, (block + 1) * Self.blockSize)
      return range.map { draw in
        var stream = RandomStream(seed: seed, name: "sign-flips", index: UInt64(draw))
        var sums = [Double](repeating: 0, count: columns.count)
        for unit in 0..<units {
          let isFlipped = stream.rademacher() < 0
          for column in columns.indices {
            sums[column] += isFlipped ? -columns[column][unit] : columns[column][unit]
          }
        }
        return sums
      }
    }.flatMap { $0 }
  }
}
