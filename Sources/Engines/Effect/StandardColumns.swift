internal import Glibc
internal import Statistics
internal import Tables

/// Columns of a design brought near mean 0 and deviation 1, so that cross products keep their digits.
///
/// Any near centre and scale will do. Columns are centred only where the first is the intercept.
struct StandardColumns {
  /// The names of the columns.
  let names: [String]
  /// The columns as the source gives them.
  let plain: [RowExpression]
  /// What the names of the values in a query begin with.
  let prefix: String
  /// What is subtracted from each.
  private(set) var center: [Double]
  /// What each is divided by; 0 for a column that is constant beside an intercept.
  private(set) var scale: [Double]

  init(_ columns: [RowExpression], names: [String], prefix: String) {
    self.names = names
    self.prefix = prefix
    plain = columns
    center = [Double](repeating: 0, count: columns.count)
    scale = [Double](repeating: 1, count: columns.count)
  }

  var count: Int { plain.count }

  /// Whether the first column is constant 1.
  var hasIntercept: Bool { plain.first == .constant(1) }

  /// Sums of each column and of its square.
  var moments: [NamedExpression] {
    plain.indices.flatMap { j in
      [
        NamedExpression("\(prefix)a\(j)", plain[j]),
        NamedExpression("\(prefix)b\(j)", plain[j] * plain[j]),
      ]
    }
  }

  /// Takes centres and scales from the sums of ``moments`` over `rows` rows.
  mutating func standardize(_ sums: [Double], rows: Double) {
    for j in plain.indices where plain[j] != .constant(1) {
      let mean = sums[2 * j] / rows
      let square = sums[2 * j + 1] / rows
      guard hasIntercept else {
        scale[j] = square > 0 ? exp2(log2(square.squareRoot()).rounded()) : 1
        continue
      }
      let spread = max(0, square - mean * mean).squareRoot()
      guard spread > 1e-7 * mean.magnitude else {
        (center[j], scale[j]) = (mean, 0)
        continue
      }
      // A power of two and a multiple of its 256th part: any near ones will do, and these are the same though an
      // engine's sums differ in their last digits, so that a query is the same query when it comes again.
      scale[j] = exp2(log2(spread).rounded())
      center[j] = (mean / scale[j] * 256).rounded() * scale[j] / 256
    }
  }

  /// The standardised columns over the source's own.
  var standardised: [RowExpression] {
    let made = Dictionary(
      uniqueKeysWithValues: layer.map { ($0.name, $0.expression) })
    return expressions.map { expression in
      if case .name(let name) = expression { made[name] ?? expression } else { expression }
    }
  }

  /// Whether a value of a query is one of these columns.
  func owns(_ value: NamedExpression) -> Bool { expressions.contains(.name(value.name)) }

  /// The columns that are not constant beside the intercept.
  var varying: [Int] { scale.indices.filter { scale[$0] > 0 } }

  /// The values of a layer that ``expressions`` stand for.
  var layer: [NamedExpression] {
    varying.filter { plain[$0] != .constant(1) }.map { j in
      NamedExpression(
        "\(prefix)\(j)",
        (center[j] == 0 ? plain[j] : plain[j] - .constant(center[j]))
          * .constant(1 / scale[j]))
    }
  }

  /// The standardised columns, once ``layer`` has been computed.
  var expressions: [RowExpression] {
    plain.indices.map { j in
      plain[j] == .constant(1)
        ? .constant(1) : scale[j] > 0 ? .name("\(prefix)\(j)") : .constant(0)
    }
  }

  /// Coefficients of the columns as given, from those of the standardised ones.
  func back(_ coefficients: [Double]) -> [Double] {
    var result = coefficients
    for j in plain.indices where plain[j] != .constant(1) && scale[j] > 0 {
      result[j] = coefficients[j] / scale[j]
      if center[j] != 0 { result[0] -= result[j] * center[j] }
    }
    return result
  }
}
