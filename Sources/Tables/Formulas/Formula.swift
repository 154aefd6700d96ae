public import Statistics

/// A model formula in R's (Wilkinson's) notation: `y ~ a + b*c + log(x) + strata(s) | firm`.
///
/// Left of `~` stands nothing, a column, an expression (`log(wage)`, `status == 2`) or
/// `Surv(time, event)`, `Surv(start, stop, event)` or `Surv(low, high, type = "interval2")`. Right of it stand terms joined by `+`, `-`,
/// `*`, `:`, `/`, `%in%` and `^`, with `.` for every other column; `0` and `-1` leave the intercept
/// out. Terms are columns, elementwise expressions such as `log(x)`, `I(x^2)` or `x > 3`,
/// `factor(k)`, `relevel(k, "b")`, `poly(x, 2)`, `poly(x, 2, raw = TRUE)` and `ns(x, 3)`;
/// `strata()`, `offset()` and `cluster()` take their columns out of the design. Names after `|` are
/// fixed effects to absorb. Terms are ordered and named as R orders and names them.
public struct Formula: Sendable, Equatable {
  /// The formula as it was written.
  public let text: String
  /// The names of the fixed effects after `|`.
  public let absorbed: [String]

  let source: SyntaxSource
  let response: Response
  /// The terms' side, without the part after `|`.
  let right: Syntax

  enum Response: Sendable, Equatable {
    case none
    case value(Syntax)
    /// `Surv(time, event)`, `Surv(start, stop, event)`, or `Surv(time)` where every row has the event.
    case survival(start: Syntax?, time: Syntax, event: Syntax?)
    /// `Surv(low, high, type = "interval2")`: the event lies between two times.
    case interval(low: Syntax, high: Syntax)
  }

  /// A formula from its text.
  ///
  /// - Throws: `formulaSyntax` with the 1-based column in the text.
  public init(parsing text: String) throws(SiblingError) {
    let source = SyntaxSource(text: text, dialect: .formula)
    var (left, right) = try SyntaxParser.formula(source)
    self.text = text
    self.source = source
    response = try Self.response(left, source)
    absorbed = try Self.absorb(&right, source)
    self.right = right
    // Everything but `.` can be checked without a table.
    _ = try TermExpansion(right, source: source, dot: ["."])
  }

  /// Whether the left side is `Surv(…)`.
  public var isSurvival: Bool {
    switch response {
    case .survival, .interval: true
    case .none, .value: false
    }
  }

  /// Whether there is anything left of `~`.
  public var hasResponse: Bool { response != .none }

  /// The left side as R writes it; nil for a one-sided formula.
  public var responseName: String? { left.map(\.text) }

  /// The column that the left side names, when it is nothing but a column.
  public var responseColumn: String? {
    if case .value(let syntax) = response, case .name(let name) = syntax.bare.kind { return name }
    return nil
  }

  /// The columns that the formula names, in order; those that `.` stands for are not among them.
  public var columnNames: [String] {
    var seen: Set<String> = ["."]
    let all = responseColumns + right.columnNames + absorbed
    return all.filter { seen.insert($0).inserted }
  }

  /// The columns that the terms read, with `.` standing for the table's other columns.
  ///
  /// - Throws: `formulaSyntax` when the terms are too many.
  public func termColumns(in columns: [String]) throws(SiblingError) -> [String] {
    let expansion = try expansion(in: columns)
    var seen: Set<String> = []
    let used = expansion.terms.flatMap { $0 }.flatMap {
      expansion.variables[$0].syntax.columnNames
    }
    return used.filter { seen.insert($0).inserted }
  }

  /// The labels of the terms as R writes them, with `.` standing for the table's other columns.
  ///
  /// - Throws: `formulaSyntax` when the terms are too many.
  public func termLabels(in columns: [String] = []) throws(SiblingError) -> [String] {
    try expansion(in: columns).labels
  }

  /// The columns that the left side reads.
  public var responseColumns: [String] {
    switch response {
    case .none: []
    case .value(let syntax): syntax.columnNames
    case .survival(let start, let time, let event):
      (start?.columnNames ?? []) + time.columnNames + (event?.columnNames ?? [])
    case .interval(let low, let high): low.columnNames + high.columnNames
    }
  }

  private var left: Syntax? {
    switch response {
    case .none: return nil
    case .value(let syntax): return syntax
    case .survival(let start, let time, let event):
      let arguments = [start, time, event].compactMap { $0 }
      return Syntax(.call("Surv", arguments.map { .init(name: nil, value: $0) }), at: 1)
    case .interval(let low, let high):
      let type = Syntax.Argument(name: "type", value: Syntax(.text("interval2"), at: 1))
      return Syntax(
        .call("Surv", [.init(name: nil, value: low), .init(name: nil, value: high), type]), at: 1)
    }
  }

  /// The terms, with `.` standing for the columns that the left side and `|` leave over.
  func expansion(in columns: [String]) throws(SiblingError) -> TermExpansion {
    let taken = Set(responseColumns + absorbed)
    return try TermExpansion(
      right, source: source, dot: columns.filter { !taken.contains($0) },
      without: response.valueLabel, keepsIntercept: isSurvival || !absorbed.isEmpty)
  }

  private static func response(
    _ left: Syntax?, _ source: SyntaxSource
  ) throws(SiblingError) -> Response {
    guard let left else { return .none }
    guard case .call("Surv", let arguments) = left.bare.kind else {
      for name in ["strata", "offset", "cluster", "poly", "ns"] {
        if case .call(name, _) = left.bare.kind {
          throw source.syntaxError(
            "\(name)() cannot be an outcome", at: left.position)
        }
      }
      return .value(left.bare)
    }
    let given = Functions.matched("Surv", arguments)
    guard let first = given["time"] else {
      throw source.syntaxError("Surv() needs a time", at: left.position)
    }
    if let type = given["type"] {
      guard case .text("interval2") = type.bare.kind, let second = given["time2"],
        given["event"] == nil
      else {
        throw source.syntaxError(
          "Surv() knows one type, and it takes two times", at: type.position,
          help: "write Surv(low, high, type = \"interval2\"); without a type Surv(time, event) or"
            + " Surv(start, stop, event)")
      }
      return .interval(low: first, high: second)
    }
    if let event = given["event"] {
      guard let second = given["time2"] else {
        return .survival(start: nil, time: first, event: event)
      }
      return .survival(start: first, time: second, event: event)
    }
    return .survival(start: nil, time: first, event: given["time2"])
  }

  /// Takes `| firm + year` off the right side.
  private static func absorb(
    _ right: inout Syntax, _ source: SyntaxSource
  ) throws(SiblingError) -> [String] {
    guard case .infix("|", let terms, let effects) = right.kind else { return [] }
    right = terms
    var names: [String] = []
    var pending = [effects]
    while let part = pending.popLast() {
      switch part.bare.kind {
      case .infix("+", let left, let last): pending += [last, left]
      case .name(let name):
        if !names.contains(name) { names.append(name) }
      default:
        throw source.syntaxError(
          "only columns can be absorbed", at: part.position,
          help: "write | firm + year; join columns with --derive first to absorb their combinations"
        )
      }
    }
    return names
  }
}

extension Formula.Response {
  /// The label of a response that is one expression, which cannot be a term as well.
  var valueLabel: String? {
    if case .value(let syntax) = self { return syntax.text }
    return nil
  }
}
