internal import Cohorts
internal import LinearAlgebra
internal import Reporting
public import Statistics
internal import Tables

/// A simulated data set that was asked for, as words of a command line.
public struct SimulationRequest: Sendable {
  private let simulation: CohortSimulation
  private let output: String

  /// The worlds' names with a line on each.
  public static var worlds: [(name: String, summary: String)] {
    SimulatedWorld.allCases.map { ($0.rawValue, $0.summary) }
  }

  /// Checks what was asked for; nil takes the default.
  ///
  /// - Throws: `usage` when world or folder are not given, `invalidOption` for a value that an
  ///   option does not take.
  public init(
    world: String?, clients: String?, sites: String?, sibSites: String?, seed: String?,
    threads: String?, output: String?
  ) throws(SiblingError) {
    guard let world else {
      throw SiblingError(
        .usage, "no world is named",
        help: "name one with --world; 'sibling simulate --list' has them")
    }
    do throws(SiblingError) {
      let known = try SimulatedWorld(named: world)
      guard let output, !output.isEmpty else {
        throw SiblingError(
          .usage, "no folder is named", help: "name the folder to write with --output")
      }
      func whole(_ text: String?, _ name: String) throws(SiblingError) -> Int? {
        guard let text else { return nil }
        guard let value = Int(text) else {
          throw SiblingError(.invalidOption, "--\(name) takes a whole number")
        }
        return value
      }
      let number = try whole(seed, "seed") ?? 1
      guard number >= 0 else { throw SiblingError(.invalidOption, "--seed takes 0 or more") }
      simulation = try CohortSimulation(
        world: known, clients: try whole(clients, "clients") ?? 10_000,
        sites: try whole(sites, "sites") ?? 25, sibSites: try whole(sibSites, "sib-sites"),
        seed: UInt64(number))
      if let threads = try whole(threads, "threads") {
        guard threads >= 1 else { throw SiblingError(.invalidOption, "--threads takes 1 or more") }
        Parallel.setThreads(threads)
      }
      self.output = output
    } catch {
      var error = error
      if error.code == .badValue { error.code = .invalidOption }
      throw error
    }
  }

  /// Draws the data and writes the folder, whole or not at all.
  ///
  /// A folder that holds something else than simulated data is left alone. Returns lines that say
  /// what was written.
  /// - Throws: `writeFailure`.
  public func run() throws(SiblingError) -> [String] {
    let cohort = simulation.run()
    var tables = cohort.tables().map { (name: $0.name, table: $0.table) }
    let truth = cohort.fullTruth()
    tables.append((SimulationGuide.mark, try truth.table()))
    let writer = TableWriter(.csv)
    var files: [(path: String, bytes: [UInt8])] = []
    for table in tables {
      files.append((table.name + ".csv", try writer.bytes(table.table.columns)))
    }
    let guide = SimulationGuide(simulation: simulation, tables: tables, truth: truth)
    files.append(("README.md", Array(guide.text.utf8)))
    try FolderSwap.replace(
      output, with: files, mark: SimulationGuide.mark + ".csv", kind: "simulated data")
    return tables.map { "\($0.name).csv: \($0.table.rowCount) rows" }
  }
}

/// The page beside simulated data: what they are, what is true of them, how to make them again.
struct SimulationGuide {
  /// The table whose presence marks a folder of simulated data.
  static let mark = "truth"

  let simulation: CohortSimulation
  let tables: [(name: String, table: Table)]
  let truth: SimulatedTruth

  var text: String {
    let world = simulation.world
    var lines = [
      "# Simulated cohort: \(world.rawValue)", "",
      "**These data are made up.** No row is about a person. With five to eight sites in the bond's arm",
      "their names and launches are those published for the Mental Health and Employment Partnership;",
      "every number about them is invented all the same.", "", "The world: \(world.summary).", "",
      "Made by Sibling \(SiblingVersion.text), and again, byte for byte, by", "", "```", command,
      "```", "", "## Files", "", "| file | rows |", "|---|---:|",
    ]
    lines += tables.map { "| `\($0.name).csv` | \($0.table.rowCount) |" }
    lines += [
      "",
      "Columns are those of the client-level schema. A field without a value has its reason beside it",
      "where one is known (`…_reason`).", "", "## What is true", "",
      "`truth.csv` has one row a true value: `world`, `quantity`, `outcome`, `unit` (arm or site),",
      "`value`, `meaning`. Effects are averages of Y(1) − Y(0) over the accepted clients of the",
      "bond's sites: every accepted client was drawn with and without the bond, from the same random",
      "numbers. `att` is exact for these clients; `att_population` is for sites and people drawn anew.",
      "", "| outcome | att | att_population | mean without the bond |", "|---|---:|---:|---:|",
    ]
    for outcome in SimulatedOutcome.allCases {
      let values = [
        truth.value("att", outcome, unit: "sib"),
        truth.value("att_population", outcome, unit: "sib"),
        truth.value("mean_y0", outcome, unit: "sib"),
      ].map { $0.map { NumberText.fixed($0, decimals: 4) } ?? "" }
      lines.append("| `\(outcome.rawValue)` | " + values.joined(separator: " | ") + " |")
    }
    lines += [
      "", "Contracts, tariffs, targets, costs and claims follow the published shapes and ranges;",
      "claims are replayed from the recorded jobs.", "",
    ]
    return lines.joined(separator: "\n")
  }

  private var command: String {
    "sibling simulate --world \(simulation.world.rawValue) --clients \(simulation.clients) --sites"
      + " \(simulation.sites) --sib-sites \(simulation.sibSites) --seed \(simulation.seed) --output DIR"
  }
}
