internal import Contracts
internal import Reporting
internal import Statistics
internal import Tables

/// The notes of a run, whose numbers stand in a result file like all others.
enum StudyNotes {
  /// Notes as they may be shown: under a profile with thresholds their numbers are masked.
  static func shown(_ notes: [String: [String]], _ study: StudyFile) -> [String: [String]] {
    notes.mapValues { $0.map { shown($0, study) } }
  }

  /// A note as it may be shown.
  static func shown(_ note: String, _ study: StudyFile) -> String {
    study.disclosure == "none" ? note : AnalysisOutput.masked(note)
  }

  /// What the arms of a curve, such as `fin=yes`, are called, by the declared treatment column.
  static func armLabels(_ arms: [String], _ study: StudyNode) -> [String: String] {
    let treatment = study["treatment"]
    guard let column = treatment?["column"]?.text else { return [:] }
    var names: [String: String] = [:]
    let treated = treatment?["treated"]?.text
    for arm in Set(arms) where arm.hasPrefix("\(column)=") {
      names[arm] = capitalised(
        String(arm.dropFirst(column.count + 1)) == treated
          ? treatment?["label"]?.text ?? "the treated"
          : treatment?["comparison-label"]?.text ?? "the comparison group")
    }
    return names
  }

  /// A sentence with what the study calls its arms; the longest name first, as one may begin
  /// another.
  static func named(_ sentence: String, _ arms: [String: String]) -> String {
    let order = arms.sorted {
      ($1.key.utf8.count, $0.key) < ($0.key.utf8.count, $1.key)
    }
    return order.reduce(sentence) { text, arm in
      text.replacing(arm.key, with: arm.value.prefix(1).lowercased() + arm.value.dropFirst())
    }
  }

  /// The table of the numbers in notes.
  static func numbers(
    _ state: StudyRun.State, _ performance: PerformancePhase, _ study: StudyFile
  ) throws(SiblingError) -> [ResultTable] {
    func inOrder(_ notes: [String: [String]]) -> [String] {
      notes.keys.sorted().flatMap { notes[$0] ?? [] }
    }
    let tables = state.tables
    let arms = armLabels(tables.survival.cells("arm").compactMap(\.text), study.node)
    let notes =
      state.gate.checks.map(\.detail) + [state.gate.reason]
      + state.findings.map { shown($0, study) }
      + inOrder(shown(tables.cohortNotes, study)) + inOrder(tables.furtherNotes)
      + inOrder(tables.survivalNotes).map { named($0, arms) } + inOrder(tables.fewClusterNotes)
      + [checksInWords(state.gate)]
      + tables.hiddenBiasRemarks + (state.panel?.notes ?? [])
      + performance.anomalies.map(\.sentence) + [state.design?.design.words].compactMap { $0 }
      + [state.design?.sample.population].compactMap { $0 }.map { shown($0, study) }
      .flatMap { [$0, among($0)] }
    var table = ResultTable.notes
    for note in notes { table.append(numbersOf: note) }
    return try ([table] + [importantDifferences(study)]).filter { !$0.rows.isEmpty }
  }
}

extension StudyNotes {
  /// The part of a population's words that reports quote.
  private static func among(_ population: String) -> String {
    population.firstRange(of: "among ").map { String(population[$0.lowerBound...]) } ?? ""
  }

  /// How many of the gate's checks came out in which way.
  private static func checksInWords(_ gate: Gate) -> String {
    func count(_ status: Gate.Status) -> Int { gate.checks.count { $0.status == status } }
    return
      "\(count(.pass)) passed, \(count(.warn)) gave a warning, \(count(.fail)) failed and "
      + "\(count(.notEvaluated)) were not evaluated"
  }
}

extension StudyNotes {
  /// The smallest differences that matter, as the study names them.
  ///
  /// - Throws: `badValue` for one that is not above nought.
  static func importantDifferences(_ study: StudyFile) throws(SiblingError) -> ResultTable {
    var table = ResultTable.importantDifferences
    for node in study.node["outcomes"]?.elements ?? [] {
      guard let important = node["important"] else { continue }
      guard let size = important.text.flatMap({ Double($0) }), size > 0, size.isFinite else {
        throw SiblingError(
          .badValue, "'important' takes a number above 0",
          help: "say how large a difference matters, whichever direction is better",
          location: important.location)
      }
      try table.append(["outcome": Cell(node["name"]?.text), "important": .number(size)])
    }
    return table
  }
}

extension StudyFile {
  /// The texts of the study file by their keys, such as `outcomes[0].label`.
  var quotedTexts: [OriginText] {
    var texts: [OriginText] = []
    func walk(_ node: StudyNode, _ key: String) {
      if node.isMapping {
        for child in node.keys {
          if let value = node[child.name] {
            walk(value, key.isEmpty ? child.name : "\(key).\(child.name)")
          }
          // A key may be a name, such as that of a covariate.
          texts.append(
            OriginText(
              kind: .study, file: file(of: path), rowKey: key.isEmpty ? child.name : key,
              text: child.name))
        }
      } else if node.isList {
        for (index, value) in node.elements.enumerated() { walk(value, "\(key)[\(index)]") }
        // A list as an option of a command.
        let joined = node.elements.compactMap(\.text).joined(separator: ",")
        texts.append(OriginText(kind: .study, file: file(of: path), rowKey: key, text: joined))
      } else if let text = node.text {
        // A text over several lines is one line in the report.
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        for text in Set([text, line]).sorted() {
          texts.append(
            OriginText(kind: .study, file: file(of: path), rowKey: key, text: text))
        }
      }
    }
    walk(node, "")
    // The level of intervals, and that of tests which goes with it.
    let isGiven = node["level"] != nil
    for text in [
      NumberText.significant(1 - level, digits: 3),
      NumberText.significant(100 * level, digits: 3) + "%",
    ] {
      texts.append(
        OriginText(
          kind: isGiven ? .study : .constant, file: isGiven ? file(of: path) : "",
          rowKey: "level", text: text))
    }
    return texts
  }

  private func file(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}

extension Manifest {
  /// The values of the manifest that reports quote.
  var quotedTexts: [OriginText] {
    [
      OriginText(
        kind: .manifest, file: "manifest.json", rowKey: "version", text: "Version \(version)"),
      OriginText(kind: .manifest, file: "manifest.json", rowKey: "version", text: version),
      OriginText(
        kind: .manifest, file: "manifest.json", rowKey: "seed", text: seed.map { "\($0)" } ?? ""),
      OriginText(
        kind: .manifest, file: "manifest.json", rowKey: "blas_kernel", text: kernel ?? ""),
    ]
  }
}
