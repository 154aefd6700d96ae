internal import Statistics
internal import Tables

extension StudyTemplate {
  /// One file of durations with their ends.
  static let survival = StudyTemplate(
    name: "survival",
    summary: "one file of durations and how they ended; compared by curves.",
    study: survivalStudy, data: survivalData)

  @Sendable private static func survivalData() throws(SiblingError) -> [(
    path: String, bytes: [UInt8]
  )] {
    var stream = RandomStream(seed: 1, name: "template.jobs")
    var table = MadeUpTable(["person", "support", "age", "weeks", "end"])
    for person in 1...300 {
      let hasSupport = stream.bernoulli(0.5)
      let age = 18 + stream.integer(below: 45)
      let lost = stream.exponential() * (hasSupport ? 60 : 42)
      let left = stream.exponential() * 200
      let seen = 20 + 60 * stream.uniform()
      let weeks = max(1, min(lost, left, seen).rounded(.up))
      let end = seen <= min(lost, left) ? "still in work" : lost < left ? "lost" : "moved away"
      table.append([
        "P\(1000 + person)", hasSupport ? "yes" : "no", "\(age)", "\(Int(weeks))", end,
      ])
    }
    return [("jobs.csv", table.bytes)]
  }

  private static let survivalStudy = """
    # Durations. Lines that begin with '#' explain; take them out when you know them.
    # 'sibling validate study.yaml' checks this file and the data, 'sibling run study.yaml' writes the report.

    study: my-study                      # a short name without blanks
    title: How long jobs last with support
    question: Did people with support at work keep their jobs for longer?

    # The rows in data/ are made up. Take this line out for real people: small counts are then withheld.
    public: true
    seed: 1                              # every random draw follows from it

    setting:                             # words for the report; none is needed, each helps the reader
      short-name: the support
      programme: support at work
      comparison: no support at work
      population: "300 people who started a job"
      place: where
      period: when
      time-zero: the week in which the job started
      follow-up: until the job ended or observation did

    data:
      file: data/jobs.csv                # one row a job
      id: person
      derive:                            # columns made of others
        - 'lost = end == "lost"'

    treatment:
      column: support
      treated: "yes"
      label: people with support
      comparison-label: people without

    assignment:
      level: individual                  # individual or site
      mechanism: self-selected           # randomised, self-selected, policy, contract or unknown

    survival:
      - name: tenure
        label: survival of the job
        event: losing the job
        formula: "Surv(weeks, lost) ~ support"
        adjust: "~ age"                  # covariates of the Cox model
        time-unit: weeks
        times: [6, 13, 26, 52]

    limitations:
      - People with a job are a group chosen by their success. For the effect of a programme, follow everybody who was accepted.

    """
}
