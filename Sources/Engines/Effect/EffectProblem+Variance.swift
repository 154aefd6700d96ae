internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

/// The covariance of the two means, treated first, with what is said of it.
struct MeanVariance {
  var covariance: Matrix
  var clusters: Int?
  var convention: String
  var notes: [String]
}

extension EffectProblem {
  /// The covariance of the means from each row's influence on them: one query, and one more where the fitted
  /// score has a part in it.
  ///
  /// The influences are those of `StackedMeans` and `StackedModels`: a row's place in the population, its score in
  /// the outcome model, and its score in the treatment's model carried through the weights. With weights taken as
  /// known only the first two, or for a regression's robust error only the second.
  func variance(_ models: ArmModels) throws(SiblingError) -> MeanVariance {
    let before = weighted + predictionLayers(models) + influenceLayers(models)
    let through = settings.isStacked ? try throughScore(before, models) : nil
    data.progress?("adding up influences")
    var layer: [NamedExpression] = []
    for arm in 0..<2 {
      var influence = RowExpression.name("h\(arm)")
      if let through {
        influence =
          influence + (Self.t - .name("p")) * sampling
          * EffectAlgebra.predictor(kept.map { score.expressions[$0] }, through[arm])
      }
      layer.append(NamedExpression("i\(arm)", influence))
    }
    let (sums, groups, known) = try products(before + [layer])
    let cross = Matrix(
      rows: 2, columns: 2, storage: [sums[0], sums[1], sums[1], sums[2]])
    return MeanVariance(
      covariance: cross.scaled(by: enlargement(models, groups)), clusters: groups,
      convention: convention(models, groups), notes: try weightNotes(known))
  }

  /// Layers that give `h0` and `h1`, a row's influence on the means with the score taken as known, and for AIPW
  /// `k0` and `k1`, the part that its weight multiplies.
  private func influenceLayers(_ models: ArmModels) -> [[NamedExpression]] {
    let columns = covariates
    let total = RowExpression.constant(1 / models.total)
    let observed = RowExpression.chosen(Self.t, then: .name("m1"), otherwise: .name("m0"))
    let residual = RowExpression.name("residual")
    let target = (isAugmented ? sampling : .name("w")) * focal
    var last: [NamedExpression] = []
    for arm in 0..<2 {
      var terms: [RowExpression] = []
      let hasPlace = settings.method != .difference && (settings.isStacked || isAugmented)
      if hasPlace {
        terms.append(target * (.name("m\(arm)") - .constant(models.means[arm])) * total)
      }
      if isAugmented {
        let own: RowExpression = arm == 1 ? Self.t : .constant(1) - Self.t
        terms.append(own * .name("weighted") * total)
      }
      if settings.isStacked || !isAugmented {
        let reach = models.reach(arm)
        let along = RowExpression.chosen(
          Self.t, then: EffectAlgebra.predictor(columns, reach[1]),
          otherwise: EffectAlgebra.predictor(columns, reach[0]))
        terms.append(fitted(models) * along)
      }
      last.append(NamedExpression("h\(arm)", .sum(terms)))
    }
    return [
      [NamedExpression("residual", Self.y - observed)],
      [NamedExpression("weighted", .name("w") * residual)],
      last,
    ]
  }

  /// A row's score in its group's outcome model; 0 where that is a constant.
  private func fitted(_ models: ArmModels) -> RowExpression {
    let score = (isAugmented ? sampling : .name("w")) * .name("residual")
    guard models.constant.contains(where: { $0 != nil }) else { return score }
    func part(_ arm: Int) -> RowExpression { models.constant[arm] == nil ? score : .constant(0) }
    return .chosen(Self.t, then: part(1), otherwise: part(0))
  }

  /// For each mean, what a unit of a row's score in the treatment's model does to it: one query.
  private func throughScore(
    _ layers: [[NamedExpression]], _ models: ArmModels
  ) throws(SiblingError) -> [[Double]] {
    guard let information else { return [[], []] }
    data.progress?("following the score into the means")
    let columns = kept.map { score.expressions[$0] }
    var layer: [NamedExpression] = []
    for arm in 0..<2 {
      let own: RowExpression = arm == 1 ? Self.t : .constant(1) - Self.t
      layer.append(
        NamedExpression(
          "j\(arm)",
          .name("rho")
            * (isAugmented
              ? own * .name("weighted") * .constant(1 / models.total) : .name("h\(arm)"))))
    }
    var sums: [NamedExpression] = []
    for arm in 0..<2 {
      for (index, column) in columns.enumerated() {
        sums.append(NamedExpression("j\(arm)_\(index)", .name("j\(arm)") * column))
      }
    }
    let cells = try data.aggregate(layers: layers + [layer], sums: sums)
    let values = cells.sums.map { $0[0] }
    return (0..<2).map { arm in
      information.solve(Array(values[(arm * columns.count)..<((arm + 1) * columns.count)]))
    }
  }

  /// Sums of the products of influences, treated first, by row or by cluster, with the number of clusters and what
  /// is known of the weights.
  private func products(
    _ layers: [[NamedExpression]]
  ) throws(SiblingError) -> (sums: [Double], clusters: Int?, known: [Double]) {
    let (zero, one) = (RowExpression.name("i0"), RowExpression.name("i1"))
    let known = weightSums
    guard let cluster else {
      let cells = try data.aggregate(
        layers: layers,
        sums: [
          NamedExpression("vv", one * one), NamedExpression("vc", one * zero),
          NamedExpression("cc", zero * zero),
        ] + known)
      let values = cells.sums.map { $0[0] }
      return (Array(values[0..<3]), nil, Array(values[3...]))
    }
    // Sums by cluster stay in the engine: some clusters may be smaller than the cells that may leave it.
    let table = "effect_clusters"
    let own = [NamedExpression("one", one), NamedExpression("zero", zero)] + known
    try data.engine.createTemporary(
      table,
      .cells(
        AggregateQuery(
          data.source, keep: data.keep, layers: layers, keys: [cluster], sums: own)))
    defer { data.engine.dropTemporary(table) }
    let (first, second) = (RowExpression.column("one"), RowExpression.column("zero"))
    let cells = try data.engine.aggregate(
      AggregateQuery(
        .temporary(table),
        sums: [
          NamedExpression("vv", first * first), NamedExpression("vc", first * second),
          NamedExpression("cc", second * second),
        ] + known.map { NamedExpression($0.name, .column($0.name)) }))
    let count = cells.rowCount
    guard count > 1 else {
      throw SiblingError(
        .tooFewClusters, "there is only one cluster, so its standard error cannot be estimated",
        help: "Cluster by a finer unit.", column: "cluster")
    }
    let values = cells.sums.map { $0[0] }
    return (Array(values[0..<3]), count, Array(values[3...]))
  }

  /// The small-sample factor of the covariance.
  private func enlargement(_ models: ArmModels, _ clusters: Int?) -> Double {
    let n = Double(rowCount)
    let between = clusters.map { Double($0) / Double($0 - 1) }
    if settings.isStacked { return between ?? 1 }
    if isAugmented { return between ?? n / max(1, n - 1) }
    let left = n - Double(models.parameters)
    return between.map { $0 * (n - 1) / left } ?? n / left
  }

  private func convention(_ models: ArmModels, _ clusters: Int?) -> String {
    let words = clusters.map { "by cluster, G=\($0), z" } ?? "z"
    if isAugmented {
      return settings.isStacked
        ? "M-estimation, score and outcome models estimated, \(words)"
        : "influence function, models taken as known, \(words)"
    }
    let model = models.isLogit ? "; logistic outcome model" : ""
    if settings.isStacked { return "M-estimation, weights estimated, \(words)" + model }
    return (clusters.map { "CR1 by cluster, G=\($0), z" } ?? "HC1, weights taken as known, z")
      + model
  }

  /// What is summed of the weights beside the influences.
  private var weightSums: [NamedExpression] {
    let (w, p) = (RowExpression.name("w"), RowExpression.name("p"))
    let other = RowExpression.constant(1) - Self.t
    guard !settings.isUnadjusted else { return [] }
    return [
      NamedExpression("w1", w * Self.t), NamedExpression("w2", w * w * Self.t),
      NamedExpression("w3", w * other), NamedExpression("w4", w * w * other),
      NamedExpression(
        "thin",
        .either(
          .comparison(.less, p, .constant(0.01)), .comparison(.greater, p, .constant(0.99)))),
      NamedExpression(
        "held", .comparison(.unequal, .name("praw"), .name("peta"))),
    ]
  }

  private func weightNotes(_ sums: [Double]) throws(SiblingError) -> [String] {
    guard !settings.isUnadjusted else { return [] }
    guard sums[5] == 0 else {
      throw SiblingError(
        .noOverlap,
        "\(Int(sums[5])) rows have a fitted probability of treatment that is 0 or 1 to the last digit",
        help: "Every row needs some chance of either treatment: simplify the score's formula.")
    }
    if isAugmented {
      return sums[4] > 0
        ? [
          "\(Int(sums[4])) rows have a probability of treatment below 0.01 or above 0.99: overlap is"
            + " thin, and a few rows may carry the estimate"
        ] : []
    }
    func size(_ sum: Double, _ square: Double) -> String {
      NumberText.significant(sum * sum / square, digits: 6)
    }
    return [
      "effective sample sizes: \(size(sums[0], sums[1])) of \(arms[1].rows) treated,"
        + " \(size(sums[2], sums[3])) of \(arms[0].rows) comparisons"
    ]
  }
}
