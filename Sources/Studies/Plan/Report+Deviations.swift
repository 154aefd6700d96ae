internal import Reporting
internal import Statistics
internal import Tables

// What differs from the plan that was fixed before outcomes were compared.

extension Report {
  /// Deviations from the plan.
  mutating func deviations() {
    section("Deviations from the plan")
    for change in context.gate.limits.changes {
      let key = change.key.rawValue
      document.paragraph(
        "The gate's threshold `\(markdown: key)` (\(change.state)) is \(code(NumberText.shortest(change.own))) and not the house's \(code(NumberText.shortest(change.house)))\(change.isLaxer ? ", so that more passes" : ", so that less passes")."
      )
    }
    if !context.gate.limits.changes.isEmpty {
      document.paragraph(
        context.gate.limits.reason.map { "Why: \($0)" } ?? "No reason for that is given.")
    }
    guard let notes = context.cohortNotes["deviations"] else {
      document.paragraph(
        "The analysis was run from the study file as it stands; the manifest holds the hash of its plan. No earlier plan is on record, so deviations from one can't be listed: `sibling plan --lock` puts one there before outcomes are compared."
      )
      return
    }
    for note in notes { document.paragraph(Prose(markdown: sentence(note))) }
    guard let table = context.table("deviations") else {
      document.paragraph(
        "The study file says what the locked plan says, and the same people are compared with the same weights: nothing has changed."
      )
      return
    }
    document.paragraph(
      "What differs from the locked plan, with the reason that the authors give and whether they state that outcomes had been compared by then. Nobody but them can know that."
    )
    let value = table.value
    func text(_ row: Int, _ column: String, or other: String) -> Prose {
      let text = value[row, column].plainText
      return Prose(plain: text.isEmpty ? other : text)
    }
    document.table(
      headings: ["Key", "Change", "Planned", "Now", "Reason", "Outcomes compared before"],
      rows: value.rows.indices.map { row in
        [
          code(value[row, "key"].plainText), text(row, "change", or: ""),
          value[row, "planned"] == .missing ? "—" : code(value[row, "planned"].plainText),
          value[row, "now"] == .missing ? "—" : code(value[row, "now"].plainText),
          value[row, "reason"] == .missing ? "**none given**" : text(row, "reason", or: ""),
          text(row, "outcomes_seen", or: "not stated"),
        ]
      })
  }

  /// A text of the study file as it stands there, fit for a cell of a table.
  private func code(_ text: String) -> Prose {
    let safe = text.replacing("`", with: "'").replacing("|", with: "\\|").split(
      whereSeparator: \.isNewline
    ).joined(separator: " ")
    return Prose(markdown: "`\(safe)`")
  }
}
