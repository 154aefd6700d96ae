import Foundation
import Statistics
import TestSupport
import Testing

@testable import Reporting

@Suite struct PageTests {
  private func html(_ prose: Prose) -> String { HTML.text(prose) }

  @Test func theHousesMarkdownBecomesHTML() {
    let files = "results/did_2.csv"
    #expect(
      html("**Bold**, *it* and `a*b_c`.")
        == "<strong>Bold</strong>, <em>it</em> and <code>a*b_c</code>.")
    #expect(html("**`verb`.** more") == "<strong><code>verb</code>.</strong> more")
    #expect(html("**\(files)**") == "<strong>results/did_2.csv</strong>")
    #expect(
      html("Data: [\(files)](\(files)).")
        == "Data: <a href=\"results/did_2.csv\">results/did_2.csv</a>.")
    #expect(
      html("*Table 3.* Withheld numbers read [c].")
        == "<em>Table 3.</em> Withheld numbers read [c].")
    #expect(html(#"5 \* 3 \_ \[c\]"#) == "5 * 3 _ [c]")
  }

  @Test func whateverElseStaysText() {
    #expect(html("<script>alert(1)</script>") == "&lt;script&gt;alert(1)&lt;/script&gt;")
    #expect(html("[x](javascript:alert)") == "x")
    #expect(html("[x](data:text/html)") == "x")
    #expect(
      html("2 * 3 * 4, a_b_c, **open, `open, [open](, ]")
        == "2 * 3 * 4, a_b_c, **open, `open, [open](, ]")
    let label = "<b> & \"q\" **x** [y](z) 🙂 \u{1}"
    #expect(
      html("\(label)") == "&lt;b&gt; &amp; &quot;q&quot; **x** [y](z) 🙂 ")
    #expect(Inline.isSafe("https://a.b/c?d") && Inline.isSafe("results/a:b.csv"))
    #expect(!Inline.isSafe("mailto:x") && !Inline.isSafe("") && !Inline.isSafe("a b"))
  }

  private func document(rows: Int = 2, label: String = "a") throws -> Document {
    var table = ResultTable.estimates
    for row in 0..<rows {
      try table.append([
        "analysis": .text("\(label)\(row)"), "term": "ATT", "estimate": .number(Double(row)),
        "n_treated": .number(row == 0 ? 3 : 50), "n_comparison": 80,
      ])
    }
    var control = Disclosure(profile: .acroDefault)
    let safe = try control.release(table)
    var document = Document(path: "report.md")
    document.heading(1, Prose(plain: "A study of \(label)"))
    document.callout("Box **title**", ["One.", "Two."])
    document.paragraph("Before the first section.")
    document.heading(2, "1. First")
    document.heading(4, "Deep")
    document.table(
      safe, caption: "Effects.",
      columns: [.init("analysis", "Analysis"), .init("estimate", "Effect", .decimals(1))])
    document.table(headings: ["Term", ""], rows: [["p", "a *word*"], ["q"]])
    document.table(headings: ["Term", "Meaning"], rows: [["p", "x"]])
    document.list(["one", "two"], ordered: true)
    document.figure(try Gallery.love(), caption: "Balance.")
    document.figure(try Gallery.love(), caption: "Balance again.", alternative: "Told < otherwise")
    document.code("sibling run <study>\n  next", language: "console")
    document.rule()
    document.heading(2, "2. Second")
    document.heading(2, "2. Second")
    return document
  }

  @Test func aPageIsWhatMarkdownIs() throws {
    let page = Page.html(report: try document(), summary: nil)
    #expect(PageAudit.findings(page) == [])
    #expect(
      page.contains(
        """
        <div class="wide keep" role="group" aria-labelledby="table-1" tabindex="0">
        <table>
        <caption id="table-1"><span><em>Table 1.</em> Effects. Data: <a href="results/estimates.csv">results/estimates.csv</a>.</span></caption>
        <thead>
        <tr><th scope="col">Analysis</th><th scope="col" class="n">Effect</th></tr>
        </thead>
        <tbody>
        <tr><th scope="row">a0</th><td class="n">[c]</td></tr>
        <tr><th scope="row">a1</th><td class="n">1.0</td></tr>
        </tbody>
        </table>
        </div>
        """))
    #expect(page.contains("<h3 id=\"section-deep\">Deep</h3>"))
    #expect(page.contains("<h2 id=\"section-second-2\">2. Second</h2>"))
    #expect(page.contains("<span class=\"unseen\">Deep, table 2</span>"))
    #expect(page.contains("<td></td></tr>\n</thead>"))
    #expect(page.contains("<code>sibling run &lt;study&gt;\n  next</code>"))
    #expect(page.contains("<desc id=\"figure-2-desc\">Told &lt; otherwise</desc>"))
    #expect(page == Page.html(report: try document(), summary: nil))
  }

  @Test func markdownKeepsItsBytes() throws {
    let lines = try document().markdown.components(separatedBy: "\n\n")
    #expect(lines[0] == "# A study of a")
    #expect(lines[1] == "> **Box **title****\n>\n> One.\n>\n> Two.")
    #expect(lines[5] == "*Table 1.* Effects. Data: [results/estimates.csv](results/estimates.csv).")
    #expect(lines[6] == "| Analysis | Effect |\n| :-- | --: |\n| a0 | \\[c\\] |\n| a1 | 1.0 |")
    #expect(lines[7] == "| Term |  |\n| :-- | :-- |\n| p | a *word* |\n| q |  |")
    #expect(lines[9] == "1. one\n2. two")
    #expect(
      lines[10].hasPrefix("![Matching made") && lines[10].hasSuffix("(figures/love_plot.svg)"))
    #expect(lines[14] == "```console\nsibling run <study>\n  next\n```")
    #expect(lines[15] == "---")
  }

  @Test func theSummaryComesFirstAndIsNotSaidTwice() throws {
    var summary = Document(path: "summary.md")
    summary.heading(1, "A study of a")
    summary.callout("Box **title**", ["One.", "Two."])
    summary.figure(try Gallery.love(), caption: "Balance.")
    summary.paragraph("**Read on.** [report.md](report.md) has more.")
    let page = Page.html(report: try document(), summary: summary)
    #expect(PageAudit.findings(page) == [])
    #expect(page.matches(of: /<p class="lead"/).count == 1)
    #expect(page.contains("Before the first section.") && !page.contains("Read on"))
    let places = ["<h1>", "id=\"summary\"", "Box ", "<nav", "Before the first", "1. First</h2>"]
      .map { page.firstRange(of: $0)?.lowerBound }
    #expect(!places.contains(nil) && places.compactMap { $0 } == places.compactMap { $0 }.sorted())
  }

  @Test func awkwardLabelsAndLongTables() throws {
    let label = "<i> & \"quoted\" 'x' 🙂 |#"
    let page = Page.html(report: try document(rows: 300, label: label), summary: nil)
    #expect(PageAudit.findings(page) == [])
    #expect(page.matches(of: /<tr>/).count == 301 + 3 + 2)
    #expect(page.contains("<title>A study of &lt;i&gt; &amp; &quot;quoted&quot;"))
    #expect(page.contains("&quot;quoted&quot; 'x' 🙂 |#299</th>"))
    // A table that does not fit a printed page may be torn.
    #expect(page.contains("<div class=\"wide\" role=\"group\" aria-labelledby=\"table-1\""))
  }

  @Test func anEmptyDocumentIsAPage() {
    #expect(PageAudit.findings(Page.html(report: Document(path: "report.md"), summary: nil)) == [])
  }

  @Test func everyChartStandsInAPage() throws {
    var document = Document(path: "report.md")
    document.heading(1, "Gallery")
    for figure in try Gallery.all() { document.figure(figure, caption: "Drawn.") }
    #expect(PageAudit.findings(Page.html(report: document, summary: nil)) == [])
  }

  @Test func bundledReportsPassTheAudit() throws {
    let reports = Golden.projectFolder.appendingPathComponent("Reports")
    let names = try FileManager.default.contentsOfDirectory(atPath: reports.path).sorted()
    #expect(names.count >= 8)
    for name in names {
      let url = reports.appendingPathComponent("\(name)/report.html")
      let page = try String(contentsOf: url, encoding: .utf8)
      #expect(PageAudit.findings(page) == [], "\(name)")
    }
  }

  @Test func coloursOfThePageStandOut() {
    for palette in [PagePalette.day, .night] {
      for paper in [palette.paper, palette.band] {
        for text in [palette.ink, palette.quiet, palette.link] {
          #expect(Contrast.between(text, paper) >= 4.5, "\(text) on \(paper)")
        }
        #expect(Contrast.between(palette.line, paper) >= 3, "\(palette.line) on \(paper)")
      }
    }
    // No colour of the style stands outside the palettes, but the charts' white card.
    let colors = Set(Page.style.matches(of: /#[0-9A-F]{6}/).map { String($0.0) })
    let known = [PagePalette.day, .night].flatMap {
      [$0.paper, $0.band, $0.ink, $0.quiet, $0.link, $0.line]
    }
    #expect(colors.isSubset(of: known + ["#FFFFFF"]))
  }

  @Test func theAuditFindsWhatIsWrong() throws {
    let page = Page.html(report: try document(), summary: nil)
    let faults: [(String, String)] = [
      (" lang=\"en-GB\"", ""), ("<h2 id=\"section-first\">1. First</h2>", ""),
      ("<h1>", "<h1>x</h1><h1>"), (" scope=\"col\"", ""), ("role=\"img\"", "role=\"none\""),
      ("id=\"table-1\"", "id=\"callout\""), ("<main id=\"main\">", "<div>"),
      ("tabindex=\"0\"", "tabindex=\"3\""), ("</style>", "</style><script>x</script>"),
      ("<p>Before", "<p><div>x</div>Before"), ("class=\"skip\"", "class=\"x\""),
      (">Skip to the report<", "><"), ("#section-first\"", "#nowhere\""),
      ("<td class=\"n\">1.0</td>", ""), ("<caption ", "<b "), ("<body>", "<body onload=\"x\">"),
    ]
    for (good, bad) in faults {
      #expect(page.contains(good), "\(good)")
      let broken = page.replacing(good, with: bad, maxReplacements: 1)
      #expect(!PageAudit.findings(broken).isEmpty, "\(good)")
    }
  }
}

@Suite struct PlainTextTests {
  @Test func aReportReadsAsText() {
    let markdown = #"""
      # A title

      **The *question*.** Did [report.md](report.md) and [more](results/) cost \$5?

      > **Box**
      >
      > Said in a line that is longer than the room there is for it here.

      - one item that is so long that it must be broken
      - two

      | Name | N |
      | :-- | --: |
      | a\|b | 1 |
      | c | 200 |

      | A long heading of a column | Another one that is long |
      | :-- | :-- |
      | x |  |
      | y | z |

      ![Shown](figures/a.svg)

      ```console
      sibling run x
      ```
      """#
    #expect(
      PlainText.render(markdown: markdown, width: 40) == """
        A title
        =======

        The question. Did report.md and more
        (results/) cost $5?

        │ Box
        │
        │ Said in a line that is longer than the
        │ room there is for it here.

        - one item that is so long that it must
          be broken
        - two

        Name    N
        ────  ───
        a|b     1
        c     200

        A long heading of a column: x

        A long heading of a column: y
          Another one that is long: z

        [figures/a.svg] Shown

            sibling run x

        """)
  }

  @Test func brokenMarkdownIsStillShown() {
    for text in ["", "```", "```\nx", "|", "| ", "| a", "> ", "![", "**", "1. ", "#", "####### x"] {
      _ = PlainText.render(markdown: text, width: 3)
    }
    #expect(PlainText.render(markdown: "```\nx") == "    x\n")
    #expect(PlainText.render(markdown: "####### x") == "####### x\n")
  }
}
