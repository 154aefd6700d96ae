internal import LinearAlgebra
internal import Statistics

/// Which variables make up each column of a design, and the columns' names.
struct DesignLayout: Sendable {
  /// One column: a term, and for each of its variables which of its columns.
  struct Column: Sendable {
    var term: Int
    var parts: [Part]
  }

  struct Part: Sendable {
    var variable: Int
    var column: Int
    var isFull: Bool
  }

  var columns: [Column] = []
  var names: [String] = []
  var terms: [String] = []

  private static let mostLevels = 1000
  private static let mostColumns = 10_000

  init() {}

  /// Lays out the terms over variables whose levels are known.
  init(
    _ expansion: TermExpansion, _ variables: [DesignVariable?]
  ) throws(SiblingError) {
    terms = expansion.labels
    if expansion.hasIntercept {
      columns.append(Column(term: -1, parts: []))
      names.append("(Intercept)")
    }
    let coding = expansion.fullCoding(isFactor: variables.map { $0?.isFactor ?? false })
    for (index, term) in expansion.terms.enumerated() {
      var parts: [([Part], String)] = [([], "")]
      for (slot, number) in term.enumerated() {
        guard let variable = variables[number] else { continue }
        let full = coding[index][slot]
        try Self.check(variable, full: full, alone: term.count == 1)
        let suffixes = variable.suffixes(full: full)
        try Self.check(parts.count * suffixes.count + columns.count, terms[index], variable)
        var next: [([Part], String)] = []
        // The first variable's columns run fastest.
        for (place, suffix) in suffixes.enumerated() {
          for (before, name) in parts {
            next.append(
              (
                before + [Part(variable: number, column: place, isFull: full)],
                (slot == 0 ? "" : name + ":") + variable.label + suffix
              ))
          }
        }
        parts = next
      }
      for (part, name) in parts {
        columns.append(Column(term: index, parts: part))
        names.append(name)
      }
    }
  }

  private static func check(
    _ variable: DesignVariable, full: Bool, alone: Bool
  ) throws(SiblingError) {
    guard case .codes(_, let levels) = variable.storage else { return }
    let name = variable.syntax.columnNames.first
    if levels.count < 2, !full {
      throw SiblingError(
        .badDesign, "`\(variable.label)` has only one level in the rows used",
        help: "leave it out of the formula, or use rows that differ in it", column: name)
    }
    if levels.count > mostLevels, alone {
      throw SiblingError(
        .badDesign, "`\(variable.label)` has \(levels.count) levels, too many for a design",
        help:
          "absorb it as a fixed effect: write | \(name ?? variable.label) at the formula's end, "
          + "or --absorb; if it holds numbers, see why it was read as text", column: name)
    }
  }

  private static func check(
    _ count: Int, _ term: String, _ variable: DesignVariable
  ) throws(SiblingError) {
    if count > mostColumns {
      throw SiblingError(
        .badDesign, "`\(term)` makes the design more than \(mostColumns) columns wide",
        help: "absorb factors with many levels as fixed effects: | firm + year",
        column: variable.syntax.columnNames.first)
    }
  }

  /// The design over the rows used.
  func design(_ variables: [DesignVariable?], rows: [Int], of count: Int) -> DesignMatrix {
    let n = rows.count
    let storage = [Double](unsafeUninitializedCapacity: n * columns.count) { output, initialized in
      nonisolated(unsafe) let output = output
      Parallel.forBlocks(columns.count) { column in
        fill(
          UnsafeMutableBufferPointer(rebasing: output[(column * n)..<((column + 1) * n)]), column,
          variables, rows: rows, of: count)
      }
      initialized = n * columns.count
    }
    return DesignMatrix(
      matrix: Matrix(rows: n, columns: columns.count, storage: storage), names: names,
      assignment: columns.map(\.term), terms: terms)
  }

  /// A design whose columns with stale variables are written anew.
  func updating(
    _ design: DesignMatrix, _ variables: [DesignVariable?], _ isStale: [Bool], rows: [Int],
    of count: Int
  ) -> DesignMatrix {
    var result = design
    let n = rows.count
    result.matrix.storage.withUnsafeMutableBufferPointer { output in
      for (index, column) in columns.enumerated()
      where column.parts.contains(where: { isStale[$0.variable] }) {
        fill(
          UnsafeMutableBufferPointer(rebasing: output[(index * n)..<((index + 1) * n)]), index,
          variables, rows: rows, of: count)
      }
    }
    return result
  }

  private func fill(
    _ output: UnsafeMutableBufferPointer<Double>, _ index: Int, _ variables: [DesignVariable?],
    rows: [Int], of count: Int
  ) {
    let parts = columns[index].parts
    if parts.isEmpty { for i in output.indices { output[i] = 1 } }
    for (slot, part) in parts.enumerated() {
      variables[part.variable]?.fill(
        output, column: part.column, full: part.isFull, rows: rows, of: count,
        multiplying: slot > 0)
    }
  }
}
