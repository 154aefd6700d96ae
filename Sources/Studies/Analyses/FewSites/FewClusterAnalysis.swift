internal import Statistics
internal import Tables

/// `few-clusters`: one coefficient by every method for few clusters.
struct FewClusterAnalysis: VerbAnalysis {
  var formula: String
  var settings: CommonSettings
  var term: String
  var absorb: [String]
  var time: String?
  var subcluster: String?
  var inference: FewClusterInference

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located; `usage` without formula.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    self.formula = try VerbFormula.needed(formula, like: "outcome ~ treatment + covariates")
    settings = try CommonSettings(options)
    term = try options.required(.biasTerm)
    guard settings.clusters.count == 1 else {
      throw options.wrong(.cluster, "takes one column here: the sites")
    }
    absorb = options.texts(.absorb)
    time = options.text(.time)
    subcluster = options.text(.subcluster)
    inference = try FewClusterInference(
      level: settings.level, options: options, seed: settings.seed)
  }

  /// The methods' table, with the notes of binding.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func table(
    _ table: Table
  ) throws(SiblingError) -> (result: FewClusterTable, notes: [String]) {
    let extra = absorb + [time, subcluster].compactMap { $0 }
    let bound = try BoundFormula(formula, to: table, settings: settings, alsoComplete: extra)
    return try bound.locating { () throws(SiblingError) in
      guard let response = bound.frame.response, let clusters = try bound.singleCluster() else {
        throw SiblingError(
          .formulaSyntax, "the formula needs an outcome on its left side",
          help: "for example y ~ treatment + age")
      }
      guard bound.frame.offset == nil, bound.frame.strata == nil else {
        throw SiblingError(.invalidOption, "inference with few clusters takes no offset or strata")
      }
      let design = bound.frame.design
      guard let column = design.names.firstIndex(of: term) else {
        throw SiblingError(
          .invalidOption, "the regression has no coefficient '\(term)'",
          help: "its coefficients are: " + design.names.prefix(12).joined(separator: ", "),
          suggestion: nearestName(to: term, among: design.names), column: "term")
      }
      var effects = bound.frame.absorbed
      for name in absorb { effects.append(try bound.frame.factor(of: name)) }
      let sample = try FewClusterSample(
        outcome: response, design: design, term: column, clusters: clusters, absorbed: effects,
        weights: bound.weights)
      // The sample leaves out rows without weight; so must what goes beside it.
      let used = bound.weights.map { weights in weights.indices.filter { weights[$0] > 0 } }
      func beside(_ name: String?) throws(SiblingError) -> Factor? {
        guard let name else { return nil }
        let factor = try bound.frame.factor(of: name)
        return used.map { factor.selecting($0) } ?? factor
      }
      let result = try inference.table(
        sample, time: try beside(time), subclusters: try beside(subcluster))
      return (result, bound.notes)
    }
  }

  /// The rows of the verb.
  ///
  /// - Throws: what is wrong with the data or the model, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    let (result, notes) = try self.table(table)
    var columns = result.columns
    if !result.sizes.isEmpty {
      columns.append(.numbers("size", result.sizes.map { $0?.rate }))
      columns.append(.numbers("size.error", result.sizes.map { $0?.standardError }))
    }
    return AnalysisOutput(
      columns: columns, notes: notes + result.notes(term: term),
      observations: result.observations)
  }
}

extension FewClusterInference {
  /// The settings of some options.
  ///
  /// - Throws: `invalidOption`, located.
  init(level: Double, options: OptionValues, seed: UInt64) throws(SiblingError) {
    var weights: WildClusterBootstrap.Weights?
    if options.isGiven(.wildWeights) {
      weights = WildClusterBootstrap.Weights(rawValue: try options.choice(.wildWeights))
    }
    self.init(
      null: try options.number(.clusterNull) ?? 0, level: level,
      draws: try options.integer(.clusterDraws, in: 1...10_000_000) ?? 9999, wildWeights: weights,
      seed: seed, simulations: try options.integer(.simulateSize, in: 0...1_000_000) ?? 0)
  }
}
