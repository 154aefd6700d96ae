internal import Statistics
internal import Tables

extension StudyTemplate {
  /// Sites seen before and after some of them started.
  static let differences = StudyTemplate(
    name: "did",
    summary: "sites seen in many periods, some of which started; compared by differences.",
    study: differencesStudy, data: differencesData)

  @Sendable private static func differencesData() throws(SiblingError) -> [(
    path: String, bytes: [UInt8]
  )] {
    var stream = RandomStream(seed: 1, name: "template.sites")
    var table = MadeUpTable(["site", "quarter", "launch", "clients", "job_rate"])
    for site in 1...60 {
      // Twenty-four sites launch, twelve in each of two quarters.
      let launch = site > 24 ? 0 : site > 12 ? 9 : 7
      let level = 0.25 + 0.05 * stream.normal()
      for quarter in 1...12 {
        let effect = launch > 0 && quarter >= launch ? 0.06 : 0
        let rate = level + 0.004 * Double(quarter) + effect + 0.03 * stream.normal()
        table.append([
          "S\(100 + site)", "\(quarter)", "\(launch)", "\(30 + stream.integer(below: 40))",
          NumberText.fixed(min(max(rate, 0), 1), decimals: 4),
        ])
      }
    }
    return [("sites.csv", table.bytes)]
  }

  private static let differencesStudy = """
    # Differences in differences. Lines that begin with '#' explain; take them out when you know them.
    # 'sibling validate study.yaml' checks this file and the data, 'sibling run study.yaml' writes the report.

    study: my-study                      # a short name without blanks
    title: Job starts before and after the launch
    question: Did the share of clients who start a job rise more in services that launched than in those that did not?

    # The rows in data/ are made up. Take this line out for real data: small counts are then withheld.
    public: true
    seed: 1                              # every random draw follows from it

    setting:                             # words for the report; none is needed, each helps the reader
      short-name: the launch
      programme: what the launch changed
      comparison: services that went on as before
      population: "60 services over 12 quarters"
      place: where
      period: "quarters 1 to 12"
      time-zero: the quarter of the launch

    data:
      file: data/sites.csv               # one row a site and period
      id: site
      derive:
        - launched = launch > 0

    treatment:
      column: launched
      label: services that launched
      comparison-label: services that did not

    assignment:
      level: site                        # whole sites were treated, so sites are what is counted
      site: site
      mechanism: policy                  # randomised, self-selected, policy, contract or unknown

    outcomes:
      - name: job_rate
        label: the share of clients who start a job
        kind: share

    # The first design leads the report.
    difference-in-differences:
      - method: callaway-santanna        # right also where sites start at different times
        outcome: job_rate
        unit: site
        time: quarter
        group: launch                    # the first treated period; 0 or empty for never
        aggregate: simple

    # Periods before the start show whether trends were alike.
    event-study:
      outcome: job_rate
      unit: site
      time: quarter
      group: launch
      leads: 4
      lags: 4

    limitations:
      - Say here what only you can know, such as why these sites were first.

    """
}
