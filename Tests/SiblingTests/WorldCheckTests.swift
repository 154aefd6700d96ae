import Studies
import Testing

/// A small version of `make simulate-check`: the bundled study's design in worlds whose truth is known.
@Suite struct WorldCheckTests {
  private func rows(_ worlds: String, seeds: Int, first: Int = 1) throws -> [[String]] {
    let run = try CommandLineRun(arguments: [
      "simulate-check", "Data/ips-simulated/study.yaml", "--world", worlds, "--seeds", "\(seeds)",
      "--seed", "\(first)", "--clients", "3000", "--format", "csv", "--quiet",
    ])
    #expect(run.status == 0 || run.status == 4, "\(run.errors)")
    return run.output.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private func value(_ rows: [[String]], _ world: String, _ check: String) throws -> Double {
    let row = try #require(rows.first { $0[0] == world && $0[1] == check })
    return try #require(Double(row[2]))
  }

  @Test("the primary analysis says the right thing, as far as a few cohorts can tell")
  func fewCohorts() throws {
    let rows = try rows("effect,null,creaming,gaming,evidence-loss,site-shock", seeds: 12)
    #expect(try value(rows, "effect", "adjusted interval covers the truth") >= 0.75)
    #expect(try value(rows, "null", "false alarms") <= 0.25)
    #expect(try value(rows, "site-shock", "false alarms") <= 0.25)
    let raw = try value(rows, "creaming", "bias of the raw difference")
    let adjusted = try value(rows, "creaming", "bias of the adjusted difference")
    #expect(raw > 0.01)
    #expect(abs(adjusted) < raw)
    #expect(try value(rows, "creaming", "creaming is flagged") >= 0.75)
    #expect(try value(rows, "null", "creaming is flagged") <= 0.25)
    #expect(try value(rows, "gaming", "excess after the threshold is flagged") >= 0.75)
    #expect(try value(rows, "evidence-loss", "bounds cover the truth") >= 0.9)
    #expect(try value(rows, "evidence-loss", "bias of the adjusted difference") > 0.03)
  }

  @Test("the same seed gives the same bytes, whatever the number of worlds")
  func sameBytes() throws {
    let alone = try rows("null", seeds: 2, first: 7)
    let both = try rows("gaming,null", seeds: 2, first: 7)
    #expect(alone == both.filter { $0[0] == "null" })
  }

  @Test(
    "what can't be checked is refused",
    arguments: [
      (["--world", "heaven"], 65, "there is no world 'heaven'"),
      (["--seeds", "0"], 64, "--seeds takes"),
      (["--sites", "2"], 65, "sites can't be simulated"),
    ])
  func refusals(_ arguments: [String], _ status: Int32, _ words: String) throws {
    let run = try CommandLineRun(
      arguments: ["simulate-check", "Data/ips-simulated/study.yaml"] + arguments)
    #expect(run.status == status)
    #expect(run.errors.contains(words), "\(run.errors)")
  }

  @Test("a study without assigned sites can't be checked")
  func otherStudy() throws {
    let run = try CommandLineRun(
      arguments: ["simulate-check", "Data/nsw/study.yaml", "--world", "null", "--seeds", "1"])
    #expect(run.status == 65, "\(run.errors)")
  }
}
