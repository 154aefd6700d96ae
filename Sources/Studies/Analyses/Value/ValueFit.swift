internal import Contracts
internal import Statistics

/// Everything about value for money of one set of records.
struct ValueFit {
  var accounts: CostAccounts.Result
  var averages: [AverageCosts.Average]
  /// For each perspective asked for what an additional outcome cost; empty where it can't be told.
  var effects: [(perspective: CostPerspective, result: CostEffectResult)] = []
  /// Why there is no comparison.
  var withoutComparison: String?
  /// Sites of both arms whose costs are compared.
  var treatedSites = 0
  var comparisonSites = 0
  var notes: [String]

  /// The effects of sites in the place of the sites' own counts, by name.
  typealias SiteEffects = [String: (sum: Double, weight: Double)]

  /// Adds up, divides and compares.
  ///
  /// - Parameters:
  ///   - records: what was read.
  ///   - settings: what is asked for.
  ///   - compares: whether effects may be shown.
  ///   - siteEffects: each site's weighted outcomes; without them its counts.
  ///   - known: an effect that stands in place of the sites' own.
  /// - Throws: what is wrong with an amount; its row is one of the costs.
  init(
    _ records: ValueRecords, _ settings: ValueSettings, compares: Bool = true,
    siteEffects: SiteEffects? = nil, known: CostEffectiveness.KnownEffect? = nil
  ) throws(SiblingError) {
    accounts = try CostAccounts(rules: settings.rules, prices: settings.prices).add(
      records.items, clients: records.clients, sites: records.sites)
    notes = records.notes + accounts.notes
    averages = AverageCosts(
      level: settings.analysis.level, seed: settings.flow.seed
    ).averages(accounts.sites).filter { settings.perspectives.contains($0.perspective) }
    guard compares else { return }
    let used = accounts.sites.filter { $0.hasCosts && ($0.presentCounts.first ?? 0) > 0 }
    treatedSites = used.count { $0.site.isTreated }
    comparisonSites = used.count - treatedSites
    guard comparisonSites > 1, treatedSites > 1 else {
      withoutComparison =
        "costs of \(comparisonSites) comparison and \(treatedSites) bond site(s) are recorded; a"
        + " comparison needs two of each"
      return
    }
    let last = records.stages.count - 1
    guard siteEffects != nil || last > 0 else {
      withoutComparison = "no outcome is counted"
      return
    }
    for (place, perspective) in CostPerspective.allCases.enumerated()
    where settings.perspectives.contains(perspective) {
      let pairs = used.map { site in
        let own = siteEffects.map { $0[site.site.name] ?? (0, 0) }
        return SitePair(
          isTreated: site.site.isTreated, cost: site.costs[place], clients: site.presentCounts[0],
          effectSum: own?.sum ?? Double(site.counts[last]),
          effectWeight: own?.weight ?? Double(site.counts[0]))
      }
      do throws(SiblingError) {
        effects.append((perspective, try settings.analysis.fit(pairs, effect: known)))
      } catch {
        guard error.code == .tooFewClusters else { throw error }
        withoutComparison = error.message
        return
      }
    }
  }
}
