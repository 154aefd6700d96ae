import Foundation
import TestSupport
import Testing

/// Bad input: the exit status, the place, the advice; nothing on standard output, no file left.
@Suite struct LocatedErrors {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var data: String?
    var arguments: [String]
    var status: Int32
    var says: [String]
    var testDescription: String { name }

    init(
      _ name: String, _ data: String?, _ arguments: [String], _ status: Int32, _ says: String...
    ) {
      self.name = name
      self.data = data
      self.arguments = arguments
      self.status = status
      self.says = says
    }
  }

  private static let good = "t,x,y\n0,1,1\n1,2,2\n0,3,4\n1,4,2\n0,5,1\n1,1,3\n0,4,2\n1,3,5\n"
  private static let separated = "t,x,y\n0,1,1\n0,2,2\n0,3,4\n1,4,2\n1,5,1\n1,6,3\n"
  private static let censored = "time,status,a\n1,0,0\n2,0,1\n3,0,0\n4,0,1\n"
  private static let panel = "u,t,g,y\n1,1,2,1\n1,2,2,3\n1,2,2,4\n2,1,0,1\n2,2,0,2\n"
  private static let typing = """
    y,x
    1,2
    2,sec7ret
    3,4

    """

  static let cases: [Case] = [
    Case(
      "wrong column name", good, ["regress", "d.csv", "y ~ xx"], 65, "d.csv:1: ",
      "[unknown-column]", "did you mean 'x'?"),
    Case("absent file", nil, ["regress", "d.csv", "y ~ x"], 65, "d.csv: ", "[unreadable-file]"),
    Case("a folder", nil, ["regress", ".", "y ~ x"], 65, ".: ", "[unreadable-file]"),
    Case("empty file", "", ["regress", "d.csv", "y ~ x"], 65, "d.csv: ", "[empty-file]"),
    Case("header only", "y,x\n", ["regress", "d.csv", "y ~ x"], 65, "d.csv: ", "[no-rows]"),
    Case(
      "open quote", "y,x\n1,2\n3,\"4\n5,6\n", ["regress", "d.csv", "y ~ x"], 65, "d.csv:3:3: ",
      "[truncated-file]"),
    Case(
      "ragged row", "y,x\n1,2\n3\n", ["regress", "d.csv", "y ~ x"], 65, "d.csv:3:", "[ragged-row]"),
    Case(
      "non-numeric cell, masked", typing, ["regress", "d.csv", "y ~ x", "--types", "x=number"], 65,
      "d.csv:3:3: ", "[bad-cell]", "'xxx9xxx' (masked"),
    Case(
      "non-numeric cell, public", typing,
      ["regress", "d.csv", "y ~ x", "--types", "x=number", "--disclosure", "none"], 65,
      "d.csv:3:3: ", "[bad-cell]", "'sec7ret'"),
    Case(
      "event is no event", "time,status,a\n1,0,0\n2,473,1\n",
      ["km", "d.csv", "Surv(time, status) ~ a"],
      65, "d.csv:3:3: ", "[bad-value]", "'999' (masked"),
    Case(
      "bad --where", good, ["regress", "d.csv", "y ~ x", "--where", "x >> 3"], 64,
      "<expression>:1:", "[expression-syntax]"),
    Case(
      "--where of an absent column", good, ["regress", "d.csv", "y ~ x", "--where", "xz > 3"], 65,
      "d.csv:1: ", "[unknown-column]"),
    Case(
      "--where keeps nothing", good, ["regress", "d.csv", "y ~ x", "--where", "x > 300"], 65,
      "d.csv: ", "keeps 0 of 8 rows"),
    Case(
      "bad formula", good, ["regress", "d.csv", "y ~ x +"], 64, "<formula>:1:",
      "[formula-syntax]"),
    Case(
      "unknown function", good, ["regress", "d.csv", "y ~ lgo(x)"], 64, "<formula>:1:5: ",
      "did you mean 'log'?"),
    Case("unknown verb", nil, ["regresss", "d.csv"], 64, "did you mean 'regress'?"),
    Case(
      "unknown option", good, ["regress", "d.csv", "y ~ x", "--famly", "binomial"], 64,
      "Did you mean '--family'?"),
    Case(
      "bad option value", good, ["regress", "d.csv", "t ~ x", "--family", "binomal"], 64,
      "[invalid-option]", "did you mean 'binomial'?"),
    Case(
      "number out of range", good, ["regress", "d.csv", "y ~ x", "--level", "95"], 64,
      "[invalid-option]", "level"),
    Case(
      "needed option", good, ["effect", "d.csv", "t ~ x"], 64, "[invalid-option]", "--outcome"),
    Case(
      "constant treatment", "t,x\n1,1\n1,2\n1,3\n", ["match", "d.csv", "t ~ x"], 65, "d.csv:1:1: ",
      "[constant-treatment]"),
    Case(
      "perfect separation", separated, ["regress", "d.csv", "t ~ x", "--family", "binomial"], 65,
      "d.csv:1:3: ", "[separation]", "`x`"),
    Case(
      "perfect separation of the score", separated, ["match", "d.csv", "t ~ x"], 65,
      "d.csv:1:3: ", "[separation]", "`x`"),
    Case(
      "no events, cox", censored, ["cox", "d.csv", "Surv(time, status) ~ a"], 65, "d.csv: ",
      "[no-events]"),
    Case(
      "no events, logrank", censored, ["logrank", "d.csv", "Surv(time, status) ~ a"], 65,
      "d.csv: ", "[no-events]"),
    Case(
      "one cluster", "y,x,g\n1,1,a\n2,3,a\n4,2,a\n",
      ["regress", "d.csv", "y ~ x", "--cluster", "g"],
      65, "d.csv: ", "[too-few-clusters]"),
    Case(
      "negative weight", "y,x,w\n1,1,1\n2,3,-1\n4,2,2\n5,5,1\n",
      ["regress", "d.csv", "y ~ x", "--weights", "w"], 65, "d.csv:3", "[bad-weight]"),
    Case(
      "a unit twice in a period", panel,
      [
        "did", "d.csv", "--outcome", "y", "--unit", "u", "--time", "t", "--group", "g", "--method",
        "twfe",
      ], 65, "d.csv:4", "[duplicate-key]"),
    Case(
      "unknown level", good, ["match", "d.csv", "t ~ x", "--treated", "yes"], 65, "d.csv:1:1: ",
      "[unknown-level]"),
    Case(
      "output to an absent folder", good, ["regress", "d.csv", "y ~ x", "--output", "no/out.csv"],
      1, "no/out.csv: ", "[write-failure]"),
    Case(
      "a failed run leaves no output", censored,
      ["cox", "d.csv", "Surv(time, status) ~ a", "--output", "out.csv"], 65, "[no-events]"),
    Case("a spreadsheet", nil, ["regress", "d.xlsx", "y ~ x"], 65, "[unsupported-format]", "CSV"),
    Case(
      "missing values refused", "y,x\n1,2\n2,NA\n3,4\n5,1\n",
      ["regress", "d.csv", "y ~ x", "--missing", "error"], 65, "d.csv:3:3: ", "[missing-value]"),
  ]

  @Test(arguments: cases) func refuses(_ bad: Case) throws {
    let folder = try TemporaryFolder()
    if let data = bad.data { try folder.write("d.csv", data) }
    let run = try CommandLineRun(arguments: bad.arguments, folder: folder.url)
    #expect(run.status == bad.status, "\(run.errors)")
    #expect(run.output == "")
    for text in bad.says { #expect(run.errors.contains(text), "\(text) in:\n\(run.errors)") }
    #expect(folder.files() == (bad.data == nil ? [] : ["d.csv"]))
    withExtendedLifetime(folder) {}
  }

  @Test func cellsAreMaskedUnlessPublic() throws {
    let folder = try TemporaryFolder(["d.csv": Self.typing])
    let masked = try CommandLineRun(
      arguments: ["regress", "d.csv", "y ~ x", "--types", "x=number"], folder: folder.url)
    #expect(!masked.errors.contains("sec7ret"))
    try folder.write("e.csv", "time,status,a\n1,0,0\n2,473,1\n")
    let event = try CommandLineRun(
      arguments: ["km", "e.csv", "Surv(time, status) ~ a"], folder: folder.url)
    #expect(!event.errors.contains("473"))
    withExtendedLifetime(folder) {}
  }

  @Test func aTypoInANumericColumnIsFound() throws {
    var text = "y,x\n"
    for row in 0..<60 { text += "\(row % 7),\(row == 40 ? "1O.5" : "\(row % 11).5")\n" }
    let folder = try TemporaryFolder(["d.csv": text])
    let run = try CommandLineRun(arguments: ["regress", "d.csv", "y ~ x"], folder: folder.url)
    #expect(run.status == 65)
    #expect(run.errors.contains("d.csv:42:3: "))
    #expect(!run.errors.contains("1O.5"))
    withExtendedLifetime(folder) {}
  }

  @Test func aNegativeNumberIsAValue() throws {
    let run = try CommandLineRun(
      "match", "Data/lalonde/lalonde.csv", "treat ~ age + educ", "--caliper", "-0.2")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.rows.count == 614)
  }

  @Test func anOlderOutputSurvivesAFailure() throws {
    let folder = try TemporaryFolder(["d.csv": Self.censored, "out.csv": "older\n"])
    let run = try CommandLineRun(
      arguments: ["cox", "d.csv", "Surv(time, status) ~ a", "--output", "out.csv"],
      folder: folder.url)
    #expect(run.status == 65)
    #expect(try folder.text("out.csv") == "older\n")
  }
}
