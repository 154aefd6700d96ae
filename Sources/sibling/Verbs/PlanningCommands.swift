import ArgumentParser
import Studies

/// What `power` takes for whole sites.
struct PlannedSiteOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .of(.power, "sites-treated")) var sitesTreated: String?
  @Option(parsing: .unconditional, help: .of(.power, "sites-comparison")) var sitesComparison:
    String?
  @Option(parsing: .unconditional, help: .of(.power, "icc")) var icc: String?
  @Option(parsing: .unconditional, help: .of(.power, "site-cv")) var siteCv: String?
  @Option(parsing: .unconditional, help: .of(.power, "size-cv")) var sizeCv: String?
  @Option(parsing: .unconditional, help: .of(.power, "per-site")) var perSite: String?
  @Option(
    name: .customLong("r2-between"), parsing: .unconditional, help: .of(.power, "r2-between"))
  var r2Between: String?
  @Option(name: .customLong("r2-within"), parsing: .unconditional, help: .of(.power, "r2-within"))
  var r2Within: String?
  @Option(parsing: .unconditional, help: .of(.power, "site-covariates")) var siteCovariates: String?
}

struct PowerCommand: EstimatorCommand {
  static let verb = Verb.power
  static let configuration: CommandConfiguration = page(for: verb)

  @Option(parsing: .unconditional, help: .of(.power, "design")) var design: String?
  @Option(parsing: .unconditional, help: .of(.power, "rate")) var rate: String?
  @Option(parsing: .unconditional, help: .of(.power, "rate-treated")) var rateTreated: String?
  @Option(parsing: .unconditional, help: .of(.power, "people")) var people: String?
  @Option(parsing: .unconditional, help: .of(.power, "allocation")) var allocation: String?
  @Option(parsing: .unconditional, help: .of(.power, "test-level")) var testLevel: String?
  @Option(parsing: .unconditional, help: .of(.power, "power")) var power: String?
  @Option(parsing: .unconditional, help: .of(.power, "reference")) var reference: String?
  @Option(parsing: .unconditional, help: .of(.power, "simulate")) var simulate: String?
  @Option(parsing: .unconditional, help: .of(.power, "curve")) var curve: String?
  @Option(parsing: .unconditional, help: .of(.power, "values")) var values: String?
  @Option(parsing: .unconditional, help: .of(.power, "by")) var by: String?
  @Option(parsing: .unconditional, help: .of(.power, "by-values")) var byValues: String?
  @OptionGroup(title: "Sites") var sites: PlannedSiteOptions
  @Option(parsing: .unconditional, help: .of(.power, "hazard-ratio")) var hazardRatio: String?
  @Option(parsing: .unconditional, help: .of(.power, "events")) var events: String?
  @Option(parsing: .unconditional, help: .of(.power, "method")) var method: String?
  @Option(parsing: .unconditional, help: .of(.power, "survival")) var survival: String?
  @Option(parsing: .unconditional, help: .of(.power, "at")) var at: String?
  @Option(parsing: .unconditional, help: .of(.power, "follow-up")) var followUp: String?
  @Option(parsing: .unconditional, help: .of(.power, "accrual")) var accrual: String?
  @Option(parsing: .unconditional, help: .of(.power, "lost")) var lost: String?
  @Option(parsing: .unconditional, help: .of(.power, "shape")) var shape: String?
  @OptionGroup(title: "Difference in differences") var panel: PlannedPanelOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var path: String { "" }
}
