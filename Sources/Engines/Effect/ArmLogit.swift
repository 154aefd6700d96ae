internal import LinearAlgebra
internal import Statistics
internal import Tables

/// Coefficients of a model in one or two arms as a linear function of fewer parameters: arm a's are rows
/// a·p to (a + 1)·p of `map` times the parameters.
struct ArmMap {
  /// Columns in each arm.
  let width: Int
  /// Arms × columns down, parameters across.
  var map: Matrix

  var parameters: Int { map.columns }
  var arms: Int { map.rows / max(1, width) }

  /// Every arm with coefficients of its own.
  static func separate(_ width: Int, arms: Int) -> ArmMap {
    ArmMap(width: width, map: .identity(width * arms))
  }

  /// An intercept, the treatment, the covariates, and their products with the treatment; arm 0 is the comparisons.
  static func interacted(_ width: Int) -> ArmMap {
    var map = Matrix(rows: 2 * width, columns: 2 * width)
    for j in 0..<width {
      // The order of columns decides which of dependent ones is dropped.
      let (main, product) = j == 0 ? (0, 1) : (1 + j, width + j)
      map[j, main] = 1
      map[width + j, main] = 1
      map[width + j, product] = 1
    }
    return ArmMap(width: width, map: map)
  }

  func selecting(_ parameters: [Int]) -> ArmMap {
    ArmMap(width: width, map: map.selecting(columns: parameters))
  }

  /// The coefficients of each arm.
  func coefficients(_ parameters: [Double]) -> [[Double]] {
    let all = map.times(parameters)
    return (0..<arms).map { Array(all[($0 * width)..<(($0 + 1) * width)]) }
  }

  /// A gradient in the parameters, from those in the coefficients of each arm.
  func gradient(_ gradients: [[Double]]) -> [Double] {
    map.transposedTimes(gradients.flatMap { $0 })
  }

  /// A cross product in the parameters, from that of each arm.
  func product(_ products: [Matrix]) -> Matrix {
    var block = Matrix(rows: map.rows, columns: map.rows)
    for (arm, product) in products.enumerated() {
      for j in 0..<width {
        for i in 0..<width { block[arm * width + i, arm * width + j] = product[i, j] }
      }
    }
    return Matrix.product(map.transposed * block, map)
  }
}

/// The log-likelihood of logit models in arms by one aggregate for each point.
///
/// Rows of arm a are those whose value `arm` is a; without arms there is one model. The linear predictor is held
/// within ±30.
struct ArmLogit: SmoothObjective {
  let data: EngineData
  /// What is computed before.
  let layers: [[NamedExpression]]
  let design: DesignSums
  let response: RowExpression
  let weight: RowExpression
  /// The value that divides rows; nil for one model.
  let arm: RowExpression?
  var map: ArmMap

  var columns: [RowExpression] { design.columns }

  /// The layers of means at coefficients of each arm.
  static func means(
    _ columns: [RowExpression], _ coefficients: [[Double]], arm: RowExpression?, name: String
  ) -> [[NamedExpression]] {
    let predictors = coefficients.map { EffectAlgebra.predictor(columns, $0) }
    let raw: RowExpression =
      arm.map { .chosen($0, then: predictors[1], otherwise: predictors[0]) } ?? predictors[0]
    return [
      [NamedExpression("\(name)raw", raw)],
      [NamedExpression("\(name)eta", .clamped(.name("\(name)raw"), bound: 30))],
      [NamedExpression(name, .inverseLogit(.name("\(name)eta")))],
    ]
  }

  func evaluate(at parameters: [Double]) throws(SiblingError) -> ObjectiveValue {
    let coefficients = map.coefficients(parameters)
    let mean = RowExpression.name("mu")
    // log p of what happened: −log(1 + exp(∓eta)), which keeps its digits at both ends.
    let sign = response * .constant(2) - .constant(1)
    let likelihood = -RowExpression.function(
      .logarithm, .constant(1) + .function(.exponential, -(sign * .name("mueta"))))
    var layers = layers + Self.means(columns, coefficients, arm: arm, name: "mu")
    layers.append([
      NamedExpression("residual", weight * (response - mean)),
      NamedExpression("curvature", weight * (mean * (.constant(1) - mean))),
    ])
    let cells = try data.aggregate(
      layers: layers, keys: (arm.map { [GroupKey("arm", .number($0))] } ?? []) + design.keys,
      sums: [NamedExpression("value", weight * likelihood)]
        + design.sums(.name("residual"), .name("curvature")))
    let arms = try Self.arms(cells, isDivided: arm != nil, count: map.arms)
    let parts = try arms.map { own throws(SiblingError) in
      try design.read(cells, own, from: 1)
    }
    return ObjectiveValue(
      value: cells.sums[0].reduce(0, +), gradient: map.gradient(parts.map(\.gradient)),
      information: map.product(parts.map(\.product)))
  }

  /// The cells of each arm, whose values are the first key where there are arms.
  ///
  /// - Throws: `engineFailed` where an arm has gone.
  static func arms(
    _ cells: Cells, isDivided: Bool, count: Int
  ) throws(SiblingError) -> [[Int]] {
    let all = Array(0..<cells.count)
    guard isDivided else { return [all] }
    let keys = cells.numbers(0)
    let arms = (0..<count).map { arm in all.filter { keys[$0] == Double(arm) } }
    guard arms.allSatisfy({ !$0.isEmpty }), arms.reduce(0, { $0 + $1.count }) == cells.count else {
      throw SiblingError(.engineFailed, "the source's rows changed between two queries")
    }
    return arms
  }
}

/// Small pieces of expressions.
enum EffectAlgebra {
  /// The linear predictor, columns with coefficient 0 left out.
  static func predictor(_ columns: [RowExpression], _ coefficients: [Double]) -> RowExpression {
    let used = columns.indices.filter { coefficients[$0] != 0 && columns[$0] != .constant(0) }
    return .predictor(used.map { columns[$0] }, used.map { coefficients[$0] })
  }
}
