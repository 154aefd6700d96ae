internal import Contracts
internal import Reporting
internal import Statistics

// What contracts should have paid, in sentences, tables and a picture.

extension PaymentsSection {
  static func compose(_ report: inout Report) throws(SiblingError) {
    guard let totals = report.context.table("contract_totals") else { return }
    report.section("What the contracts should have paid")
    report.document.paragraph(
      "Every claim was replayed under the terms that were in force on the day of its outcome: price, hours, length of the job, evidence, deadline, payments for one client, and caps in the order of the claims. This is the contracts' arithmetic, in whole pence; it says nothing about what the services achieved."
    )
    for paragraph in try sums(totals, report) { report.document.paragraph(paragraph) }
    let names = PaymentWords.contracts(report.context)
    report.document.table(
      totals, caption: "What the contracts should have paid for outcomes and what was paid.",
      columns: [
        .init("contract", "Contract", names: names), .init("n_claims", "Claims", .integer),
        .init("due", "Due", .pounds(2)), .init("unfunded", "Cut off by caps", .pounds(2)),
        .init("expected", "To be paid", .pounds(2)), .init("paid", "Paid", .pounds(2)),
        .init("difference", "Difference", NumberStyle.pounds(2).signed),
        .init("block", "Block besides", .pounds(2)),
      ])
    try waterfall(&report)
    try differences(&report)
    try remarks(&report)
    try caps(&report)
    try unclaimed(&report)
    payments(&report, names)
    terms(&report, names)
  }

  /// What should have been paid, what was, and by how much they differ.
  static func sums(
    _ totals: Released<ResultTable>, _ report: Report
  ) throws(SiblingError) -> [Prose] {
    let all: [String: ResultTable.Cell] = ["contract": "all"]
    func cell(_ name: String) throws(SiblingError) -> ReleasedCell {
      try totals.cell(name, where: all)
    }
    let (expected, paid) = (try cell("expected"), try cell("paid"))
    let (difference, cut) = (try cell("difference"), try cell("unfunded"))
    let money = NumberStyle.pounds(2)
    let start: Prose =
      "**The contracts should have paid \(expected, money) for \(try cell("n_claims"), .integer) claims; \(paid, money) was paid**"
    let gap: Prose =
      switch difference.number {
      case nil: "."
      case 0: ": the same to the penny in sum, though single claims can differ."
      case let amount? where amount > 0: ", \(difference, money) less."
      default: ", \(difference, money.magnitude) more."
      }
    var first = start + gap
    if let amount = cut.number, amount > 0 {
      let words: Prose =
        " By the rules \(try cell("due"), money) was due; caps cut off \(cut, money), which nobody pays."
      first = first + words
    }
    let block = try cell("block")
    if let amount = block.number, amount > 0 {
      let last = try totals.cell("block_to", where: all)
      let words: Prose =
        " Besides, blocks of \(block, money) were to be paid up to \(last, .integer) whatever was achieved."
      first = first + words
    }
    if let rows = report.context.rows(
      "contract_findings", where: ["finding": .text(PaymentTables.unchecked)])
    {
      let count = try rows.cell(row: 0, "n_claims")
      let words: Prose =
        " **\(count, claims) for jobs could not be checked**: there are no records of jobs, so these claims stand in none of the sums."
      first = first + words
    }
    return [first]
  }

  private static func waterfall(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table("contract_waterfall") else { return }
    let payers = table.value.rows.indices.filter { table.value[$0, "total"].number != nil }
    guard !payers.isEmpty else { return }
    let largest = payers.max {
      (table.value[$0, "total"].number ?? 0) < (table.value[$1, "total"].number ?? 0)
    }
    let name = largest.map { table.value[$0, "payer"].plainText } ?? ""
    let title: Prose =
      payers.count < 2
      ? "What the contracts should have paid, step by step"
      : "Who pays most: \(PaymentWords.payerNames[name] ?? name)"
    let chart = PayerWaterfallChart(
      title: title,
      subtitle: Prose(
        plain: "Block and outcomes by payer, pounds. \(report.context.placeAndPeriod)"),
      names: PaymentWords.payerNames)
    try report.figure(
      chart.figure(table, name: "payer_waterfall"),
      caption:
        "From the block over what is due for outcomes, less what caps cut off, to what is to be paid; each step divided by payer."
    )
  }

  private static func differences(_ report: inout Report) throws(SiblingError) {
    guard let table = report.context.table("contract_differences") else { return }
    report.document.heading(3, "Where payments differ from the contracts")
    let rows = table.value.rows.indices.filter {
      table.value[$0, "outcome"] == "all" && table.value[$0, "in_order"] == .flag(false)
    }
    if table.value.rows.isEmpty {
      report.document.paragraph("No claim could be set against its contract.")
      return
    } else if rows.isEmpty {
      report.document.paragraph("Every claim was paid as its contract says.")
    } else {
      report.document.paragraph(
        "Each claim has one verdict. Those that are not in order, with what should have been paid for them and what was:"
      )
      var items: [Prose] = []
      for row in rows {
        let count = try table.cell(row: row, "n_claims")
        let expected = try table.cell(row: row, "expected")
        let paid = try table.cell(row: row, "paid")
        items.append(
          "\(count, claims) \(table.value[row, "meaning"].plainText): \(expected, .pounds(2)) to be paid, \(paid, .pounds(2)) paid."
        )
      }
      report.document.list(items)
    }
    report.document.table(
      table, caption: "Claims by verdict and outcome.",
      columns: [
        .init("meaning", "Verdict"), .init("outcome", "Outcome", names: PaymentWords.outcomeNames),
        .init("n_claims", "Claims", .integer), .init("expected", "To be paid", .pounds(2)),
        .init("paid", "Paid", .pounds(2)),
        .init("difference", "Difference", NumberStyle.pounds(2).signed),
      ])
  }

  private static let claims = NumberStyle.unit("claims", singular: "claim")

  /// Why nothing is due for some claims, and what can't be known of others.
  private static func remarks(_ report: inout Report) throws(SiblingError) {
    var items: [Prose] = []
    if let table = report.context.table("contract_findings") {
      for row in table.value.rows.indices {
        let count = try table.cell(row: row, "n_claims")
        let meaning = table.value[row, "meaning"].plainText
        let isStop = table.value[row, "stops_payment"] == .flag(true)
        let isUnchecked = table.value[row, "finding"].plainText == PaymentTables.unchecked
        let effect: Prose =
          isUnchecked
          ? "could not be checked" : isStop ? "nothing is due" : "due all the same, and marked"
        items.append("\(count, claims), \(effect): \(meaning).")
      }
    }
    items += (report.context.cohortNotes["contract_totals"] ?? []).map { Prose(plain: $0) }
    guard !items.isEmpty else { return }
    report.document.heading(3, "What was found about claims, and what could not be checked")
    report.document.list(items)
  }
}
