internal import LinearAlgebra

/// Multiple imputation by chained equations, with sites.
///
/// Each incomplete variable in turn is regressed on the others; parameters are drawn from their
/// posterior and missing values from the model (van Buuren 2018, "Flexible Imputation of Missing
/// Data", https://doi.org/10.1201/9780429492259). Missing values are taken to be missing at random
/// given the variables that are named, so these must hold the outcomes, the treatment and whatever
/// the analysis interacts.
///
/// Sites enter every model, as indicators or as a random intercept. With few large sites indicators
/// are right, and a random intercept would have to learn its variance from a handful of sites. With
/// many small sites indicators make the between-site variance too large and the errors with it
/// (Andridge 2011, https://doi.org/10.1002/bimj.201000140; Drechsler 2015,
/// https://doi.org/10.3102/1076998614563393), and a site without an observed value has none.
public struct ChainedEquations: Sendable {
  /// The number of completed copies.
  public var imputations: Int
  /// Rounds through the variables before a copy is taken.
  public var iterations: Int
  /// Seed of every random stream.
  public var seed: UInt64
  /// The method of each variable by name; others get `pmm` for numbers, `logreg` for two values,
  /// `polyreg` for more categories.
  public var methods: [String: ImputationMethod]
  /// The predictors of a variable by its name; others get all variables.
  public var predictors: [String: [String]]
  /// The order in which variables are imputed; those not named follow in the order of the data.
  public var visitOrder: [String]
  /// How sites enter, where there are sites.
  public var siteEffects: SiteEffects
  /// A variable (such as the treatment) the effects of which differ by the values of all others: its
  /// products with them enter every model.
  public var interaction: String?
  /// Donors of predictive mean matching.
  public var donors: Int

  /// A configuration.
  public init(
    imputations: Int = 20, iterations: Int = 10, seed: UInt64 = 1,
    methods: [String: ImputationMethod] = [:], predictors: [String: [String]] = [:],
    visitOrder: [String] = [], siteEffects: SiteEffects = .fixed, interaction: String? = nil,
    donors: Int = 5
  ) {
    self.imputations = imputations
    self.iterations = iterations
    self.seed = seed
    self.methods = methods
    self.predictors = predictors
    self.visitOrder = visitOrder
    self.siteEffects = siteEffects
    self.interaction = interaction
    self.donors = donors
  }

  /// The most levels that an imputed category may have, and one that predicts.
  static let mostLevels = 100

  /// Completes the variables.
  ///
  /// Imputations run in parallel, each from its own random streams.
  ///
  /// - Parameters:
  ///   - variables: incomplete and complete ones, of one length.
  ///   - site: the site of each row; every row needs one.
  /// - Returns: the completed copies with their traces and what the reader must know.
  /// - Throws: `noRows`, `sizeMismatch`, `invalidOption` for a method that does not fit or a name
  ///   that is not there, `missingValue` for a row without site, `badDesign` for a variable that is
  ///   entirely missing, constant, or has too many levels, and for a site without an observed value
  ///   under indicators, `tooFewObservations` where a model has more parameters than rows.
  public func impute(
    _ variables: [ImputationVariable], site: Factor? = nil
  ) throws(SiblingError) -> ImputedData {
    let plan = try ImputationPlan(self, variables, site: site)
    guard !plan.targets.isEmpty else {
      return ImputedData(
        completed: [[ImputationVariable]](repeating: variables, count: imputations), traces: [],
        notes: ["nothing is missing: every copy is the data as they are"])
    }
    let results: [Result<ImputationChain.Finished, SiblingError>] = Parallel.mapBlocks(
      imputations
    ) { number in
      do throws(SiblingError) {
        var chain = ImputationChain(plan, number: number)
        return .success(try chain.run())
      } catch {
        return .failure(error)
      }
    }
    var completed: [[ImputationVariable]] = []
    var traces = plan.targets.map { ImputationTrace(variable: variables[$0.variable].name) }
    var dropped: [String: Set<String>] = [:]
    for result in results {
      let chain: ImputationChain.Finished
      switch result {
      case .success(let value): chain = value
      case .failure(let error): throw error
      }
      completed.append(chain.variables)
      for (index, trace) in chain.traces.enumerated() {
        traces[index].means.append(trace.means)
        traces[index].deviations.append(trace.deviations)
      }
      for (name, columns) in chain.dropped { dropped[name, default: []].formUnion(columns) }
    }
    var notes = plan.notes
    for target in plan.targets {
      let name = variables[target.variable].name
      guard let columns = dropped[name] else { continue }
      notes.append(
        "the model of '\(name)' goes without "
          + columns.sorted().map { "'\($0)'" }.joined(separator: ", ")
          + ", which others determine or which do not vary where it is observed")
    }
    return ImputedData(completed: completed, traces: traces, notes: notes)
  }
}

/// Completed copies of the data.
public struct ImputedData: Sendable {
  /// For each imputation the variables in the order given, without gaps.
  public var completed: [[ImputationVariable]]
  /// The means and standard deviations of what was filled in, by variable.
  public var traces: [ImputationTrace]
  /// What the reader must know: dropped predictors, methods chosen.
  public var notes: [String]
}

/// The course of one variable's imputed values.
public struct ImputationTrace: Sendable, Equatable {
  /// The variable.
  public var variable: String
  /// For each imputation and iteration the mean of the imputed values; of categories the mean code.
  public var means: [[Double]] = []
  /// For each imputation and iteration their standard deviation.
  public var deviations: [[Double]] = []

  init(variable: String) { self.variable = variable }

  /// The potential scale reduction of the means over the second half of the iterations, after
  /// Gelman and Rubin (1992, https://doi.org/10.1214/ss/1177011136); nil with fewer than two chains
  /// or three iterations in that half, or without any spread.
  public var scaleReduction: Double? {
    let length = means.first.map { $0.count - $0.count / 2 } ?? 0
    guard means.count > 1, length > 2 else { return nil }
    let halves = means.map { Array($0.suffix(length)) }
    let n = Double(length)
    let centres = halves.map { $0.reduce(0, +) / n }
    let grand = centres.reduce(0, +) / Double(centres.count)
    let between =
      centres.reduce(0) { $0 + ($1 - grand) * ($1 - grand) } / Double(centres.count - 1)
    let within =
      zip(halves, centres).reduce(0) { sum, chain in
        sum + chain.0.reduce(0) { $0 + ($1 - chain.1) * ($1 - chain.1) } / (n - 1)
      } / Double(centres.count)
    guard within > 0 else { return nil }
    return ((n - 1) / n + between / within).squareRoot()
  }

  /// The change of the mean over all copies from the first third of the iterations to the last, in
  /// standard errors between copies; nil with fewer than two chains or three iterations.
  public var drift: Double? {
    guard means.count > 1, let length = means.first?.count, length > 2 else { return nil }
    let part = max(1, length / 3)
    let changes = means.map { chain in
      (chain.suffix(part).reduce(0, +) - chain.prefix(part).reduce(0, +)) / Double(part)
    }
    let mean = changes.reduce(0, +) / Double(changes.count)
    let variance =
      changes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(changes.count - 1)
    guard variance > 0 else { return nil }
    return mean / (variance / Double(changes.count)).squareRoot()
  }
}
