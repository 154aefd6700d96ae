/// Small made-up studies: people in sites, some of which were treated.
enum MadeUpStudy {
  /// People in sites, the first `treated` of which were treated; the effect is 1.
  static func sites(_ sites: Int, treated: Int, people: Int = 40) -> String {
    var text = "id,site,t,x,y\n"
    var number = 0
    for site in 0..<sites {
      for person in 0..<people {
        number += 1
        let isTreated = site < treated
        let x = Double((person * 7 + site * 3) % people) / Double(people)
        let noise = Double((number * 37) % 101) / 101
        let y = x + noise + (isTreated ? 1 : 0) + Double(site % 3) / 10
        text += "\(number),s\(site),\(isTreated ? 1 : 0),\(x),\(y)\n"
      }
    }
    return text
  }

  /// The study file of such data.
  static func file(
    level: String = "site", mechanism: String = "policy", head: String = "public: true",
    effect: String = ""
  ) -> String {
    """
    study: made
    title: A made-up study
    question: Did it work?
    \(head)
    data:
      file: people.csv
      id: id
    treatment:
      column: t
      treated: "1"
      label: clients
      comparison-label: others
    assignment:
      level: \(level)
      mechanism: \(mechanism)
      site: site
    attrition:
      - rule: The outcome is known
        keep: "!is.na(y)"
    outcomes:
      - name: y
        label: the outcome
        kind: number
    matching:
      formula: "t ~ x"
    effects:
      - outcome: y
    \(effect)

    """
  }
}
