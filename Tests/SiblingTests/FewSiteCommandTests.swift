import Foundation
import TestSupport
import Testing

/// `few-clusters` through the real binary.
@Suite struct FewSiteCommands {
  private static let grunfeld = [
    "few-clusters", "Data/grunfeld/grunfeld.csv", "inv ~ capital", "--term", "capital",
    "--cluster", "firm", "--absorb", "firm,year",
  ]

  /// Six sites, three of them treated throughout.
  private static let sites: String = {
    var text = "site,sib,y\n"
    for site in 0..<6 {
      for person in 0..<8 {
        let y = Double(site * 7 % 5) + Double((person * person + site) % 7) / 3
        text += "S\(site),\(site % 2),\(y)\n"
      }
    }
    return text
  }()

  @Test func publishedGrunfeld() throws {
    let run = try CommandLineRun(arguments: Self.grunfeld)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    let header = run.output.split(separator: "\n").first
    #expect(header == "method,convention,std.error,df,statistic,p.value,conf.low,conf.high")
    let methods = run.rows.compactMap { $0["method"] }
    #expect(methods.first == "attainable-p")
    #expect(methods.contains("WCU33"))
    func value(_ column: String, _ method: String) -> Double {
      run.rows.last { $0["method"] == method }.flatMap { $0[column] }.flatMap { Double($0) }
        ?? .nan
    }
    #expect((value("std.error", "CR1") - 0.0632812941).magnitude < 5e-11)
    #expect((value("p.value", "CR1") - 0.0001).magnitude < 5e-5)
    #expect((value("std.error", "CR2") - 0.13145).magnitude < 5e-6)
    #expect((value("df", "CR2") - 1.645).magnitude < 5e-4)
    #expect((value("p.value", "CR2") - 0.112).magnitude < 5e-4)
    #expect((value("std.error", "CR3") - 0.36019).magnitude < 5e-6)
    #expect((value("p.value", "CR3") - 0.280).magnitude < 5e-4)
    #expect((value("p.value", "WCR11") - 0.2461).magnitude < 5e-5)
    #expect(value("p.value", "RI-t").isNaN)
    let refused = run.rows.first { $0["method"] == "RI-t" }?["convention"]
    #expect(refused?.hasPrefix("not available: ") == true)
    #expect(run.errors.contains("estimate 0.4138"))
    #expect(run.errors.contains("methods disagree"))
    #expect(run.errors.contains("leaving one cluster out"))
  }

  @Test func anotherNull() throws {
    let run = try CommandLineRun(arguments: Self.grunfeld + ["--null", "0.5"])
    #expect((run.number("p.value", where: "method", is: "WCR11") - 0.0742).magnitude < 5e-5)
    let negative = try CommandLineRun(arguments: Self.grunfeld + ["--null", "-1"])
    #expect(negative.status == 0)
    #expect(
      negative.number("statistic", where: "method", is: "CR1")
        > run.number("statistic", where: "method", is: "CR1"))
  }

  @Test func threeAgainstThree() throws {
    let run = try CommandLineRun(
      "few-clusters", "-", "y ~ sib", "--term", "sib", "--cluster", "site", "--draws", "499",
      input: Self.sites)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(run.first("p.value") == 0.1)
    #expect(run.rows.first?["convention"]?.contains("3 of 6 clusters treated") == true)
    #expect(run.errors.contains("no p-value below 0.1"))
    let randomised = run.number("p.value", where: "method", is: "RI-t")
    #expect(randomised >= 0.1 && randomised <= 1)
    let means = run.rows.first { $0["method"] == "cluster-t" }
    #expect(means?["df"] == "4")
    // No limit can be had where no effect is rejected.
    #expect(run.rows.first { $0["method"] == "RI-coefficient" }?["conf.low"] == "")
    #expect(run.errors.contains("no limit is printed"))
  }

  @Test func simulatedSize() throws {
    let arguments = [
      "few-clusters", "-", "y ~ sib", "--term", "sib", "--cluster", "site", "--draws", "99",
      "--simulate-size", "40",
    ]
    let run = try CommandLineRun(arguments: arguments, input: Self.sites)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    let rate = run.number("size", where: "method", is: "CR1")
    #expect((0...1).contains(rate))
    let error = run.number("size.error", where: "method", is: "CR1")
    #expect(close(error, (rate * (1 - rate) / 40).squareRoot()))
    // p is never below 0.1 here, so it never rejects at 0.05.
    #expect(run.number("size", where: "method", is: "RI-t") == 0)
    #expect(run.rows.first?["size"] == "")
    #expect(run.errors.contains("intracluster correlation"))
    let threads = try CommandLineRun(
      arguments: arguments + ["--threads", "1"], input: Self.sites)
    #expect(threads.output == run.output)
  }

  /// The Castle doctrine: five launch years, read from the absorbed year or named.
  @Test func staggeredLaunches() throws {
    let arguments = [
      "few-clusters", "Data/castle/castle.csv", "l_homicide ~ post", "--term", "post",
      "--cluster", "sid", "--absorb", "sid,year", "--draws", "199",
    ]
    let run = try CommandLineRun(arguments: arguments)
    #expect(run.status == 0, Comment(rawValue: run.errors))
    #expect(
      close(run.number("std.error", where: "method", is: "CR1"), 0.0558596352601, .published))
    #expect(
      close(run.number("std.error", where: "method", is: "RI-t"), 0.0558596352601, .published))
    #expect(run.rows.first?["convention"]?.contains("6 launch paths among 50 clusters") == true)
    let named = try CommandLineRun(arguments: arguments + ["--time", "year"])
    #expect(named.output == run.output)
    let refused = run.rows.first { $0["method"] == "ibragimov-muller" }?["convention"]
    #expect(refused?.contains("5 different times") == true)
  }

  @Test(arguments: [
    (["--term", "sip"], "sib"), (["--term", "sib", "--null", "none"], "null"),
    (["--term", "sib", "--draws", "0"], "draws"),
    (["--term", "sib", "--weights-type", "normal"], "weights-type"),
    (["--term", "sib", "--simulate-size", "-1"], "simulate-size"),
    (["--term", "sib", "--time", "quarter"], "quarter"), ([], "term"),
  ]) func mistakes(_ options: [String], _ said: String) throws {
    let run = try CommandLineRun(
      arguments: ["few-clusters", "-", "y ~ sib", "--cluster", "site"] + options,
      input: Self.sites)
    #expect(run.status == 64 || run.status == 65, Comment(rawValue: run.errors))
    #expect(run.output.isEmpty)
    #expect(run.errors.contains(said), Comment(rawValue: run.errors))
  }

  /// Five of fifteen sites, twenty people each: (0.05 + 0.95/20)·(1/5 + 1/10)·4.
  @Test func plannedSites() throws {
    let base = [
      "power", "--sites-treated", "5", "--sites-comparison", "10", "--per-site", "20", "--icc",
      "0.05",
    ]
    let run = try CommandLineRun(arguments: base + ["--design", "clusters", "--sd", "2"])
    #expect(run.status == 0, Comment(rawValue: run.errors))
    func value(_ quantity: String, _ run: CommandLineRun) -> Double {
      run.number("value", where: "quantity", is: quantity)
    }
    #expect(close(value("std.error", run), 0.117.squareRoot()))
    #expect(value("df", run) == 13)
    #expect(close(value("detectable", run), 1.0365, Tolerance(relative: 1e-3)))
    for (options, said) in [
      (["--design", "clusters"], "sd"),
      (["--design", "clusters", "--sd", "1", "--periods-after", "2"], "periods-after"),
      (["--design", "clusters", "--sd", "1", "--events", "9"], "events"),
      (["--design", "did", "--sd", "1", "--periods-before", "1"], "per-site"),
      (["--sd", "1", "--events", "9"], "sd"),
    ] {
      let wrong = try CommandLineRun(arguments: base + options)
      #expect(wrong.status == 64)
      #expect(wrong.errors.contains(said))
    }
  }

  @Test func clustersAreNeeded() throws {
    let run = try CommandLineRun("few-clusters", "-", "y ~ sib", "--term", "sib", input: Self.sites)
    #expect(run.status == 64)
    #expect(run.errors.contains("cluster"))
    let one = try CommandLineRun(
      "few-clusters", "-", "y ~ sib", "--term", "sib", "--cluster", "site", "--where",
      "site == \"S1\"", input: Self.sites)
    #expect(one.status == 65)
  }
}
