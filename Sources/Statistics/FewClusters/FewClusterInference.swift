internal import LinearAlgebra

/// Every method for few clusters side by side, on one regression.
///
/// The smallest attainable p-value; CR0 to CR3; the wild cluster bootstrap in its eight variants;
/// randomisation inference over launches; Conley & Taber; Ferman & Pinto; Ibragimov & Müller; the
/// t test of cluster means; placebo launches. A method that can't be had is a row with its reason. Nothing is chosen for the
/// reader: where the methods disagree, that is the finding.
public struct FewClusterInference: Sendable, Equatable {
  /// The effect under the null hypothesis.
  public var null: Double
  /// The confidence level; tests are at 1 − level.
  public var level: Double
  /// Bootstrap samples and draws of launches where all can't be listed.
  public var draws: Int
  /// The wild bootstrap's weights; nil chooses by the number of clusters.
  public var wildWeights: WildClusterBootstrap.Weights?
  /// The seed of every random stream.
  public var seed: UInt64
  /// Simulated samples for the size of each method; zero for none.
  public var simulations: Int
  /// Draws of each method within a simulated sample.
  public var simulationDraws: Int

  /// The methods' settings.
  public init(
    null: Double = 0, level: Double = 0.95, draws: Int = 9999,
    wildWeights: WildClusterBootstrap.Weights? = nil, seed: UInt64 = 1, simulations: Int = 0,
    simulationDraws: Int = 199
  ) {
    self.null = null
    self.level = level
    self.draws = draws
    self.wildWeights = wildWeights
    self.seed = seed
    self.simulations = simulations
    self.simulationDraws = simulationDraws
  }

  /// All methods' rows and what the reader must know of the clusters.
  ///
  /// `time` names the periods of launches (else an absorbed effect may), `subclusters` the units
  /// within clusters that the wild bootstrap draws weights for.
  ///
  /// - Throws: `rankDeficient` when the term can't be told from the other regressors,
  ///   `tooFewObservations`, `invalidOption` for settings out of range.
  public func table(
    _ sample: FewClusterSample, time: Factor? = nil, subclusters: Factor? = nil
  ) throws(SiblingError) -> FewClusterTable {
    guard null.isFinite, (0.5..<1).contains(level), draws > 0, simulations >= 0,
      simulationDraws > 0
    else {
      throw SiblingError(
        .invalidOption, "the null, level or number of draws is out of range",
        help: "usual are a null of 0, a level of 0.95 and 9999 draws")
    }
    let robust = try ClusterRobustTable(null: null, level: level).rows(sample)
    let launch = Launch(sample, time: time)
    var rows = attainable(sample, launch) + robust
    rows += wild(sample, subclusters)
    rows += launchRows(launch, sample, time)
    var table = FewClusterTable(
      rows: rows, null: null, level: level, observations: sample.rows,
      leverage: try ClusterLeverage(sample), treated: nil, detectable: nil, sizes: [],
      simulation: nil)
    if case .success(let products) = launch.products {
      table.treated = products.launches.treatedClusters.map { sample.clusters.levels[$0] }
    }
    if let row = robust.first(where: { $0.method == "CR2" }), let error = row.standardError,
      error > 0, let degrees = row.degreesOfFreedom, degrees > 0
    {
      table.detectable = try? MinimumDetectableEffect(level: 1 - level).effect(
        standardError: error, degreesOfFreedom: degrees)
    }
    if simulations > 0 { try simulate(sample, subclusters, launch, into: &table) }
    return table
  }

  /// Limits a million standard errors away are those of an unbounded set, met by rounding.
  private static func openFarLimits(_ rows: inout [FewClusterRow]) {
    let errors = rows.compactMap(\.standardError).filter { $0 > 0 }
    guard let scale = errors.max() else { return }
    for place in rows.indices {
      guard let interval = rows[place].interval, let estimate = rows[place].estimate else {
        continue
      }
      let far = 1e5 * scale
      if estimate - interval.low > far { rows[place].interval?.low = -.infinity }
      if interval.high - estimate > far { rows[place].interval?.high = .infinity }
    }
  }

  /// Launches of a sample, prepared once; the reason where there are none.
  struct Launch: Sendable {
    let products: Result<LaunchProducts, SiblingError>
    let placebo: Result<PlaceboLaunches, SiblingError>
    let time: Factor?

    init(_ sample: FewClusterSample, time: Factor?) {
      self.time = time
      let launches: LaunchPaths
      do throws(SiblingError) {
        launches = try LaunchPaths(sample, time: time)
        products = .success(try LaunchProducts(try PartialledClusters(sample), launches))
      } catch {
        products = .failure(error)
        placebo = .failure(error)
        return
      }
      do throws(SiblingError) {
        placebo = .success(try PlaceboLaunches(sample, launches))
      } catch {
        placebo = .failure(error)
      }
    }
  }

  /// The rows `attainable-p`: what exchanging launches can reach, and what sign flips can.
  private func attainable(_ sample: FewClusterSample, _ launch: Launch) -> [FewClusterRow] {
    var rows: [FewClusterRow] = []
    var flipped = (number: sample.clusterCount, of: "clusters")
    if case .success(let products) = launch.products {
      let best = products.launches.attainable
      let isListed = best.assignments <= Double(max(200_000, draws))
      let test = RandomizationInference(draws: draws, seed: seed)
      let floor =
        isListed
        ? (try? test.attainable(products)) ?? best.value
        : max(best.value, 1 / Double(draws + 1))
      rows.append(
        FewClusterRow(
          method: "attainable-p",
          convention: "exchange of launches: \(best.convention), "
            + (isListed
              ? "\(Int(best.assignments)) assignments"
              : "too many assignments to list, \(draws) draws"),
          pValue: floor))
      if products.launches.isBinary {
        flipped = (products.launches.treatedClusters.count, "treated clusters")
      }
    }
    let value = (0..<min(flipped.number, 1100)).reduce(2.0) { value, _ in value / 2 }
    rows.append(
      FewClusterRow(
        method: "attainable-p",
        convention: "sign flips of \(flipped.number) \(flipped.of), 2/2^\(flipped.number)",
        pValue: min(1, value)))
    return rows
  }

  /// The eight variants of the wild bootstrap.
  private func wild(_ sample: FewClusterSample, _ subclusters: Factor?) -> [FewClusterRow] {
    let bootstrap = bootstrap(subclusters, draws: draws)
    do throws(SiblingError) {
      return try bootstrap.rows(sample)
    } catch {
      return bootstrap.variants.map {
        FewClusterRow(
          method: $0.name, convention: "wild cluster bootstrap", note: error.message)
      }
    }
  }

  func bootstrap(_ subclusters: Factor?, draws: Int) -> WildClusterBootstrap {
    WildClusterBootstrap(
      weights: wildWeights, draws: draws, seed: seed, null: null, level: level,
      subclusters: subclusters)
  }

  /// The methods of launches; refusals where the term is none.
  private func launchRows(
    _ launch: Launch, _ sample: FewClusterSample, _ time: Factor?
  ) -> [FewClusterRow] {
    let products: LaunchProducts
    switch launch.products {
    case .failure(let error):
      return RandomizationInference.refused(error)
        + [ConleyTaber.refused(error), FermanPinto.refused(error)] + SiteMeans.refused(error)
        + [PlaceboLaunches.refused(error)]
    case .success(let made): products = made
    }
    var rows: [FewClusterRow]
    do throws(SiblingError) {
      let test = RandomizationInference(null: null, level: level, draws: draws, seed: seed)
      rows = RandomizationInference.rows(try test.test(products), null: null)
    } catch {
      rows = RandomizationInference.refused(error)
    }
    do throws(SiblingError) {
      let cells = try ClusterPeriods(products)
      rows.append(ConleyTaber(null: null, level: level, draws: draws, seed: seed).row(cells))
      rows.append(FermanPinto(null: null, level: level, draws: draws, seed: seed).row(cells))
    } catch {
      rows += [ConleyTaber.refused(error), FermanPinto.refused(error)]
    }
    rows += means(sample, products.launches)
    switch launch.placebo {
    case .failure(let error): rows.append(PlaceboLaunches.refused(error))
    case .success(let placebo):
      rows.append(
        placebo.row(
          estimate: products.observed.outcome, null: null, draws: draws, limit: 200_000,
          seed: seed))
    }
    return rows
  }

  func means(_ sample: FewClusterSample, _ launches: LaunchPaths) -> [FewClusterRow] {
    do throws(SiblingError) {
      return SiteMeans(null: null, level: level).rows(try ClusterNumbers(sample, launches))
    } catch {
      return SiteMeans.refused(error)
    }
  }
}
