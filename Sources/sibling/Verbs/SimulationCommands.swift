import ArgumentParser
import Statistics
import Studies

/// Commands that make data whose truth is known, and check the house on them.
enum SimulationCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [SimulateCommand.self]
}

/// Writes a complete simulated data set with its truth.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Simulate sites, clients and jobs in the schema, with the truth beside them.",
    discussion: """
      Writes sites, site_periods, clients, jobs, contracts, tariffs, payer_shares, targets, costs \
      and claims as CSV, truth.csv with what is true of them, and a README.md. 'sibling simulate \
      --list' prints the worlds. The same seed gives the same bytes on any number of threads.

      Example:
        sibling simulate --world null --clients 2500 --sites 25 --seed 1 --output simulated
      """)

  @Option(parsing: .unconditional, help: "World: \(SimulateCommand.worlds).") var world: String?
  @Option(parsing: .unconditional, help: "Referrals, accepted or not. Default: 10000.")
  var clients: String?
  @Option(parsing: .unconditional, help: "Sites, 4 to 1000. Default: 25.") var sites: String?
  @Option(
    parsing: .unconditional, help: "Sites funded through the bond. Default: a fifth, at least 2.")
  var sibSites: String?
  @Option(parsing: .unconditional, help: "Seed of every random number. Default: 1.")
  var seed: String?
  @Option(parsing: .unconditional, help: .of(.regress, "threads")) var threads: String?
  @Option(
    parsing: .unconditional,
    help: "Folder to write; one that holds something else than simulated data is left alone.")
  var output: String?
  @Flag(help: "Print the worlds, a line on each, and stop.") var list = false
  @OptionGroup var talk: TalkOptions

  private static let worlds = SimulationRequest.worlds.map(\.name).joined(separator: ", ")

  mutating func run() throws {
    if list {
      for world in SimulationRequest.worlds { Console.put("\(world.name): \(world.summary)\n") }
      return
    }
    let started = Clock.now
    let request = try SimulationRequest(
      world: world, clients: clients, sites: sites, sibSites: sibSites, seed: seed,
      threads: threads, output: output)
    let lines = try request.run()
    guard !talk.quiet else { return }
    for line in lines { Console.say(line) }
    Console.say("\(output ?? "") written in \(Clock.since(started)) s")
  }
}
