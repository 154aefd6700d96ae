internal import Reporting
internal import Statistics

/// What one phase of a run added to its tables, to be kept and added again.
struct TablePart: Codable {
  private var slots: [String: ResultTable] = [:]
  private var optional: [String: ResultTable] = [:]
  private var cohort: [ResultTable] = []
  private var further: [ResultTable] = []
  private var hiddenBiasRemarks: [String] = []
  private var notes: [String: [String: [String]]] = [:]

  /// The tables that a phase filled, begun with none.
  init(_ tables: StudyTables) {
    for (name, path) in StudyTables.slots where !tables[keyPath: path].rows.isEmpty {
      slots[name] = tables[keyPath: path]
    }
    for (name, path) in StudyTables.optionalSlots { optional[name] = tables[keyPath: path] }
    (cohort, further) = (tables.cohort, tables.further)
    hiddenBiasRemarks = tables.hiddenBiasRemarks
    for (name, path) in StudyTables.noteSlots where !tables[keyPath: path].isEmpty {
      notes[name] = tables[keyPath: path]
    }
  }

  /// What a section that reads the other tables added to those about the cohort; nil when it touched
  /// anything else, which is not kept.
  init?(from before: StudyTables, to after: StudyTables) {
    let isSame =
      StudyTables.slots.allSatisfy {
        before[keyPath: $0.path].rows.count == after[keyPath: $0.path].rows.count
      }
      && StudyTables.optionalSlots.allSatisfy {
        before[keyPath: $0.path] == after[keyPath: $0.path]
      }
      && before.further == after.further && before.hiddenBiasRemarks == after.hiddenBiasRemarks
      && after.cohort.count >= before.cohort.count
      && StudyTables.noteSlots.allSatisfy {
        $0.name == "cohortNotes" || before[keyPath: $0.path] == after[keyPath: $0.path]
      }
    let added = after.cohort.dropFirst(before.cohort.count)
    guard isSame, Array(after.cohort.prefix(before.cohort.count)) == before.cohort else {
      return nil
    }
    cohort = Array(added)
    notes["cohortNotes"] = after.cohortNotes.filter { before.cohortNotes[$0.key] != $0.value }
  }

  /// Adds the part to the tables of a run, behind what is there.
  ///
  /// - Throws: `internalError` when a table has other columns.
  func add(to tables: inout StudyTables) throws(SiblingError) {
    for (name, path) in StudyTables.slots {
      if let rows = slots[name] { try tables[keyPath: path].append(rowsOf: rows) }
    }
    for (name, path) in StudyTables.optionalSlots {
      if let table = optional[name] { tables[keyPath: path] = table }
    }
    tables.cohort += cohort
    tables.further += further
    tables.hiddenBiasRemarks += hiddenBiasRemarks
    for (name, path) in StudyTables.noteSlots {
      for (key, lines) in notes[name] ?? [:] {
        // Several phases may have something to say of one survival analysis.
        let before = name == "survivalNotes" ? tables[keyPath: path][key] ?? [] : []
        tables[keyPath: path][key] = before + lines
      }
    }
  }
}

extension StudyTables {
  /// Every table that is always there, by name; a test holds that none is forgotten.
  static var slots: [(name: String, path: WritableKeyPath<StudyTables, ResultTable>)] {
    [
      ("attrition", \.attrition), ("diagnostics", \.diagnostics), ("balance", \.balance),
      ("overlap", \.overlap), ("quantiles", \.quantiles), ("densities", \.densities),
      ("estimates", \.estimates), ("sensitivity", \.sensitivity), ("hiddenBias", \.hiddenBias),
      ("hiddenBiasContour", \.hiddenBiasContour), ("survival", \.survival),
      ("eventStudy", \.eventStudy), ("groupTime", \.groupTime),
      ("decomposition", \.decomposition), ("fewClusters", \.fewClusters),
      ("trendBounds", \.trendBounds), ("synthetic", \.synthetic),
      ("syntheticWeights", \.syntheticWeights), ("series", \.series),
      ("performance", \.performance), ("payments", \.payments), ("incidence", \.incidence),
      ("states", \.states), ("models", \.models), ("modelComparison", \.modelComparison),
      ("schoenfeld", \.schoenfeld),
    ]
  }

  /// Every table that may be absent.
  static var optionalSlots: [(name: String, path: WritableKeyPath<StudyTables, ResultTable?>)] {
    [
      ("conversions", \.conversions), ("paymentTotals", \.paymentTotals), ("cells", \.cells),
    ]
  }

  /// Every collection of notes.
  static var noteSlots: [(name: String, path: WritableKeyPath<StudyTables, [String: [String]]>)] {
    [
      ("fewClusterNotes", \.fewClusterNotes), ("survivalNotes", \.survivalNotes),
      ("furtherNotes", \.furtherNotes), ("cohortNotes", \.cohortNotes),
    ]
  }
}
