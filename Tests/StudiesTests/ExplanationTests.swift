import Statistics
import Testing

@testable import Studies

/// Keys, codes and sources in words.
@Suite struct ExplanationTests {
  @Test func everyKeyAndCodeIsExplained() throws {
    for entry in KeyGuide.entries {
      #expect(!entry.help.isEmpty && !entry.takes.isEmpty, "\(entry.path)")
      #expect(try Explanation.of(entry.path, report: nil).text.contains(entry.help))
    }
    for code in SiblingError.Code.allCases {
      let words = ErrorGuide.words(code)
      #expect(words.meaning.hasSuffix(".") && words.advice.hasSuffix("."), "\(code)")
      #expect(try Explanation.of(code.rawValue, report: nil).text.contains(words.meaning))
    }
  }

  @Test func whatIsMeantIsSuggested() {
    for (word, meant) in [("matching.calipr", "matching.caliper"), ("bad-cel", "bad-cell")] {
      let error = #expect(throws: SiblingError.self) { _ = try Explanation.of(word, report: nil) }
      #expect(error?.code == .unknownKey && error?.suggestion == meant)
    }
  }

  @Test func sourcesAreReadFromTheMethods() {
    let methods = ReportMethods(
      """
      ## 4. Methods

      - **One.** By E-values (VanderWeele and Ding 2017, doi:10.7326/M16-2607); two (Spiegelhalter 2005, doi:10.1002/sim.1970 and doi:10.1136/qshc.2005.013755).
      - **Two.** DerSimonian and Laird (1986, doi:10.1016/0197-2456(86)90046-2) and Fine and Gray's (1999, doi:10.1080/01621459.1999.10474144).

      ## 5. Glossary

      - other
      """)
    #expect(methods.items.count == 2)
    #expect(
      methods.sources == [
        .init(authors: "VanderWeele and Ding", year: "2017", doi: "10.7326/M16-2607"),
        .init(authors: "Spiegelhalter", year: "2005", doi: "10.1002/sim.1970"),
        .init(authors: "Spiegelhalter", year: "2005", doi: "10.1136/qshc.2005.013755"),
        .init(
          authors: "DerSimonian and Laird", year: "1986", doi: "10.1016/0197-2456(86)90046-2"),
        .init(authors: "Fine and Gray", year: "1999", doi: "10.1080/01621459.1999.10474144"),
      ])
  }
}
