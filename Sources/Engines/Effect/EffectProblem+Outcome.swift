internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

/// The outcome models of both groups, and what they say of the two means.
struct ArmModels {
  var isLogit: Bool
  /// Standardised coefficients of the comparisons and of the treated.
  var coefficients: [[Double]]
  /// How they follow from the independent parameters.
  var map: ArmMap
  /// The inverse of the parameters' information; nil where nothing was fitted.
  var bread: Matrix?
  /// Groups whose outcome is constant: nothing was fitted there.
  var constant: [Double?] = [nil, nil]
  var notes: [String] = []
  /// The two means, comparison first.
  var means: [Double] = []
  /// The gradients of the two means in the coefficients of the own group.
  var gradients: [[Double]] = []
  /// The sum of the target population's weights.
  var total = 0.0

  var parameters: Int { map.parameters }

  /// What a unit of a row's score in the model does to a mean, as coefficients of each group's columns.
  func reach(_ mean: Int) -> [[Double]] {
    guard let bread else { return [[], []].map { _ in [Double](repeating: 0, count: map.width) } }
    var own = [[Double]](
      repeating: [Double](repeating: 0, count: map.width), count: 2)
    own[mean] = gradients[mean]
    return map.coefficients(bread.times(map.gradient(own)))
  }
}

extension EffectProblem {
  /// The weight with which outcome models are fitted.
  private var fitWeight: RowExpression { isAugmented ? sampling : .name("w") }

  /// The layers before an outcome model.
  var weighted: [[NamedExpression]] { [base] + weightLayers() }

  /// Fits the outcome models and averages them over the population asked about.
  func models() throws(SiblingError) -> ArmModels {
    let wantsLogit = settings.method != .difference && isBinary
    guard wantsLogit else { return try completed(try linearModels()) }
    do throws(SiblingError) {
      return try completed(try logitModels())
    } catch {
      guard error.code == .separation || error.code == .nonConvergence else { throw error }
      var models = try completed(try linearModels())
      models.notes.append(
        "A logistic outcome model has no finite estimate here (\(error.code.rawValue)), so a"
          + " linear one is used.")
      return models
    }
  }

  private var startingMap: ArmMap {
    let width = covariates.count
    return isAugmented ? .separate(width, arms: 2) : .interacted(width)
  }

  /// Parameters of groups whose outcome varies and of columns that are not constant.
  private func open(_ map: ArmMap) -> [Int] {
    guard isAugmented else { return Array(0..<map.parameters) }
    return (0..<map.parameters).filter { arms[$0 / map.width].constant == nil }
  }

  private var constantNotes: [String] {
    isAugmented && arms.contains { $0.constant != nil }
      ? ["the outcome is the same throughout one group, so its model is that constant"] : []
  }

  /// Refuses models with more parameters than rows.
  private func check(_ map: ArmMap, isLinear: Bool) throws(SiblingError) {
    var fits: [(parameters: Int, rows: Int)] = [(map.parameters, rowCount)]
    if isAugmented {
      fits = (0..<2).map { arm in
        let own = (0..<map.parameters).count { parameter in
          (0..<map.width).contains { map.map[arm * map.width + $0, parameter] != 0 }
        }
        return (own, arms[arm].rows)
      }
    }
    for fit in fits where isLinear ? fit.rows <= fit.parameters : fit.rows < fit.parameters {
      guard fit.parameters > 0 else { continue }
      throw SiblingError(
        .tooFewObservations,
        "The model has \(fit.parameters) coefficients but only \(fit.rows) rows.",
        help: "Use fewer terms or more rows.")
    }
  }

  private func droppedNote(_ map: ArmMap, _ open: Int, _ kept: Int) -> [String] {
    let constant = (own ?? score).scale.count { $0 == 0 }
    guard kept < open else { return [] }
    let number = settings.method == .difference ? 0 : max(open - kept, constant)
    return number > 0
      ? ["\(number) columns of the outcome models are combinations of others and left out"] : []
  }

  private func linearModels() throws(SiblingError) -> ArmModels {
    data.progress?("fitting the outcome models")
    let columns = covariates
    let design = outcomeSums
    let cells = try data.aggregate(
      layers: weighted, keys: [Self.arm] + design.keys,
      sums: design.sums(fitWeight * Self.y, fitWeight))
    let found = try ArmLogit.arms(cells, isDivided: true, count: 2).map {
      own throws(SiblingError) in try design.read(cells, own, from: 0)
    }
    let (products, right) = (found.map(\.product), found.map(\.gradient))
    let whole = startingMap
    let open = open(whole)
    let gram = whole.selecting(open).product(products)
    let kept = ColumnRank(gram: gram).kept.map { open[$0] }
    let map = whole.selecting(kept)
    try check(map, isLinear: true)
    var models = ArmModels(
      isLogit: false, coefficients: [], map: map,
      constant: arms.map { isAugmented ? $0.constant : nil },
      notes: constantNotes + droppedNote(map, open.count, kept.count))
    guard !kept.isEmpty, let factor = try? Cholesky(map.product(products)) else {
      models.coefficients = [[], []].map { _ in [Double](repeating: 0, count: map.width) }
      return models
    }
    models.bread = factor.inverse
    models.coefficients = map.coefficients(factor.solve(map.gradient(right)))
    guard !isAugmented else { return models }
    // The means of a linear model are those of its columns, which the first row of the products has.
    let targets = (0..<2).map { arm in
      settings.estimand == .att && arm == 0 || settings.estimand == .atc && arm == 1
        ? [Double](repeating: 0, count: columns.count) : products[arm].column(0)
    }
    let sum = zip(targets[0], targets[1]).map { $0 + $1 }
    models.total = sum[0]
    let means = sum.map { $0 / sum[0] }
    models.gradients = [means, means]
    models.means = models.coefficients.map { zip($0, means).reduce(0) { $0 + $1.0 * $1.1 } }
    return models
  }

  private func logitModels() throws(SiblingError) -> ArmModels {
    let whole = startingMap
    let open = open(whole)
    var objective = ArmLogit(
      data: data, layers: weighted, design: outcomeSums, response: Self.y, weight: fitWeight,
      arm: Self.t, map: whole)
    objective.map = whole.selecting(open)
    var models = ArmModels(
      isLogit: true, coefficients: [], map: objective.map,
      constant: arms.map { isAugmented ? $0.constant : nil }, notes: constantNotes)
    guard !open.isEmpty else {
      models.coefficients = [[], []].map { _ in [Double](repeating: 0, count: whole.width) }
      return models
    }
    let shares = arms.map { Self.logit(Double($0.events) / Double($0.rows)) }
    let (width, separate) = (whole.width, isAugmented)
    let fit = try LogitSearch(objective, what: "the outcome models").solve { place in
      let parameter = open[place]
      guard separate else {
        return parameter == 0 ? shares[0] : parameter == 1 ? shares[1] - shares[0] : 0
      }
      guard objective.columns.first == .constant(1), parameter % width == 0 else { return 0 }
      return shares[parameter / width]
    }
    try refuse(
      fit, objective, names: settings.method == .difference ? ["(Intercept)"] : (own ?? score).names
    )
    models.map = objective.map.selecting(fit.kept)
    try check(models.map, isLinear: false)
    models.coefficients = models.map.coefficients(fit.coefficients)
    models.bread = fit.factor.inverse
    models.notes += droppedNote(models.map, open.count, fit.kept.count)
    return models
  }

  /// Layers that give `m0` and `m1`, what the models say of a row without and with treatment.
  func predictionLayers(_ models: ArmModels) -> [[NamedExpression]] {
    let predictors = (0..<2).map { arm in
      models.constant[arm].map { .constant($0) }
        ?? EffectAlgebra.predictor(covariates, models.coefficients[arm])
    }
    guard models.isLogit else {
      return [(0..<2).map { NamedExpression("m\($0)", predictors[$0]) }]
    }
    let fitted = (0..<2).filter { models.constant[$0] == nil }
    return [
      fitted.map { NamedExpression("k\($0)", predictors[$0]) },
      fitted.map { NamedExpression("l\($0)", .clamped(.name("k\($0)"), bound: 30)) },
      (0..<2).map { arm in
        NamedExpression(
          "m\(arm)", models.constant[arm].map { .constant($0) } ?? .inverseLogit(.name("l\(arm)")))
      },
    ].filter { !$0.isEmpty }
  }

  /// The means and their gradients, where the fit did not give them: one query.
  private func completed(_ models: ArmModels) throws(SiblingError) -> ArmModels {
    guard models.means.isEmpty else { return models }
    data.progress?("averaging predictions")
    var models = models
    let columns = covariates
    let target = (isAugmented ? sampling : .name("w")) * focal
    var layer = [NamedExpression("f", target)]
    for arm in 0..<2 {
      let mean = RowExpression.name("m\(arm)")
      let rate: RowExpression = models.isLogit ? mean * (.constant(1) - mean) : .constant(1)
      let own: RowExpression = arm == 1 ? Self.t : .constant(1) - Self.t
      let carried: RowExpression = isAugmented ? own * .name("w") : .constant(0)
      layer.append(NamedExpression("d\(arm)", (target - carried) * rate))
      layer.append(NamedExpression("c\(arm)", target * mean + carried * (Self.y - mean)))
    }
    var sums = [
      NamedExpression("f", .name("f")), NamedExpression("c0", .name("c0")),
      NamedExpression("c1", .name("c1")),
    ]
    for arm in 0..<2 {
      for (index, column) in columns.enumerated() {
        sums.append(NamedExpression("e\(arm)_\(index)", .name("d\(arm)") * column))
      }
    }
    let cells = try data.aggregate(
      layers: weighted + predictionLayers(models) + [layer], sums: sums)
    let values = cells.sums.map { $0[0] }
    models.total = values[0]
    models.means = [values[1] / values[0], values[2] / values[0]]
    models.gradients = (0..<2).map { arm in
      let start = 3 + arm * columns.count
      return values[start..<(start + columns.count)].map { $0 / values[0] }
    }
    return models
  }
}
