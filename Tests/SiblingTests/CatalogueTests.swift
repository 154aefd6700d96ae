import Foundation
import Studies
import TestSupport
import Testing

/// The catalogue, the parser and the manual page say the same.
@Suite struct Catalogue {
  private struct Declared: Decodable {
    struct Command: Decodable {
      var arguments: [Argument]?
      var subcommands: [Command]?
      var commandName: String
    }
    struct Argument: Decodable {
      struct Name: Decodable {
        var kind: String
        var name: String
      }
      var kind: String
      var names: [Name]?
      var abstract: String?
      var isRepeating: Bool
    }
    var command: Command
  }

  private static func declared(_ arguments: [String]) throws -> Declared.Command {
    let run = try CommandLineRun(arguments: arguments + ["--experimental-dump-help"])
    return try JSONDecoder().decode(Declared.self, from: Data(run.output.utf8)).command
  }

  /// What the parser has beyond the catalogue.
  private static let others: Set<String> = ["help", "version", "quiet", "verbose"]

  @Test(arguments: Verb.all.map(\.name)) func options(_ name: String) throws {
    let verb = try #require(Verb.all.first { $0.name == name })
    let command = try Self.declared(verb.words)
    var found: [String: Declared.Argument] = [:]
    for argument in command.arguments ?? [] where argument.kind != "positional" {
      for long in argument.names ?? [] where long.kind == "long" { found[long.name] = argument }
    }
    let keys = verb.keys + Verb.commonKeys
    #expect(Set(keys.map(\.name)).count == keys.count, "a name stands twice in the catalogue")
    #expect(Set(found.keys).subtracting(Self.others) == Set(keys.map(\.name)))
    for key in keys {
      let argument = try #require(found[key.name])
      #expect(argument.kind == (key.kind == .flag ? "flag" : "option"), "\(key.name)")
      #expect(argument.abstract?.hasPrefix(key.help) == true, "\(key.name)")
      // The help names every value and the default.
      if case .choice(let values) = key.kind {
        for value in values { #expect(argument.abstract?.contains(value) == true, "\(value)") }
      }
    }
    let positional = (command.arguments ?? []).count { $0.kind == "positional" }
    #expect(positional == (verb.data == .none ? 0 : 1) + (verb.formula == .none ? 0 : 1))
  }

  @Test func everyVerbIsACommand() throws {
    let root = try Self.declared([])
    let names = Set(
      (root.subcommands ?? []).flatMap { command in
        [command.commandName]
          + (command.subcommands ?? []).map { "\(command.commandName) \($0.commandName)" }
      })
    #expect(names.isSuperset(of: Verb.all.map(\.name)))
    for name in ["run", "validate", "schema", "doctor"] { #expect(names.contains(name)) }
  }

  @Test(arguments: Verb.all.map(\.name)) func theExampleRuns(_ name: String) throws {
    let verb = try #require(Verb.all.first { $0.name == name })
    // The examples are written for a shell: words, and texts in single quotes.
    var words: [String] = []
    for (index, part) in verb.example.split(separator: "'", omittingEmptySubsequences: false)
      .enumerated()
    {
      if index % 2 == 1 {
        words.append(String(part))
      } else {
        words += part.split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\\" }).map(
          String.init)
      }
    }
    #expect(words.first == "sibling")
    let run = try CommandLineRun(arguments: Array(words.dropFirst()))
    #expect(run.status == 0, "\(run.errors)")
    #expect(!run.rows.isEmpty)
  }

  /// Every option reaches the analysis: a value that it does not take is refused by name, before
  /// the data are looked for.
  @Test(arguments: Verb.all.map(\.name)) func everyOptionArrives(_ name: String) throws {
    let verb = try #require(Verb.all.first { $0.name == name })
    var call = verb.words + (verb.data == .none ? [] : ["absent.csv"])
    switch name {
    case "did", "event-study", "did-sensitivity":
      call += ["--outcome", "y", "--unit", "u", "--time", "t", "--group", "g"]
    case "synth": call += ["--outcome", "y", "--unit", "u", "--time", "t", "--group", "g"]
    case "honest-did", "pretrends":
      call += ["--outcome", "y", "--unit", "u", "--time", "t", "--group", "g"]
    case "few-clusters": call += ["y ~ x", "--term", "x", "--cluster", "c"]
    case "its": call += ["--outcome", "y", "--time", "t", "--interruption", "5", "--season", "4"]
    case "bacon": call += ["--outcome", "y", "--unit", "u", "--time", "t", "--group", "g"]
    case "triple-difference":
      call += [
        "--outcome", "y", "--unit", "u", "--time", "t", "--group", "g", "--eligible", "e",
      ]
    case "effect", "rosenbaum", "negative-control": call += ["t ~ x", "--outcome", "y"]
    case "survival-effect", "adjusted-curve": call += ["t ~ x", "--survival", "Surv(w, e)"]
    case "manski": call += ["t ~ 1", "--outcome", "y", "--lower", "0", "--upper", "1"]
    case "robustness": call += ["y ~ t", "--term", "t"]
    case "bunching": call += ["--duration", "x"]
    case "evalue": call += ["--estimate", "2"]
    case "km", "logrank", "cox", "zph", "rmst": call.append("Surv(t, e) ~ x")
    case "milestones": call += ["Surv(t, e) ~ x", "--times", "5"]
    case "turnbull": call += [#"Surv(t, u, type = "interval2") ~ x"#, "--times", "5"]
    case "impute": call += ["--columns", "x"]
    case "missing-evidence", "tipping-point", "attrition": call += ["t ~ x", "--outcome", "y"]
    case "creaming": call += ["--covariates", "~ x"]
    case "equity": call += ["--profile", "x"]
    case "contract replay", "contract reconcile":
      call += ["--contracts", "c.csv", "--tariffs", "t.csv"]
    case "power": call += ["--hazard-ratio", "0.5"]
    case "margin": call += ["--margin", "0"]
    case "dose-response": call += ["y ~ x", "--std-error", "s"]
    default: if verb.formula != .none { call.append("y ~ x") }
    }
    for key in verb.keys + Verb.commonKeys {
      let bad: String
      switch key.kind {
      case .number, .numbers, .integer: bad = "several"
      case .choice: bad = "whatever"
      case .pairs: bad = "nothing"
      case .text, .texts, .flag, .choiceOrColumn: continue
      }
      let run = try CommandLineRun(arguments: call + ["--\(key.name)", bad])
      #expect(run.status == 64, "--\(key.name) \(bad): \(run.errors)")
      #expect(run.errors.contains("\(key.name) takes"), "\(run.errors)")
      #expect(run.output == "")
    }
  }

  @Test func manualPage() throws {
    let run = try CommandLineRun("manual")
    #expect(run.status == 0)
    #expect(run.output.hasPrefix(".TH SIBLING 1"))
    for verb in Verb.all {
      for key in verb.keys {
        let name = key.name.replacingOccurrences(of: "-", with: "\\-")
        #expect(run.output.contains(".B \\-\\-\(name)\n"), "\(verb.name) --\(key.name)")
      }
    }
    // No line of text starts as a request by chance.
    let requests: Set<Substring> = [".TH", ".SH", ".SS", ".PP", ".TP", ".B", ".I", ".nf", ".fi"]
    for line in run.output.split(separator: "\n") where line.hasPrefix(".") {
      #expect(requests.contains(line.prefix { $0 != " " }), "\(line)")
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completions(_ shell: String) throws {
    let run = try CommandLineRun("--generate-completion-script", shell)
    #expect(run.status == 0)
    for verb in Verb.all {
      for word in verb.words { #expect(run.output.contains(word)) }
    }
  }

  @Test func schemaIsTheCommittedOne() throws {
    let run = try CommandLineRun("schema")
    let url = Golden.projectFolder.appendingPathComponent("Data/study.schema.json")
    #expect(try run.output == String(contentsOf: url, encoding: .utf8))
  }

  @Test func bareCommandAndVersion() throws {
    let bare = try CommandLineRun(arguments: [])
    #expect(bare.status == 0)
    for verb in Verb.all { #expect(bare.output.contains("  \(verb.words[0]) ")) }
    let version = try CommandLineRun("--version")
    #expect(version.status == 0)
    #expect(version.output == SiblingVersion.text + "\n")
    let help = try CommandLineRun("--help")
    #expect(help.output == bare.output)
  }

  @Test func doctor() throws {
    let run = try CommandLineRun("doctor")
    #expect(run.status == 0, "\(run.output)")
    #expect(run.output.contains("ok   known answer"))
    #expect(!run.output.contains("FAIL"))
  }
}
