internal import Reporting
internal import Statistics

// The section on confidence in the evidence: the rating, two other scales, and what the authors add.

extension EvidenceSection {
  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table("evidence") else { return }
    report.section("Confidence in the evidence")
    report.document.paragraph(report.confidence)
    if table.value.rows.count > 1 {
      let start = table.value[0, "judgement"].plainText
      let why = table.value[0, "why"].plainText
      report.document.paragraph("The design lets it start at **\(start)**: \(why).")
      report.document.paragraph(
        "Three points cost one level: a serious concern has three, some concern one, and what nobody looked at one. Where anything was not looked at the rating is at most moderate. So a worse finding never raises it, and looking less does not help."
      )
      report.document.table(
        table, caption: "The rating, domain by domain.",
        columns: [
          .init("domain", "Domain"), .init("measure", "What was looked at"),
          .init("value", "Value", .significant(4)), .init("comparator", "Must be"),
          .init("threshold", "Threshold", .significant(8)), .init("judgement", "Judgement"),
          .init("points", "Points", .integer), .init("why", "Why"),
        ])
    } else {
      report.document.table(
        table, caption: "The rating.",
        columns: [
          .init("domain", "Domain"), .init("judgement", "Judgement"), .init("why", "Why"),
        ])
    }
    known(&report)
    try maryland(&report)
    robins(&report)
    answers(&report)
  }

  private static func known(_ report: inout Report) {
    guard let table = report.context.table("outcomes_known") else { return }
    var labels: [String: String] = [:]
    for outcome in report.context.outcomes { labels[outcome.name] = capitalised(outcome.label) }
    report.document.heading(3, "Whose outcome is known")
    report.document.table(
      table,
      caption:
        "Those who are analysed, or units in periods, by outcome and group; blank where every outcome is known.",
      columns: [
        .init("outcome", "Outcome", names: labels),
        .init("arm", "Group", names: report.context.armNames), .init("n", "Analysed", .integer),
        .init("unknown", "Unknown", .integer), .init("share_unknown", "Share", .percent(1)),
      ])
  }

  private static func maryland(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table("maryland") else { return }
    report.document.heading(3, "Maryland Scientific Methods Scale")
    let level = try table.cell(row: 0, "level")
    report.document.paragraph(
      "A **candidate** level by the design alone, \(level, .integer) on a scale from one to five: \(table.value[0, "why"].plainText). A person who knows the study must confirm it: \(table.value[0, "to_confirm"].plainText)."
    )
    report.document.table(
      table, caption: "The candidate level.",
      columns: [
        .init("scale", "Scale"), .init("level", "Candidate level", .integer),
        .init("authors_level", "The authors' level", .integer),
        .init("authors_why", "The authors' reason"),
      ])
  }

  private static func robins(_ report: inout Report) {
    guard let table = report.context.table("robins_i") else { return }
    report.document.heading(3, "Risk of bias by ROBINS-I")
    report.document.paragraph(
      "What this run can see of the seven domains, and what the authors judge. \"No information\" is no all-clear: a person must still judge it."
    )
    if report.context.isRandomised {
      report.document.paragraph(
        "ROBINS-I is for studies without random assignment. Chance decided here, so that the Cochrane tool for trials is the one to fill in."
      )
    }
    report.document.table(
      table, caption: "Risk of bias, domain by domain.",
      columns: [
        .init("domain", "Domain", names: ["overall": "Overall"]), .init("judgement", "This run"),
        .init("evidence", "Its evidence"), .init("to_judge", "A person must judge"),
        .init("authors_judgement", "The authors"), .init("authors_why", "The authors' reason"),
      ])
  }

  /// Texts of the section `evidence` with what they are about.
  private static let texts: [(key: String, name: String)] = [
    ("background", "Background"), ("rationale", "Why a trial is emulated"),
    ("design-choice", "Why this comparison"), ("data-source", "Where the data come from"),
    ("measurement", "How outcomes were recorded"), ("study-size", "How the size came about"),
    ("interpretation", "Interpretation"), ("generalisability", "To whom else it may apply"),
    ("ethics", "Ethics"), ("registered", "Registration"), ("sharing", "Data and code"),
    ("funding", "Funding"), ("conflicts", "Conflicts of interest"),
    ("patient-involvement", "People concerned"),
  ]

  private static func answers(_ report: inout Report) {
    let node = report.context.study.node["evidence"]
    let items = texts.compactMap { entry -> Prose? in
      node?[entry.key]?.text.map { "**\(entry.name).** \(sentence($0))" }
    }
    guard !items.isEmpty else { return }
    report.document.heading(3, "What the authors add")
    report.document.list(items)
  }

  static func methods(_ report: Report) -> [Prose] {
    guard let table = report.context.table("evidence"), table.value.rows.count > 1 else {
      return []
    }
    return [
      "**Confidence in the evidence.** The words are GRADE's (Guyatt and others 2008, doi:10.1136/bmj.39489.470347.AD), the rule is this software's own and stands in the section. Chance starts high; changes against changes start moderate; like against like starts moderate for people and low for whole sites. Thresholds: clusters (Cameron and Miller 2015, doi:10.3368/jhr.50.2.317); unknown outcomes (What Works Clearinghouse, Standards Handbook 4.1, 2020; Deke and Chiang 2017, doi:10.1177/0193841X16670047); balance (Austin 2009, doi:10.1002/sim.3697); hidden bias (VanderWeele and Ding 2017, doi:10.7326/M16-2607; Rambachan and Roth 2023, doi:10.1093/restud/rdad018; that an E-value of two gives no concern is a convention of ours); passing a test of trends before proves little (Roth 2022, doi:10.1257/aeri.20210236).",
      "**Other scales.** Risk of bias: ROBINS-I (Sterne and others 2016, doi:10.1136/bmj.i4919). Levels: Farrington, Gottfredson, Sherman and Welsh (2002, in Evidence-Based Crime Prevention), as the What Works Centre for Local Economic Growth scores them (2016). Checklists: TARGET (Cashin and others 2025, doi:10.1001/jama.2025.13350) and STROBE (von Elm and others 2007, doi:10.1371/journal.pmed.0040296).",
    ]
  }

  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)? {
    guard report.context.study.node["data"] != nil, report.context.study.node["evidence"] == nil
    else { return nil }
    return (
      "What only the authors know of the evidence",
      "funding, registration and judgements of bias, in an `evidence` section"
    )
  }
}
