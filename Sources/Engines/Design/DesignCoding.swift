internal import LinearAlgebra
internal import Statistics
internal import Tables

/// One number that tells which levels a row's columns of text have, and with them the columns of a design that
/// are made of text alone.
///
/// Where the combinations of levels are few beside the rows, sums by code take the place of sums of products:
/// a design of twenty indicators and four numbers needs twenty-one sums for each code instead of three
/// hundred and fifty for each row.
struct DesignCoding {
  /// A column of text as a digit of the code: 0 for a level that no column of the design asks for.
  private struct Digit {
    let column: String
    let levels: [String]
    let step: Double
  }

  /// The columns of the design as the source gives them.
  let columns: [RowExpression]
  private let digits: [Digit]
  /// The columns that the code tells, by position, and the others.
  let coded: [Int]
  let single: [Int]

  /// The most codes of a design.
  static let most = 50_000.0
  /// The fewest rows for each code.
  static let fewestRows = 16.0

  /// A code for columns over a source's columns; nil where it would not save most of the sums.
  init?(_ columns: [RowExpression], rows: Int, arms: Int = 1) {
    var told: [(columns: Set<String>, place: Int)] = []
    var levels: [String: [String]] = [:]
    for (place, column) in columns.enumerated() {
      guard let leaves = Self.textLeaves(column) else { continue }
      told.append((Set(leaves.map(\.column)), place))
      for leaf in leaves where !levels[leaf.column, default: []].contains(leaf.level) {
        levels[leaf.column, default: []].append(leaf.level)
      }
    }
    let sizes = levels.mapValues { Double($0.count + 1) }
    let limit = min(Self.most, Double(rows) / Self.fewestRows / Double(arms))
    let chosen = Self.best(told.map(\.columns), sizes, limit)
    guard !chosen.isEmpty else { return nil }
    var step = 1.0
    var digits: [Digit] = []
    for column in chosen.sorted() {
      digits.append(Digit(column: column, levels: levels[column] ?? [], step: step))
      step *= sizes[column] ?? 1
    }
    self.init(columns, digits)
    func products(_ count: Int) -> Int { count * (count + 1) / 2 }
    guard products(columns.count) >= 3 * products(single.count + 1), columns.count > 6 else {
      return nil
    }
  }

  private init(_ columns: [RowExpression], _ digits: [Digit]) {
    self.columns = columns
    self.digits = digits
    let known = Set(digits.map(\.column))
    coded = columns.indices.filter { place in
      Self.textLeaves(columns[place])?.allSatisfy { known.contains($0.column) } ?? false
    }
    let told = Set(coded)
    single = columns.indices.filter { !told.contains($0) }
  }

  /// The same code for some of the columns.
  func selecting(_ kept: [Int]) -> DesignCoding { DesignCoding(kept.map { columns[$0] }, digits) }

  /// The code of a row, over the source's columns.
  var code: RowExpression {
    .sum(
      digits.flatMap { digit in
        digit.levels.enumerated().map { place, level in
          .constant(digit.step * Double(place + 1)) * .level(level, of: digit.column)
        }
      })
  }

  /// The values of the columns in ``coded`` at each code.
  ///
  /// - Throws: never for codes that ``code`` gave.
  func values(at codes: [Double]) throws(SiblingError) -> Matrix {
    let table = try Table(
      digits.map { digit in
        let size = digit.levels.count + 1
        let found = codes.map { code -> Int32 in
          guard code.isFinite else { return -1 }
          let level = Int((code / digit.step).rounded(.down)) % size
          return Int32(level == 0 ? digit.levels.count : level - 1)
        }
        // No level of a source ends with a code point that no text has.
        let levels = digit.levels + [(digit.levels.max() ?? "") + "\u{0}"]
        return Column(name: digit.column, values: .text(Factor(codes: found, levels: levels)))
      })
    let evaluator = BlockEvaluator(table, 0..<codes.count)
    return Matrix(columns: coded.map { evaluator.evaluate(columns[$0]) })
  }

  /// The levels of text that an expression asks for; nil where it asks for anything else.
  private static func textLeaves(
    _ expression: RowExpression
  ) -> [(column: String, level: String)]? {
    switch expression {
    case .level(let level, let column): return [(column, level)]
    case .constant: return []
    case .column, .name, .missing, .isAbsent: return nil
    default:
      var leaves: [(column: String, level: String)] = []
      for part in expression.parts {
        guard let own = textLeaves(part) else { return nil }
        leaves += own
      }
      return leaves
    }
  }

  /// The columns of text that tell the most columns of the design with no more codes than allowed.
  private static func best(
    _ told: [Set<String>], _ sizes: [String: Double], _ limit: Double
  ) -> Set<String> {
    var names = sizes.keys.sorted { (sizes[$0] ?? 0, $0) < (sizes[$1] ?? 0, $1) }
    names.removeAll { sizes[$0] ?? 0 > limit }
    func codes(_ names: Set<String>) -> Double { names.reduce(1) { $0 * (sizes[$1] ?? 1) } }
    if codes(Set(names)) <= limit { return Set(names) }
    guard names.count <= 12 else {
      // Too many for every choice to be looked at: small ones first.
      var chosen: Set<String> = []
      for name in names where codes(chosen.union([name])) <= limit { chosen.insert(name) }
      return chosen
    }
    var best: (told: Int, codes: Double, names: Set<String>) = (0, 1, [])
    for choice in 0..<(1 << names.count) {
      let own = Set(names.indices.filter { choice >> $0 & 1 == 1 }.map { names[$0] })
      let size = codes(own)
      guard size <= limit else { continue }
      let count = told.count { $0.isSubset(of: own) }
      if count > best.told || count == best.told && size < best.codes {
        best = (count, size, own)
      }
    }
    return best.names
  }
}
