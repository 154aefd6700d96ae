internal import Reporting
internal import Statistics

// Caps, outcomes that nobody claimed, payers' sums and the terms; then what other pages take of it.

extension PaymentsSection {
  static func caps(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table("contract_caps") else { return }
    report.document.heading(3, "Caps")
    let reached = table.value.rows.indices.filter { (table.value[$0, "cut"].number ?? 0) > 0 }
    if reached.isEmpty {
      report.document.paragraph(
        table.value.isSuppressed(anywhereIn: "cut")
          ? "Where it may be said, no cap cut a claim." : "No cap cut a claim.")
    }
    let names = PaymentWords.contracts(report.context)
    for row in reached {
      let payer = table.value[row, "payer"].plainText
      let contract = table.value[row, "contract"].plainText
      let whose = payer == "all" ? "all payers together" : PaymentWords.payer(payer)
      let which = contract == "all" ? "all contracts together" : names[contract] ?? contract
      report.document.paragraph(
        "**The cap of \(whose) for \(which)** (\(try table.cell(row: row, "limit"), .pounds(2))) first cut a claim in the quarter to \(table.value[row, "reached"].plainText); in all it cut off \(try table.cell(row: row, "cut"), .pounds(2))."
      )
    }
    report.document.table(
      table,
      caption:
        "Every cap with what was to be paid under it. A cap with days holds for the outcomes of those days alone, so that a contract with several versions has a row for each.",
      columns: [
        .init("payer", "Payer", names: PaymentWords.payerNames),
        .init("contract", "Contract", names: names), .init("from", "From"), .init("to", "To"),
        .init("limit", "Limit", .pounds(2)), .init("used", "Used", .pounds(2)),
        .init("left", "Left", .pounds(2)), .init("cut", "Cut off", .pounds(2)),
      ])
  }

  static func unclaimed(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table("contract_unclaimed") else { return }
    report.document.heading(3, "Outcomes that nobody claimed")
    report.document.paragraph(
      "The records hold engagements, first jobs, and first jobs that certainly lasted, of clients for whom there is no claim of that kind. Priced before caps; the latest may still have been claimed after the data were cut."
    )
    report.document.table(
      table, caption: "Outcomes in the records without a claim.",
      columns: [
        .init("contract", "Contract", names: PaymentWords.contracts(report.context)),
        .init("outcome", "Outcome", names: PaymentWords.outcomeNames),
        .init("meaning", "What the contract says"), .init("n_outcomes", "Outcomes", .integer),
        .init("due", "Due", .pounds(2)),
      ])
  }

  static func payments(_ report: inout Report, _ names: [String: String]) {
    guard let table = report.context.rows("contract_payments", where: ["quarter": "all"]) else {
      return
    }
    report.document.heading(3, "By payer and outcome")
    report.document.table(
      table, caption: "Sums over all quarters; the file has every quarter.",
      columns: [
        .init("contract", "Contract", names: names),
        .init("outcome", "Outcome", names: PaymentWords.outcomeNames),
        .init("payer", "Payer", names: PaymentWords.payerNames),
        .init("n_claims", "Claims", .integer), .init("due", "Due", .pounds(2)),
        .init("unfunded", "Cut off", .pounds(2)), .init("expected", "To be paid", .pounds(2)),
        .init("paid", "Paid", .pounds(2)),
        .init("difference", "Difference", NumberStyle.pounds(2).signed),
      ])
  }

  static func terms(_ report: inout Report, _ names: [String: String]) {
    guard let table = report.context.table("contract_terms") else { return }
    report.document.heading(3, "The contracts' terms")
    report.document.table(
      table, caption: "The versions of the contracts as they were replayed.",
      columns: [
        .init("contract", "Contract", names: names),
        .init("site", "Site", names: FlowWords(report.context.study).names),
        .init("version", "Version"),
        .init("from", "From"), .init("to", "To"), .init("reason", "Why it changed"),
        .init("block", "Block a year", .pounds()), .init("outcome_cap", "Outcome cap", .pounds()),
        .init("prices", "Prices"), .init("payers", "Payers"),
      ])
  }

  static func headline(
    _ report: Report
  ) throws(SiblingError) -> (title: Prose, paragraphs: [Prose])? {
    guard let totals = report.context.table("contract_totals") else { return nil }
    return (
      "What the contracts should have paid",
      try sums(totals, report) + [
        "This is the contracts' arithmetic. It can't say what would have happened without them."
      ]
    )
  }

  /// A line for the first page where what was paid is far from what should have been.
  static func warnings(_ report: Report) -> [Prose] {
    guard let totals = report.context.table("contract_totals"),
      let row = totals.value.firstRow(where: ["contract": "all"]),
      let share = totals.value[row, "difference_share"].number, share.magnitude > 0.01,
      let cell = try? totals.cell(row: row, "difference"),
      let part = try? totals.cell(row: row, "difference_share")
    else { return [] }
    let direction: Prose = share > 0 ? "less" : "more"
    return [
      "**WARN**, payments: \(cell, NumberStyle.pounds(2).magnitude) \(direction) was paid for outcomes than the contracts' terms give (\(part, NumberStyle.percent(1).magnitude)); see the section on what the contracts should have paid."
    ]
  }

  static func methods(_ report: Report) -> [Prose] {
    guard report.context.table("contract_totals") != nil else { return [] }
    return [
      "**Payments due.** Each claim is priced under the version of its contract in force on the day of its outcome. Amounts are whole pence; a payer's part is its share, the last pennies going to the largest remainders; caps bind in the order in which claims were made. Blocks are a twelfth of a year for each full month and days for a part of one. See `contract replay` and `contract reconcile`."
    ]
  }

  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)? {
    guard report.context.study.node["contracts"] == nil else { return nil }
    return (
      "What contracts should have paid",
      "the contracts' versions, tariffs, payers' shares and claims, and a `contracts` section"
    )
  }
}
