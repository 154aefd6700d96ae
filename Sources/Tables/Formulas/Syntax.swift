/// A parsed piece of an expression or formula, with its place in the text.
struct Syntax: Sendable, Equatable {
  indirect enum Kind: Sendable, Equatable {
    /// A number, with the way R writes it.
    case number(Double, String)
    case text(String)
    /// TRUE, FALSE or, without a value, NA.
    case logical(Bool?)
    case name(String)
    case prefix(String, Syntax)
    case infix(String, Syntax, Syntax)
    case parenthesis(Syntax)
    case call(String, [Argument])
  }

  struct Argument: Sendable, Equatable {
    var name: String?
    var value: Syntax
  }

  var kind: Kind
  /// The 1-based character at which it starts; for an infix operator, where the operator stands.
  var position: Int
  /// The height of the tree, bounded so that deep text cannot exhaust the stack.
  let depth: Int

  init(_ kind: Kind, at position: Int) {
    self.kind = kind
    self.position = position
    depth =
      1
      + {
        switch kind {
        case .number, .text, .logical, .name: 0
        case .prefix(_, let inner), .parenthesis(let inner): inner.depth
        case .infix(_, let left, let right): max(left.depth, right.depth)
        case .call(_, let arguments): arguments.map(\.value.depth).max() ?? 0
        }
      }()
  }

  /// The columns that are read, in order of their first appearance.
  var columnNames: [String] {
    var seen: Set<String> = []
    var names: [String] = []
    collectNames(&seen, &names)
    return names
  }

  private func collectNames(_ seen: inout Set<String>, _ names: inout [String]) {
    switch kind {
    case .number, .text, .logical: break
    case .name(let name): if seen.insert(name).inserted { names.append(name) }
    case .prefix(_, let inner), .parenthesis(let inner): inner.collectNames(&seen, &names)
    case .infix(_, let left, let right):
      left.collectNames(&seen, &names)
      right.collectNames(&seen, &names)
    case .call(_, let arguments):
      // T and F after a name such as `raw =` are R's truth values, not columns.
      for argument in arguments where argument.name == nil || argument.value.truth == nil {
        argument.value.collectNames(&seen, &names)
      }
    }
  }

  /// The parts that remain when every `is.na(…)` is taken out.
  var withoutMissingness: [Syntax] {
    switch kind {
    case .number, .text, .logical, .name: [self]
    case .prefix(_, let inner), .parenthesis(let inner): inner.withoutMissingness
    case .infix(_, let left, let right): left.withoutMissingness + right.withoutMissingness
    case .call("is.na", _): []
    case .call(_, let arguments): arguments.flatMap(\.value.withoutMissingness)
    }
  }

  /// The truth value that an argument such as `raw = TRUE` or `raw = T` gives.
  var truth: Bool? {
    switch kind {
    case .logical(let value): value
    case .name("T"): true
    case .name("F"): false
    default: nil
    }
  }

  /// The expression inside any parentheses.
  var bare: Syntax {
    if case .parenthesis(let inner) = kind { return inner.bare }
    return self
  }

  /// The value of a number that may have a sign.
  var literalNumber: Double? {
    switch kind {
    case .number(let value, _): value
    case .prefix("-", let inner): inner.literalNumber.map { -$0 }
    case .prefix("+", let inner): inner.literalNumber
    default: nil
    }
  }
}

extension Syntax {
  /// The text as R would write it, which is how terms are named.
  var text: String {
    switch kind {
    case .number(_, let written): return written
    case .text(let string): return Self.quoted(string)
    case .logical(let value): return value.map { $0 ? "TRUE" : "FALSE" } ?? "NA"
    case .name(let name): return Self.symbol(name)
    case .prefix(let sign, let inner): return sign + inner.text
    case .infix(let sign, let left, let right):
      let tight = ["^", ":", "/", "%%", "%/%"].contains(sign)
      return left.text + (tight ? sign : " \(sign) ") + right.text
    case .parenthesis(let inner): return "(\(inner.text))"
    case .call(let name, let arguments):
      let written = arguments.map { argument in
        (argument.name.map { Self.symbol($0) + " = " } ?? "") + argument.value.text
      }
      return name + "(" + written.joined(separator: ", ") + ")"
    }
  }

  /// A name as R writes it: in backticks unless it could stand without.
  static func symbol(_ name: String) -> String {
    let scalars = Array(name.unicodeScalars)
    let reserved = ["TRUE", "FALSE", "NA", "NaN", "Inf", "NULL", "if", "else", "for", "while"]
    guard let first = scalars.first, !reserved.contains(name) else { return "`\(name)`" }
    let dottedNumber = first == "." && scalars.count > 1 && ("0"..."9").contains(scalars[1])
    let plain =
      (first.properties.isAlphabetic || first == ".") && !dottedNumber
      && scalars.allSatisfy { Tokenizer.continuesName($0) }
    return plain ? name : "`\(name)`"
  }

  private static func quoted(_ string: String) -> String {
    var result = "\""
    for character in string.unicodeScalars {
      switch character {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default: result.unicodeScalars.append(character)
      }
    }
    return result + "\""
  }
}
