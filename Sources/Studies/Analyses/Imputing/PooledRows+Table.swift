internal import Statistics
internal import Tables

// The pooled table: columns that are made anew, columns that are carried, and what is said.

extension PooledRows {
  func finish(
    _ first: AnalysisOutput, _ outputs: [AnalysisOutput], _ aligned: Aligned, _ result: Result,
    _ notes: inout Notes
  ) -> AnalysisOutput {
    var output = first
    output.columns = first.columns.map { column in
      if let cells = result.cells[column.name] { return .numbers(column.name, cells) }
      return other(column, aligned, result.isPooled, &notes)
    }
    if !first.columns.contains(where: { $0.name == "df" }) {
      output.columns.append(.numbers("df", result.cells["df"] ?? []))
    }
    output.columns.append(.numbers("fmi", result.fraction))
    output.columns.append(
      .integers("imputations", result.isPooled.map { $0 ? outputs.count : nil }))
    output.people = [:]
    for name in first.people.keys {
      output.people[name] = aligned.rows.map { places in
        zip(outputs, places).compactMap { $0.people[name]?[$1] }.min() ?? 0
      }
    }
    output.notes = words(outputs, aligned, result, notes)
    return output
  }

  /// A column that is not pooled: its value where copies agree, the fewest of numbers of people.
  private func other(
    _ column: Column, _ aligned: Aligned, _ isPooled: [Bool], _ notes: inout Notes
  ) -> Column {
    let copies = aligned.outputs.map { output in
      output.columns.first { $0.name == column.name } ?? column
    }
    switch column.values {
    case .integers, .doubles:
      let numbers = copies.map { $0.asDoubles ?? [] }
      let isCount = Self.isCount(column.name)
      var differs = false
      let cells: [Double?] = aligned.rows.map { places in
        let values = zip(numbers, places).map { $0[$1] }
        if values.allSatisfy({ $0 == values[0] }) { return values[0] }
        guard values.contains(where: \.isFinite) else { return nil }
        differs = true
        return isCount ? values.filter(\.isFinite).min() : nil
      }
      if differs, isCount { notes.fewest.append(column.name) }
      if differs, !isCount { notes.blank.append(column.name) }
      if case .integers = column.values {
        return .integers(column.name, cells.map { $0.flatMap { $0.isFinite ? Int($0) : nil } })
      }
      return .numbers(column.name, cells)
    case .text, .dates, .booleans:
      let texts = copies.map(\.asStrings)
      var differs = false
      let cells: [String?] = aligned.rows.enumerated().map { row, places in
        let values = zip(texts, places).map { $0[$1] }
        guard values.allSatisfy({ $0 == values[0] }) else {
          differs = true
          return nil
        }
        return column.name == "se_type" && isPooled[row]
          ? values[0].map { Self.pooledConvention($0, copies.count) } : values[0]
      }
      if differs { notes.blank.append(column.name) }
      if case .text = column.values { return .texts(column.name, cells) }
      return column.selecting(aligned.rows.map { $0[0] })
    }
  }

  /// Numbers of people, as the contract names them.
  private static func isCount(_ name: String) -> Bool {
    name == "n" || name == "nevent" || name.hasPrefix("n_") || name.hasPrefix("events_")
  }

  /// The words of a standard error's convention, which after pooling is judged by t.
  private static func pooledConvention(_ words: String, _ count: Int) -> String {
    var words = words
    if words == "z" || words.hasSuffix(", z") { words = words.dropLast() + "t" }
    return words + "; Rubin, m=\(count)"
  }

  private func words(
    _ outputs: [AnalysisOutput], _ aligned: Aligned, _ result: Result, _ notes: Notes
  ) -> [String] {
    var said: [String] = []
    var seen: Set<String> = []
    // Copies say much the same. What differs in its numbers is said of the first that says it.
    for (output, copy) in zip(outputs, aligned.levels) {
      for note in output.notes where seen.insert(note.filter { !$0.isNumber }).inserted {
        let isCommon = outputs.allSatisfy { $0.notes.contains(note) }
        said.append(isCommon ? note : "imputation \(copy): \(note)")
      }
    }
    let known = result.fraction.filter(\.isFinite)
    if let most = known.max(), let least = known.min() {
      let range = [least, most].map { NumberText.significant($0, digits: 3) }
      said.append(
        "pooled over \(outputs.count) imputations by Rubin's rules; fraction of missing information "
          + (range[0] == range[1] ? range[0] : "\(range[0]) to \(range[1])"))
      let needed = Int((100 * most).rounded(.up))
      if needed > outputs.count {
        said.append(
          "with so much missing about \(needed) imputations would make the estimates reproducible")
      }
    }
    if Self.verbsOfCurves[verb] != nil {
      said.append(
        "probabilities are pooled on the complementary log-log scale (Marshall et al. 2009)")
    }
    if notes.withoutError > 0 {
      said.append(
        "\(notes.withoutError) row\(notes.withoutError == 1 ? " has" : "s have") no standard error in"
          + " every copy and can't be pooled: left blank")
    }
    if aligned.missing > 0 {
      said.append(
        "\(aligned.missing) row\(aligned.missing == 1 ? " is" : "s are") not in every copy and left"
          + " out")
    }
    if notes.otherIntervals {
      said.append(
        "in single copies intervals are not the estimate with a multiple of its standard error;"
          + " pooled ones are, pointwise and by t")
    }
    if !notes.blank.isEmpty {
      said.append(
        "differs between copies and can't be pooled: " + notes.blank.joined(separator: ", "))
    }
    if !notes.fewest.isEmpty {
      said.append("the fewest of any copy: " + notes.fewest.joined(separator: ", "))
    }
    return said
  }
}
