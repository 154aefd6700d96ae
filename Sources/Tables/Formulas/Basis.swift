internal import Statistics

/// A set of functions of one variable, with the constants that the data gave it.
enum Basis: Sendable {
  case powers(Int)
  case orthogonal(OrthogonalPolynomial)
  case spline(NaturalSpline)

  var columns: Int {
    switch self {
    case .powers(let degree): degree
    case .orthogonal(let polynomial): polynomial.degree
    case .spline(let spline): spline.columns
    }
  }

  /// The functions' values, one function after the other.
  func evaluate(_ x: [Double]) -> [Double] {
    switch self {
    case .powers(let degree):
      var result: [Double] = []
      result.reserveCapacity(degree * x.count)
      var power = x
      for k in 1...degree {
        if k > 1 { for i in x.indices { power[i] *= x[i] } }
        result += power
      }
      return result
    case .orthogonal(let polynomial): return polynomial.evaluate(x)
    case .spline(let spline): return spline.evaluate(x)
    }
  }
}

extension Basis {
  /// `poly(x, 2)`, `poly(x, 2, raw = TRUE)` or `ns(x, 3)` as written.
  struct Request: Sendable {
    enum Shape: Sendable {
      case powers(Int)
      case orthogonal(Int)
      case spline(degrees: Int, knots: [Double]?, boundary: [Double]?)
    }

    var inner: Syntax
    var shape: Shape
    var position: Int

    /// The request of a term; nil when it is not a basis.
    init?(_ syntax: Syntax, _ source: SyntaxSource) throws(SiblingError) {
      guard case .call(let name, let arguments) = syntax.bare.kind, name == "poly" || name == "ns"
      else { return nil }
      position = syntax.position
      let given = Functions.matched(name, arguments)
      guard let inner = given["x"] else {
        throw source.syntaxError("\(name)() needs a column", at: position)
      }
      self.inner = inner
      if name == "poly" {
        let degree = try Self.whole(given["degree"], "the degree", source) ?? 1
        let raw = given["raw"].map(\.truth) ?? .some(false)
        guard let raw else {
          throw source.syntaxError("raw is TRUE or FALSE", at: position)
        }
        shape = raw ? .powers(degree) : .orthogonal(degree)
        return
      }
      let knots = try Self.numbers(given["knots"], source)
      let boundary = try Self.numbers(given["Boundary.knots"], source)
      let degrees = try Self.whole(given["df"], "df", source)
      if knots != nil, degrees != nil {
        throw source.syntaxError("ns() takes either df or knots", at: position)
      }
      if let boundary, boundary.count != 2 || boundary[0] >= boundary[1] {
        throw source.syntaxError(
          "Boundary.knots are two ascending numbers",
          at: given["Boundary.knots"]?.position ?? position)
      }
      shape = .spline(degrees: degrees ?? 1, knots: knots, boundary: boundary)
    }

    private static func whole(
      _ syntax: Syntax?, _ what: String, _ source: SyntaxSource
    ) throws(SiblingError) -> Int? {
      guard let syntax else { return nil }
      guard let value = syntax.bare.literalNumber, value >= 1, value <= 50,
        value == value.rounded()
      else {
        throw source.syntaxError(
          "\(what) is a whole number from 1 to 50", at: syntax.position)
      }
      return Int(value)
    }

    private static func numbers(
      _ syntax: Syntax?, _ source: SyntaxSource
    ) throws(SiblingError) -> [Double]? {
      guard let syntax else { return nil }
      let listed = try Literals(syntax, source)
      guard listed.texts.isEmpty, !listed.hasNA, !listed.numbers.isEmpty else {
        throw source.syntaxError("knots are numbers", at: syntax.position)
      }
      return listed.numbers
    }

    /// The basis set on the values of its variable.
    func basis(_ x: [Double], _ source: SyntaxSource) throws(SiblingError) -> Basis {
      do {
        switch shape {
        case .powers(let degree): return .powers(degree)
        case .orthogonal(let degree):
          return .orthogonal(try OrthogonalPolynomial(x, degree: degree))
        case .spline(let degrees, let knots, let boundary):
          return .spline(try NaturalSpline(x, degrees: degrees, knots: knots, boundary: boundary))
        }
      } catch {
        var error = error
        error.column = inner.columnNames.first
        throw error.located(source.location(position))
      }
    }
  }
}
