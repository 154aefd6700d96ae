public import LinearAlgebra
public import Statistics
public import Tables

/// Names and sums of a weighted cross product of design columns, and the matrix that the sums make.
public struct CrossProduct: Sendable {
  /// The columns.
  public let columns: [RowExpression]
  /// The start of the sums' names.
  public let prefix: String

  /// The cross product of columns.
  public init(_ columns: [RowExpression], prefix: String = "x") {
    self.columns = columns
    self.prefix = prefix
  }

  /// One sum for each pair of columns, each times `weight`; the first runs slowest, pairs once.
  public func sums(weight: RowExpression = .constant(1)) -> [NamedExpression] {
    var sums: [NamedExpression] = []
    for j in columns.indices {
      for i in j..<columns.count {
        sums.append(
          NamedExpression("\(prefix)_\(j)_\(i)", weight * columns[j] * columns[i]))
      }
    }
    return sums
  }

  /// How many sums there are.
  public var count: Int { columns.count * (columns.count + 1) / 2 }

  /// The symmetric matrix of sums in the order of ``sums(weight:)``.
  public func matrix(_ values: some Collection<Double>) -> Matrix {
    var matrix = Matrix(rows: columns.count, columns: columns.count)
    var next = values.startIndex
    for j in columns.indices {
      for i in j..<columns.count {
        matrix[i, j] = values[next]
        matrix[j, i] = values[next]
        next = values.index(after: next)
      }
    }
    return matrix
  }
}

extension RowExpression {
  /// The linear predictor of design columns at coefficients.
  public static func predictor(
    _ columns: [RowExpression], _ coefficients: [Double], offset: RowExpression? = nil
  ) -> RowExpression {
    let terms = zip(columns, coefficients).map { column, b in
      column == .constant(1) ? .constant(b) : .constant(b) * column
    }
    return .sum(terms + (offset.map { [$0] } ?? []))
  }

  /// The mean of a logit model with the linear predictor `eta`, held within ±30.
  public static func inverseLogit(_ eta: RowExpression) -> RowExpression {
    .constant(1) / (.constant(1) + .function(.exponential, -eta))
  }
}

/// The log-likelihood of a logit model by one aggregate of an engine for each point: value, score and
/// information in p(p + 1)/2 + p + 1 sums.
///
/// The linear predictor is held within ±30, so that exponentials overflow on no engine.
public struct LogitSums: SmoothObjective {
  let data: EngineData
  let columns: [RowExpression]
  let response: RowExpression
  let weights: RowExpression?
  let offset: RowExpression?

  /// The likelihood of a 0/1 response over the rows that count.
  public init(
    _ data: EngineData, columns: [RowExpression], response: RowExpression,
    weights: RowExpression? = nil, offset: RowExpression? = nil
  ) {
    self.data = data
    self.columns = columns
    self.response = response
    self.weights = weights
    self.offset = offset
  }

  /// The layers that give `mean` at coefficients.
  public static func layers(
    _ columns: [RowExpression], _ coefficients: [Double], offset: RowExpression? = nil
  ) -> [[NamedExpression]] {
    [
      [NamedExpression("raw", .predictor(columns, coefficients, offset: offset))],
      [NamedExpression("eta", .clamped(.name("raw"), bound: 30))],
      [NamedExpression("mean", .inverseLogit(.name("eta")))],
    ]
  }

  /// Value, score and information at coefficients of the columns, in one aggregate.
  ///
  /// - Throws: the engine's failures.
  public func evaluate(at coefficients: [Double]) throws(SiblingError) -> ObjectiveValue {
    let cross = CrossProduct(columns)
    let weight = weights ?? .constant(1)
    let (mean, eta) = (RowExpression.name("mean"), RowExpression.name("eta"))
    // log p for 1 and log(1 − p) for 0: y·eta − log(1 + exp(eta)), the latter as −log(1 − mean).
    let value = weight * (response * eta + .function(.logarithm, .constant(1) - mean))
    var layers = Self.layers(columns, coefficients, offset: offset)
    layers.append([
      NamedExpression("residual", weight * (response - mean)),
      NamedExpression("curvature", weight * mean * (.constant(1) - mean)),
    ])
    var sums = [NamedExpression("value", value)]
    for (index, column) in columns.enumerated() {
      sums.append(NamedExpression("g\(index)", .name("residual") * column))
    }
    sums += cross.sums(weight: .name("curvature"))
    let cells = try data.aggregate(layers: layers, sums: sums)
    let values = cells.sums.map { $0.first ?? 0 }
    return ObjectiveValue(
      value: values[0], gradient: Array(values[1...columns.count]),
      information: cross.matrix(values[(columns.count + 1)...]))
  }
}
