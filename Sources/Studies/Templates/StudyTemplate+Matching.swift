internal import Glibc
internal import Statistics
internal import Tables

extension StudyTemplate {
  /// One file of people, some of whom took part in a programme.
  static let matching = StudyTemplate(
    name: "psm",
    summary: "one file of people, some of whom took part; compared by matching or weighting.",
    study: matchingStudy, data: matchingData)

  @Sendable private static func matchingData() throws(SiblingError) -> [(
    path: String, bytes: [UInt8]
  )] {
    var stream = RandomStream(seed: 1, name: "template.people")
    var table = MadeUpTable([
      "person", "took_part", "age", "sex", "education", "months_out_of_work", "job", "weeks_worked",
    ])
    for person in 1...320 {
      let age = 18 + stream.integer(below: 45)
      let isWoman = stream.bernoulli(0.5)
      let education = ["none", "school", "degree"][stream.integer(below: 3)]
      let months = Int(stream.exponential() * 30)
      // Those who took part had been out of work for less long, as often.
      let score = -0.4 - 0.02 * Double(months) + (education == "none" ? -0.3 : 0.2)
      let tookPart = stream.bernoulli(1 / (1 + exp(-score)))
      let outcome = score + (tookPart ? 0.6 : 0)
      let hasJob = stream.bernoulli(1 / (1 + exp(-outcome)))
      let weeks = hasJob ? 4 + stream.integer(below: 48) : 0
      table.append([
        "P\(1000 + person)", tookPart ? "yes" : "no", "\(age)", isWoman ? "female" : "male",
        education, "\(months)", hasJob ? "1" : "0", "\(weeks)",
      ])
    }
    return [("people.csv", table.bytes)]
  }

  private static let matchingStudy = """
    # A matched comparison. Lines that begin with '#' explain; take them out when you know them.
    # 'sibling validate study.yaml' checks this file and the data, 'sibling run study.yaml' writes the report.

    study: my-study                      # a short name without blanks
    title: Work after the programme
    question: Did people who took part in the programme find work more often than similar people who did not?

    # The rows in data/ are made up. Take this line out for real people: small counts are then withheld.
    public: true
    seed: 1                              # every random draw follows from it

    setting:                             # words for the report; none is needed, each helps the reader
      short-name: the programme
      programme: what the participants received
      comparison: what the others received
      population: who is studied, and how many
      place: where
      period: when
      time-zero: the day on which following begins, the same for both groups
      follow-up: 52 weeks

    data:
      file: data/people.csv              # CSV, Stata (.dta) or SPSS (.sav)
      id: person                         # one row a person

    treatment:
      column: took_part
      treated: "yes"                     # the level that means treated
      label: participants
      comparison-label: people who did not take part

    # What decided who took part. The report's words depend on it: only chance allows causal words.
    assignment:
      level: individual                  # individual or site
      mechanism: self-selected           # randomised, self-selected, policy, contract or unknown

    # Who is left out, in this order; every step is counted and shown.
    attrition:
      - rule: Aged 18 to 64
        keep: "age >= 18 & age <= 64"

    # The first outcome leads the report. Decide on it before you look at any.
    outcomes:
      - name: job
        label: a job within a year
        kind: binary                     # binary, share, amount, weeks or number
      - name: weeks_worked
        label: weeks worked in the year
        kind: weeks
        phrase: in work in the year

    # treatment ~ everything recorded before time zero that bears on both treatment and outcome.
    matching:
      formula: "took_part ~ age + sex + education + log(1 + months_out_of_work)"
      method: nearest                    # or optimal, full, entropy, ipw ... (sibling match --help)
      caliper: 0.2                       # in standard deviations of the score
      alternatives:                      # other designs, for the sensitivity table
        - name: entropy balancing
          method: entropy

    effects:
      - outcome: job
        estimators: [gcomp, difference]  # the first leads
      - outcome: weeks_worked

    # How strong something unrecorded must be to overturn the result.
    hidden-bias:
      e-value: true

    limitations:
      - Say here what only you can know about the data.

    """
}
