internal import Glibc
internal import LinearAlgebra

/// How often tests reject in made-up samples of a planned design, with the effect and without.
///
/// Each sample has its own counter-based stream, so that results are the same on any number of
/// threads. The share that rejects under no effect is the test's size: where it is above the level, the
/// power beside it is flattered.
public struct PlannedSimulation: Sendable, Equatable {
  /// Samples of each kind.
  public var samples: Int
  /// The seed of the streams.
  public var seed: UInt64
  /// The two-sided level of the tests.
  public var level: Double

  /// A simulation.
  public init(samples: Int, seed: UInt64 = 1, level: Double = 0.05) {
    self.samples = samples
    self.seed = seed
    self.level = level
  }

  /// A test's rejections.
  public struct Rate: Sendable, Equatable {
    /// The test.
    public var method: String
    /// The share of samples with the effect in which it rejects.
    public var power: Double
    /// The share of samples without effect in which it rejects.
    public var size: Double
    /// Samples with the effect and without in which the test has a p-value.
    ///
    /// The others count as not rejecting.
    public var tested: (power: Int, size: Int)
    /// Samples of each kind.
    public var samples: Int

    /// The Monte-Carlo standard error of the power.
    public var powerError: Double { Rate.error(power, samples) }
    /// The Monte-Carlo standard error of the size.
    public var sizeError: Double { Rate.error(size, samples) }

    private static func error(_ share: Double, _ samples: Int) -> Double {
      (share * (1 - share) / Double(samples)).squareRoot()
    }

    /// Whether two rates are equal.
    public static func == (left: Rate, right: Rate) -> Bool {
      left.method == right.method && left.power == right.power && left.size == right.size
        && left.tested == right.tested && left.samples == right.samples
    }
  }

  /// Draws samples and counts.
  ///
  /// `pValues` draws one sample, with the effect or without, and gives the p-value of each method in
  /// order, nil where a test has none.
  /// - Throws: `badValue` without samples or for a level that is none.
  public func rates(
    _ name: String, methods: [String],
    _ pValues: @Sendable (_ hasEffect: Bool, _ stream: inout RandomStream) -> [Double?]
  ) throws(SiblingError) -> [Rate] {
    guard samples > 0, samples <= 10_000_000, level > 0, level < 1 else {
      throw SiblingError(
        .badValue, "a simulation needs samples, at most ten million, and a level between 0 and 1")
    }
    let bar = level * (1 + 1e-12)
    let ranges = Parallel.ranges(of: samples, size: 16)
    let blocks = Parallel.mapBlocks(ranges.count) { block in
      var counts = [[Int]](repeating: [0, 0, 0, 0], count: methods.count)
      for sample in ranges[block] {
        for (kind, hasEffect) in [true, false].enumerated() {
          var stream = RandomStream(
            seed: seed, name: "planned-\(name)", index: UInt64(2 * sample + kind))
          for (method, value) in pValues(hasEffect, &stream).enumerated().prefix(methods.count) {
            guard let value else { continue }
            counts[method][2 + kind] += 1
            if value <= bar { counts[method][kind] += 1 }
          }
        }
      }
      return counts
    }
    return methods.indices.map { method in
      let sums = (0..<4).map { kind in blocks.reduce(0) { $0 + $1[method][kind] } }
      return Rate(
        method: methods[method], power: Double(sums[0]) / Double(samples),
        size: Double(sums[1]) / Double(samples), tested: (sums[2], sums[3]), samples: samples)
    }
  }
}

/// Draws that planned designs need beside those of a stream.
public enum PlannedDraws {
  /// The logarithm of a gamma draw of scale 1 (Marsaglia & Tsang 2000, doi:10.1145/358407.358414).
  public static func logGamma(shape: Double, _ stream: inout RandomStream) -> Double {
    // Below one: a draw of shape + 1 times U^(1/shape), which may be too small for a double.
    let boost = shape < 1 ? -stream.exponential() / shape : 0
    let d = (shape < 1 ? shape + 1 : shape) - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    while true {
      let x = stream.normal()
      let root = 1 + c * x
      guard root > 0 else { continue }
      let logCube = 3 * log(root)
      let cube = root * root * root
      if -stream.exponential() < x * x / 2 + d - d * cube + d * logCube {
        return log(d) + logCube + boost
      }
    }
  }

  /// A beta draw.
  public static func beta(_ a: Double, _ b: Double, _ stream: inout RandomStream) -> Double {
    let left = logGamma(shape: a, &stream)
    let right = logGamma(shape: b, &stream)
    return 1 / (1 + exp(right - left))
  }

  /// A binomial draw; large numbers are halved at their median's order statistic.
  public static func binomial(_ n: Int, _ p: Double, _ stream: inout RandomStream) -> Int {
    var (left, share, sum) = (n, p, 0)
    while left > 64, share > 0, share < 1 {
      let middle = (left + 1) / 2
      let cut = beta(Double(middle), Double(left + 1 - middle), &stream)
      if cut <= share {
        sum += middle
        left -= middle
        share = cut < 1 ? (share - cut) / (1 - cut) : 0
      } else {
        left = middle - 1
        share /= cut
      }
    }
    guard share > 0 else { return sum }
    guard share < 1 else { return sum + left }
    for _ in 0..<left where stream.uniform() < share { sum += 1 }
    return sum
  }

  /// A site's size around a mean with a coefficient of variation: gamma, whole, at least 1.
  public static func size(
    mean: Double, variation: Double, _ stream: inout RandomStream
  ) -> Int {
    guard variation > 0 else { return max(1, Int(mean.rounded())) }
    let shape = 1 / (variation * variation)
    let drawn = exp(logGamma(shape: shape, &stream)) * mean / shape
    return max(1, Int(min(drawn.rounded(), 1e9)))
  }
}
