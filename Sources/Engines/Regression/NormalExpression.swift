internal import Tables

/// The standard normal distribution as expressions over rows, for engines that know only exp and division.
///
/// Rational Chebyshev approximations of Cody (1969, doi 10.1090/S0025-5718-1969-0247736-4) with the
/// coefficients of his ANORM (1993, doi 10.1145/151271.151273): about 1e-15 relative in both tails.
enum NormalExpression {
  private static let a = [
    2.2352520354606839287e00, 1.6102823106855587881e02, 1.0676894854603709582e03,
    1.8154981253343561249e04, 6.5682337918207449113e-2,
  ]
  private static let b = [
    4.7202581904688241870e01, 9.7609855173777669322e02, 1.0260932208618978205e04,
    4.5507789335026729956e04,
  ]
  private static let c = [
    3.9894151208813466764e-1, 8.8831497943883759412e00, 9.3506656132177855979e01,
    5.9727027639480026226e02, 2.4945375852903726711e03, 6.8481904505362823326e03,
    1.1602651437647350124e04, 9.8427148383839780218e03, 1.0765576773720192317e-8,
  ]
  private static let d = [
    2.2266688044328115691e01, 2.3538790178262499861e02, 1.5193775994075548050e03,
    6.4855582982667607550e03, 1.8615571640885098091e04, 3.4900952721145977266e04,
    3.8912003286093271411e04, 1.9685429676859990727e04,
  ]
  private static let p = [
    2.1589853405795699e-1, 1.274011611602473639e-1, 2.2235277870649807e-2, 1.421619193227893466e-3,
    2.9112874951168792e-5, 2.307344176494017303e-2,
  ]
  private static let q = [
    1.28426009614491121e00, 4.68238212480865118e-1, 6.59881378689285515e-2,
    3.78239633202758244e-3, 7.29751555083966205e-5,
  ]
  private static let root = 0.398942280401432677939946059934

  /// Layers that give, from the value named `eta` within ±37, `p` = Φ(eta), `q` = Φ(−eta) and the
  /// density `f`.
  static func layers(_ prefix: String) -> [[NamedExpression]] {
    func value(_ name: String) -> RowExpression { .name(prefix + name) }
    func named(_ name: String, _ expression: RowExpression) -> NamedExpression {
      NamedExpression(prefix + name, expression)
    }
    let x = value("eta")
    let (y, s) = (value("ay"), value("as"))
    let magnitude = RowExpression.chosen(
      .comparison(.less, x, .constant(0)), then: -x, otherwise: x)
    // exp(−y²/2) in two factors, the first of them exact.
    let exact = RowExpression.function(.floor, y * .constant(16)) / .constant(16)
    let kernel =
      RowExpression.function(.exponential, .constant(-0.5) * s * s)
      * .function(.exponential, .constant(-0.5) * ((y - s) * (y + s)))
    let (e, core) = (value("ae"), value("ac"))
    let isCentral = RowExpression.comparison(.atMost, y, .constant(0.67448975))
    let tail = RowExpression.chosen(
      isCentral, then: .constant(0.5) - core, otherwise: e * core)
    let isNegative = RowExpression.comparison(.less, x, .constant(0))
    let (low, high) = (value("at"), RowExpression.constant(1) - value("at"))
    return [
      [named("ay", magnitude)],
      [named("as", exact)],
      [
        named("ae", kernel),
        named(
          "ac",
          .chosen(
            isCentral, then: central(y),
            otherwise: .chosen(
              .comparison(.atMost, y, .constant(32.0.squareRoot())), then: middle(y),
              otherwise: far(y)))),
      ],
      [named("at", tail)],
      [
        named("p", .chosen(isNegative, then: low, otherwise: high)),
        named("q", .chosen(isNegative, then: high, otherwise: low)),
        named("f", .constant(root) * e),
      ],
    ]
  }

  /// A quotient of two polynomials by Horner's rule.
  private static func quotient(
    _ x: RowExpression, _ top: Double, _ above: [Double], _ below: [Double]
  ) -> RowExpression {
    var numerator = RowExpression.constant(top) * x
    var denominator = x
    for k in 0..<(below.count - 1) {
      numerator = (numerator + .constant(above[k])) * x
      denominator = (denominator + .constant(below[k])) * x
    }
    let last = below.count - 1
    return (numerator + .constant(above[last])) / (denominator + .constant(below[last]))
  }

  private static func central(_ y: RowExpression) -> RowExpression {
    y * quotient(y * y, a[4], a, b)
  }

  private static func middle(_ y: RowExpression) -> RowExpression { quotient(y, c[8], c, d) }

  private static func far(_ y: RowExpression) -> RowExpression {
    // Where y is small the branch is not taken; it must not divide by zero either.
    let square = RowExpression.constant(1) / (y * y)
    return (.constant(root) - square * quotient(square, p[5], p, q)) / y
  }
}
