import Testing

@testable import Studies

/// Notes under a disclosure profile keep no number that could be a count.
@Suite struct MaskedNotes {
  private static let cases = [
    ("3 of 185 treated within the caliper", "[c] of [c] treated within the caliper"),
    (
      "left out for missing values (Age 3, re74 12)",
      "left out for missing values (Age [c], re74 [c])"
    ),
    ("may run out of them (Sävje 2022)", "may run out of them (Sävje 2022)"),
    ("2 groups of 1,250.5 each.", "[c] groups of [c] each."),
    ("(one of 7)", "(one of [c])"),
    ("motivation_1_5 5, CR2 of 12 sites", "motivation_1_5 [c], CR2 of [c] sites"),
    ("status: '2' is the event of 12", "status: '2' is the event of [c]"),
    ("nothing to hide", "nothing to hide"),
  ]

  @Test(arguments: cases.indices) func masks(_ index: Int) {
    let (note, expected) = Self.cases[index]
    #expect(AnalysisOutput.masked(note) == expected)
  }
}
