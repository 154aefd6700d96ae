internal import Statistics

/// Turns the cells of a statistical package's file into columns, and says what it did.
struct StatisticalAssembly {
  let kind: StatisticalKind
  let options: CSVReader
  let file: String
  let log: StatisticalLog
  var notes: [String] = []
  /// Columns read as the labels of their codes.
  var labelled: [String] = []

  init(kind: StatisticalKind, options: CSVReader, file: String, log: StatisticalLog) {
    self.kind = kind
    self.options = options
    self.file = file
    self.log = log
  }

  /// Says how text was read where the file is not Unicode.
  mutating func noteEncoding(isOldStata: Bool) {
    if isOldStata {
      notes.append(
        "\(file) does not say how its text is stored; it was read as Windows-1252")
    } else if !log.encoding.isEmpty, log.encoding.uppercased() != "UTF-8" {
      notes.append("the text of \(file) was read as \(log.encoding), as the file declares")
    }
  }

  /// The table.
  ///
  /// - Throws: `badCell`, `wrongType`, `unknownColumn`, `duplicateColumn`, `badValue`.
  mutating func table(_ cells: inout StatisticalCells) throws(SiblingError) -> Table {
    try refuseAbsentColumns()
    var columns: [Column] = []
    var labels: [String: [ValueLabel]] = [:]
    var descriptions: [String: String] = [:]
    var reasons: [String: [MissingReason]] = [:]
    for (place, variable) in log.variables.enumerated() {
      guard !variable.name.isEmpty else {
        throw refusal(.badValue, "variable \(place + 1) has no name", nil)
      }
      let own = variable.labelSet.isEmpty ? [] : log.labels[variable.labelSet] ?? []
      if !own.isEmpty { labels[variable.name] = own }
      if !variable.label.isEmpty { descriptions[variable.name] = variable.label }
      if !variable.labelSet.isEmpty, log.labels[variable.labelSet] == nil {
        notes.append("the value labels of '\(variable.name)' are not in \(file)")
      }
      var found = cells.reasons[place] ?? [:]
      let values =
        variable.isText
        ? try text(variable, own, cells.texts(place))
        : try numbers(variable, own, cells.numbers(place), &found)
      columns.append(Column(name: variable.name, values: values))
      if !found.isEmpty { reasons[variable.name] = Self.ordered(found, own) }
    }
    var table: Table
    do throws(SiblingError) {
      table = try Table(columns, source: Table.Source(file: file, lines: []))
    } catch {
      throw error.located(SiblingError.Location(file: file))
    }
    table.valueLabels = labels
    table.variableLabels = descriptions
    table.missingReasons = reasons
    table.notes = notes + summary(reasons)
    return table
  }

  /// An error about a column, or a row of it.
  func refusal(
    _ code: SiblingError.Code, _ message: String, _ column: String?, help: String? = nil,
    row: Int? = nil, cell: String? = nil
  ) -> SiblingError {
    SiblingError(
      code, message, help: help, location: SiblingError.Location(file: file), row: row,
      column: column, cell: cell)
  }

  private func refuseAbsentColumns() throws(SiblingError) {
    let names = log.variables.map(\.name)
    let declared = Set(options.types.keys).union(options.dateFormats.keys).subtracting(names)
    guard let absent = declared.min() else { return }
    throw SiblingError(
      .unknownColumn, "there is no column '\(absent)', for which a type is declared",
      help: "the columns are: " + names.prefix(30).joined(separator: ", "),
      suggestion: nearestName(to: absent, among: names),
      location: SiblingError.Location(file: file), column: absent)
  }

  private static func ordered(
    _ found: [ValueLabel.Value: Int], _ labels: [ValueLabel]
  ) -> [MissingReason] {
    func key(_ value: ValueLabel.Value) -> (Double, String) {
      switch value {
      case .number(let number): (number, "")
      case .text(let text): (0, text)
      case .missing(let letter): (.infinity, String(letter))
      }
    }
    return found.map { value, count in
      MissingReason(
        value: value, label: labels.first { $0.value == value }?.label, count: count)
    }.sorted { key($0.value) < key($1.value) }
  }

  /// What was read as missing or as labels, one sentence each.
  private func summary(_ reasons: [String: [MissingReason]]) -> [String] {
    var sentences: [String] = []
    if !labelled.isEmpty {
      let shown = labelled.prefix(8).joined(separator: ", ")
      let more = labelled.count > 8 ? " and \(labelled.count - 8) more" : ""
      sentences.append(
        "read as the labels of their codes: \(shown)\(more); to have the codes declare a column"
          + " an integer (--types)")
    }
    for variable in log.variables {
      guard let found = reasons[variable.name] else { continue }
      let parts = found.prefix(12).map { reason in
        "\(reason.value.text)\(reason.label.map { " \($0)" } ?? ""): \(reason.count)"
      }
      let more = found.count > 12 ? ", and \(found.count - 12) codes more" : ""
      sentences.append(
        "missing with a reason in '\(variable.name)': " + parts.joined(separator: ", ") + more)
    }
    if let weight = log.weight {
      sentences.append(
        "\(file) was saved with weighting by '\(weight)', which has no effect here; to weight give"
          + " --weights \(weight)")
    }
    return sentences
  }
}
