internal import Statistics
internal import Tables

/// `impute`: completed copies of the data, stacked.
struct ImputeAnalysis: VerbAnalysis {
  var imputation: TableImputation
  var includesOriginal: Bool
  /// The file of the traces; nil for none.
  var traces: String?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption`, located.
  init(formula: String?, options: OptionValues) throws(SiblingError) {
    imputation = try TableImputation(options)
    includesOriginal = try options.flag(.includeOriginal)
    traces = options.text(.imputationTraces)
    guard !imputation.columns.isEmpty else {
      _ = try options.required(.imputedColumns)
      throw options.wrong(.imputedColumns, "takes names of columns")
    }
    let settings = try CommonSettings(options)
    guard settings.weights == nil else {
      throw options.wrong(
        .weights, "takes no effect here: name the weights among --predictors instead")
    }
    guard settings.clusters.isEmpty else {
      throw options.wrong(.cluster, "takes no effect here: name sites with --site")
    }
  }

  /// The stacked rows.
  ///
  /// - Throws: what is wrong with the data, located.
  func run(_ table: Table) throws(SiblingError) -> AnalysisOutput {
    for name in [".imp", ".row"] where table[name] != nil {
      throw SiblingError(
        .duplicateColumn, "the data have a column '\(name)' already: are they imputed copies?",
        help: "impute the data as they were before", location: table.headerLocation(name),
        column: name)
    }
    let copies = try imputation.run(table)
    let numbers = (includesOriginal ? [0] : []) + copies.columns.indices.map { $0 + 1 }
    let count = table.rowCount
    var columns: [Column] = [
      Column(
        name: ".imp",
        values: .integers(numbers.flatMap { [Int](repeating: $0, count: count) })),
      Column(name: ".row", values: .integers(numbers.flatMap { _ in Array(1...max(1, count)) })),
    ]
    for column in table.columns {
      let parts = numbers.map { number in
        number == 0
          ? column : copies.columns[number - 1].first { $0.name == column.name } ?? column
      }
      columns.append(Self.stacked(column.name, parts))
    }
    var notes = copies.gaps + copies.remarks + copies.convergence
    let gaps = table.names.filter { name in
      !imputation.columns.contains(name)
        && (try? table.isComplete([name]).contains(false)) ?? false
    }
    if !gaps.isEmpty {
      notes.append("columns that were not imputed keep their gaps: " + gaps.joined(separator: ", "))
    }
    var output = AnalysisOutput(columns: columns, notes: notes)
    output.hasRowsOfPeople = true
    if let traces {
      output.files.append(
        AnalysisOutput.SideFile(path: traces, columns: Self.columns(copies.traces)))
    }
    return output
  }

  /// A row for each column, copy and iteration.
  private static func columns(_ traces: [ImputationTrace]) -> [Column] {
    var (names, copies, rounds): ([String], [Int], [Int]) = ([], [], [])
    var (means, deviations): ([Double], [Double]) = ([], [])
    for trace in traces {
      for (copy, chain) in trace.means.enumerated() {
        for (round, mean) in chain.enumerated() {
          names.append(trace.variable)
          copies.append(copy + 1)
          rounds.append(round + 1)
          means.append(mean)
          deviations.append(trace.deviations[copy][round])
        }
      }
    }
    return [
      .texts("column", names), .integers(".imp", copies), .integers("iteration", rounds),
      .numbers("mean", means), .numbers("sd", deviations),
    ]
  }

  /// Columns of one name one under another; whole numbers become numbers where a copy has others.
  private static func stacked(_ name: String, _ parts: [Column]) -> Column {
    switch parts[0].values {
    case .text(let first):
      let codes = parts.flatMap { part -> [Int32] in
        if case .text(let factor) = part.values { factor.codes } else { [] }
      }
      return Column(name: name, values: .text(Factor(codes: codes, levels: first.levels)))
    case .dates:
      let days = parts.flatMap { part -> [Int32] in
        if case .dates(let days) = part.values { days } else { [] }
      }
      return Column(name: name, values: .dates(days))
    case .booleans:
      let flags = parts.flatMap { part -> [Int8] in
        if case .booleans(let flags) = part.values { flags } else { [] }
      }
      return Column(name: name, values: .booleans(flags))
    case .integers, .doubles:
      let whole = parts.compactMap { part -> [Int]? in
        if case .integers(let values) = part.values { values } else { nil }
      }
      if whole.count == parts.count {
        return Column(name: name, values: .integers(whole.flatMap { $0 }))
      }
      return Column(name: name, values: .doubles(parts.flatMap { $0.asDoubles ?? [] }))
    }
  }
}
