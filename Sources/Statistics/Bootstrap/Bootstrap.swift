internal import LinearAlgebra

/// Resamples people, clusters or matched sets, and counts how often each was drawn.
///
/// A resample is a weight for each row: the number of times that its unit was drawn, with as many
/// draws as units (Efron, B. (1979), https://doi.org/10.1214/aos/1176344552). Each replicate has a
/// random stream of its own, so results have the same bytes on any number of threads.
public struct Bootstrap: Sendable, Equatable {
  /// How many resamples.
  public var replicates: Int
  /// The seed of the streams.
  public var seed: UInt64
  /// The name of the streams, so that two uses of one seed are unrelated.
  public var name: String

  /// A bootstrap.
  public init(replicates: Int = 999, seed: UInt64 = 1, name: String = "bootstrap") {
    self.replicates = replicates
    self.seed = seed
    self.name = name
  }

  /// Statistics of every resample that could be computed.
  public struct Sample: Sendable, Equatable {
    /// The statistics, one array a resample, in the order of the replicates.
    public var statistics: [[Double]]
    /// Resamples without a result.
    public var failures: Int
    /// The units that were drawn from.
    public var units: Int

    /// The covariance of the statistics over the resamples, n − 1 below.
    public var covariance: [[Double]] {
      let size = statistics.first?.count ?? 0
      let n = Double(statistics.count)
      let means = (0..<size).map { j in statistics.reduce(0) { $0 + $1[j] } / n }
      return (0..<size).map { i in
        (0..<size).map { j in
          statistics.reduce(0) { $0 + ($1[i] - means[i]) * ($1[j] - means[j]) } / (n - 1)
        }
      }
    }
  }

  /// Computes statistics on every resample, replicates in parallel.
  ///
  /// `units` gives each row's unit, −1 for rows that belong to none and are never drawn; without it
  /// rows are the units. `body` takes a weight for each row. A resample on which `body` throws or
  /// gives a number that is not finite is counted as a failure.
  /// - Throws: `invalidOption` for fewer than two replicates, `tooFewClusters` for fewer than two
  ///   units, `nonConvergence` when more than one resample in ten fails.
  public func sample(
    rows: Int, units: Factor? = nil, _ body: @Sendable ([Double]) throws(SiblingError) -> [Double]
  ) throws(SiblingError) -> Sample {
    guard replicates >= 2 else {
      throw SiblingError(
        .invalidOption, "the bootstrap needs two resamples or more", column: "bootstrap")
    }
    let used = units?.droppingUnusedLevels()
    let count = used?.levels.count ?? rows
    guard count > 1 else {
      throw SiblingError(
        .tooFewClusters, "there is only one unit to resample",
        help: "Resample by a finer unit.")
    }
    let results: [Result<[Double], SiblingError>] = Parallel.mapBlocks(replicates) { replicate in
      let drawn = self.counts(units: count, replicate: replicate)
      let weights = used.map { $0.codes.map { $0 < 0 ? 0 : drawn[Int($0)] } } ?? drawn
      do throws(SiblingError) {
        return .success(try body(weights))
      } catch {
        return .failure(error)
      }
    }
    var sample = Sample(statistics: [], failures: 0, units: count)
    var first: SiblingError?
    for result in results {
      switch result {
      case .success(let values) where values.allSatisfy(\.isFinite):
        sample.statistics.append(values)
      case .success: sample.failures += 1
      case .failure(let error):
        first = first ?? error
        sample.failures += 1
      }
    }
    guard sample.failures * 10 <= replicates, sample.statistics.count > 1 else {
      throw SiblingError(
        .nonConvergence,
        "\(sample.failures) of \(replicates) resamples gave no estimate"
          + (first.map { " (first: \($0.message))" } ?? ""),
        help: "Simplify the models, or use another standard error.")
    }
    return sample
  }

  /// How often each unit is drawn in a replicate.
  public func counts(units: Int, replicate: Int) -> [Double] {
    var stream = RandomStream(seed: seed, name: name, index: UInt64(max(0, replicate)))
    var counts = [Double](repeating: 0, count: units)
    for _ in 0..<units { counts[stream.integer(below: units)] += 1 }
    return counts
  }
}
