internal import Cohorts
internal import Statistics
internal import Tables

extension StudyTemplate {
  /// Client records of services, some of them paid by outcomes: the mission's own question.
  static let mhep = StudyTemplate(
    name: "mhep",
    summary: "client, job and site records of services, some of them funded through a bond.",
    study: mhepStudy, data: mhepData)

  @Sendable private static func mhepData() throws(SiblingError) -> [(path: String, bytes: [UInt8])]
  {
    let simulation = try CohortSimulation(
      world: SimulatedWorld(named: "effect"), clients: 1500, sites: 20, sibSites: 5, seed: 1)
    let writer = TableWriter(.csv)
    var files: [(path: String, bytes: [UInt8])] = []
    for table in simulation.run().tables() {
      files.append((table.name + ".csv", try writer.bytes(table.table.columns)))
    }
    return files
  }

  private static let mhepStudy = """
    # Services funded through a bond and others, from client records. Lines that begin with '#' explain.
    # 'sibling validate study.yaml' checks this file and every table, 'sibling run study.yaml' writes the report.

    study: my-study                      # a short name without blanks
    title: Jobs in services funded by a bond and in others
    question: >-
      Did people accepted by services funded through a social impact bond keep a job for 13 weeks more often than they would
      have in services funded otherwise?

    # The rows in data/ are made up. Take this line out for real people: small counts are then withheld.
    public: true
    seed: 1                              # every random draw follows from it

    setting:                             # words for the report; none is needed, each helps the reader
      short-name: the bond
      programme: Individual Placement and Support funded through a social impact bond
      comparison: the same support commissioned conventionally
      population: people with severe mental illness accepted by the services
      place: where
      period: when
      time-zero: the day of acceptance on to the caseload
      follow-up: 52 weeks

    # Tables in the client-level schema (README of Data, 'sibling validate'): names of columns can be mapped with 'columns'.
    data:
      tables:
        clients: {file: data/clients.csv}            # one row a referral; accepted or not
        sites: {file: data/sites.csv}                # one row a site, with its arm: sib or not
        jobs: {file: data/jobs.csv}                  # one row a job, its end known to a day or an interval
        site_periods: {file: data/site_periods.csv}
        contracts: {file: data/contracts.csv}        # from here on only where payments are replayed
        tariffs: {file: data/tariffs.csv}
        payer_shares: {file: data/payer_shares.csv}
        targets: {file: data/targets.csv}
        costs: {file: data/costs.csv}
        claims: {file: data/claims.csv}
      follow-up: 52
      definitions: [sustained_13, job_start]         # outcomes made of the jobs; lcf-13-weeks and others are there too

    treatment:
      column: arm
      treated: sib
      label: clients of bond services
      comparison-label: clients of other services

    # Whole sites were treated, so sites are what is counted: few of them leave much room for chance.
    assignment:
      level: site
      mechanism: contract
      site: site_id

    # Beside acceptance, first episodes and mature cohorts, which are always required.
    attrition:
      - rule: Aged 18 or over
        keep: "age >= 18"
      - rule: Not a service for people with learning disabilities
        keep: 'cohort != "ld"'

    # The first outcome leads the report. The bounds read unknown outcomes in the worst and the best way.
    outcomes:
      - name: sustained_13
        label: a job that they kept for 13 weeks within a year of acceptance
        kind: binary
        lower-bound: sustained_13_low
        upper-bound: sustained_13_high
      - name: job_start
        label: a job started within a year of acceptance
        kind: binary
        lower-bound: job_start_low
        upper-bound: job_start_high

    # arm ~ what was recorded at referral that bears on finding work.
    matching:
      formula: "arm ~ age + sex + ever_worked + motivation_1_5"
      method: entropy
      estimand: ATT

    effects:
      - outcome: sustained_13
        estimators: [difference, gcomp]
      - outcome: job_start

    hidden-bias: {e-value: true}

    survival:
      - name: first_job
        label: time to the first job
        event: starting a job
        formula: "Surv(weeks_to_first_job, job_started) ~ arm"
        sample: matched
        time-unit: weeks
        times: [13, 26, 52]

    funnel: {outcomes: [job_start, sustained_13]}
    creaming:                                        # were easier clients taken on?
      covariates: "~ age + ever_worked + motivation_1_5"
      outcome: job_start
    missing-evidence:                                # what unknown outcomes could change
      outcomes: [sustained_13]
    contracts: {cap-rule: whole}                     # every claim replayed under the contracts' dated terms

    limitations:
      - Say here what only you can know, such as why these services had a bond.

    """
}
