internal import Glibc
internal import Reporting
internal import Statistics
internal import Tables

/// How far the evidence can be trusted, with its working shown.
enum EvidenceSection: EvaluationSection {
  static let showsEffects = false
  static let place = EvaluationPlace.afterDiagnostics

  static func run(_ run: EvaluationRun, _ tables: inout StudyTables) throws(SiblingError) {
    try countKnown(run, &tables)
    let reader = EvidenceReader(
      study: run.study, gate: run.gate, released: try released(run.study, tables))
    let facts = reader.diagnostics()
    let rating = EvidenceRating(facts)
    try fill(rating, &tables)
    if rating.level != .notRated {
      try fill(MarylandLevel(facts, rating), reader, &tables)
      try fill(
        RobinsI(facts, rating, more(reader), answers: reader.answers), &tables)
    }
    try fill(checklists: reader, &tables)
  }

  /// The tables as they may be shown: a rating is made of these and nothing else.
  ///
  /// - Throws: what disclosure control finds impossible.
  private static func released(
    _ study: StudyFile, _ tables: StudyTables
  ) throws(SiblingError) -> [String: Released<ResultTable>] {
    var disclosure = Disclosure(profile: study.disclosureProfile)
    var found: [String: Released<ResultTable>] = [:]
    for table in try disclosure.release(tables.filled) { found[table.value.name] = table }
    return found
  }

  /// Counts whose outcomes are known, by arm.
  ///
  /// - Throws: what is wrong with the treatment's column, located.
  private static func countKnown(
    _ run: EvaluationRun, _ tables: inout StudyTables
  ) throws(SiblingError) {
    guard let table = run.table, let node = run.study.node["treatment"],
      let column = node["column"]?.text, table[column] != nil
    else { return }
    let factor = try table.factor(column)
    let treated = try StudyData.treatedCode(factor, node, table)
    var counts = ResultTable.outcomesKnown
    for outcome in run.study.outcomeColumns where table[outcome] != nil {
      let isKnown = try table.isComplete([outcome])
      for (arm, isTreated) in [("treated", true), ("comparison", false)] {
        let rows = factor.codes.indices.filter {
          factor.codes[$0] >= 0 && (factor.codes[$0] == treated) == isTreated
        }
        guard !rows.isEmpty else { continue }
        let unknown = rows.count { !isKnown[$0] }
        try counts.append([
          "outcome": .text(outcome), "arm": .text(arm), "n": Cell(rows.count),
          "unknown": unknown > 0 ? Cell(unknown) : .missing,
          "share_unknown": Cell(Double(unknown) / Double(rows.count)),
        ])
      }
    }
    tables.cohort.append(counts)
  }

  private static func fill(
    _ rating: EvidenceRating, _ tables: inout StudyTables
  ) throws(SiblingError) {
    var table = ResultTable.evidence
    if rating.level != .notRated {
      try table.append([
        "domain": "start", "measure": "what the design allows",
        "judgement": .text(rating.start.words), "why": .text(rating.reason),
      ])
    }
    for row in rating.rows {
      try table.append([
        "domain": .text(row.domain.rawValue), "measure": .text(row.measure),
        "value": Cell(row.value.map(rounded)),
        "comparator": Cell(row.comparator.isEmpty ? nil : row.comparator),
        "threshold": Cell(row.threshold), "judgement": .text(row.judgement.rawValue),
        "points": row.judgement == .notApplicable ? .missing : Cell(row.judgement.points),
        "why": .text(row.why),
      ])
    }
    try table.append([
      "domain": "rating", "measure": "confidence in the evidence",
      "judgement": .text(rating.level.words),
      "points": rating.rows.isEmpty
        ? .missing : Cell(rating.rows.map(\.judgement.points).reduce(0, +)),
      "why": .text(rating.working),
    ])
    tables.cohort.append(table)
  }

  /// A value to four significant digits, as it is printed.
  private static func rounded(_ value: Double) -> Double {
    guard value.isFinite, value != 0 else { return value }
    let scale = pow(10, 3 - floor(log10(value.magnitude)))
    let rounded = (value * scale).rounded() / scale
    return rounded.isFinite ? rounded : value
  }

  private static func fill(
    _ maryland: MarylandLevel, _ reader: EvidenceReader, _ tables: inout StudyTables
  ) throws(SiblingError) {
    var table = ResultTable.maryland
    let own = reader.answer("maryland")
    try table.append([
      "scale": "Maryland Scientific Methods Scale", "level": Cell(maryland.level),
      "why": .text(maryland.reason), "to_confirm": .text(maryland.toConfirm),
      "authors_level": Cell(own?["level"]?.text.flatMap { Int($0) }),
      "authors_why": Cell(own?["why"]?.text),
    ])
    tables.cohort.append(table)
  }

  private static func fill(
    _ robins: RobinsI, _ tables: inout StudyTables
  ) throws(SiblingError) {
    var table = ResultTable.robinsI
    for row in robins.rows {
      try table.append([
        "domain": .text(row.domain.words), "judgement": .text(row.risk.rawValue),
        "evidence": .text(row.evidence), "to_judge": .text(row.domain.question),
        "authors_judgement": Cell(row.answer?.risk.rawValue), "authors_why": Cell(row.answer?.why),
      ])
    }
    try table.append([
      "domain": "overall", "judgement": .text(robins.overall.rawValue),
      "evidence": "at least the worst domain, the authors' answers counted where they are graver",
    ])
    tables.cohort.append(table)
  }

  private static func fill(
    checklists reader: EvidenceReader, _ tables: inout StudyTables
  ) throws(SiblingError) {
    var table = ResultTable.checklists
    // TARGET is about comparisons of treatments.
    for list in reader.hasComparison ? [ReportingChecklist.target, .strobe] : [.strobe] {
      for item in list.items {
        let found = ReportingChecklist.find(item, reader)
        try table.append([
          "checklist": .text(list.name), "item": .text(item.number), "topic": .text(item.topic),
          "state": .text(found.state), "where": Cell(found.section),
        ])
      }
    }
    tables.cohort.append(table)
  }

  /// What ROBINS-I asks for beside the rating.
  private static func more(_ reader: EvidenceReader) -> RobinsI.Facts {
    let node = reader.study.node
    var facts = RobinsI.Facts()
    facts.hasTimeZero = node["setting"]?["time-zero"] != nil
    facts.hasCountedInclusion = reader.rows("attrition") != nil
    facts.isTreatmentOnRecord = ["randomised", "policy", "contract"].contains(
      node["assignment"]?["mechanism"]?.text)
    facts.isUnadjusted = node["matching"] == nil && !reader.isChange
    let ends = reader.rows("threshold_hazard", ["arm": "treated"])
    facts.endsAtThreshold = (ends?[0, "conf.low"].number ?? 0) > 1
    return facts
  }
}

extension EvidenceReader {
  /// The authors' answers on ROBINS-I's domains.
  var answers: [RobinsI.Domain: RobinsI.Answer] {
    var found: [RobinsI.Domain: RobinsI.Answer] = [:]
    for domain in RobinsI.Domain.allCases {
      guard let node = answer("robins-i")?[domain.rawValue],
        let risk = node["judgement"]?.text.flatMap({ RobinsI.Risk(rawValue: $0) }),
        let why = node["why"]?.text
      else { continue }
      found[domain] = RobinsI.Answer(risk: risk, why: why)
    }
    return found
  }
}
