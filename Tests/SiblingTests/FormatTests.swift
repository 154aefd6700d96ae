import Foundation
import TestSupport
import Testing

/// What goes in, and what comes out, in every form that the contract names.
@Suite struct Formats {
  private static let rows = [
    ["y", "x", "name"], ["1.5", "1", "Zoë"], ["2.25", "2", "Ann"], ["2", "4", "Zoë"],
    ["5.125", "5", "Ann"], ["4", "7", "Ann"],
  ]
  private static func text(_ separator: String, _ end: String = "\n") -> String {
    rows.map { $0.joined(separator: separator) + end }.joined()
  }

  @Test func everyEncodingGivesTheSameNumbers() throws {
    let plain = Self.text(",")
    let folder = try TemporaryFolder([
      "plain.csv": plain, "semicolon.csv": Self.text(";"), "tab.csv": Self.text("\t"),
      "crlf.csv": Self.text(",", "\r\n"), "bom.csv": "\u{FEFF}" + plain,
    ])
    let latin = plain.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    try folder.write("cp1252.csv", latin)
    let call = ["y ~ x + name", "-q"]
    let wanted = try CommandLineRun(
      arguments: ["regress", "plain.csv"] + call, folder: folder.url)
    #expect(wanted.rows.map { $0["term"] } == ["(Intercept)", "x", "nameZoë"])
    for name in ["semicolon", "tab", "crlf", "bom", "cp1252"] {
      let run = try CommandLineRun(
        arguments: ["regress", "\(name).csv"] + call, folder: folder.url)
      #expect(run.output == wanted.output, "\(name): \(run.errors)")
      #expect(run.errors == "")
    }
    let piped = try CommandLineRun(arguments: ["regress", "-"] + call, input: plain)
    #expect(piped.output == wanted.output)
  }

  @Test func outputForms() throws {
    let call = ["regress", "-", "y ~ x"]
    func run(_ form: String) throws -> CommandLineRun {
      try CommandLineRun(arguments: call + ["--format", form], input: Self.text(","))
    }
    let csv = try run("csv")
    let columns = [
      "term", "estimate", "std.error", "statistic", "df", "p.value", "conf.low", "conf.high",
    ]
    #expect(CSVRecords(csv.output).header == columns)
    let parsed = try JSONSerialization.jsonObject(with: Data(try run("json").output.utf8))
    let objects = try #require(parsed as? [[String: Any]])
    #expect(objects.count == 2)
    for (object, row) in zip(objects, csv.rows) {
      #expect(Set(object.keys) == Set(columns))
      #expect(
        (object["estimate"] as? NSNumber)?.doubleValue == row["estimate"].flatMap { Double($0) })
    }
    let lines = try run("md").output.split(separator: "\n")
    #expect(lines.count == 4 && lines.allSatisfy { $0.hasPrefix("|") && $0.hasSuffix("|") })
    #expect(try run("table").output.split(separator: "\n").count >= 3)
  }

  @Test func missingRowsAreCounted() throws {
    let data = Self.text(",") + "NA,3,Ann\n4,,Ann\n"
    let run = try CommandLineRun("regress", "-", "y ~ x", input: data)
    #expect(run.status == 0)
    #expect(run.errors.contains("2 of 7 rows left out"))
    let without = try CommandLineRun("regress", "-", "y ~ x", input: Self.text(","))
    #expect(run.output == without.output)
    let quiet = try CommandLineRun("regress", "-", "y ~ x", "-q", input: data)
    #expect(quiet.output == run.output && quiet.errors == "")
  }

  @Test func commonOptions() throws {
    let mpdta = "Data/mpdta/mpdta.csv"
    func error(_ cluster: String) throws -> Double {
      try CommandLineRun("regress", mpdta, "lemp ~ lpop", "--cluster", cluster)
        .number("std.error", term: "lpop")
    }
    let (one, two) = (try error("countyreal"), try error("countyreal,year"))
    #expect(one > 0 && two > 0 && one != two)
    let data = "y,x,w\n1,1,2\n2,3,1\n4,2,2\n5,5,3\n1,0,1\n"
    let repeated = "y,x\n1,1\n1,1\n2,3\n4,2\n4,2\n5,5\n5,5\n5,5\n1,0\n"
    let weighted = try CommandLineRun("regress", "-", "y ~ x", "--weights", "w", input: data)
    let copies = try CommandLineRun("regress", "-", "y ~ x", input: repeated)
    #expect(close(weighted.numbers("estimate"), copies.numbers("estimate"), .closedForm))
    let wide = try CommandLineRun("regress", "-", "y ~ x", input: data)
    let narrow = try CommandLineRun("regress", "-", "y ~ x", "--level", "0.9", input: data)
    #expect(wide.numbers("estimate") == narrow.numbers("estimate"))
    for (low, lower) in zip(narrow.numbers("conf.low"), wide.numbers("conf.low")) {
      #expect(low > lower)
    }
  }

  @Test func textTreatment() throws {
    let rossi = "Data/rossi/rossi_weekly.csv"
    let second = try CommandLineRun("effect", rossi, "fin ~ age + prio", "--outcome", "arrest")
    let yes = try CommandLineRun(
      "effect", rossi, "fin ~ age + prio", "--outcome", "arrest", "--treated", "yes")
    let no = try CommandLineRun(
      "effect", rossi, "fin ~ age + prio", "--outcome", "arrest", "--treated", "no",
      "--estimand", "ATC")
    #expect(second.output == yes.output, "\(second.errors)")
    #expect(no.status == 0)
    #expect(close(no.first("estimate"), -yes.first("estimate"), .converged))
  }
}
