internal import Reporting
internal import Statistics

// The reporting checklists, filled only where this run has the evidence.

extension Report {
  /// TARGET and STROBE, item by item.
  mutating func checklists() {
    guard context.table("checklists") != nil else { return }
    section("Reporting checklists")
    document.paragraph(
      "Items are in short words of our own, numbered as in the statements. \"Reported\" means that the section named has it, not that it is good; \"not established\" means that nothing in this run or its study file shows it."
    )
    if context.isRandomised {
      document.paragraph(
        "Chance decided who was treated here, so that a report of this study follows CONSORT, the statement for trials. The two below are for studies without that; they show what this run has."
      )
    }
    for (name, title) in [
      ("TARGET", "TARGET, for studies that emulate a target trial"),
      ("STROBE", "STROBE, for observational studies"),
    ] {
      guard let rows = context.rows("checklists", where: ["checklist": .text(name)]) else {
        continue
      }
      document.table(
        rows, caption: "\(title).",
        columns: [
          .init("item", "Item"), .init("topic", "What it asks for"), .init("state", "State"),
          .init("where", "Where"),
        ])
    }
  }
}
