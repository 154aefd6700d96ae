internal import Statistics

/// The right side of a formula, multiplied out: its variables, its terms, and what stands apart.
///
/// Follows Wilkinson & Rogers (1973), doi:10.2307/2346786, with R's order: by degree, then by
/// appearance.
struct TermExpansion: Sendable {
  struct Variable: Sendable {
    var label: String
    var syntax: Syntax
    /// What terms are called by, where columns have another name.
    var termLabel: String?
  }

  private(set) var variables: [Variable] = []
  /// For each term the ascending indices of its variables.
  private(set) var terms: [[Int]] = []
  private(set) var hasIntercept = true
  private(set) var offsets: [Syntax] = []
  private(set) var strata: [Syntax] = []
  private(set) var clusters: [Syntax] = []

  private let source: SyntaxSource
  private let dot: [String]
  private var index: [String: Int] = [:]

  private static let limit = 10_000
  private static let comparisons = ["==", "!=", "<", "<=", ">", ">=", "&", "&&"]

  /// Multiplies out the right side of a formula.
  ///
  /// A survival formula and one with absorbed effects code factors as if the intercept were there.
  init(
    _ right: Syntax, source: SyntaxSource, dot: [String], without response: String? = nil,
    keepsIntercept: Bool = false
  ) throws(SiblingError) {
    self.source = source
    self.dot = dot
    var terms = try expand(right)
    if keepsIntercept { hasIntercept = true }
    let own = response.flatMap { index[$0] }
    terms.removeAll { $0 == own.map { [$0] } }
    var kept: [[Int]] = []
    terms = terms.map { withStrataAsFactors($0) }
    for term in terms {
      let apart = term.filter { isApart($0) }
      guard let first = apart.first else {
        kept.append(term)
        continue
      }
      let syntax = variables[first].syntax
      guard term.count == 1, case .call(let name, let arguments) = syntax.bare.kind else {
        throw source.syntaxError(
          "strata(), offset() and cluster() cannot be part of an interaction",
          at: syntax.position, help: "interact with the column itself, or with factor()")
      }
      switch name {
      case "strata":
        strata += arguments.map(\.value).filter { value in !strata.contains(value) }
      case "offset": offsets += arguments.map(\.value)
      default: clusters += arguments.map(\.value)
      }
    }
    // Stable by degree.
    let highest = kept.map(\.count).max() ?? 0
    self.terms = highest == 0 ? [] : (1...highest).flatMap { d in kept.filter { $0.count == d } }
  }

  /// An interaction with strata(s) has s as a factor in its place; s stands among the strata too.
  private mutating func withStrataAsFactors(_ term: [Int]) -> [Int] {
    guard term.count > 1 else { return term }
    return term.map { place in
      let syntax = variables[place].syntax
      guard case .call("strata", let arguments) = syntax.bare.kind, arguments.count == 1 else {
        return place
      }
      if !strata.contains(arguments[0].value) { strata.append(arguments[0].value) }
      let label = syntax.text + arguments[0].value.text + "="
      if let known = index[label] { return known }
      index[label] = variables.count
      variables.append(
        Variable(
          label: label, syntax: Syntax(.call("factor", arguments), at: syntax.position),
          termLabel: syntax.text))
      return variables.count - 1
    }.sorted()
  }

  /// The label of each term.
  var labels: [String] {
    terms.map { term in
      term.map { variables[$0].termLabel ?? variables[$0].label }.joined(separator: ":")
    }
  }

  private func isApart(_ variable: Int) -> Bool {
    if case .call(let name, _) = variables[variable].syntax.bare.kind {
      return ["strata", "offset", "cluster"].contains(name)
    }
    return false
  }

  private mutating func variable(_ syntax: Syntax) -> [[Int]] {
    let label = syntax.text
    if let known = index[label] { return [[known]] }
    index[label] = variables.count
    variables.append(Variable(label: label, syntax: syntax))
    return [[variables.count - 1]]
  }

  private mutating func expand(_ syntax: Syntax) throws(SiblingError) -> [[Int]] {
    // Long sums lean to the left: walk down them without recursion.
    var spine: [(sign: String, operand: Syntax)] = []
    var node = syntax
    while true {
      if case .infix(let sign, let left, let right) = node.kind, sign == "+" || sign == "-" {
        spine.append((sign, right))
        node = left
      } else {
        break
      }
    }
    var terms = try expandFactor(node)
    var seen = Set(terms)
    for (sign, operand) in spine.reversed() {
      if sign == "+" {
        for term in try expand(operand) where seen.insert(term).inserted { terms.append(term) }
      } else {
        terms = try removing(operand, from: terms)
        seen = Set(terms)
      }
      try check(terms.count, at: operand.position)
    }
    return terms
  }

  private mutating func removing(
    _ operand: Syntax, from terms: [[Int]]
  ) throws(SiblingError) -> [[Int]] {
    if case .number(let value, _) = operand.bare.kind, value == 0 || value == 1 {
      hasIntercept = value == 0
      return terms
    }
    let kept = hasIntercept
    let removed = Set(try expand(operand))
    hasIntercept = kept
    return terms.filter { !removed.contains($0) }
  }

  private func check(_ count: Int, at position: Int) throws(SiblingError) {
    if count > Self.limit {
      throw source.syntaxError("the formula has more than \(Self.limit) terms", at: position)
    }
  }

  private mutating func expandFactor(_ syntax: Syntax) throws(SiblingError) -> [[Int]] {
    if syntax.depth > 250 {
      throw source.syntaxError("the formula is nested too deeply", at: syntax.position)
    }
    switch syntax.kind {
    case .parenthesis(let inner):
      if case .infix(let sign, _, _) = inner.kind, Self.comparisons.contains(sign) {
        return variable(inner)
      }
      return try expand(inner)
    case .name("."):
      var terms: [[Int]] = []
      for name in dot { terms += variable(Syntax(.name(name), at: syntax.position)) }
      return terms
    case .name, .call: return variable(syntax)
    case .number(let value, _):
      guard value == 0 || value == 1 else {
        throw source.syntaxError(
          "a number is not a term", at: syntax.position,
          help:
            "only 0 and 1 stand for leaving out and keeping the intercept; write I(…) to compute")
      }
      hasIntercept = value == 1
      return []
    case .prefix("-", let inner):
      return try removing(inner, from: [])
    case .prefix("+", let inner): return try expand(inner)
    case .infix(let sign, let left, let right):
      switch sign {
      case "+", "-": return try expand(syntax)
      case "*", ":", "/", "%in%": return try product(sign, left, right, at: syntax.position)
      case "^": return try power(left, right, at: syntax.position)
      case "|":
        throw source.syntaxError(
          "| stands once, after all terms", at: syntax.position,
          help: "write y ~ a + b | firm + year; write I(a | b) for a condition")
      default:
        if case .infix(let joined, _, _) = left.kind, ["+", "-", "*", ":"].contains(joined) {
          throw source.syntaxError(
            "'\(sign)' takes all of `\(left.text)` as its left side", at: syntax.position,
            help: "put the condition in parentheses: y ~ a + (x > 5)")
        }
        return variable(syntax)
      }
    case .prefix: return variable(syntax)
    case .text, .logical:
      throw source.syntaxError(
        "a constant is not a term", at: syntax.position,
        help: "put names with spaces between backticks: `my column`")
    }
  }

  private mutating func product(
    _ sign: String, _ left: Syntax, _ right: Syntax, at position: Int
  ) throws(SiblingError) -> [[Int]] {
    let (a, b) = (try expand(left), try expand(right))
    guard !a.isEmpty, !b.isEmpty else {
      throw source.syntaxError(
        "an interaction needs a term on both sides", at: position,
        help: "0 and 1 only stand alone")
    }
    try check(a.count * b.count, at: position)
    var result: [[Int]] = []
    var seen: Set<[Int]> = []
    func add(_ term: [Int]) {
      if seen.insert(term).inserted { result.append(term) }
    }
    if sign == "/" || sign == "%in%" {
      // The inner terms are nested in all of the outer ones at once.
      let (inner, outer) = sign == "/" ? (b, a) : (a, b)
      if sign == "/" { for term in outer { add(term) } }
      let all = Set(outer.flatMap { $0 })
      for term in inner { add(all.union(term).sorted()) }
      return result
    }
    if sign == "*" { for term in a + b { add(term) } }
    for x in a { for y in b { add(Set(x).union(y).sorted()) } }
    return result
  }

  private mutating func power(
    _ base: Syntax, _ exponent: Syntax, at position: Int
  ) throws(SiblingError) -> [[Int]] {
    guard case .number(let value, _) = exponent.bare.kind, value >= 1, value <= 20,
      value == value.rounded()
    else {
      throw source.syntaxError(
        "^ takes a whole number from 1 to 20 here", at: exponent.position,
        help: "write I(x^p) to raise a column to a power")
    }
    let terms = try expand(base)
    var result = terms
    for _ in 1..<max(1, Int(value)) {
      try check(result.count * terms.count, at: position)
      var seen: Set<[Int]> = []
      var next: [[Int]] = []
      for x in result {
        for y in terms {
          let term = Set(x).union(y).sorted()
          if seen.insert(term).inserted { next.append(term) }
        }
      }
      if next == result { break }
      result = next
    }
    return result
  }

  /// For each term and variable whether a factor keeps all its levels, by R's rule.
  ///
  /// A factor is coded by contrasts when some earlier term holds all the term's other variables;
  /// without an intercept the first factor keeps all its levels.
  func fullCoding(isFactor: [Bool]) -> [[Bool]] {
    var coding: [[Bool]] = []
    for (place, term) in terms.enumerated() {
      coding.append(
        term.map { variable in
          let rest = Set(term).subtracting([variable])
          if rest.isEmpty { return false }
          return !terms[..<place].contains { rest.isSubset(of: $0) }
        })
    }
    if !hasIntercept {
      search: for (place, term) in terms.enumerated() {
        for (slot, variable) in term.enumerated() where isFactor[variable] {
          coding[place][slot] = true
          break search
        }
      }
    }
    return coding
  }
}
